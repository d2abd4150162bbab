/**
 * What the house demands of a policy beyond what Cedar validates: its annotations, what its reason may betray, which
 * rule an agency's own person may lift, and that an agency in its own folder does no more than keep back what is its own.
 */
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import { type Disclosure, disclosures } from './bundle.ts'
import type { Reason } from './catalogue.ts'
import type { CompiledPolicy } from './compile.ts'
import type { PolicySchema } from './policy-schema.ts'

export interface Draft {
  readonly id: string
  /** path within the bundle's folder */
  readonly path: string
  readonly json: PolicyJson
  /** null where it could not be compiled: that fault is told already */
  readonly compiled: CompiledPolicy | null
}

export interface Notes {
  readonly title: string
  readonly reason: string | null
  readonly disclose: Disclosure | null
  readonly review: boolean
}

type Say = (fault: string) => void

const annotations = ['id', 'title', 'reason', 'disclose', 'review']

/** The agency in whose folder a file is; null elsewhere. */
export const agencyOf = (path: string): string | null => /^agencies\/([^/]+)\//.exec(path)?.[1] ?? null

/** @param say receives what is wrong, to be read after the id of the policy */
export function readNotes(
  draft: Draft,
  schema: PolicySchema,
  reasons: ReadonlyMap<string, Reason>,
  say: Say,
): Notes {
  const { path, json } = draft
  const note = (name: string): string | null => json.annotations?.[name] || null
  for (const name of Object.keys(json.annotations ?? {}))
    if (!annotations.includes(name)) say(`has an annotation \`@${name}\` that nothing reads`)
  const title = note('title')
  if (!title) say('has no `@title`: one sentence that tells what it does')
  const reason = note('reason')
  const disclose = disclosures.find((word) => word === note('disclose')) ?? null
  if (json.effect === 'forbid') checkForbid(draft, { reason, disclose }, reasons, say)
  checkReview(draft, disclose, schema, say)
  if (path.startsWith('agencies/')) checkAgency(draft, say)
  return { title: title ?? '', reason, disclose, review: note('review') !== null }
}

function checkForbid(
  { json, compiled }: Draft,
  { reason, disclose }: Pick<Notes, 'reason' | 'disclose'>,
  reasons: ReadonlyMap<string, Reason>,
  say: Say,
): void {
  const hides = compiled?.actions.has('know') ?? false
  const words = reason ? reasons.get(reason) : undefined
  if (!reason) say('forbids without `@reason`')
  else if (!words && reasons.size > 0) say(`gives the reason \`${reason}\`, which reasons.yaml lacks`)
  if (!disclose) say('forbids without `@disclose("subject")`, `("ig")` or `("never")`')
  if (disclose === 'subject' && words?.words === null)
    say(`tells the reason \`${reason}\`, which has no words in reasons.yaml`)
  if (disclose === 'never' && !hides) say('is never to be disclosed, and yet lets the record be known')
  if (disclose === 'subject' && hides && looksAtRecord(json))
    say('hides records by what is in them, and so cannot tell the subject why')
}

/**
 * The agency's person is asked before the custodian is, whether or not it holds anything: so the rule must cover the
 * whole kind of record, and nothing of it may hang on what only a record shows.
 */
function checkReview(
  { json, compiled }: Draft,
  disclose: Disclosure | null,
  schema: PolicySchema,
  say: Say,
): void {
  const review = json.annotations?.review
  if (review === undefined) {
    if (looksAtReview(json)) say('looks at `resource.reviewed` without `@review("agency")`')
    return
  }
  if (review !== 'agency') say('has a `@review` for somebody else than `("agency")`')
  if (json.effect !== 'forbid') say('has `@review`, and yet permits: a person lifts what is forbidden')
  if (disclose !== 'subject')
    say('has `@review` without `@disclose("subject")`: whoever asks is told that the agency decides first')
  if (compiled && compiled.actions.size < schema.actions.size)
    say('has `@review`, and yet forbids less than `Action::"any"`: nothing is asked for before the decision')
  if (!json.conditions.some(isReviewed)) say('has `@review` without a line `unless { resource.reviewed }`')
  if (looksAtRecord(json))
    say('has `@review`, and yet looks at labels, handling or subject: asking would betray what is held')
}

/** An agency keeps back its own: it can neither open anything nor speak of another's records. */
function checkAgency({ id, path, json }: Draft, say: Say): void {
  const agency = agencyOf(path)
  if (agency === null) {
    say('is in no folder of an agency: `agencies/<agency>/` is needed')
    return
  }
  if (json.effect !== 'forbid') say(`permits: ${agency} can keep back its own records here, and open none`)
  if (!id.startsWith(`${agency}.`)) say(`has an id that does not begin with \`${agency}.\``)
  if (!isOwnRecords(json.conditions[0], agency))
    say(`does not begin with \`when { resource.agency == "${agency}" }\`: it speaks of no other agency`)
}

type Condition = PolicyJson['conditions'][number]

/** Cedar prints each condition in one form only, whatever its layout. */
const is = (condition: Condition | undefined, kind: Condition['kind'], body: object): boolean =>
  condition?.kind === kind && JSON.stringify(condition.body) === JSON.stringify(body)

const attribute = (attr: string) => ({ '.': { left: { Var: 'resource' }, attr } })

const isReviewed = (condition: Condition): boolean => is(condition, 'unless', attribute('reviewed'))

const isOwnRecords = (condition: Condition | undefined, agency: string): boolean =>
  is(condition, 'when', { '==': { left: attribute('agency'), right: { Value: agency } } })

const looksAt = (json: PolicyJson, names: string): boolean =>
  new RegExp(`"left":\\{"Var":"resource"\\},"attr":\\[?"(${names})"`).test(JSON.stringify(json.conditions))

/** True where a policy depends on what only the record itself shows: its labels, its handling, whom it is about. */
const looksAtRecord = (json: PolicyJson): boolean => looksAt(json, 'labels|handling|subject')
const looksAtReview = (json: PolicyJson): boolean => looksAt(json, 'reviewed')
