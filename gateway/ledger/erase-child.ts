/**
 * Erases one child from the ledger: the row that ties her to her pseudonym, and every record that names it, with its
 * grounds. Their places in the log stand, so that the log still verifies. Refuses while a record of hers has no place
 * yet: one that is gone before it has one would be missing from the log itself. Agencies that hold copies are told.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import { inTransaction } from '../access/transaction.ts'
import { heldCopies } from './agency-copy.ts'
import type { HeldCopies } from './agency-erasure.ts'
import { type ErasureSettings, putOnRecord } from './erasure.ts'
import { ERASURE } from './erasure-count.ts'
import type { Pseudonym } from './pseudonym.ts'

export interface EraseSettings extends ErasureSettings {
  /** milliseconds in which an access that has begun reaches the ledger: the deadlines of custodians and ledger */
  readonly settleMs: number
}

export interface Erased {
  /** of the record that tells of the erasure */
  readonly eventId: string
  readonly records: number
  /** of these so many were about other children as well: a desk's list */
  readonly shared: number
  /** who is told, on its own topic, and how many copies it was given */
  readonly agencies: readonly HeldCopies[]
}

/** Records that name the child; not those that tell of her erasure, which readers need to follow it. */
const HERS = `
  SELECT event_id, partition_key FROM access_event
  WHERE (partition_key = $1 OR position(convert_to($1, 'UTF8') IN body) > 0)
    AND position('${ERASURE}'::bytea IN body) = 0`
/** Accesses that name her and have begun and not ended: custodians are asked, or the answer is being read. */
const UNDER_WAY = `
  WITH told AS (
    SELECT event_id, said ->> 'type' AS type, said #>> '{data,access}' AS access
    FROM (
      SELECT event_id, convert_from(body, 'UTF8')::json AS said FROM access_event JOIN (${HERS}) hers USING (event_id)
      WHERE occurred_at BETWEEN $2 AND $3
    ) AS recent
  )
  SELECT 1 FROM told WHERE
    (type = 'sightline.access.requested.v1'
      AND NOT EXISTS (SELECT FROM told ended WHERE ended.event_id::text = told.access))
    OR (type = 'sightline.access.released.v1' AND NOT EXISTS (
      SELECT FROM told ended WHERE ended.type = 'sightline.access.completed.v1' AND ended.access = told.access))
  LIMIT 1`
/** What began so long ago and has not ended was cut off: a custodian's own deadline is half of it at most. */
const ENDS_WITHIN = 60_000 // milliseconds
const UNPLACED = `SELECT 1 FROM access_pending JOIN (${HERS}) hers USING (event_id) LIMIT 1`
const PLACING_TRIES = 20
const LOOK = 500 // milliseconds between two tries

/**
 * May be called again after a failure, also where the map row is gone already.
 * @throws Refusal CHILD_UNKNOWN, LEDGER_NOT_PLACED, ERASURE_NOT_SIGNED
 */
export async function eraseChild(settings: EraseSettings, pid: Pseudonym): Promise<Erased> {
  const { pool, settleMs } = settings
  // first, so that a question asked from now on draws another pseudonym
  const { rowCount: tied } = await pool.query('DELETE FROM child_pseudonym WHERE pid = $1', [pid])
  await pause(settleMs)
  await allEnded(settings, pid)
  await allPlaced(pool, pid)
  const { rows } = await pool.query<{ event_id: string; partition_key: string }>(HERS, [pid])
  // what stands nowhere may be anybody's words, and would stand in the ledger for ever
  if (tied === 0 && rows.length === 0)
    throw new Refusal('CHILD_UNKNOWN', 'the ledger knows no child under this pseudonym; nothing was erased')
  const shared = rows.filter(({ partition_key: key }) => key !== pid).length
  const ids = rows.map(({ event_id: id }) => id)
  const agencies = await copiesOf(pool, ids)
  const eventId = await putOnRecord(settings, pid, rows.length, agencies)
  await inTransaction(pool, async (client) => {
    await client.query('SET LOCAL synchronous_commit = on')
    await client.query('DELETE FROM access_grounds WHERE event_id = ANY($1)', [ids])
    await client.query('DELETE FROM access_event WHERE event_id = ANY($1)', [ids])
  })
  return { eventId, records: rows.length, shared, agencies }
}

const TOGETHER = 1_000 // records

async function copiesOf(pool: Pool, ids: readonly string[]): Promise<HeldCopies[]> {
  const sums = new Map<string, number>()
  for (let from = 0; from < ids.length; from += TOGETHER) {
    const { rows } = await pool.query<{ body: Buffer }>(
      'SELECT body FROM access_event WHERE event_id = ANY($1)',
      [ids.slice(from, from + TOGETHER)],
    )
    for (const { agency, copies } of heldCopies(rows.map(({ body }) => body)))
      sums.set(agency, (sums.get(agency) ?? 0) + copies)
  }
  return [...sums].map(([agency, copies]) => ({ agency, copies }))
}

async function allEnded({ pool, clock }: EraseSettings, pid: Pseudonym): Promise<void> {
  await noneLeft(ENDS_WITHIN / LOOK, () => {
    const now = clock().getTime()
    return pool.query(UNDER_WAY, [pid, new Date(now - ENDS_WITHIN), new Date(now + ENDS_WITHIN)])
  })
}

async function allPlaced(pool: Pool, pid: Pseudonym): Promise<void> {
  if (await noneLeft(PLACING_TRIES, () => pool.query(UNPLACED, [pid]))) return
  throw new Refusal(
    'LEDGER_NOT_PLACED',
    'accesses of this child have no place in the log yet, so nothing of them was erased; start the gateway and try again',
  )
}

/** @returns whether a look found nothing any more, within so many tries */
async function noneLeft(tries: number, look: () => Promise<{ readonly rows: readonly unknown[] }>) {
  for (let n = 0; n < tries; n += 1) {
    if ((await look()).rows.length === 0) return true
    await pause(LOOK)
  }
  return false
}
