/**
 * Group commit without a timer: a record that comes while no flush is under way leaves at once; what comes meanwhile
 * leaves together with the next. Each record is told whether it is durable, or refused when that stays uncertain.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Refusal } from '../../schema/refusal.ts'
import { connectDurably, type DurableConnection } from './durable-connection.ts'
import { ConfirmedWithWarning, flush } from './flush.ts'
import type { SealedRecord } from './seal.ts'

export interface GroupCommitSettings {
  readonly databaseUrl: string
  /** milliseconds that a caller waits at most */
  readonly deadlineMs: number
  /** 1 or 2 connections (default 2); more than two gained nothing when measured */
  readonly connections?: 1 | 2
  /** records that may wait (default 10,000); more are refused at once */
  readonly queueLimit?: number
  /** hears of every flush that failed; the fault may name the database, never a record */
  readonly onFault?: (fault: unknown) => void
}

export interface GroupCommit {
  /** resolves once the record is durable; @throws Refusal LEDGER_UNAVAILABLE, LEDGER_DEADLINE or LEDGER_BUSY */
  commit(record: SealedRecord): Promise<void>
  close(): Promise<void>
}

interface Waiting {
  readonly record: SealedRecord
  readonly deadline: NodeJS.Timeout
  settle(reason?: Error): void
  settled: boolean
}

interface Lane {
  connection: DurableConnection | null
}

const LARGEST_BATCH = 500 // records; a larger flush only makes the others wait longer
const LARGEST_BATCH_BYTES = 4_000_000
const ATTEMPTS = 3
const RETRY_AFTER = 50 // milliseconds times the attempt: long enough for PostgreSQL to end a broken session

const refusal = (code: string, why: string) =>
  new Refusal(code, `${why}, so nothing is shown; try again shortly, and ring the contact if it is urgent`)

/** @throws what connecting throws: a gateway whose ledger cannot be reached does not start */
export async function openGroupCommit(settings: GroupCommitSettings): Promise<GroupCommit> {
  const {
    databaseUrl,
    deadlineMs,
    connections = 2,
    queueLimit = 10_000,
    onFault = () => undefined,
  } = settings
  const connect = () => connectDurably(databaseUrl, deadlineMs)
  const idle: Lane[] = [{ connection: await connect() }]
  while (idle.length < connections) idle.push({ connection: null })
  const busy = new Set<Promise<void>>()
  const queue: Waiting[] = []
  let pumpDue = false
  let closed = false

  async function deliver(lane: Lane, batch: readonly Waiting[]): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const live = batch.filter((waiting) => !waiting.settled)
      if (live.length === 0) return
      try {
        lane.connection ??= await connect()
        const records = live.map((waiting) => waiting.record)
        const durable = await flush(lane.connection, records)
        for (const { record, settle } of live)
          if (durable.has(record.eventId)) settle()
          else settle(new Error('an access record was appended under the id of another'))
        return
      } catch (fault) {
        lane.connection?.cut()
        lane.connection = null
        onFault(fault)
        if (fault instanceof ConfirmedWithWarning) break
        if (attempt < ATTEMPTS) await pause(RETRY_AFTER * attempt)
      }
    }
    for (const { settle } of batch) settle(refusal('LEDGER_UNAVAILABLE', 'the access could not be recorded'))
  }

  function pump(): void {
    pumpDue = false
    for (;;) {
      const lane = idle[0]
      const batch = lane ? nextBatch(queue) : []
      if (!lane || batch.length === 0) return
      idle.shift()
      const delivery = deliver(lane, batch).finally(() => {
        busy.delete(delivery)
        idle.unshift(lane)
        pump()
      })
      busy.add(delivery)
    }
  }

  return {
    commit(record) {
      if (closed) return Promise.reject(refusal('LEDGER_UNAVAILABLE', 'the ledger is being shut down'))
      if (queue.length >= queueLimit)
        return Promise.reject(refusal('LEDGER_BUSY', 'too many accesses wait to be recorded'))
      return new Promise((resolve, reject) => {
        const waiting: Waiting = {
          record,
          settled: false,
          deadline: setTimeout(
            () => waiting.settle(refusal('LEDGER_DEADLINE', 'the access was not recorded in time')),
            deadlineMs,
          ),
          settle(reason) {
            if (waiting.settled) return
            waiting.settled = true
            clearTimeout(waiting.deadline)
            if (reason) reject(reason)
            else resolve()
          },
        }
        queue.push(waiting)
        if (pumpDue) return
        pumpDue = true
        queueMicrotask(pump) // callers of the same turn leave together
      })
    },
    async close() {
      closed = true
      pump()
      while (busy.size > 0) await Promise.all(busy)
      for (const lane of idle) await lane.connection?.client.end().catch(() => lane.connection?.cut())
    },
  }
}

/** Leaves out those whose caller was already told that it took too long: they need not be recorded. */
function nextBatch(queue: Waiting[]): Waiting[] {
  const batch: Waiting[] = []
  let bytes = 0
  let taken = 0
  for (const waiting of queue) {
    if (batch.length === LARGEST_BATCH || bytes >= LARGEST_BATCH_BYTES) break
    taken++
    if (waiting.settled) continue
    batch.push(waiting)
    bytes += waiting.record.bytes.length + (waiting.record.grounds?.length ?? 0)
  }
  queue.splice(0, taken)
  return batch
}
