/**
 * Decides what each custodian's reply becomes: one answer state, and the records that may be shown. Pure.
 * A record that policy silences leaves no trace here: no state and no count.
 */
import type { Custodian, CustodianReply } from '../../adapters/contract.ts'
import { isPersonal } from '../../schema/person.ts'
import type { CustodianAnswer, Reason, ShownRecord } from '../../schema/picture.ts'
import type { SourceRecord } from '../../schema/record.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import { type Evidence, verifyIdentity } from '../identity/verify.ts'
import type { Asked } from './ask.ts'
import { custodianAnswer, type Given } from './custodian-answer.ts'
import { declinedReasons } from './declined.ts'
import { maskFields } from './mask.ts'
import type { Plan, PlannedAsk } from './plan.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import type { RecordClass } from './policy/decide.ts'
import type { Effect } from './policy/effect.ts'
import { reasonInWords } from './reason.ts'
import { labelsEverywhere, recordClass } from './record-class.ts'

export interface Disclosure {
  readonly answers: readonly CustodianAnswer[]
  readonly records: readonly ShownRecord[]
  /** for the ledger alone: what was withheld and may be known */
  readonly withheld: readonly { readonly policies: readonly string[]; readonly reason: string }[]
  /**
   * for the grounds of the decision alone: every class of record that policy decided, the silent ones too, counted;
   * not what its person declined
   */
  readonly classes: readonly { readonly record: RecordClass; readonly n: number }[]
}

export interface DiscloseInput {
  readonly bundle: PolicyBundle
  readonly plan: Plan
  readonly asked: readonly Asked[]
  readonly effect: (record: RecordClass) => Effect
  readonly evidence: Evidence
  /** what the case system itself states, so that it holds whoever answers */
  readonly caseLabels: readonly string[]
  readonly recordId: (custodian: string, sourceId: string) => string
  readonly now: Date
}

interface DecidedRecord {
  readonly record: SourceRecord
  readonly as: RecordClass
  readonly effect: Effect
}

type Held = Extract<CustodianReply, { kind: 'held' }>
type Disclosed = Given & {
  readonly records?: readonly ShownRecord[]
  readonly decided?: readonly DecidedRecord[]
}

const mayBeKnown = ({ effect }: DecidedRecord) => effect.kind !== 'silent'

/** Someone known to an agency only through sealed records is not known to it at all. */
function acknowledged(decided: readonly DecidedRecord[]): DecidedRecord[] {
  const substance = decided.filter(({ record }) => !isPersonal(record.type))
  return substance.length > 0 && !substance.some(mayBeKnown) ? [] : decided.filter(mayBeKnown)
}

export function disclose(input: DiscloseInput): Disclosure {
  const { plan, now, caseLabels } = input
  const everywhere = labelsEverywhere(
    input.asked.map(({ reply }) => reply),
    caseLabels,
  )
  const replies = input.asked.map(({ ask, reply }) => {
    const { custodian } = ask.connection
    const disclosed = discloseReply(input, ask, reply, everywhere)
    const declined = declinedReasons(input, ask, reply, everywhere)
    const { records = [], decided = [], ...given } = neverAsNothingKnown(disclosed, ask, declined)
    return { answer: custodianAnswer(custodian, given, reply, now), records, decided }
  })
  const notAsked = plan.notAsked.map(({ custodian, ...given }) =>
    custodianAnswer(custodian, given, null, now),
  )
  return {
    answers: [...replies.map(({ answer }) => answer), ...notAsked],
    records: replies.flatMap(({ records }) => records),
    withheld: replies.flatMap(({ decided }) => decided.flatMap(withheldFrom)),
    classes: counted(replies.flatMap(({ decided }) => decided.map((each) => each.as))),
  }
}

function counted(classes: readonly RecordClass[]): Disclosure['classes'] {
  const met = new Map<string, { readonly record: RecordClass; readonly n: number }>()
  for (const record of classes) {
    const key = JSON.stringify(record)
    met.set(key, { record, n: (met.get(key)?.n ?? 0) + 1 })
  }
  return [...met.values()]
}

/**
 * Nothing shown where nothing of substance was asked for means that it was not asked, or that a person still decides.
 * What she declined and acknowledges is told, beside whatever else there is.
 */
function neverAsNothingKnown(
  disclosed: Disclosed,
  { nothingOfSubstance: why, notAskedFor }: PlannedAsk,
  declined: readonly Reason[],
): Disclosed {
  const { state, alsoWithheld = [] } = disclosed
  const told = { ...disclosed, alsoWithheld: [...alsoWithheld, ...declined], notAskedFor }
  if (state !== 'NO_DISCLOSABLE_RECORD') return told
  if (why?.code === 'UNDER_REVIEW') return { ...told, state: 'UNDER_REVIEW', reason: why }
  const [first, ...others] = declined
  if (first !== undefined) return { ...told, state: 'WITHHELD', reason: first, alsoWithheld: others }
  return why === null ? told : { ...told, state: 'NOT_ASKED', reason: why }
}

function discloseReply(
  input: DiscloseInput,
  ask: PlannedAsk,
  reply: CustodianReply,
  everywhere: readonly string[],
): Disclosed {
  switch (reply.kind) {
    case 'fault':
      return { state: 'DID_NOT_ANSWER' }
    case 'under-review':
      return { state: 'UNDER_REVIEW' }
    case 'not-held':
      return { state: 'NO_DISCLOSABLE_RECORD' }
    case 'held':
      return discloseHeld(input, ask, reply, everywhere)
  }
}

function discloseHeld(
  input: DiscloseInput,
  { connection, reviewed, declined }: PlannedAsk,
  { people, records }: Held,
  everywhere: readonly string[],
): Disclosed {
  const { bundle, effect, evidence } = input
  const { custodian } = connection
  // what its person declined counts like nothing held, so that what stood there before she decided stays
  const counting = records.filter(({ type }) => !declined.some(({ record }) => record.recordType === type))
  const decided = counting.map((record) => {
    const as = recordClass(custodian, people, record, everywhere, reviewed)
    return { record, as, effect: effect(as) }
  })
  const known = acknowledged(decided)
  if (known.length === 0) return { state: 'NO_DISCLOSABLE_RECORD', decided }

  const identity = verifyIdentity(custodian, people, evidence)
  if (identity.kind === 'unconfirmed')
    return { state: 'IDENTITY_UNCONFIRMED', reason: reasonInWords(bundle, identity.why, []), decided }

  const shown = known.flatMap((each) => shownRecord(input, custodian, each))
  const [reason = null, ...others] = withheldReasons(bundle, known)
  if (shown.length === 0) return { state: 'WITHHELD', reason, alsoWithheld: others, decided }
  return { state: 'RECORDS_SHOWN', alsoWithheld: reason ? [reason, ...others] : [], records: shown, decided }
}

/** Each reason once: how many records it holds back is not told. */
function withheldReasons(bundle: PolicyBundle, known: readonly DecidedRecord[]): Reason[] {
  const reasons = new Map<string, Set<string>>()
  for (const { effect } of known) {
    if (effect.kind !== 'withhold') continue
    const policies = reasons.get(effect.reason) ?? new Set()
    if (effect.told) for (const policy of effect.policies) policies.add(policy)
    reasons.set(effect.reason, policies)
  }
  return [...reasons].sort().map(([code, policies]) => reasonInWords(bundle, code, [...policies].sort()))
}

/** What is silent stays out of the ledger too: agencies read it, and the receipt ties it to the child. */
const withheldFrom = ({ effect }: DecidedRecord): Disclosure['withheld'] =>
  effect.kind === 'withhold' ? [{ policies: effect.policies, reason: effect.reason }] : []

function shownRecord(
  { bundle, recordId }: DiscloseInput,
  custodian: Custodian,
  { record, effect }: DecidedRecord,
): ShownRecord[] {
  const type = recordTypeNamed(record.type)
  if (effect.kind !== 'release' || type === undefined) return []
  const { labels: _sealed, sourceId, ...envelope } = record
  return [
    {
      ...envelope,
      id: recordId(custodian.id, `${record.type} ${sourceId}`),
      custodian: custodian.id,
      custodianName: custodian.name,
      agency: custodian.agency,
      sector: custodian.sector,
      handling: effect.handling,
      ...maskFields(bundle, type, record.fields, effect),
      policies: effect.policies,
    },
  ]
}
