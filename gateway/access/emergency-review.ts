/**
 * The review that follows every emergency access: an IG lead reads the reason and says what she found. Refuses a second
 * closing, and a review of one's own. Once it is closed the reason is wiped; the finding stays.
 */
import type { Pool } from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import type { SealedBox } from '../ledger/sealed-box.ts'
import type { SignedIn } from './authenticate.ts'

/** Our own codes; no standard has any. `referred`: handed on, to the agency's manager or to the police. */
export const findings = ['justified', 'not-justified', 'referred'] as const
export type Finding = (typeof findings)[number]

/** What the IG lead reads. Which child it was stands in the ledger, under the event id. */
export interface EmergencyReview {
  readonly eventId: string
  readonly openedAt: Date
  readonly expires: Date
  readonly due: Date
  readonly overdue: boolean
  readonly name: string
  readonly agency: string
  readonly role: string
  readonly reason: string
}

export interface ReviewClosed {
  readonly eventId: string
  readonly by: SignedIn
  readonly finding: Finding
  readonly now: Date
}

const OPEN = `
  select event_id as "eventId", opened_at as "openedAt", expires, due, due <= $1 as overdue, name, agency, role,
    reason as sealed
  from emergency where closed_at is null order by due, opened_at`

export async function reviewsOpen(pool: Pool, box: SealedBox, now: Date): Promise<EmergencyReview[]> {
  const { rows } = await pool.query<Omit<EmergencyReview, 'reason'> & { sealed: Buffer }>(OPEN, [now])
  return rows.map(({ sealed, ...review }) => ({ ...review, reason: box.open(sealed).toString() }))
}

/** The reason is gone for every reader at once; what PostgreSQL clears away later is encrypted. */
const CLOSE = `
  update emergency set finding = $4, closed_at = $5, closed_by_issuer = $2, closed_by_subject = $3, reason = null
  where event_id = $1 and closed_at is null and (issuer, subject) <> ($2, $3)`

const STATE = `
  select closed_at is not null as closed from emergency where event_id = $1`

const EVENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const unknown = () =>
  new Refusal('REVIEW_UNKNOWN', 'no emergency access was opened by the event you named; check the event id')

export async function closeReview(pool: Pool, { eventId, by, finding, now }: ReviewClosed): Promise<void> {
  if (!EVENT_ID.test(eventId)) throw unknown()
  const { rowCount } = await pool.query(CLOSE, [eventId, by.issuer, by.subject, finding, now])
  if (rowCount === 1) return
  const { rows } = await pool.query<{ closed: boolean }>(STATE, [eventId])
  if (rows[0] === undefined) throw unknown()
  if (rows[0].closed)
    throw new Refusal('REVIEW_CLOSED', 'this review is closed already; its finding stands in the record')
  throw new Refusal('REVIEW_OWN', 'nobody reviews her own emergency access; ask another IG lead')
}
