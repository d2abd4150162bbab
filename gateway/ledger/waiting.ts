/**
 * How many accesses a topic has not been given yet, and since when the oldest waits. Tells counts only, never which. Of an
 * agency's topic it counts what was not looked through yet: whether it concerns the agency is not known before.
 */
import type { Pool } from 'pg'

export interface WaitingAccesses {
  readonly count: number
  /** when the oldest of them was made; null where none waits */
  readonly oldest: Date | null
}

/** Records of a child who was erased, or of before the retention, stand no longer: the next that stands is the oldest. */
const WAITING = `
  WITH unplaced AS (
    SELECT count(*) AS n, min(occurred_at) AS oldest FROM access_pending
  ), topics AS (
    SELECT topic, coalesce(through, -1) AS through
    FROM unnest($1::text[]) AS topic LEFT JOIN access_relayed USING (topic)
  )
  SELECT topic, (unplaced.n + coalesce((SELECT max(idx) FROM access_leaf), -1) - through)::float8 AS count,
    least(unplaced.oldest, (
      SELECT occurred_at FROM access_leaf JOIN access_event USING (event_id)
      WHERE idx > through AND idx <= through + 1000 ORDER BY idx LIMIT 1)) AS oldest
  FROM topics, unplaced`

export async function waitingByTopic(
  pool: Pool,
  topics: readonly string[],
): Promise<Map<string, WaitingAccesses>> {
  const { rows } = await pool.query<WaitingAccesses & { topic: string }>(WAITING, [topics])
  return new Map(rows.map(({ topic, count, oldest }) => [topic, { count, oldest }]))
}

export async function waitingAccesses(pool: Pool, topic: string): Promise<WaitingAccesses> {
  return (await waitingByTopic(pool, [topic])).get(topic) ?? { count: 0, oldest: null }
}
