/**
 * Follows the access topic as a consumer group and fills the reader's own tables from it alone. Where it is stands with
 * the rows and not with Kafka, so that it starts again at any point. Refuses to skip: a record that cannot be read stops
 * its partition and is reported.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { EachBatchPayload, IHeaders, Kafka } from 'kafkajs'
import type { Pool } from 'pg'
import type { FaultReports } from '../ledger/alert-kind.ts'
import { kafkaFault } from '../ledger/kafka-fault.ts'
import { connectKafka, type KafkaSettings } from '../ledger/kafka-topic.ts'
import type { OperatorLog } from '../ledger/operator-log.ts'
import { INDEX_HEADER, LOG_HEADER, type PartitionSpan, partitionSpans } from '../ledger/topic-reader.ts'
import { type Fetched, readAgain, takeIn } from './take-in.ts'

export interface ReaderSettings {
  readonly pool: Pool
  /** empty where no Kafka is configured: nothing is read */
  readonly brokers: readonly string[]
  /** TLS and sign-in, where the brokers ask for them */
  readonly connection?: Omit<KafkaSettings['connection'], 'brokers'>
  readonly topic: string
  /** readers of one group share the partitions (default: one group a topic) */
  readonly groupId?: string
  readonly log: OperatorLog
  /** milliseconds after which a stopped partition is looked at again: it may have been mended (default half a minute) */
  readonly lookAgainMs?: number
  /** told of a record that cannot be read (default: nobody but the caller, by `stopped`) */
  readonly alerts?: FaultReports
}

export interface StoppedReading {
  readonly partition: number
  readonly why: string
}

export type ReaderState = 'reading' | 'down' | 'not-configured'

export interface Reader {
  state(): ReaderState
  /** partitions of which nothing further is read: somebody must look */
  stopped(): readonly StoppedReading[]
  /** lets the transaction under way end; nothing is lost by it */
  close(): Promise<void>
}

const BACKOFF = { from: 500, to: 5_000 } // milliseconds, doubled each time

/** Does not wait for Kafka: what it finds is told by `state` and the log. */
export function openReader(settings: ReaderSettings): Reader {
  const { brokers, connection = {}, topic, log, alerts } = settings
  const stopped = new Map<number, string>()
  if (brokers.length === 0)
    return { state: () => 'not-configured', stopped: () => [], close: async () => undefined }
  const stop = new AbortController()
  let state: ReaderState = 'down'

  async function run(): Promise<void> {
    let backoff = BACKOFF.from
    while (!stop.signal.aborted) {
      try {
        await follow(connectKafka({ brokers: [...brokers], ...connection }), settings, {
          stop: stop.signal,
          joined: () => {
            state = 'reading'
            backoff = BACKOFF.from
            log.info({ topic }, 'the reader follows the topic')
          },
          stopped: (partition, why) => {
            if (stopped.get(partition) === why) return // looked at again, and told of already
            stopped.set(partition, why)
            log.error({ topic, partition, why }, 'the reader stopped at a record: nothing is skipped')
            const about = { topic, partition, why }
            alerts?.raise({ kind: 'READER_STOPPED', scope: `${topic}/${partition}`, about })
          },
          goesOn: (partition) => {
            stopped.delete(partition)
            alerts?.mended('READER_STOPPED', `${topic}/${partition}`)
          },
        })
      } catch (fault) {
        state = 'down'
        log.warn({ topic, ...kafkaFault(fault), againInMs: backoff }, 'the reader tries again')
      }
      await pause(backoff, undefined, { signal: stop.signal }).catch(() => undefined)
      backoff = Math.min(backoff * 2, BACKOFF.to)
    }
  }

  const running = run()
  return {
    state: () => state,
    stopped: () => [...stopped].map(([partition, why]) => ({ partition, why })),
    async close() {
      stop.abort()
      await running
    },
  }
}

interface Told {
  readonly stop: AbortSignal
  joined(): void
  stopped(partition: number, why: string): void
  goesOn(partition: number): void
}

/** Ends when it is stopped. @throws where Kafka or the database fails */
async function follow(
  kafka: Kafka,
  { pool, topic, groupId, lookAgainMs = 30_000 }: ReaderSettings,
  told: Told,
): Promise<void> {
  const consumer = kafka.consumer({
    groupId: groupId ?? `sightline-reader.${topic}`,
    allowAutoTopicCreation: false, // the relay makes it, with the settings that a ledger needs
    maxWaitTimeInMs: 500, // a stop waits for the fetch under way
    // for so long the partitions of a reader that was killed stay with it; a batch is taken in well within it
    sessionTimeout: 10_000,
    retry: { retries: 2, initialRetryTime: 200, restartOnFailure: async () => false },
  })
  const ended = new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
    told.stop.addEventListener('abort', () => resolve(), { once: true })
    if (told.stop.aborted) resolve()
  })
  ended.catch(() => undefined) // awaited below; it may fail before that
  consumer.on('consumer.group_join', told.joined)
  const waiting = new Set<NodeJS.Timeout>()
  /** where each partition began, when it was last looked */
  const starts = new Map<number, bigint>()

  const eachBatch = async ({ batch, resolveOffset, heartbeat, pause }: EachBatchPayload) => {
    const { partition } = batch
    const from = BigInt((batch as typeof batch & { readonly fetchedOffset: string }).fetchedOffset)
    const isStart = starts.get(partition) === from
    const done = await takeIn(pool, { topic, partition, from, isStart, records: recordsOf(batch) })
    const halt = (why: string) => {
      const goOn = pause()
      told.stopped(partition, why)
      const timer = setTimeout(() => {
        waiting.delete(timer)
        goOn()
      }, lookAgainMs)
      waiting.add(timer)
    }
    if (done.kind === 'stopped') return halt(done.why)
    if (done.kind === 'taken') {
      told.goesOn(partition)
      resolveOffset(done.through.toString())
      return await heartbeat()
    }
    const span = await spanOf(kafka, topic, partition)
    starts.set(partition, span.low)
    const place = placeIn(span, done.next)
    if (place === 'lost') return halt('records were deleted from the topic before they were read')
    if (place === 'made-anew') await readAgain(pool, topic, partition)
    consumer.seek({ topic, partition, offset: String(place === 'made-anew' ? span.low : place) })
  }

  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch })
    await ended
  } finally {
    for (const timer of waiting) clearTimeout(timer)
    await consumer.disconnect()
  }
}

/** Where to read on; the record before the next is read once more, to see that the topic is the same. */
function placeIn({ low, high }: PartitionSpan, next: bigint | null): bigint | 'lost' | 'made-anew' {
  if (next === null) return low
  if (low > next) return 'lost'
  if (high < next) return 'made-anew'
  return low > next - 1n ? low : next - 1n
}

async function spanOf(kafka: Kafka, topic: string, partition: number): Promise<PartitionSpan> {
  const span = (await partitionSpans(kafka, topic)).find((each) => each.partition === partition)
  if (span === undefined) throw new Error(`topic \`${topic}\` lost its partition ${partition}`)
  return span
}

const recordsOf = ({ messages }: EachBatchPayload['batch']): Fetched['records'] =>
  messages.map(({ offset, headers, value }) => ({
    offset: BigInt(offset),
    index: indexIn(headers),
    log: headers?.[LOG_HEADER]?.toString() ?? '',
    value: value ?? Buffer.alloc(0),
  }))

function indexIn(headers: IHeaders | undefined): number | null {
  const written = headers?.[INDEX_HEADER]?.toString() ?? ''
  return /^\d{1,15}$/.test(written) ? Number(written) : null
}
