/** A signal: accesses worth a second look, with the reason in words. A question to ask, never a finding. */
import type { ReadAccess, ReadPerson } from '../../../schema/read-access.ts'
import type { SignalName } from '../signal-rules.ts'

export interface Signal {
  readonly signal: SignalName
  readonly by: ReadPerson
  /** null where it is about several */
  readonly child: string | null
  /** of the first access */
  readonly at: string
  readonly eventIds: readonly string[]
  /** what was seen, and what it was held against */
  readonly because: string
}

/** A question about one child: both are known. */
export interface Question extends ReadAccess {
  readonly by: ReadPerson
  readonly child: string
}

export const signalAt = (signal: SignalName, question: Question, because: string): Signal => ({
  ...{ signal, because, by: question.by, child: question.child, at: question.at },
  eventIds: [question.eventId],
})

/** By practitioner, oldest first. */
export function byPractitioner(questions: readonly Question[]): Map<string, Question[]> {
  const found = new Map<string, Question[]>()
  for (const question of [...questions].sort((a, b) => a.at.localeCompare(b.at)))
    found.set(question.by.subject, [...(found.get(question.by.subject) ?? []), question])
  return found
}

export const outcomeWords = ({ decision, refusal }: ReadAccess): string =>
  decision === 'RELEASED'
    ? 'was answered'
    : decision === 'DENIED'
      ? `was refused (${refusal})`
      : 'came to nothing'

export const DAY = 24 * 60 * 60_000 // milliseconds
export const apart = (one: ReadAccess, other: ReadAccess): number =>
  Math.abs(Date.parse(one.at) - Date.parse(other.at))
