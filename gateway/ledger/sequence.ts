/**
 * Gives the records of the outbox their places in the log: contiguous from 0, each record exactly once, with the hash
 * of its bytes. Takes from a set, so a transaction that commits late is only placed later, never passed over.
 */
import type { Client } from 'pg'

/**
 * One statement, so one transaction: a record leaves the outbox if, and only if, it has a place. Each body is looked up by
 * its id, which `OFFSET 0` holds PostgreSQL to: a plan made while the table was small would read all of it each time.
 */
const SEQUENCE = {
  name: 'sightline-sequence',
  text: `
    WITH taken AS (
      DELETE FROM access_pending WHERE (occurred_at, event_id) IN (
        SELECT occurred_at, event_id FROM access_pending ORDER BY occurred_at, event_id LIMIT $1
      ) RETURNING occurred_at, event_id
    ), next AS (
      SELECT coalesce(max(idx) + 1, 0) AS first FROM access_leaf
    )
    INSERT INTO access_leaf (idx, event_id, sha256)
    SELECT first + row_number() OVER (ORDER BY taken.occurred_at, taken.event_id) - 1, taken.event_id, stored.sha256
    FROM taken, next, LATERAL (
      SELECT sha256(body) FROM access_event WHERE access_event.event_id = taken.event_id OFFSET 0
    ) AS stored`,
}

/**
 * @param client with synchronous_commit on: a place that was sent to Kafka must never be given to another record
 * @returns how many records were placed; fewer than `atMost` means that the outbox was empty
 * @throws where another sequencer was faster: the contiguous primary key fences the slower one
 */
export async function sequence(client: Client, atMost: number): Promise<number> {
  const { rowCount } = await client.query({ ...SEQUENCE, values: [atMost] })
  return rowCount ?? 0
}
