/**
 * Reads the access topic up to where it ends now. Ends in an error rather than with less than that. Follows no topic:
 * it is for the relay's tails, for rebuilding and for tests.
 */
import { randomUUID } from 'node:crypto'
import type { Kafka, KafkaMessage } from 'kafkajs'
import { Refusal } from '../../schema/refusal.ts'
import { onceByIndex } from './dedupe.ts'

export const INDEX_HEADER = 'ledger-index'
export const LOG_HEADER = 'ledger-log'

export interface PartitionSpan {
  readonly partition: number
  /** first offset that can be read */
  readonly low: bigint
  /** offset that the next record will have */
  readonly high: bigint
}

export interface TopicRecord {
  readonly partition: number
  readonly offset: bigint
  /** place in the ledger's log */
  readonly index: number
  readonly log: string
  readonly key: string
  /** the exact bytes that the ledger holds */
  readonly value: Buffer
}

export async function partitionSpans(kafka: Kafka, topic: string): Promise<PartitionSpan[]> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    return offsets
      .map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }))
      .sort((a, b) => a.partition - b.partition)
  } finally {
    await admin.disconnect()
  }
}

/**
 * Gives every record of the spans to `each`, in order within a partition, repeats included.
 * @param within milliseconds
 */
export async function readSpans(
  kafka: Kafka,
  topic: string,
  spans: readonly PartitionSpan[],
  each: (record: TopicRecord) => void,
  within: number,
): Promise<void> {
  const open = new Map(spans.filter(({ low, high }) => low < high).map((span) => [span.partition, span]))
  if (open.size === 0) return
  const groupId = `sightline-reader-${randomUUID()}`
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: 500, // a seek waits for the fetch under way, which of several brokers one has nothing for
    retry: { retries: 5 },
  })
  let finish: () => void = () => undefined
  let fail: (fault: unknown) => void = () => undefined
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve
    fail = reject
  })
  finished.catch(() => undefined) // awaited below; it may fail before that
  const late = () => fail(new Error(`topic \`${topic}\` could not be read to its end in time`))
  const deadline = setTimeout(late, within)
  const joined = new Promise<void>((resolve) => {
    consumer.on('consumer.group_join', () => resolve())
  })
  // a coordinator that is still loading crashes the consumer, which then starts again by itself
  consumer.on('consumer.crash', ({ payload }) => {
    if (!payload.restart) fail(payload.error)
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const span = open.get(partition)
        const offset = BigInt(message.offset)
        if (!span || offset < span.low) return
        try {
          if (offset < span.high) each(topicRecord(partition, message))
        } catch (fault) {
          fail(fault)
        }
        if (offset + 1n < span.high) return
        open.delete(partition)
        consumer.pause([{ topic, partitions: [partition] }])
        if (open.size === 0) finish()
      },
    })
    // a broker that is making its group coordinator lets nobody join yet, and a seek needs a group
    await Promise.race([joined, finished])
    for (const { partition, low } of spans) consumer.seek({ topic, partition, offset: low.toString() })
    await finished
  } finally {
    clearTimeout(deadline)
    await consumer.disconnect()
  }
}

/** Every access on the topic exactly once, by the rule of dedupe.ts, and how often one was repeated. */
export async function readTopic(
  kafka: Kafka,
  topic: string,
  within = 30_000,
): Promise<{ accesses: TopicRecord[]; repeats: number }> {
  const accept = onceByIndex()
  const accesses: TopicRecord[] = []
  let repeats = 0
  const spans = await partitionSpans(kafka, topic)
  const each = (record: TopicRecord) => {
    if (accept(record.partition, record.index)) accesses.push(record)
    else repeats++
  }
  await readSpans(kafka, topic, spans, each, within)
  return { accesses, repeats }
}

/** Somebody else writes to the topic: what it holds is not repeated. */
export function refuseStranger(partition: number, offset: bigint | string): never {
  throw new Refusal(
    'KAFKA_TOPIC_FOREIGN',
    `partition ${partition} of the topic holds a record at offset ${offset} that is no access of this ledger: somebody else writes to it`,
  )
}

function topicRecord(partition: number, message: KafkaMessage): TopicRecord {
  const index = Number(message.headers?.[INDEX_HEADER]?.toString() ?? Number.NaN)
  if (!Number.isSafeInteger(index) || !message.value) return refuseStranger(partition, message.offset)
  return {
    partition,
    offset: BigInt(message.offset),
    index,
    log: message.headers?.[LOG_HEADER]?.toString() ?? '',
    key: message.key?.toString() ?? '',
    value: message.value,
  }
}
