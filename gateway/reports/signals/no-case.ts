/**
 * Asked about a child without a live case relationship: refused and not put right, or answered where the register knows
 * no relationship any more. Emergencies are none: each of them has its own review.
 */
import type { SignalRules } from '../signal-rules.ts'
import { apart, byPractitioner, type Question, type Signal, signalAt } from './signal.ts'

export function noCaseSignals(
  questions: readonly Question[],
  { mendWithinHours }: SignalRules['no-case'],
): Signal[] {
  const within = mendWithinHours * 60 * 60_000
  return [...byPractitioner(questions).values()].flatMap((hers) =>
    hers.flatMap((question) => {
      if (question.emergency) return []
      if (question.refusal === 'NO_CASE_RELATIONSHIP') {
        const mended = hers.some(
          (other) =>
            other.child === question.child &&
            other.decision === 'RELEASED' &&
            apart(other, question) <= within,
        )
        const words = `refused for want of a case, and no question about the child was answered within ${mendWithinHours} hours`
        return mended ? [] : [signalAt('no-case', question, words)]
      }
      if (question.decision !== 'RELEASED' || question.relationshipLive !== false) return []
      const words = 'answered, but the register now knows no case relationship of hers that was live then'
      return [signalAt('no-case', question, words)]
    }),
  )
}
