/**
 * The desk, where agency reviewers decide what is left to them, and IG leads review emergencies, decisions not to share
 * and all accesses. Refuses everybody whose role an operation is not for; what it does is recorded like every question.
 */
import type { GraphQLSchema } from 'graphql'
import type { DeskAnswers, DeskField, Finding } from '../../schema/desk.ts'
import type { AccessFilter } from '../../schema/read-access.ts'
import { Refusal } from '../../schema/refusal.ts'
import type { Emergencies } from '../access/break-glass.ts'
import type { Pseudonym } from '../ledger/pseudonym.ts'
import type { Question } from '../question.ts'
import { accessesFor } from '../reader/accesses.ts'
import { type ExplainingSettings, explanationFor } from '../reader/explained.ts'
import type { ReadingSettings } from '../reader/reading.ts'
import type { Compose } from '../sharing/compose.ts'
import { type DeskQuestion, deskQuestion } from './desk-question.ts'
import { decisionsNotToShare } from './not-shared.ts'
import { decideReview, type StatedDecision } from './review-decision.ts'
import type { ReviewSettings } from './review-standing.ts'
import { REVIEWER, type Reviewer } from './reviewer.ts'
import { waitingFor } from './waiting.ts'

export interface Desk {
  readonly schema: GraphQLSchema
  readonly compose: Compose
  readonly reviews: ReviewSettings
  readonly emergencies: Pick<Emergencies, 'toReview' | 'close'>
  readonly reading: ReadingSettings
  readonly explaining: ExplainingSettings
}

/** What the ledger is told of an operation, whatever its document called it. */
export interface DeskNotes {
  readonly eventId: string
  readonly at: Date
  operation: string | null
  /** whom it was about */
  children: readonly Pseudonym[]
}

const IG_LEAD = 'ig-lead'

/** Under which name each operation is recorded, and for whom it is. */
const OPERATIONS: Readonly<Record<DeskField, { readonly name: string; readonly roles: readonly string[] }>> =
  {
    reviews: { name: 'DeskReviews', roles: [REVIEWER] },
    decideReview: { name: 'DecideReview', roles: [REVIEWER] },
    decisionsNotToShare: { name: 'DecisionsNotToShare', roles: [IG_LEAD, REVIEWER] },
    emergencyReviews: { name: 'EmergencyReviews', roles: [IG_LEAD] },
    closeEmergencyReview: { name: 'CloseEmergencyReview', roles: [IG_LEAD] },
    explanation: { name: 'Explanation', roles: [IG_LEAD] },
    accesses: { name: 'Accesses', roles: [IG_LEAD] },
  }

/** For the ledger: words of the product's own. */
export const deskOperations: readonly string[] = Object.values(OPERATIONS).map(({ name }) => name)

const FINDINGS = {
  JUSTIFIED: 'justified',
  NOT_JUSTIFIED: 'not-justified',
  REFERRED: 'referred',
} as const satisfies Record<Finding, string>

/** @returns the body of the answer; of a document that asks for nothing, such as `{ __typename }`, too */
export async function answerDesk(
  question: Question,
  person: Reviewer,
  desk: Desk,
  notes: DeskNotes,
): Promise<string> {
  const asked = deskQuestion(question, desk.schema)
  if (asked === null) return desk.compose(question, null)
  const { name, roles } = OPERATIONS[asked.field]
  notes.operation = name
  if (!roles.includes(person.practitioner.role))
    throw new Refusal('ROLE_MAY_NOT_DO_THIS', `this part of the desk is for the role ${roles.join(' or ')}`)
  const answer = await perform(asked, person, desk, notes)
  return desk.compose(question, null, { ...answer, eventId: notes.eventId })
}

async function perform(
  { field, args }: DeskQuestion,
  person: Reviewer,
  { reviews: settings, emergencies, explaining, reading }: Desk,
  notes: DeskNotes,
): Promise<Partial<DeskAnswers>> {
  const now = notes.at
  const reader = { ...person.who, agency: person.practitioner.agency }
  switch (field) {
    case 'reviews': {
      const { reviews, children } = await waitingFor(settings, person, now)
      notes.children = children
      return { reviews }
    }
    case 'decideReview': {
      const { eventId } = notes
      const { decided, child } = await decideReview(settings, decisionFrom(args), {
        reviewer: person,
        eventId,
        now,
      })
      notes.children = child === null ? [] : [child]
      return { decideReview: decided }
    }
    case 'decisionsNotToShare': {
      const { role, agency } = person.practitioner
      return { decisionsNotToShare: await decisionsNotToShare(settings, role === REVIEWER ? agency : null) }
    }
    case 'emergencyReviews': {
      const open = await emergencies.toReview(now)
      return {
        emergencyReviews: open.map(({ name, role, agency, ...each }) => ({
          ...each,
          by: { name, role, agency },
          openedAt: each.openedAt.toISOString(),
          expires: each.expires.toISOString(),
          due: each.due.toISOString(),
        })),
      }
    }
    case 'closeEmergencyReview': {
      const { eventId, finding } = args as { readonly eventId: string; readonly finding: Finding }
      await emergencies.close({ eventId, by: person.who, finding: FINDINGS[finding], now })
      return { closeEmergencyReview: { eventId, finding } }
    }
    case 'explanation': {
      const asked = { eventId: String(args.eventId), now }
      const { explanation, children } = await explanationFor(explaining, reader, asked)
      notes.children = children
      return { explanation }
    }
    case 'accesses': {
      const { filter, first, after } = args as unknown as AccessesAsked
      const asked = { filter: filter ?? {}, first, after: after ?? null, now }
      const { page, children } = await accessesFor(reading, reader, asked)
      notes.children = children
      return { accesses: page }
    }
  }
}

interface AccessesAsked {
  readonly filter?: AccessFilter | null
  readonly first: number
  readonly after?: string | null
}

/** The schema made sure of the types; what was left out is null. */
function decisionFrom(args: DeskQuestion['args']): StatedDecision {
  const {
    id,
    decision,
    reasonClass = null,
    detriment = null,
    acknowledge = null,
  } = args as Omit<StatedDecision, 'reasonClass' | 'detriment' | 'acknowledge'> & Partial<StatedDecision>
  return { id, decision, reasonClass, detriment, acknowledge }
}
