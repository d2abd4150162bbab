/**
 * Compares what two bundles make of one access, by its grounds: of every class of record that came back, and of every
 * kind that could be asked for. Both decide anew. Refuses to compare what was recorded without an attribute that a
 * policy schema demands: both would deny it, which would look like no difference.
 */
import { isPersonal } from '../../../schema/person.ts'
import type { PolicyBundle } from './bundle.ts'
import { type Change, compareEffects } from './compare-effects.ts'
import type { RecordClass } from './decide.ts'
import type { Grounds } from './grounds.ts'
import type { RecordKind } from './may-ask.ts'
import { type OpenQuestion, openQuestions } from './open-question.ts'
import { asAcknowledged, unacknowledged } from './unacknowledged.ts'

export interface AccessChanges {
  /** classes of record that would be seen otherwise, with what changes of each */
  readonly records: readonly {
    readonly record: RecordClass
    readonly n: number
    readonly changes: readonly Change[]
  }[]
  /** kinds of record that would be asked for otherwise */
  readonly kinds: readonly { readonly kind: RecordKind; readonly change: Change }[]
  /** attributes that a policy schema demands and the access was recorded without: nothing of it was compared */
  readonly missing: readonly string[]
}

/** @returns compares one access after another; keep it for all of them */
export function openComparison(
  live: PolicyBundle,
  candidate: PolicyBundle,
): (grounds: Grounds) => AccessChanges {
  const open = openQuestions(live, candidate)
  const needed = neededBy([live, candidate])
  return (grounds) => {
    const missing = missingIn(grounds, needed)
    if (missing.length > 0) return { records: [], kinds: [], missing }
    const question = open(grounds.practitioner, grounds.context)
    return { records: recordsIn(grounds, question), kinds: question.ofKinds(grounds.kinds), missing: [] }
  }
}

/**
 * At a custodian where more or less of substance may be known, or where personal records change, all is decided in
 * full: the personal records follow the others.
 */
function recordsIn({ classes }: Grounds, question: OpenQuestion): AccessChanges['records'] {
  const compared = classes.map(({ record, n }) => ({ record, n, changes: question.ofRecord(record) }))
  const inDoubt = new Set(
    compared.flatMap(({ record: { custodian, recordType }, changes }) =>
      changes.some(({ hidden }) => hidden || isPersonal(recordType)) ? [custodian] : [],
    ),
  )
  const decided = classes.flatMap(({ record }) => {
    if (!inDoubt.has(record.custodian)) return []
    const [before, after] = question.sides(record)
    return [{ record, before, after }]
  })
  const silent = unacknowledged(decided.map(({ record, before }) => ({ record, effect: before.effect })))
  const silentAfter = unacknowledged(decided.map(({ record, after }) => ({ record, effect: after.effect })))
  const acknowledged = (record: RecordClass): readonly Change[] => {
    const [before, after] = question.sides(record)
    return compareEffects(
      { ...before, effect: asAcknowledged({ record, effect: before.effect }, silent) },
      { ...after, effect: asAcknowledged({ record, effect: after.effect }, silentAfter) },
    )
  }
  return compared.flatMap(({ record, n, changes: alone }) => {
    const follows = inDoubt.has(record.custodian) && isPersonal(record.recordType)
    const changes = follows ? acknowledged(record) : alone
    return changes.length > 0 ? [{ record, n, changes }] : []
  })
}

type Needed = ReturnType<typeof neededBy>

function neededBy(bundles: readonly PolicyBundle[]) {
  const named = (part: 'principal' | 'resource' | 'context') => {
    const attributes = bundles.flatMap(({ schema }) => [...schema[part].attributes])
    return [...new Set(attributes.filter(([, { required }]) => required).map(([name]) => name))]
  }
  return { practitioner: named('principal'), record: named('resource'), context: named('context') }
}

function missingIn({ practitioner, context, classes }: Grounds, needed: Needed): string[] {
  const missing = new Set<string>()
  const see = (where: keyof Needed, given: object) => {
    for (const name of needed[where])
      if ((given as Record<string, unknown>)[name] === undefined) missing.add(`${where}.${name}`)
  }
  see('practitioner', practitioner)
  see('context', context)
  for (const { record } of classes) see('record', record)
  return [...missing].sort()
}
