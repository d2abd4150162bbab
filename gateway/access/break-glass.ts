/**
 * Emergency access to one child, by named right, with a reason and a fresh sign-in, for sixty minutes. It is open only
 * once its review and its alert are durable. Refuses who is tied to the child, and one sign-in for two emergencies.
 */
import type { Pool, PoolClient } from 'pg'
import type { NhsNumber } from '../../schema/nhs-number.ts'
import { Refusal } from '../../schema/refusal.ts'
import type { SealedBox } from '../ledger/sealed-box.ts'
import type { Alerts } from './alert.ts'
import type { SignedIn } from './authenticate.ts'
import type { ChildKeys } from './child-keys.ts'
import { refuseConflict } from './conflict.ts'
import { closeReview, type EmergencyReview, type ReviewClosed, reviewsOpen } from './emergency-review.ts'
import type { Conflict, Practitioner } from './register.ts'
import { inTransaction } from './transaction.ts'
import { nextWorkingDay } from './working-day.ts'

export interface EmergencyAsked {
  readonly who: SignedIn
  readonly practitioner: Practitioner
  readonly nhsNumber: NhsNumber
  /** in her own words; rests encrypted until the review is closed */
  readonly reason: string
  /** what the register says of her and this child */
  readonly conflict: Conflict | null
  readonly eventId: string
  readonly now: Date
}

export interface OpenEmergency {
  /** id of the access that opened it */
  readonly openedBy: string
  readonly expires: Date
}

export interface Emergencies {
  /**
   * Opens emergency access, or goes on with the one that is open.
   * @throws Refusal BREAK_GLASS_NOT_YOURS, BREAK_GLASS_REASON_TOO_SHORT, BREAK_GLASS_REASON_TOO_LONG,
   *   FRESH_SIGN_IN_NEEDED, CONFLICT_OF_INTEREST: the first that applies, in this order
   */
  open(asked: EmergencyAsked): Promise<OpenEmergency>
  /** what the IG lead has to review, what is due first first */
  toReview(now: Date): Promise<readonly EmergencyReview[]>
  /**
   * Ends the emergency too, where it is not over: no access may follow the review.
   * @throws Refusal REVIEW_UNKNOWN, REVIEW_CLOSED, REVIEW_OWN
   */
  close(closed: ReviewClosed): Promise<void>
}

const ROLES = ['lcpp', 'social-worker']
const OPEN_FOR = 60 * 60_000 // milliseconds
/** Seconds; what the identity provider is asked for as `max_age`. */
export const SIGN_IN_AT_MOST = 300
const CLOCKS_DIFFER = 5 // seconds by which the identity provider's clock may be ahead
const REASON = { shortest: 20, longest: 1_000 } // characters

/** Tells a client to have her sign in anew: RFC 9470, section 3. Goes with FRESH_SIGN_IN_NEEDED. */
export const SIGN_IN_AGAIN = `Bearer error="insufficient_user_authentication", error_description="a fresh sign-in is needed", max_age="${SIGN_IN_AT_MOST}"`

function refuseWithoutRight({ role, breakGlassRight }: Practitioner): void {
  if (breakGlassRight && ROLES.includes(role)) return
  throw new Refusal(
    'BREAK_GLASS_NOT_YOURS',
    'you do not hold the right to open emergency access; if the child is in danger now ring 999, then your duty manager',
  )
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What was typed, without invisible characters that only make it longer. */
function readReason(typed: string): string {
  const words = typed
    .normalize('NFC')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  const read = Array.from(characters.segment(words.toLowerCase()), ({ segment }) => segment)
  const distinct = new Set(read.filter((character) => character !== ' ')).size
  if (read.length < REASON.shortest || distinct < 2)
    throw new Refusal(
      'BREAK_GLASS_REASON_TOO_SHORT',
      `say in ${REASON.shortest} characters or more why this cannot wait; your information-governance lead will read it`,
    )
  if (read.length > REASON.longest)
    throw new Refusal('BREAK_GLASS_REASON_TOO_LONG', `a reason may have ${REASON.longest} characters`)
  return words
}

const freshSignInNeeded = () =>
  new Refusal(
    'FRESH_SIGN_IN_NEEDED',
    'emergency access needs a sign-in of the last five minutes that has opened no other; sign in again and repeat the question',
  )

function freshSignIn({ authenticatedAt }: SignedIn, now: Date): Date {
  const age = authenticatedAt === null ? Number.NaN : (now.getTime() - authenticatedAt.getTime()) / 1000
  if (authenticatedAt === null || !(age >= -CLOCKS_DIFFER && age <= SIGN_IN_AT_MOST))
    throw freshSignInNeeded()
  return authenticatedAt
}

export interface EmergencySettings {
  readonly pool: Pool
  readonly keys: Pick<ChildKeys, 'lookupOf'>
  readonly alerts: Alerts
  /** for the use `emergency-reason` */
  readonly box: SealedBox
  readonly bankHolidays: ReadonlySet<string>
}

export function openEmergencies(settings: EmergencySettings): Emergencies {
  const { pool, keys, alerts, box, bankHolidays } = settings

  async function openNow(db: Pool | PoolClient, { who, nhsNumber, now }: EmergencyAsked) {
    const { rows } = await db.query<OpenEmergency>(
      `select event_id as "openedBy", expires from emergency
      where issuer = $1 and subject = $2 and child = $3 and closed_at is null and expires > $4
      order by expires desc limit 1`,
      [who.issuer, who.subject, keys.lookupOf(nhsNumber), now],
    )
    return rows[0] ?? null
  }

  /** All in one transaction: without its review or its alert nothing is open. Her row in the register is the lock. */
  async function begin(client: PoolClient, asked: EmergencyAsked, reason: string, signedInAt: Date) {
    const { who, practitioner, nhsNumber, eventId, now } = asked
    const hers = [who.issuer, who.subject]
    const { rows } = await client.query<{ name: string }>(
      'select name from practitioner where issuer = $1 and subject = $2 for no key update',
      hers,
    )
    const meanwhile = await openNow(client, asked)
    if (meanwhile !== null) return meanwhile
    const { rowCount: used } = await client.query(
      'select from emergency where issuer = $1 and subject = $2 and signed_in_at >= $3',
      [...hers, signedInAt],
    )
    if (used !== 0) throw freshSignInNeeded()
    const { agency, role } = practitioner
    const expires = new Date(now.getTime() + OPEN_FOR)
    await client.query(
      `insert into emergency (event_id, child, issuer, subject, name, agency, role, signed_in_at, opened_at,
        expires, reason, due) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        eventId,
        keys.lookupOf(nhsNumber),
        ...hers,
        rows[0]?.name,
        agency,
        role,
        signedInAt,
        now,
        expires,
        box.seal(Buffer.from(reason)),
        nextWorkingDay(now, bankHolidays),
      ],
    )
    await alerts.raiseWithin(client, { kind: 'BREAK_GLASS', eventId, agency, role, at: now })
    return { openedBy: eventId, expires }
  }

  return {
    async open(asked) {
      refuseWithoutRight(asked.practitioner)
      const reason = readReason(asked.reason)
      const open = await openNow(pool, asked)
      if (open !== null) {
        refuseConflict(asked.conflict)
        return open
      }
      const signedInAt = freshSignIn(asked.who, asked.now)
      refuseConflict(asked.conflict)
      const opened = await inTransaction(pool, (client) => begin(client, asked, reason, signedInAt))
      alerts.deliver()
      return opened
    },
    toReview: (now) => reviewsOpen(pool, box, now),
    close: (closed) => closeReview(pool, closed),
  }
}
