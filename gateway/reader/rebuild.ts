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

/** How far the topic was supplied for certain. */
const SUPPLIED = 'select through from access_relayed where topic = $1'

/**
 * What was erased or let go of, and is not on the topic either, nobody can read any more: it does not count as missing for
 * ever. What the ledger still holds and the topic does not goes on counting. In one statement, of one moment.
 */
const SETTLE = `
  with upto as (select
      (select count(*) from access_leaf where idx <= $2) as placed,
      (select count(*) from access_leaf leaf join access_event using (event_id)
        where leaf.idx <= $2 and not exists (select from read_access r where r.idx = leaf.idx)) as unread,
      (select coalesce(sum(taken), 0) from reader_partition where topic = $1)
        - (select count(*) from read_access where idx > $2) as taken)
  update reader_partition set taken = reader_partition.taken + greatest(0, upto.placed - upto.unread - upto.taken)
  from upto where topic = $1 and partition = (select min(partition) from reader_partition where topic = $1)`

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
  const { rows: supplied } = await pool.query<{ through: string }>(SUPPLIED, [topic])
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
  if (supplied[0] !== undefined) await pool.query(SETTLE, [topic, supplied[0].through])
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
