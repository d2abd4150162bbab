/** Prints what waits at the desk, and what was decided not to be shared, as blocks that a person reads. */
import { heading, type Json, list, object, text, when, wrapped } from './print-value.ts'

const INDENT = '      '

const spaced = (nhsNumber: string) => nhsNumber.replace(/^(\d{3})(\d{3})(\d{4})$/, '$1 $2 $3')

const titles = (kinds: unknown) => (Array.isArray(kinds) ? kinds.map(text).join(', ') : '')

const dueWords = ({ due, overdue }: Json) => `due ${when(due)}${overdue ? ', overdue' : ''}`

const personWords = (person: unknown): string => {
  const { name, role, agency } = object(person)
  return `${text(name)} (${text(role)}, ${text(agency)})`
}

function reviewLines(review: Json): string[] {
  const { article6, condition, function: relied } = object(review.lawfulBasis)
  const number = review.nhsNumber ? spaced(text(review.nhsNumber)) : 'wiped, as a decision was tried'
  const basis = [article6, condition, relied].map(text).join(', ')
  return [
    ...wrapped(`${titles(review.kinds)} · ${text(review.custodian)} · ${dueWords(review)}`, '  • '),
    ...wrapped(`NHS number ${number}`, INDENT),
    ...wrapped(`asked ${when(review.askedAt)} by ${personWords(review.askedBy)}`, INDENT),
    ...wrapped(`for ${text(review.purpose)} at ${text(review.threshold)}, relying on ${basis}`, INDENT),
    `${INDENT}${text(review.id)}`,
  ]
}

export function printedReviews({ reviews }: Json): string[] {
  const waiting = list(reviews)
  if (waiting.length === 0) return ['Nothing waits for a decision of your agency.']
  return [...heading('Waiting for your decision'), ...waiting.flatMap(reviewLines)]
}

export function printedEmergencies({ emergencyReviews }: Json): string[] {
  const open = list(emergencyReviews)
  if (open.length === 0) return ['No emergency access waits for its review.']
  return [
    ...heading('Emergency accesses to review'),
    ...open.flatMap((each) => [
      ...wrapped(`${personWords(each.by)} · ${dueWords(each)}`, '  • '),
      ...wrapped(`opened ${when(each.openedAt)}, ends ${when(each.expires)}: ${text(each.reason)}`, INDENT),
      `${INDENT}${text(each.eventId)}`,
    ]),
  ]
}

export function printedNotShared({ decisionsNotToShare }: Json): string[] {
  const decided = list(decisionsNotToShare)
  if (decided.length === 0) return ['', 'No agency decided not to share.']
  return [
    ...heading('Decided not to be shared'),
    ...decided.flatMap((each) => {
      const { moreDetrimental, recordedIn } = object(each.detriment)
      const test = `to share is ${moreDetrimental ? 'more' : 'not more'} detrimental to the child`
      return [
        ...wrapped(`${titles(each.kinds)} · ${text(each.custodian)}`, '  • '),
        ...wrapped(
          `decided ${when(each.decidedAt)} by ${text(object(each.decidedBy).name)}, until ${when(each.validUntil)}`,
          INDENT,
        ),
        ...wrapped(`${text(each.words)} [${text(each.reasonClass)}]`, INDENT),
        ...wrapped(
          `${test}; reasoning in ${text(recordedIn)}; ${each.acknowledged ? 'acknowledged' : 'not acknowledged'}`,
          INDENT,
        ),
        `${INDENT}${text(each.id)}`,
      ]
    }),
  ]
}
