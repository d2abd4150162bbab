/** Writes an answer. It takes a receipt that only the ledger can make, so that an unrecorded answer does not compile. */
import { Refusal } from '../schema/refusal.ts'
import { SIGN_IN_AGAIN } from './access/break-glass.ts'
import type { DurableReceipt } from './ledger/append.ts'

export interface HttpAnswer {
  readonly status: number
  readonly body: string
  /** `www-authenticate`, where another sign-in is needed */
  readonly challenge?: string
}

/** What an attempt came to, before it is recorded. */
export type Outcome =
  | { readonly kind: 'released'; readonly body: string }
  | { readonly kind: 'denied' | 'failed'; readonly refusal: Refusal }

const STATUS: readonly (readonly [pattern: RegExp, status: number])[] = [
  [/^(TOKEN_|FRESH_SIGN_IN_)/, 401],
  [
    /^(ROLE_|NOMINATION_|NOT_NOMINATED|NO_CASE_|PRACTITIONER_|PURPOSE_NOT_PERMITTED|CONFLICT_|BREAK_GLASS_NOT_YOURS|OWN_QUESTION|REVIEW_OWN)/,
    403,
  ],
  [/^(LEDGER_|STORE_|IDENTITY_PROVIDER_)/, 503],
  [/^FAULT$/, 500],
]

const statusOf = (code: string) => STATUS.find(([pattern]) => pattern.test(code))?.[1] ?? 400

const refusalBody = ({ code, message }: Refusal, eventId: string | null) =>
  JSON.stringify({
    errors: [{ message, extensions: { code, eventId } }],
    extensions: { sightline: { eventId } },
  })

export function respond(receipt: DurableReceipt, outcome: Outcome): HttpAnswer {
  if (outcome.kind === 'released') return { status: 200, body: outcome.body }
  const { code } = outcome.refusal
  const answer = { status: statusOf(code), body: refusalBody(outcome.refusal, receipt.eventId) }
  if (answer.status !== 401) return answer
  return { ...answer, challenge: code === 'FRESH_SIGN_IN_NEEDED' ? SIGN_IN_AGAIN : 'Bearer' }
}

/** Why nothing can be recorded now, in the caller's words. */
const WITHHELD: Readonly<Record<string, string>> = {
  LEDGER_UNAVAILABLE: 'the access cannot be recorded, so nothing is shown; try again shortly',
  LEDGER_DEADLINE: 'the access was not recorded in time, so nothing is shown; try again shortly',
  LEDGER_BUSY: 'too many accesses wait to be recorded, so nothing is shown; try again in a moment',
}

/**
 * The one thing that may be said without a receipt: that nothing can be recorded, and so nothing is shown.
 * @param why what appending threw; a fault that is none of the ledger's own refusals is told as a ledger that cannot
 *   record
 */
export function withhold(why: unknown): HttpAnswer {
  const code = why instanceof Refusal && Object.hasOwn(WITHHELD, why.code) ? why.code : 'LEDGER_UNAVAILABLE'
  const refusal = new Refusal(code, `${WITHHELD[code]}, and if the child is in danger now ring the agencies`)
  return { status: 503, body: refusalBody(refusal, null) }
}
