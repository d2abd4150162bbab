/**
 * Drops all that the reader holds, but for who was erased, and reads the topic again from its start to where it ends now.
 * A gateway's own reader may go on beside it: both take their places from the same rows. Refuses to end with less than
 * the topic holds.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Refusal } from '../../schema/refusal.ts'
import { kafkaFault } from '../ledger/kafka-fault.ts'
import { connectKafka } from '../ledger/kafka-topic.ts'
import { type PartitionSpan, partitionSpans } from '../ledger/topic-reader.ts'
import { openReader, type ReaderSettings } from './reader.ts'

const LOOK = 100 // milliseconds between two looks at how far it is

/**
 * @param progress records read, and those there are
 * @returns how many accesses and events were taken in
 * @throws Refusal READER_STOPPED, READER_WITHOUT_KAFKA, or a code of `kafka-fault.ts` where Kafka lets nobody in
 */
export async function rebuild(
  settings: Omit<ReaderSettings, 'groupId'>,
  progress: (done: number, all: number) => void = () => undefined,
): Promise<number> {
  const { pool, topic, brokers, connection = {} } = settings
  if (brokers.length === 0)
    throw new Refusal('READER_WITHOUT_KAFKA', 'the accesses are read from Kafka; set KAFKA_BROKERS first')
  const kafka = connectKafka({ brokers: [...brokers], ...connection })
  const spans = await partitionSpans(kafka, topic).catch((fault) => {
    const { code, why } = kafkaFault(fault)
    throw code ? new Refusal(code, why) : fault
  })
  const all = sum(spans.map(({ low, high }) => Number(high - low)))
  // not `reader_erased`: until her erasure is met on the topic again, a child's accesses would be readable once more
  await pool.query('truncate reader_partition, read_withheld, read_source, read_access')
  const groupId = `sightline-reader-rebuild-${randomUUID()}`
  const reader = openReader({ ...settings, groupId })
  try {
    for (;;) {
      const left = await leftOf(settings, spans)
      progress(all - left, all)
      if (left === 0) break
      const [stopped] = reader.stopped()
      if (stopped)
        throw new Refusal('READER_STOPPED', `partition ${stopped.partition} was not read on: ${stopped.why}`)
      await pause(LOOK)
    }
  } finally {
    await reader.close()
    const admin = kafka.admin()
    await admin.connect()
    await admin.deleteGroups([groupId]).catch(() => undefined) // Kafka forgets an empty group by itself, later
    await admin.disconnect()
  }
  const { rows } = await pool.query<{ n: string }>(
    'select coalesce(sum(taken), 0) as n from reader_partition where topic = $1',
    [topic],
  )
  return Number(rows[0]?.n ?? 0)
}

/** How many records of the spans are not read yet. */
async function leftOf(
  { pool, topic }: Pick<ReaderSettings, 'pool' | 'topic'>,
  spans: readonly PartitionSpan[],
): Promise<number> {
  const { rows } = await pool.query<{ partition: number; next: string | null }>(
    'select partition, next_offset as next from reader_partition where topic = $1',
    [topic],
  )
  const reached = new Map(rows.flatMap(({ partition, next }) => (next === null ? [] : [[partition, next]])))
  return sum(
    spans.map(({ partition, low, high }) => {
      const next = BigInt(reached.get(partition) ?? low)
      return next >= high ? 0 : Number(high - next)
    }),
  )
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
