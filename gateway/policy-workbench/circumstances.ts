/**
 * The words in which a claim says of whom, of which record and of which question it speaks. Each stands for one
 * condition in Cedar, so that proof and replay read it as they read a policy. Refuses any other word.
 */
import { z } from 'zod'
import type { PolicySchema } from '../sharing/policy/policy-schema.ts'

const some = z.union([z.string(), z.array(z.string()).min(1)])

const circumstance = z.strictObject({
  /** whose record it is, seen from who asks */
  agency: z.enum(['own', 'other']).optional(),
  /** the agency whose record it is, by name */
  source: some.optional(),
  /** any of these roles, beside others that she may have */
  role: some.optional(),
  /** these roles and no other */
  'only-roles': some.optional(),
  'macpt-member': z.boolean().optional(),
  vetting: z.union([z.strictObject({ below: z.int() }), z.strictObject({ 'at-least': z.int() })]).optional(),
  trained: z.boolean().optional(),
  conflict: z.boolean().optional(),
  case: z.enum(['live', 'none']).optional(),
  'break-glass': z.boolean().optional(),
  sector: some.optional(),
  'record-type': some.optional(),
  /** any of these labels, beside others */
  labels: z.union([z.literal('none'), some]).optional(),
  handling: z.union([z.literal('none'), some]).optional(),
  subject: some.optional(),
  reviewed: z.boolean().optional(),
  purpose: some.optional(),
  threshold: some.optional(),
  /** any of these, beside others */
  bases: some.optional(),
  consent: z.boolean().optional(),
  agreement: z.enum(['none', 'live', 'suspended', 'not-started', 'ended']).optional(),
  /** each of these terms covers what is asked */
  'agreement-covers': z
    .array(z.enum(['record-type', 'purpose', 'bases', 'threshold']))
    .min(1)
    .optional(),
})
type Circumstance = z.infer<typeof circumstance>
type Word = keyof Circumstance

/** One set of circumstances, all of which hold; or several, any of which holds. */
export const circumstances = z.union([circumstance, z.array(circumstance).min(1)])
export type Circumstances = z.infer<typeof circumstances>

/** The code set of the policy schema in which the codes of a word are looked up. */
const codeSets: Partial<Record<Word, string>> = {
  role: 'Role',
  'only-roles': 'Role',
  sector: 'Sector',
  'record-type': 'RecordType',
  labels: 'Label',
  handling: 'Handling',
  subject: 'Relation',
  purpose: 'Purpose',
  threshold: 'Threshold',
  bases: 'LawfulBasis',
}

const listOf = (given: string | readonly string[]): readonly string[] =>
  typeof given === 'string' ? [given] : given
const codes = (type: string, given: string | readonly string[]): string =>
  `[${listOf(given)
    .map((code) => `${type}::${JSON.stringify(code)}`)
    .join(', ')}]`
const oneOf = (attribute: string, type: string) => (given: string | readonly string[]) =>
  `${codes(type, given)}.contains(${attribute})`
const anyOf = (attribute: string, type: string) => (given: string | readonly string[]) =>
  given === 'none' ? `${attribute}.isEmpty()` : `${attribute}.containsAny(${codes(type, given)})`
const yesOr = (attribute: string) => (yes: boolean) => (yes ? attribute : `!${attribute}`)

const agreementStates = {
  none: '!(resource has agreement)',
  live: 'resource has agreement && !resource.agreement.suspended && context.now >= resource.agreement.starts && context.now < resource.agreement.expires',
  suspended: 'resource has agreement && resource.agreement.suspended',
  'not-started': 'resource has agreement && context.now < resource.agreement.starts',
  ended: 'resource has agreement && context.now >= resource.agreement.expires',
}
const agreementTerms = {
  'record-type': 'resource.agreement.recordTypes.contains(resource.recordType)',
  purpose: 'resource.agreement.purposes.contains(context.purpose)',
  bases: 'resource.agreement.bases.containsAll(context.bases)',
  threshold: 'resource.agreement.thresholds.contains(context.threshold)',
}

/** What each word says, in Cedar. */
const inCedar: { readonly [Key in Word]: (given: NonNullable<Circumstance[Key]>) => string } = {
  agency: (whose) => `principal.agency ${whose === 'own' ? '==' : '!='} resource.agency`,
  source: (names) =>
    listOf(names)
      .map((name) => `resource.agency == ${JSON.stringify(name)}`)
      .join(' || '),
  role: anyOf('principal.roles', 'Role'),
  'only-roles': (roles) => `${codes('Role', roles)}.containsAll(principal.roles)`,
  'macpt-member': yesOr('principal.macptMember'),
  vetting: (level) =>
    'below' in level ? `principal.vetting < ${level.below}` : `principal.vetting >= ${level['at-least']}`,
  trained: yesOr('principal.trained'),
  conflict: yesOr('principal.conflict'),
  'break-glass': yesOr('context.breakGlass'),
  case: (state) => yesOr('context.caseLive')(state === 'live'),
  sector: oneOf('resource.sector', 'Sector'),
  'record-type': oneOf('resource.recordType', 'RecordType'),
  labels: anyOf('resource.labels', 'Label'),
  handling: anyOf('resource.handling', 'Handling'),
  subject: oneOf('resource.subject', 'Relation'),
  reviewed: yesOr('resource.reviewed'),
  purpose: oneOf('context.purpose', 'Purpose'),
  threshold: oneOf('context.threshold', 'Threshold'),
  bases: anyOf('context.bases', 'LawfulBasis'),
  consent: yesOr('context.consent'),
  agreement: (state) => agreementStates[state],
  'agreement-covers': (terms) =>
    ['resource has agreement', ...terms.map((term) => agreementTerms[term])].join(' && '),
}

export function cedarOf(given: Circumstances): string {
  const each = (one: Circumstance) =>
    Object.entries(one)
      .map(([word, value]) => `(${(inCedar[word as Word] as (value: unknown) => string)(value)})`)
      .join(' && ') || 'true'
  return Array.isArray(given) ? given.map((one) => `(${each(one)})`).join(' || ') : each(given)
}

/** The codes that the policy schema does not list, each in words. */
export function unknownCodes(given: Circumstances, schema: PolicySchema): string[] {
  return [given].flat().flatMap((one) =>
    Object.entries(codeSets).flatMap(([word, type]) => {
      const value = one[word as Word]
      const none = value === 'none' && ['labels', 'handling', 'bases'].includes(word)
      if (value === undefined || none) return []
      return listOf(value as string | string[])
        .filter((code) => !schema.codes.get(type)?.has(code))
        .map((code) => `\`${code}\` is no ${type} of the policy schema`)
    }),
  )
}
