/** The multi-agency picture of one child, after every decision: all that may be shown, and nothing else. */
import type { AnswerState } from './answer-state.ts'
import type { Assertion, FieldValue, Relation, SubjectCategory } from './record.ts'
import type { Sector } from './record-type.ts'

export interface ContactToRing {
  readonly name: string
  readonly telephone: string
  readonly email: string | null
  readonly emergencyTelephone: string | null
}

/** Dates are ISO; null where the custodian does not say. */
export interface Period {
  readonly from: string | null
  readonly until: string | null
}

/** Why something is not shown: a stable code, words for the practitioner, and the policies that decided. */
export interface Reason {
  readonly code: string
  readonly words: string
  readonly policies: readonly string[]
}

/** Kinds of record that a custodian was not asked for; the same whoever the child is. */
export interface NotAskedFor {
  /** titles of record types */
  readonly kinds: readonly string[]
  readonly reason: Reason
}

/** Exactly one per connected custodian and question. */
export interface CustodianAnswer {
  readonly custodian: string
  readonly name: string
  readonly agency: string
  readonly sector: Sector
  readonly state: AnswerState
  readonly words: string
  readonly reason: Reason | null
  /** reasons of single records that are withheld although others are shown */
  readonly alsoWithheld: readonly Reason[]
  /** what it may hold all the same: nobody may take its silence on these for nothing known */
  readonly notAskedFor: readonly NotAskedFor[]
  readonly contact: ContactToRing
  /** when the custodian's data was last updated */
  readonly asOf: string | null
  /** whether that keeps the custodian's promise; null where it promises nothing or says nothing */
  readonly fresh: boolean | null
  readonly searched: Period | null
}

export interface MaskedField {
  readonly field: string
  readonly form: 'hidden' | 'partial'
  readonly reason: Reason
}

export interface ShownRecord {
  /** opaque: the same record has the same id to everybody, and nothing can be read from it */
  readonly id: string
  readonly type: string
  readonly custodian: string
  readonly custodianName: string
  readonly agency: string
  readonly sector: Sector
  readonly system: string
  readonly eventTime: string | null
  readonly recordedTime: string | null
  readonly assertion: Assertion
  readonly subjectCategory: SubjectCategory | null
  readonly about: Relation
  readonly handling: readonly string[]
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly masked: readonly MaskedField[]
  /** the policies that permitted it, as `id@hash` */
  readonly policies: readonly string[]
}

export interface Picture {
  readonly eventId: string
  readonly askedAt: string
  /** version of the policy bundle that decided */
  readonly bundle: string
  readonly answers: readonly CustodianAnswer[]
  readonly records: readonly ShownRecord[]
}

/** The policies behind what is shown or told. What is silent has no part in it. */
export function policiesOf({ answers, records }: Pick<Picture, 'answers' | 'records'>): string[] {
  const reasons = answers.flatMap(({ reason, alsoWithheld, notAskedFor }) => [
    ...(reason ? [reason] : []),
    ...alsoWithheld,
    ...notAskedFor.map((each) => each.reason),
  ])
  const masks = records.flatMap(({ masked }) => masked.map(({ reason }) => reason))
  const cited = [...records, ...reasons, ...masks].flatMap(({ policies }) => policies)
  return [...new Set(cited)].sort()
}
