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
  /** milliseconds in which accesses that are under way reach the ledger: the deadlines of custodians and ledger */
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
const UNPLACED = `SELECT 1 FROM access_pending JOIN (${HERS}) hers USING (event_id) LIMIT 1`
const PLACING = { tries: 20, every: 500 } // milliseconds

/** May be called again after a failure, also where the map row is gone already. @throws Refusal LEDGER_NOT_PLACED, ERASURE_NOT_SIGNED */
export async function eraseChild(settings: EraseSettings, pid: Pseudonym): Promise<Erased> {
  const { pool, settleMs } = settings
  // first, so that a question asked from now on draws another pseudonym
  await pool.query('DELETE FROM child_pseudonym WHERE pid = $1', [pid])
  await pause(settleMs)
  await allPlaced(pool, pid)
  const { rows } = await pool.query<{ event_id: string; partition_key: string }>(HERS, [pid])
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

async function allPlaced(pool: Pool, pid: Pseudonym): Promise<void> {
  for (let n = 0; n < PLACING.tries; n += 1) {
    if ((await pool.query(UNPLACED, [pid])).rows.length === 0) return
    await pause(PLACING.every)
  }
  throw new Refusal(
    'LEDGER_NOT_PLACED',
    'accesses of this child have no place in the log yet, so nothing of them was erased; start the gateway and try again',
  )
}
