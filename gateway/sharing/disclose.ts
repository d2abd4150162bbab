/**
 * Decides what each custodian's reply becomes: one answer state, and the records that may be shown. Pure.
 * A record that policy silences leaves no trace here: no state, no count, no voice in who the child is.
 */
import type { Custodian, CustodianReply, PersonHeld } from '../../adapters/contract.ts'
import { type AnswerState, answerStates } from '../../schema/answer-state.ts'
import type { CustodianAnswer, Reason, ShownRecord } from '../../schema/picture.ts'
import type { SourceRecord } from '../../schema/record.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import { type Evidence, type Verified, verifyIdentities } from '../identity/verify.ts'
import type { Asked } from './ask.ts'
import { maskFields } from './mask.ts'
import type { NotAsked, Plan } from './plan.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import type { RecordClass } from './policy/decide.ts'
import type { Effect } from './policy/effect.ts'
import { reasonInWords } from './reason.ts'

export interface Disclosure {
  readonly answers: readonly CustodianAnswer[]
  readonly records: readonly ShownRecord[]
  /** for the ledger alone: what was withheld, silently or not */
  readonly withheld: readonly { readonly policies: readonly string[]; readonly reason: string }[]
}

export interface DiscloseInput {
  readonly bundle: PolicyBundle
  readonly plan: Plan
  readonly asked: readonly Asked[]
  readonly effect: (record: RecordClass) => Effect
  readonly evidence: Evidence
  readonly recordId: (custodian: string, sourceId: string) => string
  readonly now: Date
}

interface DecidedRecord {
  readonly record: SourceRecord
  readonly effect: Effect
}

/** 3x5x2 handling codes and the assessment E are conditions of handling, wherever the custodian wrote them. */
const INTELLIGENCE_HANDLING: Readonly<Record<string, string>> = { P: 'intelligence-p', C: 'intelligence-c' }

function handlingOf({ type, handling, fields }: SourceRecord): string[] {
  if (type !== 'police.intelligence') return [...handling]
  const { handlingCode, assessment } = fields
  const graded = INTELLIGENCE_HANDLING[String(handlingCode)] ?? 'intelligence-ungraded'
  return [...new Set([...handling, graded, ...(assessment === 'E' ? ['assessment-e'] : [])])]
}

const classOf = (custodian: Custodian, person: PersonHeld, record: SourceRecord): RecordClass => ({
  custodian: custodian.id,
  agency: custodian.agency,
  sector: custodian.sector,
  recordType: record.type,
  labels: [...new Set([...person.labels, ...record.labels])].sort(),
  handling: handlingOf(record).sort(),
  subject: record.about,
})

const isPersonal = ({ record }: DecidedRecord) => record.type.startsWith('person.')
const mayBeKnown = ({ effect }: DecidedRecord) => effect.kind !== 'silent'

function decideRecords(
  { effect }: DiscloseInput,
  custodian: Custodian,
  reply: Extract<CustodianReply, { kind: 'held' }>,
): DecidedRecord[] {
  const [person] = reply.people
  const labels = [...new Set(reply.people.flatMap((each) => each.labels))]
  return reply.records.map((record) => ({
    record,
    effect: effect(classOf(custodian, { ...person, labels }, record)),
  }))
}

/** Someone known to an agency only through sealed records is not known to it at all. */
function acknowledged(decided: readonly DecidedRecord[]): DecidedRecord[] {
  const substance = decided.filter((each) => !isPersonal(each))
  return substance.length > 0 && !substance.some(mayBeKnown) ? [] : decided.filter(mayBeKnown)
}

export function disclose(input: DiscloseInput): Disclosure {
  const { bundle, asked, evidence } = input
  const held = asked.flatMap(({ ask, reply }) => {
    if (reply.kind !== 'held') return []
    const { custodian } = ask.connection
    const decided = decideRecords(input, custodian, reply)
    return [{ custodian, people: reply.people, decided, known: acknowledged(decided) }]
  })
  const verdicts = verifyIdentities(
    held.filter(({ known }) => known.length > 0),
    evidence,
  )
  const knownBy = new Map(held.map(({ custodian, known }) => [custodian.id, known]))
  const replies = asked.map(({ ask, reply }) =>
    answerFor(
      input,
      ask.connection.custodian,
      reply,
      knownBy.get(ask.connection.custodian.id) ?? [],
      verdicts,
    ),
  )
  return {
    answers: [...replies.map(({ answer }) => answer), ...input.plan.notAsked.map(notAskedAnswer)],
    records: replies.flatMap(({ records }) => records),
    withheld: held.flatMap(({ decided }) =>
      decided.flatMap(({ effect }) => {
        if (effect.kind === 'release') return []
        return [{ policies: effect.policies, reason: effect.kind === 'withhold' ? effect.reason : 'SILENT' }]
      }),
    ),
  }

  function answerFor(
    { now }: DiscloseInput,
    custodian: Custodian,
    reply: CustodianReply,
    known: readonly DecidedRecord[],
    identities: ReadonlyMap<string, Verified>,
  ): { answer: CustodianAnswer; records: ShownRecord[] } {
    const answer = (state: AnswerState, reason: Reason | null = null, alsoWithheld: readonly Reason[] = []) =>
      answerOf(custodian, state, reason, alsoWithheld, timesOf(custodian, reply, now))
    if (reply.kind === 'fault') return { answer: answer('DID_NOT_ANSWER'), records: [] }
    if (reply.kind === 'under-review') return { answer: answer('UNDER_REVIEW'), records: [] }
    if (known.length === 0) return { answer: answer('NO_DISCLOSABLE_RECORD'), records: [] }

    const identity = identities.get(custodian.id)
    if (identity?.kind !== 'verified') {
      const doubt = identity?.why ?? 'NAME_MISSING'
      return { answer: answer('IDENTITY_UNCONFIRMED', reasonInWords(bundle, doubt, [])), records: [] }
    }
    const records = known.flatMap((decided) => shown(input, custodian, decided))
    const withheld = reasonsOf(known)
    const [first] = withheld
    if (records.length > 0) return { answer: answer('RECORDS_SHOWN', null, withheld), records }
    return { answer: answer('WITHHELD', first ?? null, withheld.slice(1)), records: [] }
  }

  /** Each reason once: how many records it holds back is not told. */
  function reasonsOf(known: readonly DecidedRecord[]): Reason[] {
    const reasons = new Map<string, Set<string>>()
    for (const { effect } of known) {
      if (effect.kind !== 'withhold') continue
      const policies = reasons.get(effect.reason) ?? new Set()
      if (effect.told) for (const policy of effect.policies) policies.add(policy)
      reasons.set(effect.reason, policies)
    }
    return [...reasons].sort().map(([code, policies]) => reasonInWords(bundle, code, [...policies].sort()))
  }
}

function shown(input: DiscloseInput, custodian: Custodian, { record, effect }: DecidedRecord): ShownRecord[] {
  const type = recordTypeNamed(record.type)
  if (effect.kind !== 'release' || type === undefined) return []
  const { fields, masked } = maskFields(input.bundle, type, record.fields, effect)
  return [
    {
      id: input.recordId(custodian.id, record.sourceId),
      type: record.type,
      custodian: custodian.id,
      custodianName: custodian.name,
      agency: custodian.agency,
      sector: custodian.sector,
      system: record.system,
      eventTime: record.eventTime,
      recordedTime: record.recordedTime,
      assertion: record.assertion,
      subjectCategory: record.subjectCategory,
      about: record.about,
      handling: effect.handling,
      fields,
      masked,
      policies: effect.policies,
    },
  ]
}

interface Times {
  readonly asOf: string | null
  readonly fresh: boolean | null
  readonly searched: CustodianAnswer['searched']
}

const HOUR = 3_600_000

function timesOf({ freshWithinHours }: Custodian, reply: CustodianReply, now: Date): Times {
  if (reply.kind !== 'held' && reply.kind !== 'not-held') return { asOf: null, fresh: null, searched: null }
  const { asOf, searched } = reply
  const age = asOf === null ? null : now.getTime() - Date.parse(asOf)
  const fresh = freshWithinHours === null || age === null ? null : age <= freshWithinHours * HOUR
  return { asOf, fresh, searched }
}

const answerOf = (
  { id, name, agency, sector, contact }: Custodian,
  state: AnswerState,
  reason: Reason | null,
  alsoWithheld: readonly Reason[],
  times: Times,
): CustodianAnswer => ({
  custodian: id,
  name,
  agency,
  sector,
  state,
  words: answerStates[state],
  reason,
  alsoWithheld,
  contact,
  ...times,
})

const notAskedAnswer = ({ custodian, state, reason }: NotAsked) =>
  answerOf(custodian, state, reason, [], { asOf: null, fresh: null, searched: null })
