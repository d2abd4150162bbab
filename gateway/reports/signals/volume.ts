/** Asked about far more children on one day than others of her role usually do. */
import { dayOf } from '../../commands/print-value.ts'
import { ukDayOf } from '../../sharing/policy/uk-day.ts'
import type { SignalRules } from '../signal-rules.ts'
import { byPractitioner, type Question, type Signal } from './signal.ts'

interface PersonDay {
  readonly day: string
  readonly questions: readonly [Question, ...Question[]]
  readonly children: number
}

export function volumeSignals(questions: readonly Question[], rule: SignalRules['volume']): Signal[] {
  const days = [...byPractitioner(questions).values()].flatMap(daysOf)
  return days.flatMap(({ day, questions: [first, ...others], children }) => {
    const { role, subject } = first.by
    const usual = median(
      days
        .filter(({ questions: [each] }) => each.by.role === role && each.by.subject !== subject)
        .map((each) => each.children),
    )
    const limit = Math.max(rule.childrenADay, Math.ceil((usual ?? 0) * rule.timesUsual))
    if (children < limit) return []
    const others_ =
      usual === null ? 'nobody else of her role asked' : `others of her role ask about ${usual} a day`
    return [
      {
        signal: 'volume' as const,
        ...{ by: first.by, child: null, at: first.at },
        eventIds: [first, ...others].map(({ eventId }) => eventId),
        because: `${children} children on ${dayOf(day)}; ${others_}, and the limit is ${limit}`,
      },
    ]
  })
}

function daysOf(questions: readonly Question[]): PersonDay[] {
  const days = new Map<string, [Question, ...Question[]]>()
  for (const question of questions) {
    const day = ukDayOf(new Date(question.at))
    const known = days.get(day)
    if (known) known.push(question)
    else days.set(day, [question])
  }
  return [...days].map(([day, asked]) => ({
    ...{ day, questions: asked },
    children: new Set(asked.map(({ child }) => child)).size,
  }))
}

/** The lower one of the middle two; null of nothing. */
function median(numbers: readonly number[]): number | null {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}
