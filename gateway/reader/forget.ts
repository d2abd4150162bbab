/**
 * Forgets a child whose records were erased from the ledger, also where an older record arrives after the erasure. A
 * pseudonym that was erased is never given again. A list that named her beside others goes whole, as it went from the
 * ledger. What the erasure itself says stays.
 */
import type { PoolClient } from 'pg'
import { ERASED } from './access-row.ts'
import type { ReadRecord } from './read-record.ts'

/** Any number will do, so long as it never changes: "forget" in ASCII. */
const LOCK = '112628846781812'

const OF_ERASED = `a.children && $1::text[] and a.type not like '${ERASED}%'`

/** Comes before the rows: an erasure waits for rows that are written now, and later rows for the erasure. */
export async function beforeRows(client: PoolClient, read: readonly ReadRecord[]): Promise<void> {
  const shared = read.some(isErasure) ? '' : '_shared'
  await client.query(`select pg_advisory_xact_lock${shared}($1)`, [LOCK])
}

/** Comes after the rows, in the same transaction. */
export async function forgetErased(client: PoolClient, read: readonly ReadRecord[]): Promise<void> {
  const erasedNow = read.filter(isErasure).flatMap(({ access }) => access.children)
  if (erasedNow.length > 0)
    await client.query('insert into reader_erased select unnest($1::text[]) on conflict do nothing', [
      erasedNow,
    ])
  const children = [...new Set(read.flatMap(({ access }) => access.children))]
  const { rows } = await client.query<{ pid: string }>(
    'select pid from reader_erased where pid = any ($1::text[])',
    [children],
  )
  if (rows.length === 0) return
  const erased = rows.map(({ pid }) => pid)
  for (const table of ['read_source', 'read_withheld'])
    await client.query(
      `delete from ${table} s using read_access a where a.event_id = s.event_id and ${OF_ERASED}`,
      [erased],
    )
  await client.query(`delete from read_access a where ${OF_ERASED}`, [erased])
}

const isErasure = ({ access }: ReadRecord): boolean => access.type.startsWith(ERASED)
