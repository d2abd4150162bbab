/**
 * Lets go of accesses that are older than the partners keep them, with their grounds and what the reader made of them.
 * Their places in the log stand, so that it still verifies. Refuses to touch what is not signed, or not on Kafka yet.
 * How long that is the controllers decide: no period is set by law, and none here.
 */
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { inTransaction } from './access/transaction.ts'

export interface RetentionSettings {
  readonly pool: Pool
  readonly days: number
  /** whether accesses go to Kafka: then none is let go of before every topic that was begun has it */
  readonly kafka: boolean
  readonly clock: () => Date
}

const DAY = 24 * 60 * 60_000 // milliseconds
const EVERY = 60 * 60_000 // milliseconds
const TOGETHER = 1_000 // records; a larger statement would only hold up the others

const DUE = `
  SELECT event_id FROM access_event JOIN access_leaf USING (event_id)
  WHERE occurred_at < $1
    AND idx < coalesce((SELECT size FROM log_checkpoint), 0)
    AND ($2 OR idx <= coalesce((SELECT min(through) FROM access_relayed), -1))
  LIMIT ${TOGETHER}`

/** @returns how many records were let go of */
export async function letGo({ pool, days, kafka, clock }: RetentionSettings): Promise<number> {
  const before = new Date(clock().getTime() - days * DAY)
  let gone = 0
  for (;;) {
    const found = await inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ event_id: string }>(DUE, [before, !kafka])
      const ids = rows.map(({ event_id: id }) => id)
      for (const table of ['access_grounds', 'read_source', 'read_withheld', 'read_access', 'access_event'])
        await client.query(`DELETE FROM ${table} WHERE event_id = ANY($1)`, [ids])
      return ids.length
    })
    gone += found
    if (found < TOGETHER) return gone
  }
}

/** Every hour, beside the answers. @returns what ends it */
export function openRetention(settings: RetentionSettings, log: Logger): () => Promise<void> {
  let working: Promise<void> = Promise.resolve()
  const turn = async () => {
    try {
      const records = await letGo(settings)
      if (records > 0)
        log.info({ records, days: settings.days }, 'accesses older than they are kept are gone')
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
