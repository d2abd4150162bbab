/**
 * The claims that the policies are held to: `claims.yaml`, one plain sentence each, with the same said in a few words
 * that can be proved. Refuses a word, an action or a code that it does not know.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'
import { readYaml } from '../sharing/policy/bundle-files.ts'
import type { PolicySchema } from '../sharing/policy/policy-schema.ts'
import { type Circumstances, cedarOf, circumstances, unknownCodes } from './circumstances.ts'

/** How one attribute differs between two questions that are otherwise the same. */
export type Difference = 'fewer' | 'more' | 'lower' | 'higher' | 'any'
export interface Change {
  /** such as `resource.labels` */
  readonly attribute: string
  readonly difference: Difference
}

export type Claim = {
  readonly id: string
  readonly words: string
  readonly actions: readonly string[]
  /** in Cedar: of which questions it speaks */
  readonly guard: string
} & (
  | { readonly kind: 'never' }
  /** who may do any of the actions may do `also` */
  | { readonly kind: 'implies'; readonly also: string }
  /** what is allowed stays allowed after the change, provided that `provided` holds then */
  | { readonly kind: 'keeps'; readonly change: Change; readonly provided: string }
  /** some question is allowed: so that policies which deny everything are not proved right */
  | { readonly kind: 'can' }
)

const actions = z.union([z.string(), z.array(z.string()).min(1)])
const fromTo = <Value extends z.ZodType>(value: Value) =>
  z.strictObject({ from: value.optional(), to: value.optional() })
const changing = z.union([
  z.strictObject({ labels: z.enum(['fewer', 'more']) }),
  z.strictObject({ handling: z.enum(['fewer', 'more']) }),
  z.strictObject({ roles: z.enum(['fewer', 'more']) }),
  z.strictObject({ vetting: z.enum(['lower', 'higher']) }),
  z.strictObject({ consent: fromTo(z.boolean()) }),
  z.strictObject({ trained: fromTo(z.boolean()) }),
  z.strictObject({ 'break-glass': fromTo(z.boolean()) }),
  z.strictObject({ reviewed: fromTo(z.boolean()) }),
  z.strictObject({ threshold: fromTo(z.string()) }),
  z.strictObject({ subject: fromTo(z.string()) }),
])
type Changing = z.infer<typeof changing>

const written = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'words joined by dots are needed'),
  claim: z.string().min(1),
  never: actions.optional(),
  'whoever-may': actions.optional(),
  'may-also': z.string().optional(),
  keeps: actions.optional(),
  changing: changing.optional(),
  can: actions.optional(),
  of: circumstances.optional(),
  unless: circumstances.optional(),
  /** of the question after the change */
  provided: circumstances.optional(),
})
type Written = z.infer<typeof written>

const CLAIMS = 'claims.yaml'

/** @throws Refusal `CLAIMS_INVALID`, one fault a line */
export async function readClaims(dir: string, schema: PolicySchema): Promise<readonly Claim[]> {
  const text = await readFile(join(dir, CLAIMS), 'utf8').catch(() => null)
  if (text === null) throw new Refusal('CLAIMS_INVALID', `there is no ${CLAIMS} beside the policies`)
  return claimsIn(text, schema)
}

export function claimsIn(text: string, schema: PolicySchema): readonly Claim[] {
  const faults: string[] = []
  const entries = readYaml([{ path: CLAIMS, text }], CLAIMS, z.array(written).min(1), faults) ?? []
  const claims = entries.flatMap((entry) => {
    const say = (fault: string) => faults.push(`${CLAIMS}: ${entry.id}: ${fault}`)
    if (entries.find(({ id }) => id === entry.id) !== entry) say('the id is there twice')
    return claimFrom(entry, schema, say) ?? []
  })
  if (faults.length === 0) return claims
  throw new Refusal('CLAIMS_INVALID', ['the claims cannot be read:', ...faults].join('\n- '))
}

function claimFrom(entry: Written, schema: PolicySchema, say: (fault: string) => void): Claim | null {
  const { id, claim: words, never, keeps, can, of = {}, unless } = entry
  const whoever = entry['whoever-may']
  const forms = [never, whoever, keeps, can].filter((form) => form !== undefined)
  const [named] = forms
  if (named === undefined || forms.length > 1) {
    say('one of `never`, `whoever-may`, `keeps` and `can` is needed')
    return null
  }
  const also = entry['may-also']
  const change = entry.changing
  if ((whoever === undefined) !== (also === undefined)) say('`whoever-may` and `may-also` go together')
  if ((keeps === undefined) !== (change === undefined)) say('`keeps` and `changing` go together')
  if (entry.provided && !change) say('`provided` goes with `changing`')
  const { before, after, ...differing } = change ? readChange(change) : { before: {}, after: {} }
  for (const part of [of, unless ?? {}, entry.provided ?? {}, before, after])
    for (const fault of unknownCodes(part, schema)) say(fault)
  const covered = (names: string | readonly string[]) =>
    [names].flat().flatMap((name) => {
      const actions = schema.covers.get(name)
      if (!actions) say(`\`${name}\` is no action of the policy schema`)
      return [...(actions ?? [])]
    })
  const guard = all([of, before]) + (unless ? ` && !(${cedarOf(unless)})` : '')
  const base = { id, words, actions: [...new Set(covered(named))], guard }
  if (never !== undefined) return { ...base, kind: 'never' }
  if (also !== undefined) {
    if (!schema.actions.has(also)) say(`\`${also}\` is no single action`)
    return { ...base, kind: 'implies', also }
  }
  if (!('change' in differing)) return { ...base, kind: 'can' }
  const provided = all([entry.provided ?? {}, after])
  return { ...base, kind: 'keeps', change: differing.change, provided }
}

const all = (parts: readonly Circumstances[]) => parts.map((part) => `(${cedarOf(part)})`).join(' && ')

const attributes = {
  labels: 'resource.labels',
  handling: 'resource.handling',
  subject: 'resource.subject',
  roles: 'principal.roles',
  vetting: 'principal.vetting',
  consent: 'context.consent',
  trained: 'principal.trained',
  'break-glass': 'context.breakGlass',
  reviewed: 'resource.reviewed',
  threshold: 'context.threshold',
} as const

/** `from` and `to` are circumstances of the question before and after. */
function readChange(given: Changing): { change: Change; before: Circumstances; after: Circumstances } {
  const [word = '', how] = Object.entries(given)[0] ?? []
  const attribute = attributes[word as keyof typeof attributes]
  if (typeof how === 'string')
    return { change: { attribute, difference: how as Difference }, before: {}, after: {} }
  const { from, to } = how as { from?: string | boolean; to?: string | boolean }
  const at = (value: string | boolean | undefined) =>
    (value === undefined ? {} : { [word]: value }) as Circumstances
  return { change: { attribute, difference: 'any' }, before: at(from), after: at(to) }
}
