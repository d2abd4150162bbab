/**
 * Keeps the grounds of decisions beside the accesses, and reads them again, so that a decision can be explained and
 * replayed. Grounds rest compressed and encrypted. An access that was refused before any decision has none.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Pool } from 'pg'
import { type Grounds, readGrounds, writeGrounds } from '../sharing/policy/grounds.ts'
import type { PastAccess } from '../sharing/policy/past-access.ts'
import { EVENT_ID } from './ledger-event.ts'
import { sealedBox } from './sealed-box.ts'

export interface PastAccesses {
  /** what `append` stores beside the record */
  seal(grounds: Grounds): Buffer
  /** null where there is no such access, or nothing was decided */
  find(eventId: string): Promise<PastAccess | null>
  /** oldest first; @param until the first instant that is left out */
  between(from: Date, until: Date): AsyncGenerator<PastAccess>
}

const PAGE = 500

const SELECT = `
  SELECT event_id, occurred_at, partition_key, sealed,
    convert_from(body, 'UTF8')::json #>> '{data,actor,subject}' AS who
  FROM access_event JOIN access_grounds USING (event_id)`
const ONE = `${SELECT} WHERE event_id = $1`
/** A cursor: sorted once, however many there are. */
const BETWEEN = `DECLARE past NO SCROLL CURSOR FOR ${SELECT}
  WHERE occurred_at >= $1 AND occurred_at < $2 ORDER BY occurred_at, event_id`

interface Row {
  readonly event_id: string
  readonly occurred_at: Date
  readonly partition_key: string
  readonly sealed: Buffer
  readonly who: string | null
}

export function pastAccesses({ pool, key }: { pool: Pool; key: Buffer }): PastAccesses {
  const box = sealedBox(key, 'grounds')
  const read = (row: Row): PastAccess => ({
    eventId: row.event_id,
    at: row.occurred_at,
    who: row.who ?? 'unknown',
    child: row.partition_key.startsWith('p-') ? row.partition_key : null,
    grounds: readGrounds(inflateRawSync(box.open(row.sealed))),
  })
  return {
    // level 1: classes of record repeat themselves, and the answer waits for this
    seal: (grounds) => box.seal(deflateRawSync(writeGrounds(grounds), { level: 1 })),

    async find(eventId) {
      if (!EVENT_ID.test(eventId)) return null
      const { rows } = await pool.query<Row>(ONE, [eventId])
      return rows[0] ? read(rows[0]) : null
    },

    async *between(from, until) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN READ ONLY')
        await client.query(BETWEEN.replace('$1', instant(from)).replace('$2', instant(until)))
        for (;;) {
          const { rows } = await client.query<Row>(`FETCH ${PAGE} FROM past`)
          if (rows.length === 0) return
          yield* rows.map(read)
        }
      } finally {
        await client.query('ROLLBACK').catch(() => undefined)
        client.release()
      }
    },
  }
}

/** A cursor takes no parameters. */
const instant = (at: Date): string => `'${at.toISOString()}'::timestamptz`
