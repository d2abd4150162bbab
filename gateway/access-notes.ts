/** What is learnt about an access while it is answered, and the record that the ledger makes of it. */
import type { AccessReason } from '../schema/access-reason.ts'
import { policiesOf, type ShownRecord } from '../schema/picture.ts'
import type { SignedIn } from './access/authenticate.ts'
import type { OpenEmergency } from './access/break-glass.ts'
import type { Practitioner } from './access/register.ts'
import type { AccessInput } from './ledger/access-record.ts'
import type { CompletionInput, Delivery } from './ledger/completion-record.ts'
import { newEventId, traceparentFrom } from './ledger/ledger-event.ts'
import { askingIs, showingIs } from './ledger/processing.ts'
import type { OpaqueRecordId, Pseudonym } from './ledger/pseudonym.ts'
import type { Question } from './question.ts'
import type { Outcome } from './respond.ts'
import type { Disclosure } from './sharing/disclose.ts'
import type { Plan, PlannedAsk } from './sharing/plan.ts'
import type { PolicyBundle } from './sharing/policy/bundle.ts'
import type { Grounds } from './sharing/policy/grounds.ts'

export interface AccessNotes {
  readonly eventId: string
  readonly at: Date
  readonly traceparent: string
  who: SignedIn | null
  practitioner: Practitioner | null
  question: Question | null
  reason: AccessReason | null
  /** whom it was about; at the desk there may be several */
  children: readonly Pseudonym[]
  /** what was done at the desk, in the product's own words */
  operation: string | null
  bundle: PolicyBundle | null
  emergency: OpenEmergency | null
  plan: Plan | null
  disclosure: Disclosure | null
  grounds: Grounds | null
  /** sealed as they are stored */
  sealedGrounds: Buffer | null
  /** settles once it is on record that custodians are asked */
  requested: Promise<unknown> | null
}

export function newNotes(at: Date, traceparent: string | undefined): AccessNotes {
  return {
    eventId: newEventId(),
    at,
    traceparent: traceparentFrom(traceparent ?? null),
    who: null,
    practitioner: null,
    question: null,
    reason: null,
    children: [],
    operation: null,
    bundle: null,
    emergency: null,
    plan: null,
    disclosure: null,
    grounds: null,
    sealedGrounds: null,
    requested: null,
  }
}

const askedFor = (ask: PlannedAsk | undefined) =>
  ask
    ? { recordTypes: ask.recordTypes.map(({ name }) => name), agreement: ask.agreement }
    : { recordTypes: [] }

/** Who was asked stands in every record; what was shown, only where the answer left. */
function disclosureOf(
  { plan, disclosure, practitioner }: AccessNotes,
  outcome: AccessOutcome,
): AccessInput['disclosure'] {
  if (disclosure === null) return { sources: [], released: [], withheld: [] }
  const asked = new Map(plan?.asks.map((ask) => [ask.connection.custodian.id, ask]))
  const records = outcome.kind === 'released' ? disclosure.records : []
  const sourcesShown = new Set(records.map(({ custodian }) => custodian)).size
  return {
    sources: disclosure.answers.map(({ custodian, agency, sector, state }) => {
      const recordIds = records
        .filter((record) => record.custodian === custodian)
        .map(({ id }) => id as OpaqueRecordId)
      const shown = { sector, agency, n: recordIds.length }
      return {
        custodian,
        agency,
        state,
        ...askedFor(asked.get(custodian)),
        recordIds,
        ...showingIs(shown, practitioner?.agency ?? null, sourcesShown),
      }
    }),
    released: [...new Set(records.flatMap(releasedFields))].sort(),
    withheld: counted(
      disclosure.withheld.flatMap(({ policies, reason }) => policies.map((rule) => ({ rule, reason }))),
    ),
  }
}

function releasedFields({ type, fields, masked }: ShownRecord): string[] {
  const hidden = new Set(masked.filter(({ form }) => form === 'hidden').map(({ field }) => field))
  const shown = Object.keys(fields).filter((field) => fields[field] !== null && !hidden.has(field))
  return shown.map((field) => `${type}.${field}`)
}

function counted(
  withheld: readonly { rule: string; reason: string }[],
): AccessInput['disclosure']['withheld'] {
  const counts = new Map<string, { rule: string; reason: string; n: number }>()
  for (const { rule, reason } of withheld) {
    const key = `${rule} ${reason}`
    counts.set(key, { rule, reason, n: (counts.get(key)?.n ?? 0) + 1 })
  }
  return [...counts.values()].sort((a, b) => a.rule.localeCompare(b.rule))
}

type AccessOutcome = Outcome | { readonly kind: 'requested' }

function outcomeOf({ plan }: AccessNotes, outcome: AccessOutcome): AccessInput['outcome'] {
  if (outcome.kind === 'released') return outcome
  if (outcome.kind !== 'requested') return { kind: outcome.kind, refusal: outcome.refusal.code }
  const asked = plan?.asks.map((ask) => {
    const { id, agency, sector } = ask.connection.custodian
    return { custodian: id, agency, ...askedFor(ask), ...askingIs(sector) }
  })
  return { kind: 'requested', asked: asked ?? [] }
}

const subjectsOf = ({ children }: AccessNotes) => children.map((pid) => ({ pid, relation: 'child' as const }))

export const completionOf = (notes: AccessNotes, at: Date, delivery: Delivery): CompletionInput => ({
  eventId: notes.eventId,
  at,
  traceparent: notes.traceparent,
  subjects: subjectsOf(notes),
  delivery,
})

export function accessOf(notes: AccessNotes, outcome: AccessOutcome): AccessInput {
  const { who, practitioner, question, reason, emergency, plan, disclosure } = notes
  const agreements = plan?.asks.flatMap(({ agreement }) => agreement ?? []) ?? []
  const policies = disclosure === null ? [] : policiesOf(disclosure)
  return {
    outcome: outcomeOf(notes, outcome),
    eventId: notes.eventId,
    at: notes.at,
    traceparent: notes.traceparent,
    actor: who && {
      subject: who.subject,
      issuer: who.issuer,
      agency: practitioner?.agency ?? null,
      role: practitioner?.role ?? null,
      authn: { acr: who.acr, jti: who.tokenId, at: who.authenticatedAt },
    },
    subjects: subjectsOf(notes),
    purpose: reason && { code: reason.purpose, caseReference: reason.caseReference },
    threshold: reason?.threshold ?? null,
    emergency:
      emergency && reason?.breakGlass
        ? { openedBy: emergency.openedBy, reason: reason.breakGlass.reason }
        : null,
    basis: reason && { ...reason.lawfulBasis, agreements: [...new Set(agreements)].sort() },
    operation: {
      kind: question === null ? 'unknown' : (question.operation.operation as 'query' | 'mutation'),
      name: notes.operation ?? question?.operation.name?.value ?? null,
      document: question?.source ?? null,
      variables: question?.variables ?? null,
    },
    decision: { bundle: notes.bundle?.version ?? null, policies },
    disclosure: disclosureOf(notes, outcome),
  }
}
