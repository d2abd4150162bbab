/**
 * Opens what an agency's own person decides first: by the question that meets it, before its answer leaves, and once
 * however often it is asked. Refuses to keep a child's number longer than it waits.
 */
import { randomUUID } from 'node:crypto'
import type { PoolClient } from 'pg'
import type { AccessReason } from '../../schema/access-reason.ts'
import type { SignedIn } from '../access/authenticate.ts'
import type { Practitioner } from '../access/register.ts'
import { inTransaction } from '../access/transaction.ts'
import { nextWorkingDay } from '../access/working-day.ts'
import type { UnderReview } from '../sharing/plan.ts'
import { sealIn } from './review-box.ts'
import { HOLDS_FOR, hashesOf, type ReviewScope, type ReviewSettings, standings } from './review-standing.ts'

/** Milliseconds; our own choice, no statute sets one. By the clock: at section 47 a child waits for no office hour. */
const DUE_AT_S47 = 2 * 60 * 60_000

export interface AskedForReview extends ReviewScope {
  readonly reason: AccessReason
  readonly who: SignedIn
  readonly practitioner: Practitioner
  readonly eventId: string
}

const WIPE_NUMBERS = `
  delete from review_number n using review r
  where r.id = n.review and r.opened_at + $2 * interval '1 millisecond' <= $1`

/** Opens what is not open, and what was decided too long ago. It is durable when this returns. */
export async function openReviews(
  settings: ReviewSettings,
  underReview: readonly UnderReview[],
  asked: AskedForReview,
): Promise<void> {
  if (underReview.length === 0) return
  const { child } = hashesOf(settings, asked)
  await inTransaction(settings.pool, async (client) => {
    await client.query('set local synchronous_commit = on')
    // two questions about one child at once open one review
    await client.query('select pg_advisory_xact_lock($1)', [child.readBigInt64BE().toString()])
    await client.query(WIPE_NUMBERS, [asked.now, HOLDS_FOR])
    const standing = await standings(settings, asked, client)
    for (const { custodian, recordTypes, rules } of underReview) {
      const unopened = recordTypes.filter((type) => standing(custodian.id, type).kind === 'none')
      if (unopened.length > 0)
        await insert(settings, client, asked, { custodian, recordTypes: unopened, rules })
    }
  })
}

async function insert(
  settings: ReviewSettings,
  client: PoolClient,
  asked: AskedForReview,
  { custodian, recordTypes, rules }: UnderReview,
): Promise<void> {
  const { box } = settings
  const { who, practitioner, reason, nhsNumber, eventId, now } = asked
  const { child, caseHash } = hashesOf(settings, asked)
  const { issuer, subject } = who
  const { role, agency } = practitioner
  const { rows } = await client.query<{ name: string }>(
    'select name from practitioner where issuer = $1 and subject = $2',
    [issuer, subject],
  )
  const id = randomUUID()
  const row = {
    id,
    event_id: eventId,
    child,
    case_hash: caseHash,
    custodian: custodian.id,
    agency: custodian.agency,
    record_types: recordTypes,
    rules,
    purpose: reason.purpose,
    threshold: reason.threshold,
    article6: reason.lawfulBasis.article6,
    condition: reason.lawfulBasis.condition,
    function: reason.lawfulBasis.function,
    opened_at: now,
    due: dueOf(asked, settings),
    asked_by: sealIn(box, id, { issuer, subject, name: rows[0]?.name ?? '', role, agency }),
  }
  const columns = Object.keys(row)
  await client.query(
    `insert into review (${columns.join(', ')}) values (${columns.map((_, place) => `$${place + 1}`).join(', ')})`,
    Object.values(row),
  )
  await client.query('insert into review_number (review, sealed) values ($1, $2)', [
    id,
    sealIn(box, id, { nhsNumber }),
  ])
}

/** Two hours at section 47, else a working day. */
const dueOf = ({ reason, now }: AskedForReview, { bankHolidays }: ReviewSettings): Date =>
  reason.threshold === 's47' ? new Date(now.getTime() + DUE_AT_S47) : nextWorkingDay(now, bankHolidays)
