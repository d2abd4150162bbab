/**
 * One question, opened under two bundles: who asks, for what and when are fixed, and each class of record or kind is
 * decided once. Questions that no policy can tell apart are opened once, so that a year of accesses is soon compared.
 */
import { agreementFor } from './agreement.ts'
import type { PolicyBundle } from './bundle.ts'
import { type ChangedPolicies, changedPolicies } from './changed-policies.ts'
import { compareAskables } from './compare-askables.ts'
import { type Change, compareEffects, type Side } from './compare-effects.ts'
import type { Ask, Practitioner, RecordClass } from './decide.ts'
import { effectsFor } from './effect.ts'
import { everyHandling, mayAsk, type RecordKind } from './may-ask.ts'
import { seenGroups } from './seen-groups.ts'
import { stretchOf, turningPoints } from './turning-points.ts'

export interface OpenQuestion {
  /** what of a class of record would be seen otherwise */
  ofRecord(record: RecordClass): readonly Change[]
  /** the kinds that would be asked for otherwise */
  ofKinds(kinds: readonly RecordKind[]): readonly { readonly kind: RecordKind; readonly change: Change }[]
  /** decided in full under both */
  sides(record: RecordClass): readonly [live: Side, candidate: Side]
}

export type OpenQuestions = (practitioner: Practitioner, context: Ask) => OpenQuestion

/** Whether a kind is asked for hangs on this action alone. */
const TO_BE_KNOWN = new Set(['know'])
/** Questions kept open at a time; a partnership has a few hundred that differ. */
const KEPT = 500

export function openQuestions(live: PolicyBundle, candidate: PolicyBundle): OpenQuestions {
  const points = turningPoints([live, candidate])
  const changed = changedPolicies(live, candidate)
  const handlings = changed.looksAt.has('handling') ? everyHandling(live) : [[]]
  /** All that `mayAsk` could try, as far as the changed policies can tell them apart. A test holds it. */
  const widest = remembered((kind: RecordKind): readonly RecordClass[] => {
    const reviewed = kind.reviewed ?? false
    const plain = { ...kind, labels: [], subject: 'child' }
    return handlings.flatMap((handling) =>
      (changed.looksAt.has('reviewed') ? [reviewed, true] : [reviewed]).map((lifted) => ({
        ...plain,
        reviewed: lifted,
        handling,
      })),
    )
  })
  const open = new Map<string, OpenQuestion>()
  return (practitioner, context) => {
    const instant = context.now.getTime()
    const now = points === null ? instant : stretchOf(points, instant)
    const key = JSON.stringify([practitioner, { ...context, now }])
    const met = open.get(key)
    if (met) return met
    const sides: Sides = [openSide(live, practitioner, context), openSide(candidate, practitioner, context)]
    const opened = openQuestion(sides, changed.forQuestion(practitioner, context), widest)
    if (open.size >= KEPT) open.clear()
    open.set(key, opened)
    return opened
  }
}

type Sides = readonly [ReturnType<typeof openSide>, ReturnType<typeof openSide>]

function openQuestion(
  [before, after]: Sides,
  unchanged: ReturnType<ChangedPolicies['forQuestion']>,
  widest: (kind: RecordKind) => readonly RecordClass[],
): OpenQuestion {
  const ofKind = (kind: RecordKind): Change | null =>
    widest(kind).every((record) => unchanged(record, TO_BE_KNOWN))
      ? null
      : compareAskables(before.ofKind(kind), after.ofKind(kind))
  const compared = remembered((record: RecordClass) =>
    compareEffects(before.ofRecord(record), after.ofRecord(record)),
  )
  return {
    sides: (record) => [before.ofRecord(record), after.ofRecord(record)],
    ofRecord: (record) => (unchanged(record, seenGroups(record.recordType).actions) ? [] : compared(record)),
    ofKinds: remembered((kinds: readonly RecordKind[]) =>
      kinds.flatMap((kind) => {
        const change = ofKind(kind)
        return change ? [{ kind, change }] : []
      }),
    ),
  }
}

function openSide(bundle: PolicyBundle, practitioner: Practitioner, context: Ask) {
  let faulted = false
  const quiet: PolicyBundle = {
    ...bundle,
    alarm: () => {
      faulted = true
    },
  }
  const effect = effectsFor(quiet, practitioner, context)
  return {
    ofRecord(record: RecordClass): Side {
      const { agency, custodian } = record
      const agreement = agreementFor(bundle, agency, custodian, practitioner.agency, context.now)
      const asked = { practitioner, record: { ...record, agreement }, context }
      faulted = false
      return { bundle, asked, effect: effect(record), faulted }
    },
    ofKind: (kind: RecordKind) => mayAsk(quiet, practitioner, kind, context, effect),
  }
}

/** By everything that is in a key, whatever the policy schemas look at. */
function remembered<Key extends object, Value>(find: (key: Key) => Value): (key: Key) => Value {
  const met = new Map<string, { readonly value: Value }>()
  return (key) => {
    const text = JSON.stringify(key)
    const before = met.get(text)
    if (before) return before.value
    const value = find(key)
    met.set(text, { value })
    return value
  }
}
