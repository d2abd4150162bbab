/**
 * Plans one kind of record of one custodian: asked for or not, and what the agency's own person decided where policy
 * leaves it to her. Refuses to ask for anything that she has not decided yet.
 */
import type { DecidedGroup } from '../../schema/data-group.ts'
import type { NotAskedFor, Reason } from '../../schema/picture.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import type { Ask, Practitioner, RecordClass } from './policy/decide.ts'
import type { Effect } from './policy/effect.ts'
import { mayAsk, type RecordKind } from './policy/may-ask.ts'
import { reasonInWords } from './reason.ts'

/** How far the agency's own person has come with a kind of record, for one child in one case. */
export type ReviewStanding =
  | { readonly kind: 'none' }
  | { readonly kind: 'open' }
  | { readonly kind: 'share'; readonly until: Date }
  /** the reason is read only where she acknowledges that there is something */
  | { readonly kind: 'not-shared'; readonly reason: Reason; readonly acknowledged: boolean }

export type PlannedKind = { readonly record: RecordKind } & (
  | { readonly kind: 'ask'; readonly groups: readonly DecidedGroup[] }
  /** asked for without a field, and not shown: `reason` is null where she acknowledges nothing */
  | { readonly kind: 'declined'; readonly groups: readonly DecidedGroup[]; readonly reason: Reason | null }
  | { readonly kind: 'under-review' | 'not-asked'; readonly reason: Reason }
)

export interface KindInput {
  readonly bundle: PolicyBundle
  readonly practitioner: Practitioner
  readonly context: Ask
  readonly effect: (record: RecordClass) => Effect
  readonly reviews: (custodian: string, recordType: string) => ReviewStanding
}

const UNDER_REVIEW = {
  code: 'UNDER_REVIEW',
  words:
    "the agency's own person has been asked and decides whether this is shared; until then nothing was asked for, and this says nothing about what is known; ask again later, and ring the contact if it cannot wait",
}

export function planKind(input: KindInput, record: RecordKind): PlannedKind {
  const { bundle, practitioner, context, effect, reviews } = input
  const askable = mayAsk(bundle, practitioner, record, context, effect)
  if (askable.kind === 'ask') return { record, ...askable }
  if (askable.kind === 'not-asked')
    return { record, kind: 'not-asked', reason: reasonInWords(bundle, askable.reason, askable.policies) }

  const { rules } = askable
  const standing = reviews(record.custodian, record.recordType)
  if (standing.kind === 'share') return planKind(input, { ...record, reviewed: true })
  if (standing.kind !== 'not-shared')
    return { record, kind: 'under-review', reason: { ...UNDER_REVIEW, policies: rules } }
  const reason = standing.acknowledged ? { ...standing.reason, policies: rules } : null
  return { record, kind: 'declined', groups: [], reason }
}

/** Each reason once, with the kinds of record for which it is given. */
export function byReason(
  kinds: readonly { readonly record: RecordKind; readonly reason: Reason }[],
): NotAskedFor[] {
  const met = new Map<string, NotAskedFor>()
  for (const { record, reason } of kinds) {
    const { code, words } = reason
    const before = met.get(code)
    const policies = new Set([...(before?.reason.policies ?? []), ...reason.policies])
    met.set(code, {
      kinds: [...(before?.kinds ?? []), recordTypeNamed(record.recordType)?.title ?? record.recordType],
      reason: { code, words, policies: [...policies].sort() },
    })
  }
  return [...met.values()]
}
