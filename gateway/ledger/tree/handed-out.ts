/**
 * The checkpoint that is handed out, over HTTP, with exports and in proofs: the last one that went to the witnesses,
 * with what they signed; where there are none, the last one that the log signed.
 */
import type { ClientBase, Pool } from 'pg'

export interface HandedOut {
  readonly size: number
  readonly note: string
}

/** One row; none where nothing was signed yet. */
export const HANDED_OUT = `
  SELECT size, note FROM log_published
  UNION ALL SELECT size, note FROM log_checkpoint WHERE NOT EXISTS (SELECT 1 FROM log_published)`

/** @returns null where nothing was signed yet */
export async function handedOut(reader: Pick<ClientBase | Pool, 'query'>): Promise<HandedOut | null> {
  const { rows } = await reader.query<{ size: string; note: string }>({
    name: 'sightline-handed-out',
    text: HANDED_OUT,
  })
  const [row] = rows
  return row ? { size: Number(row.size), note: row.note } : null
}
