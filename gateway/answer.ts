/** The story of a request, top to bottom: attempt, record, respond. Nothing leaves that is not on record. */

import type { GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import type { Connection, Custodian } from '../adapters/contract.ts'
import type { Picture } from '../schema/picture.ts'
import { Refusal } from '../schema/refusal.ts'
import type { Authenticate } from './access/authenticate.ts'
import type { ChildKeys, Register } from './access/register.ts'
import { caseRelationship, mayAskAtAll, practitionerWho } from './access/standing.ts'
import { type AccessNotes, accessOf, newNotes } from './access-notes.ts'
import { childQuestion } from './child-question.ts'
import { refusalOf } from './fault.ts'
import { evidenceFor } from './identity/evidence.ts'
import type { AccessInput, AccessRecord } from './ledger/access-record.ts'
import type { Ledger } from './ledger/append.ts'
import type { ChildPseudonyms } from './ledger/pseudonym.ts'
import { readQuestion } from './question.ts'
import { type HttpAnswer, type Outcome, respond, withhold } from './respond.ts'
import { askCustodians } from './sharing/ask.ts'
import type { Compose } from './sharing/compose.ts'
import { disclose } from './sharing/disclose.ts'
import { planQuestion } from './sharing/plan.ts'
import type { PolicyBundle } from './sharing/policy/bundle.ts'
import { effectsFor } from './sharing/policy/effect.ts'
import { checkReason } from './sharing/policy/lawful-basis.ts'

/** Everything that an answer needs, opened once at start. */
export interface House {
  readonly clock: () => Date
  readonly log: Logger
  readonly schema: GraphQLSchema
  readonly compose: Compose
  readonly authenticate: Authenticate
  readonly register: Register
  readonly bundle: PolicyBundle
  readonly connections: readonly Connection[]
  readonly unconnected: readonly Custodian[]
  readonly custodianDeadlineMs: number
  readonly pseudonyms: ChildPseudonyms
  readonly keys: ChildKeys
  readonly recordId: (custodian: string, sourceId: string) => string
  readonly accessRecord: (input: AccessInput) => AccessRecord
  readonly ledger: Ledger
}

/** What came over HTTP. */
export interface Asked {
  readonly authorization: string | undefined
  readonly traceparent: string | undefined
  /** the body as text, whatever it is */
  readonly body: string
}

export async function answer(asked: Asked, house: House): Promise<HttpAnswer> {
  const notes = newNotes(house.clock(), asked.traceparent)
  const outcome = await attempt(asked, house, notes)
  try {
    const receipt = await house.ledger.append(house.accessRecord(accessOf(notes, outcome)))
    return respond(receipt, outcome)
  } catch (error) {
    refusalOf(error, house.log)
    return withhold()
  }
}

/** Notes what is learnt on the way, so that a refused or failed attempt is recorded as fully as an answered one. */
async function attempt(asked: Asked, house: House, notes: AccessNotes): Promise<Outcome> {
  try {
    return { kind: 'released', body: await pictureFor(asked, house, notes) }
  } catch (error) {
    const refusal = refusalOf(error, house.log)
    return { kind: error instanceof Refusal ? 'denied' : 'failed', refusal }
  }
}

async function pictureFor(asked: Asked, house: House, notes: AccessNotes): Promise<string> {
  const { bundle, register } = house
  const now = notes.at
  notes.bundle = bundle.version

  const who = await house.authenticate(asked.authorization)
  notes.who = who
  const question = readQuestion(asked.body, house.schema)
  notes.question = question
  const child = childQuestion(question, house.schema)
  if (child !== null) {
    notes.reason = child.reason
    notes.pid = await house.pseudonyms.pidOf(child.nhsNumber)
  }
  const practitioner = await practitionerWho(register, who, now)
  notes.practitioner = practitioner
  if (child === null) return house.compose(question, null)

  const { nhsNumber, reason } = child
  mayAskAtAll(practitioner)
  const { role, organisationKind } = practitioner
  const bases = checkReason(bundle, { ...reason, role, organisationKind, on: now })
  const tie = await caseRelationship(register, who, nhsNumber, reason, now)

  const asking = {
    agency: practitioner.agency,
    roles: [role],
    macptMember: practitioner.nominated,
    vetting: practitioner.vetting,
  }
  const { purpose, threshold, consentRecorded: consent } = reason
  const context = { purpose, threshold, bases, consent, caseLive: true, now }
  const { connections, unconnected } = house
  const effect = effectsFor(bundle, asking, context)
  const plan = planQuestion({
    bundle,
    connections,
    unconnected,
    practitioner: asking,
    context,
    effect,
    sectors: child.sectors,
  })
  notes.plan = plan

  const replies = await askCustodians(plan.asks, {
    nhsNumber,
    eventId: notes.eventId,
    traceparent: notes.traceparent,
    defaultDeadlineMs: house.custodianDeadlineMs,
  })
  const disclosure = disclose({
    bundle,
    plan,
    asked: replies,
    effect,
    evidence: evidenceFor(child, tie, house.keys),
    caseLabels: tie.labels,
    recordId: house.recordId,
    now,
  })
  notes.disclosure = disclosure
  const picture: Picture = {
    eventId: notes.eventId,
    askedAt: now.toISOString(),
    bundle: bundle.version,
    answers: disclosure.answers,
    records: disclosure.records,
  }
  return house.compose(question, picture)
}
