/** Whether anybody who could know that the child's whereabouts are confidential was not heard: a missing word is no leave. */
import type { AnswerState } from './answer-state.ts'
import type { CustodianAnswer } from './picture.ts'

/**
 * Nothing came back from these, so that a label of theirs hides nothing. Whoever is not connected is left out: that is
 * so for every child, and a caution that always stands there is read by nobody.
 */
const UNHEARD: readonly AnswerState[] = ['NOT_ASKED', 'UNDER_REVIEW', 'DID_NOT_ANSWER']

/** @see docs/decisions/0011-whereabouts-labels-hold-everywhere.md */
export const whereaboutsUnchecked = (answers: readonly CustodianAnswer[]): CustodianAnswer[] =>
  answers.filter(({ state }) => UNHEARD.includes(state))
