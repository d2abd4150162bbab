/** Which policies are responsible for a difference in one concrete question: those that decide it in one bundle alone. */
import { partialGroups } from '../../schema/data-group.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { ChangeKind } from '../sharing/policy/compare-effects.ts'
import type { Slot } from '../sharing/policy/reference.ts'
import { byPolicies, type Decider, sees, tells } from './seen-case.ts'
import type { Asked } from './smt-model.ts'

export interface Culprit {
  readonly side: Slot
  readonly id: string
}

export interface Sides {
  readonly live: PolicyBundle
  readonly candidate: PolicyBundle
}

/** Whether a step differs in this way, as the compiled policies decide. */
export function differsAt(change: ChangeKind, step: string, sides: Sides, asked: Asked): boolean {
  const [was, is] = [byPolicies(sides.live, asked), byPolicies(sides.candidate, asked)]
  return differs(change, step, was, is)
}

export function differs(change: ChangeKind, step: string, was: Decider, is: Decider): boolean {
  if (change === 'WIDER') return sees(is, step) && !sees(was, step)
  if (change === 'NARROWER') return sees(was, step) && !sees(is, step)
  if (
    partialGroups.some((group) => group === step) &&
    sees(was, `${step}-partial`) !== sees(is, `${step}-partial`)
  )
    return false
  const [before, after] = [tells(was, step), tells(is, step)]
  return before !== null && after !== null && before !== after
}

/** @returns none where it cannot be told, as where a policy erred */
export function culpritsOf(change: ChangeKind, step: string, sides: Sides, asked: Asked): readonly Culprit[] {
  const deciders = { live: byPolicies(sides.live, asked), candidate: byPolicies(sides.candidate, asked) }
  const changed = (side: Slot, ids: readonly string[]): Culprit[] =>
    ids
      .filter((id) => sides.live.policies.get(id)?.text !== sides.candidate.policies.get(id)?.text)
      .map((id) => ({ side, id }))
  if (change === 'REASON-ONLY')
    return (['live', 'candidate'] as const).flatMap((side) =>
      changed(side, deciders[side].may(step).determining),
    )
  const [hiding, showing]: readonly [Slot, Slot] =
    change === 'WIDER' ? ['live', 'candidate'] : ['candidate', 'live']
  const actions = hidingActions(deciders[hiding], step)
  const those = (side: Slot) =>
    changed(
      side,
      actions.flatMap((action) => deciders[side].may(action).determining),
    )
  const forbids = those(hiding)
  return distinct(forbids.length > 0 ? forbids : those(showing))
}

/** The actions by whose denial a step is not reached. */
export function hidingActions({ bundle, may }: Decider, step: string): readonly string[] {
  if (!may('know').allow) return ['know']
  if (step === 'tell-why') return may('tell-why').allow ? ['read'] : ['tell-why', ...unheard(bundle, may)]
  if (!may('read').allow) return ['read']
  const group = partialGroups.find((each) => step === `${each}-partial`)
  return group ? [step, group] : [step]
}

const unheard = (bundle: PolicyBundle, may: Decider['may']): string[] =>
  may('read').determining.some((id) => bundle.policies.get(id)?.disclose !== 'subject') ? ['read'] : []

const distinct = (culprits: readonly Culprit[]): Culprit[] => [
  ...new Map(culprits.map((each) => [`${each.side} ${each.id}`, each])).values(),
]
