/**
 * Lets go of accesses that are older than the partners keep them, with their grounds and what the reader made of them.
 * That they go is on record first, and their places in the log stand, so that it still verifies. Refuses to touch what is
 * not signed, or not on Kafka yet, and the records of erasures: whoever counts the gaps needs them. How long accesses are
 * kept the controllers decide: no period is set by law, and none here.
 */
import type { PoolClient } from 'pg'
import type { Logger } from 'pino'
import { inTransaction } from './access/transaction.ts'
import { type ErasureSettings, putOnRecord } from './ledger/erasure.ts'
import { ERASURE } from './ledger/erasure-count.ts'

export interface RetentionSettings extends ErasureSettings {
  readonly days: number
  /** whether accesses go to Kafka: then none is let go of before every topic that was begun has it */
  readonly kafka: boolean
}

const DAY = 24 * 60 * 60_000 // milliseconds
const EVERY = 60 * 60_000 // milliseconds
const ON_RECORD_TOGETHER = 20_000 // records
const TOGETHER = 1_000 // records; a larger statement would only hold up the others

const DUE = `
  SELECT event_id FROM access_event JOIN access_leaf USING (event_id)
  WHERE occurred_at < $1
    AND idx < coalesce((SELECT size FROM log_checkpoint), 0)
    AND ($2 OR idx <= coalesce((SELECT min(through) FROM access_relayed), -1))
    AND position('${ERASURE}'::bytea IN body) = 0
  LIMIT ${ON_RECORD_TOGETHER}`

/** Which topics lack what is due: also one that nobody supplies any more, since it was given another name. */
const LACKING = `
  SELECT topic FROM access_relayed WHERE EXISTS (
    SELECT FROM access_event JOIN access_leaf USING (event_id)
    WHERE occurred_at < $1 AND idx > through AND position('${ERASURE}'::bytea IN body) = 0)
  ORDER BY topic`

/** A reader that lagged, or that was rebuilt from a topic which keeps them for longer, holds them once more. */
const READ_SINCE = `
  SELECT event_id FROM read_access read
  WHERE occurred_at < $1 AND NOT EXISTS (SELECT FROM access_event kept WHERE kept.event_id = read.event_id)
  LIMIT ${TOGETHER}`

/** Any number will do, so long as it never changes: "let go" in ASCII. */
const LOCK = '119157604493167'

/** One gateway at a time, so that what goes is on record once. @returns how many records were let go of */
export async function letGo(settings: RetentionSettings): Promise<number> {
  const client = await settings.pool.connect()
  try {
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [LOCK])
    if (!rows[0]?.mine) return 0
    return await letGoAlone(settings, client).finally(() =>
      client.query('SELECT pg_advisory_unlock($1)', [LOCK]),
    )
  } finally {
    client.release()
  }
}

async function letGoAlone(settings: RetentionSettings, client: PoolClient): Promise<number> {
  const { kafka } = settings
  const before = dueBefore(settings)
  let gone = 0
  for (;;) {
    const { rows } = await client.query<{ event_id: string }>(DUE, [before, !kafka])
    if (rows.length === 0) break
    await putOnRecord(settings, null, rows.length)
    for (let at = 0; at < rows.length; at += TOGETHER)
      await erase(
        settings,
        rows.slice(at, at + TOGETHER).map(({ event_id: id }) => id),
      )
    gone += rows.length
  }
  for (;;) {
    const { rows } = await client.query<{ event_id: string }>(READ_SINCE, [before])
    if (rows.length === 0) return gone
    await erase(
      settings,
      rows.map(({ event_id: id }) => id),
    )
  }
}

const dueBefore = ({ clock, days }: RetentionSettings) => new Date(clock().getTime() - days * DAY)

/** @returns the topics for which accesses stay that are older than they are kept */
export async function waitedFor(settings: RetentionSettings): Promise<string[]> {
  if (!settings.kafka) return []
  const { rows } = await settings.pool.query<{ topic: string }>(LACKING, [dueBefore(settings)])
  return rows.map(({ topic }) => topic)
}

const erase = ({ pool }: RetentionSettings, ids: readonly string[]): Promise<void> =>
  inTransaction(pool, async (client) => {
    for (const table of ['access_grounds', 'read_source', 'read_withheld', 'read_access', 'access_event'])
      await client.query(`DELETE FROM ${table} WHERE event_id = ANY($1)`, [ids])
  })

/** Every hour, beside the answers. @returns what ends it */
export function openRetention(settings: RetentionSettings, log: Logger): () => Promise<void> {
  let working: Promise<void> = Promise.resolve()
  const turn = async () => {
    try {
      const records = await letGo(settings)
      if (records > 0)
        log.info({ records, days: settings.days }, 'accesses older than they are kept are gone')
      const topics = await waitedFor(settings)
      if (topics.length > 0)
        log.warn({ topics }, 'accesses older than they are kept stay, as these topics do not have them')
    } catch (error) {
      log.warn({ name: (error as Error).name }, 'old accesses could not be let go of; tried again in an hour')
    }
  }
  const next = () => {
    working = turn()
  }
  next()
  const timer = setInterval(next, EVERY)
  return async () => {
    clearInterval(timer)
    await working
  }
}
