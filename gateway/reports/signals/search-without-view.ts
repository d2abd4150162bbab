/** Looked up several children of whom nothing but who they are could be shown, and did not come back to any of them. */
import { isPersonal } from '../../../schema/person.ts'
import { dayOf } from '../../commands/print-value.ts'
import { kindOf } from '../reading.ts'
import type { SignalRules } from '../signal-rules.ts'
import { apart, byPractitioner, DAY, type Question, type Signal } from './signal.ts'

export function searchWithoutViewSignals(
  questions: readonly Question[],
  { children, days }: SignalRules['search-without-view'],
): Signal[] {
  const within = days * DAY
  return [...byPractitioner(questions).values()].flatMap((hers): Signal[] => {
    const empty = hers.filter(
      (question) => isEmpty(question) && !hers.some((other) => cameBack(other, question, within)),
    )
    const found: Signal[] = []
    for (let start = 0; start < empty.length; ) {
      const first = empty[start]
      if (first === undefined) break
      const run = empty.slice(start).filter((question) => apart(question, first) <= within)
      const about = new Set(run.map(({ child }) => child)).size
      if (about >= children) {
        found.push({
          signal: 'search-without-view',
          ...{ by: first.by, child: null, at: first.at, eventIds: run.map(({ eventId }) => eventId) },
          because: `${about} children within ${days} days from ${dayOf(first.at)}, of whom next to nothing could be shown`,
        })
        start += run.length
      } else start += 1
    }
    return found
  })
}

/**
 * Answered, and nothing was shown but who the child is and who is involved. Not where no system that was asked gave an
 * answer: there she could not have seen more, whatever she looked for.
 */
const isEmpty = (question: Question): boolean =>
  question.decision === 'RELEASED' &&
  !question.emergency &&
  !wasOutage(question) &&
  question.released.every((field) => isPersonal(kindOf(field)))

const wasOutage = ({ asked }: Question): boolean => {
  const under = asked.filter(({ recordTypes }) => recordTypes.length > 0)
  return under.length > 0 && under.every(({ state }) => state === 'DID_NOT_ANSWER')
}

const cameBack = (other: Question, question: Question, within: number): boolean =>
  other.child === question.child &&
  other.decision === 'RELEASED' &&
  !isEmpty(other) &&
  apart(other, question) <= within
