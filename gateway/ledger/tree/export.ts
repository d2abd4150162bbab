/**
 * The log as a folder that can be carried away and checked without a network: the signed checkpoint, every leaf hash,
 * and every record with its exact bytes. An erased record leaves its place and its hash. The hashes are those of the
 * signed tiles, not of the rows: a row that was changed since can be named. All of it is of one moment, so that what is
 * erased meanwhile is not missing without the record that tells of it.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Pool, PoolClient } from 'pg'
import { Refusal } from '../../../schema/refusal.ts'
import { handedOut } from './handed-out.ts'
import { tilesAt } from './stored-tree.ts'
import { TILE_WIDTH } from './tile.ts'

/** Names within the folder. */
export const EXPORTED = { checkpoint: 'checkpoint', leaves: 'leaves', records: 'records' } as const

const AT_ONCE = 2_000 // records: about 4 MB
const RECORDS = `
  SELECT event_id, sha256, body FROM access_leaf LEFT JOIN access_event USING (event_id)
  WHERE idx >= $1 AND idx < $2 ORDER BY idx`

interface Row {
  readonly event_id: string
  readonly sha256: Buffer
  readonly body: Buffer | null
}

/**
 * One line a record: its id, the hash of its bytes, and the bytes; canonical JSON holds no line break. `-` where it
 * was erased.
 */
const lineOf = ({ event_id: id, sha256, body }: Row): string =>
  `${id} ${sha256.toString('hex')} ${body?.toString('utf8') ?? '-'}\n`

/** @returns how many records were written: those that the last checkpoint covers */
export async function exportLog(
  pool: Pool,
  folder: string,
  progress: (done: number, all: number) => void = () => undefined,
): Promise<number> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    return await exportFrom(client, folder, progress)
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
    client.release()
  }
}

async function exportFrom(
  client: PoolClient,
  folder: string,
  progress: (done: number, all: number) => void,
): Promise<number> {
  const signed = await handedOut(client)
  if (!signed) throw new Refusal('LEDGER_EMPTY', 'the log holds no signed record yet')
  const { size } = signed
  await mkdir(folder, { recursive: true })
  async function* lines() {
    for (let begin = 0; begin < size; begin += AT_ONCE) {
      const page = await client.query<Row>(RECORDS, [begin, Math.min(begin + AT_ONCE, size)])
      yield page.rows.map(lineOf).join('')
      progress(Math.min(begin + AT_ONCE, size), size)
    }
  }
  async function* leaves() {
    for (let index = 0; index * TILE_WIDTH < size; index++) {
      const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH)
      yield* await tilesAt(client, [{ level: 0, index, width }])
    }
  }
  await pipeline(lines, createWriteStream(join(folder, EXPORTED.records), { mode: 0o600 }))
  await pipeline(leaves, createWriteStream(join(folder, EXPORTED.leaves)))
  await writeFile(join(folder, EXPORTED.checkpoint), signed.note)
  return size
}
