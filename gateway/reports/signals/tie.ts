/** Asked about herself, a relative, or a colleague's: as the register knows it now, also where it was declared since. */
import type { SignalName } from '../signal-rules.ts'
import { outcomeWords, type Question, type Signal, signalAt } from './signal.ts'

const TIES = {
  SELF: { signal: 'self', words: 'she is the child' },
  RELATIVE: { signal: 'relative', words: 'she is a relative of the child' },
  COLLEAGUE: { signal: 'colleague', words: 'somebody at her agency is the child or a relative' },
} as const satisfies Record<string, { signal: SignalName; words: string }>

export const tieSignals = (questions: readonly Question[]): Signal[] =>
  questions.flatMap((question) => {
    if (question.tie === null) return []
    const { signal, words } = TIES[question.tie]
    return [
      signalAt(signal, question, `${words}, as the register knows; the question ${outcomeWords(question)}`),
    ]
  })
