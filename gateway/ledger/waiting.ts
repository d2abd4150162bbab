/** How many accesses Kafka does not have yet, and since when the oldest waits. Tells counts only, never which. */
import type { Pool } from 'pg'

export interface WaitingAccesses {
  readonly count: number
  /** when the oldest of them was made; null where none waits */
  readonly oldest: Date | null
}

const WAITING = `
  WITH relayed AS (
    SELECT coalesce((SELECT through FROM access_relayed WHERE topic = $1), -1) AS through
  ), unplaced AS (
    SELECT count(*) AS n, min(occurred_at) AS oldest FROM access_pending
  ), unsent AS (
    SELECT coalesce((SELECT max(idx) FROM access_leaf), -1) - through AS n,
      (SELECT occurred_at FROM access_leaf JOIN access_event USING (event_id) WHERE idx = through + 1) AS oldest
    FROM relayed
  )
  SELECT (unplaced.n + unsent.n)::float8 AS count, least(unplaced.oldest, unsent.oldest) AS oldest
  FROM unplaced, unsent`

export async function waitingAccesses(pool: Pool, topic: string): Promise<WaitingAccesses> {
  const { rows } = await pool.query<WaitingAccesses>(WAITING, [topic])
  return rows[0] ?? { count: 0, oldest: null }
}
