/**
 * What a candidate bundle makes of one class of record otherwise than the live one: more is seen, less is seen, or the
 * same is seen and another reason told. Pure.
 *
 * From least to most: silent, withheld, withheld with its reason, shown; of what is shown, each group masked, in part,
 * whole.
 */
import type { DecidedGroup } from '../../../schema/data-group.ts'
import type { PolicyBundle } from './bundle.ts'
import { type Decision, decide, type PolicyRequest, prepare } from './decide.ts'
import { cite, type Effect, type GroupEffect } from './effect.ts'
import { seenGroups } from './seen-groups.ts'
import { whyNoPermit } from './why-no-permit.ts'

/** Worst first. */
export const changeKinds = ['WIDER', 'NARROWER', 'REASON-ONLY'] as const
export type ChangeKind = (typeof changeKinds)[number]

export interface Change {
  readonly kind: ChangeKind
  /** such as `narrative: masked → shown`, or `silent → shown` for the record as a whole */
  readonly what: string
  /** ids of the policies that changed the outcome; where no permit covered it, the condition of sharing unmet */
  readonly because: readonly string[]
  /** what only a policy that is never disclosed kept silent would be known */
  readonly fromNever: boolean
  /** under one of the two bundles nobody may know that the record exists */
  readonly hidden: boolean
}

/** One bundle's word on a class of record. */
export interface Side {
  readonly bundle: PolicyBundle
  readonly effect: Effect
  readonly asked: Omit<PolicyRequest, 'action'>
  /** a policy erred, or the policy schema lacks a code of the record */
  readonly faulted: boolean
}

const RUNGS = ['silent', 'withheld', 'withheld with its reason', 'shown'] as const
const rungOf = (effect: Effect): number => {
  if (effect.kind === 'silent') return 0
  if (effect.kind === 'withhold') return effect.told ? 2 : 1
  return 3
}

const RELEASES = ['none', 'partial', 'full'] as const
const RELEASED = { none: 'masked', partial: 'shown in part', full: 'shown' } as const

export function compareEffects(before: Side, after: Side): readonly Change[] {
  const [was, is] = [before.effect, after.effect]
  const [from, to] = [rungOf(was), rungOf(is)]
  if (from !== to) {
    const what = `${RUNGS[from]} → ${RUNGS[to]}`
    const [hiding, showing] = from < to ? [before, after] : [after, before]
    const onlyTheReason = Math.min(from, to) === 1 && Math.max(from, to) === 2
    const because = onlyTheReason
      ? untoldBecause(hiding)
      : becauseOf(hiding, hiding.effect.policies, showing, showing.effect.policies)
    const fromNever = from === 0 && to > 0 && was.policies.some((cited) => isNever(before.bundle, cited))
    return [
      { kind: from < to ? 'WIDER' : 'NARROWER', what, because, fromNever, hidden: from === 0 || to === 0 },
    ]
  }
  const plain = { fromNever: false, hidden: false }
  if (was.kind === 'withhold' && is.kind === 'withhold' && was.reason !== is.reason)
    return [
      {
        ...plain,
        kind: 'REASON-ONLY',
        what: told('record', was, is),
        because: reasonBecause(before, was, after, is),
      },
    ]
  if (was.kind !== 'release' || is.kind !== 'release') return []
  const { groups, inPart: parts } = seenGroups(before.asked.record.recordType)
  return groups.flatMap((group): Change[] => {
    // half of what has no half is nothing
    const seen = (given: GroupEffect): GroupEffect =>
      given.release === 'partial' && !parts.includes(group) ? { ...given, release: 'none' } : given
    const [one, other] = [seen(was.groups[group]), seen(is.groups[group])]
    const wider = RELEASES.indexOf(other.release) - RELEASES.indexOf(one.release)
    if (wider !== 0) {
      const what = `${group}: ${RELEASED[one.release]} → ${RELEASED[other.release]}`
      const [hiding, hides, showing, shows] =
        wider > 0
          ? [before, one.policies, after, other.policies]
          : [after, other.policies, before, one.policies]
      const inPart = Math.abs(wider) === 1 && (one.release === 'none' || other.release === 'none')
      const because = becauseOf(hiding, inPart ? inPartBy(hiding, group) : hides, showing, shows)
      return [{ ...plain, kind: wider > 0 ? 'WIDER' : 'NARROWER', what, because }]
    }
    if (one.reason === other.reason) return []
    return [
      {
        ...plain,
        kind: 'REASON-ONLY',
        what: told(group, one, other),
        because: reasonBecause(before, one, after, other),
      },
    ]
  })
}

type Reasoned = { readonly reason?: string; readonly policies: readonly string[] }

const told = (what: string, was: Reasoned, is: Reasoned) => `${what}: ${was.reason} → ${is.reason}`

/** The policies that decide in one bundle alone, or say it otherwise; without any, what is unmet in each. */
function reasonBecause(before: Side, was: Reasoned, after: Side, is: Reasoned): readonly string[] {
  const [ones, others] = [idsOf(was.policies), idsOf(is.policies)]
  const ids = [...new Set([...ones, ...others])].filter(
    (id) => !(ones.includes(id) && others.includes(id)) || !sameIn(before.bundle, after.bundle, id),
  )
  const without = [before, after].filter((_, place) => [ones, others][place]?.length === 0).map(unmet)
  return ids.length + without.length > 0 ? [...new Set([...without, ...ids.sort()])] : [...new Set(ones)]
}

/** What hides it; where no policy does, the condition of sharing unmet and the permits that only the other bundle has. */
function becauseOf(
  hiding: Side,
  hides: readonly string[],
  showing: Side,
  shows: readonly string[],
): readonly string[] {
  if (hiding.faulted) return ['POLICY_FAULT']
  if (hides.length > 0) return idsOf(hides)
  const permits = idsOf(shows).filter((id) => !sameIn(hiding.bundle, showing.bundle, id))
  return [unmet(hiding), ...permits]
}

const inPartBy = ({ bundle, asked }: Side, group: DecidedGroup): readonly string[] =>
  cite(bundle, decided(bundle, asked, `${group}-partial`))

/** Either the telling is forbidden, or a forbid of the reading is not for the subject to hear. */
function untoldBecause(hiding: Side): readonly string[] {
  const telling = decided(hiding.bundle, hiding.asked, 'tell-why')
  if (telling.allow) return idsOf(hiding.effect.policies)
  return telling.determining.length > 0 ? telling.determining : [unmet(hiding)]
}

const sameIn = (one: PolicyBundle, other: PolicyBundle, id: string): boolean =>
  one.policies.get(id)?.text === other.policies.get(id)?.text

/** Without an alarm: what erred here has been told where the effect was decided. */
const decided = (bundle: PolicyBundle, asked: Side['asked'], action: string): Decision =>
  decide(bundle.byAction, action, prepare(bundle.schema, asked))

const unmet = ({ asked }: Side) => whyNoPermit(asked.practitioner, asked.record, asked.context)

/** `id@hash8` without its hash: the same policy in two bundles. */
export const idsOf = (policies: readonly string[]): string[] =>
  policies.map((cited) => cited.slice(0, cited.lastIndexOf('@')))

const isNever = (bundle: PolicyBundle, cited: string): boolean =>
  idsOf([cited]).some((id) => bundle.policies.get(id)?.disclose === 'never')
