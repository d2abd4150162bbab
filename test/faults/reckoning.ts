/**
 * What must be true once a fault has healed: whatever was shown is on record, whatever is on record is on Kafka with
 * the same bytes at the same place, and somebody outside who checks the log finds it whole.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kafka } from 'kafkajs'
import type { Pool } from 'pg'
import { onceByIndex } from '../../gateway/ledger/dedupe.ts'
import { partitionSpans, readSpans } from '../../gateway/ledger/topic-reader.ts'
import { exportLog } from '../../gateway/ledger/tree/export.ts'
import type { NoteVerifier } from '../../gateway/ledger/tree/signed-note.ts'
import { verifyExport } from '../../gateway/ledger/verify/verify-export.ts'

export interface Reckoning {
  /** shown, and not on record: promise 1 is broken */
  readonly unlogged: readonly string[]
  /** on record, and not on the topic with these bytes at this place */
  readonly lost: readonly string[]
  /** on the topic, at a place where the ledger holds nothing, or nothing like it */
  readonly foreign: number
  readonly verifier: string
}

/** What every fault must leave behind. */
export const NOTHING_LOST: Reckoning = { unlogged: [], lost: [], foreign: 0, verifier: 'whole' }

interface Reckoned {
  readonly pool: Pool
  readonly kafka: Kafka
  readonly topic: string
  readonly log: NoteVerifier
  /** receipts that somebody holds */
  readonly shown: Iterable<string>
  /** milliseconds to read the whole topic (default 30,000) */
  readonly within?: number
}

const AT_ONCE = 10_000 // rows

export async function reckon(reckoned: Reckoned): Promise<Reckoning> {
  const { pool, log } = reckoned
  const bySha = await hashesOnTopic(reckoned)
  const recorded = new Set<string>()
  const lost: string[] = []
  for (let from = 0; ; from += AT_ONCE) {
    const { rows } = await pool.query<{ idx: string; event_id: string; sha256: Buffer; held: boolean }>(
      `SELECT idx, event_id, access_leaf.sha256, sha256(body) = access_leaf.sha256 AS held
       FROM access_leaf JOIN access_event USING (event_id) WHERE idx >= $1 AND idx < $2`,
      [from, from + AT_ONCE],
    )
    if (rows.length === 0) break
    for (const { idx, event_id, sha256, held } of rows) {
      if (held) recorded.add(event_id)
      if (!bySha.get(Number(idx))?.equals(sha256)) lost.push(event_id)
      bySha.delete(Number(idx))
    }
  }
  const waiting = await pool.query<{ event_id: string }>('SELECT event_id FROM access_pending')
  lost.push(...waiting.rows.map(({ event_id }) => event_id))
  const unlogged = [...reckoned.shown].filter((id) => !recorded.has(id))
  return { unlogged, lost, foreign: bySha.size, verifier: await verdictOn(pool, log) }
}

/** Index → hash of the bytes, as a reader sees it who keeps the rule of dedupe.ts. */
async function hashesOnTopic({ kafka, topic, within = 30_000 }: Reckoned): Promise<Map<number, Buffer>> {
  const accept = onceByIndex()
  const hashes = new Map<number, Buffer>()
  await readSpans(
    kafka,
    topic,
    await partitionSpans(kafka, topic),
    ({ partition, index, value }) => {
      if (accept(partition, index)) hashes.set(index, createHash('sha256').update(value).digest())
    },
    within,
  )
  return hashes
}

async function verdictOn(pool: Pool, log: NoteVerifier): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-export-'))
  try {
    await exportLog(pool, folder)
    return (await verifyExport(folder, { log })).kind
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
