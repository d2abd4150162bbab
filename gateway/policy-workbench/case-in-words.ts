/** A case of a claim in plain words: who asks what about which record, what is decided, and by which policies. */
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { cite } from '../sharing/policy/effect.ts'
import type { Claim } from './claims.ts'
import type { Replayed } from './prove.ts'
import type { Asked } from './smt-model.ts'

/** @returns one line each, without indent */
export function caseInWords(replayed: Replayed, claim: Claim, bundle: PolicyBundle): string[] {
  const { before, after, action, decision, instead } = replayed
  const lines = [...askedInWords(before), `\`${action}\` is allowed, by ${cite(bundle, decision).join(', ')}`]
  const by = instead && (cite(bundle, instead).join(', ') || 'no permit that covers it')
  if (claim.kind === 'implies') lines.push(`\`${claim.also}\` is not allowed: ${by}`)
  if (claim.kind === 'keeps' && after)
    lines.push(
      `then ${claim.change.attribute} changes from ${valueAt(before, claim.change.attribute)} to ${valueAt(after, claim.change.attribute)}`,
      `and \`${action}\` is no longer allowed: ${by}`,
    )
  return lines
}

function askedInWords({ practitioner, record, context }: Asked): string[] {
  const { agreement } = record
  const own = practitioner.agency === record.agency
  return [
    `who asks: somebody of ${practitioner.agency}, with ${roles(practitioner.roles)}, ${practitioner.macptMember ? 'nominated to the team' : 'not nominated to the team'}, police vetting ${practitioner.vetting}, training ${practitioner.trained ? 'current' : 'lapsed'}, ${context.caseLive ? 'with' : 'without'} a live case${practitioner.conflict ? ', TIED TO THE CHILD' : ''}`,
    `for what: ${context.purpose}, threshold ${context.threshold}, ${listed(context.bases, 'no lawful basis')}, consent ${context.consent ? '' : 'not '}recorded, at ${day(context.now)}${context.breakGlass ? ', IN AN EMERGENCY' : ''}`,
    `about: a ${record.recordType} record (${record.sector}) of ${own ? 'her own agency' : record.agency}, about ${record.subject === 'child' ? 'the child' : `a relative or other (${record.subject})`}, ${listed(record.labels, 'no labels', 'labelled ')}, ${listed(record.handling, 'no handling conditions', 'handling ')}${record.reviewed ? ", which the agency's person decided to share" : ''}`,
    agreement
      ? `agreement: from ${day(agreement.starts)} until ${day(agreement.expires)}${agreement.suspended ? ', SUSPENDED' : ''}, for ${listed(agreement.recordTypes, 'no record type')}; ${listed(agreement.purposes, 'no purpose')}; ${listed(agreement.bases, 'no basis')}; ${listed(agreement.thresholds, 'no threshold')}`
      : 'agreement: none',
    ...furtherInWords({ ...practitioner, ...context, ...record }),
  ]
}

const told =
  'agency roles macptMember vetting trained conflict custodian sector recordType labels handling subject reviewed agreement purpose threshold bases consent caseLive breakGlass now'.split(
    ' ',
  )

/** Attributes that a partnership's own schema declares beside these. */
const furtherInWords = (given: object): string[] =>
  Object.entries(given)
    .filter(([name]) => !told.includes(name))
    .map(([name, value]) => `and ${name}: ${JSON.stringify(value)}`)

const listed = (codes: readonly string[], none: string, before = '') =>
  codes.length === 0 ? none : `${before}${codes.join(' + ')}`
const roles = (codes: readonly string[]) =>
  codes.length === 0 ? 'no role' : `the role${codes.length > 1 ? 's' : ''} ${codes.join(' + ')}`
const day = (instant: Date) => instant.toISOString().slice(0, 16).replace('T', ' ')

function valueAt(asked: Asked, attribute: string): string {
  const [part = '', name = ''] = attribute.split('.')
  const holder = { principal: asked.practitioner, resource: asked.record, context: asked.context }[part]
  const value = (holder as Readonly<Record<string, unknown>> | undefined)?.[name]
  return Array.isArray(value) ? value.join(' + ') || 'none' : String(value)
}
