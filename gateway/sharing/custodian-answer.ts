/** The one answer that a custodian gives to a question, as it is shown. */
import type { Custodian, CustodianReply } from '../../adapters/contract.ts'
import { type AnswerState, answerStates } from '../../schema/answer-state.ts'
import type { CustodianAnswer, NotAskedFor, Reason } from '../../schema/picture.ts'

interface Times {
  readonly asOf: string | null
  readonly fresh: boolean | null
  readonly searched: CustodianAnswer['searched']
}

const HOUR = 3_600_000

/** To the minute: the millisecond in which a live system answered would tell how long it took over this child. */
const toTheMinute = (moment: string | null) =>
  moment?.includes('T') ? `${moment.slice(0, 16)}:00.000Z` : moment

/** Of the custodian's data as a whole, never of the person's: they are the same whoever is asked about. */
function timesOf({ freshWithinHours }: Custodian, reply: CustodianReply | null, now: Date): Times {
  if (reply?.kind !== 'held' && reply?.kind !== 'not-held') return { asOf: null, fresh: null, searched: null }
  const { searched } = reply
  const asOf = toTheMinute(reply.asOf)
  const age = asOf === null ? null : now.getTime() - Date.parse(asOf)
  const fresh = freshWithinHours === null || age === null ? null : age <= freshWithinHours * HOUR
  return { asOf, fresh, searched }
}

export interface Given {
  readonly state: AnswerState
  readonly reason?: Reason | null
  readonly alsoWithheld?: readonly Reason[]
  readonly notAskedFor?: readonly NotAskedFor[]
}

/** @param reply null where the custodian was not asked */
export const custodianAnswer = (
  custodian: Custodian,
  { state, reason = null, alsoWithheld = [], notAskedFor = [] }: Given,
  reply: CustodianReply | null,
  now: Date,
): CustodianAnswer => ({
  custodian: custodian.id,
  name: custodian.name,
  agency: custodian.agency,
  sector: custodian.sector,
  state,
  words: answerStates[state],
  reason,
  alsoWithheld,
  notAskedFor,
  contact: custodian.contact,
  ...timesOf(custodian, reply, now),
})
