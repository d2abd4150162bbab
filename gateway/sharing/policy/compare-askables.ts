/** Whether a kind of record would be asked for under a candidate bundle and not under the live one, or the other way. */
import { type Change, idsOf } from './compare-effects.ts'
import type { Askable } from './may-ask.ts'

/** From least to most. An agency whose own person decides first is not asked for records yet. */
const RUNGS = ['not-asked', 'review', 'ask'] as const
const WORDS = {
  'not-asked': 'not asked for',
  review: 'left to the agency’s person',
  ask: 'asked for',
} as const

/** @returns null where the kind is asked for as before; which groups of it are released, its records tell */
export function compareAskables(was: Askable, is: Askable): Change | null {
  const wider = RUNGS.indexOf(is.kind) - RUNGS.indexOf(was.kind)
  const plain = { fromNever: false, hidden: false }
  if (wider !== 0) {
    const hiding = wider > 0 ? was : is
    return {
      ...plain,
      kind: wider > 0 ? 'WIDER' : 'NARROWER',
      what: `${WORDS[was.kind]} → ${WORDS[is.kind]}`,
      because: standingIn(hiding),
    }
  }
  if (was.kind !== 'not-asked' || is.kind !== 'not-asked' || was.reason === is.reason) return null
  const because = [...new Set([...standingIn(was), ...standingIn(is)])].sort()
  return { ...plain, kind: 'REASON-ONLY', what: `not asked for: ${was.reason} → ${is.reason}`, because }
}

/** What stands in the way of asking; without a policy, the condition of sharing that is unmet. */
function standingIn(askable: Askable): readonly string[] {
  if (askable.kind === 'ask') return []
  const ids = idsOf(askable.kind === 'review' ? askable.rules : askable.policies)
  return ids.length > 0 || askable.kind === 'review' ? ids : [askable.reason]
}
