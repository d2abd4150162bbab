/**
 * Carries placed records to one topic, each partition in the order of the log, and keeps the mark of how far it came. What
 * the topic holds at its tails decides where to resume; the mark only spares a search from the beginning. Refuses a
 * topic that holds more than the ledger, or something else: an old backup was restored, or the topic is another's.
 */
import type { Client } from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import { type KafkaSink, openKafkaSink, Unacceptable } from './kafka-sink.ts'
import type { KafkaSettings, Tail } from './kafka-topic.ts'
import type { LedgerEntry } from './record-batch.ts'
import { sha256 } from './tree/merkle.ts'

export interface Carrier {
  readonly client: Client
  readonly topic: string
  /** what the topic holds of a record; null where it holds nothing of it */
  readonly bytesOf: (entry: LedgerEntry) => Buffer | null
  readonly sink: KafkaSink
  /** per partition: index and offset of its last record; -1 for none */
  readonly acked: Acked[]
  /** last index that was looked at */
  cursor: number
  /** partition → index of the record that Kafka will not take; nothing after it is sent there */
  readonly stopped: Map<number, number>
  /** a word for the operator: what of an earlier acknowledgement Kafka no longer holds */
  readonly lost: readonly string[]
}

interface Acked {
  readonly index: number
  readonly offset: bigint
}

interface Mark {
  /** every index up to here was acknowledged */
  readonly through: number
  readonly acked: readonly Acked[]
}

const NOTHING: Acked = { index: -1, offset: -1n }
/** Records read at once. */
export const BATCH = 2_000
const PORTION_BYTES = 700_000 // sent at once; Kafka's limit for a batch is 1,048,588 (max.message.bytes)

/** The partition of a key, for ever the same. */
export const partitionOf = (key: string, partitions: number): number =>
  sha256(key).readUInt32BE(0) % partitions

/**
 * @param client holds the relay's lock: without it nothing can be read or marked
 * @param bytesOf what the topic holds of a record (default: the record)
 * @throws where Kafka cannot be reached, or its topic does not fit this ledger
 */
export async function resume(
  client: Client,
  kafka: KafkaSettings,
  bytesOf: Carrier['bytesOf'] = ({ bytes }) => bytes,
): Promise<Carrier> {
  const mark = await readMark(client, kafka.topic)
  const sink = await openKafkaSink(
    kafka,
    mark.acked.map(({ offset }) => offset),
  )
  try {
    const lost: string[] = []
    let cursor = mark.through
    const acked: Acked[] = []
    for (const tail of sink.tails) {
      const marked = mark.acked[tail.partition] ?? NOTHING
      refuseMadeAnew(tail, marked)
      await refuseForeign(client, tail)
      const now = standing(tail, marked)
      if (now.index < marked.index) {
        lost.push(`partition ${tail.partition} ends at ${now.index} where ${marked.index} was acknowledged`)
        cursor = Math.min(cursor, now.index)
      }
      acked[tail.partition] = now
    }
    // Kafka takes no partition away: a topic with fewer was made anew, and holds nothing of what went to the others
    for (const [partition, { index }] of mark.acked.entries())
      if (partition >= acked.length && index >= 0) {
        lost.push(`partition ${partition} is gone, where ${index} was acknowledged`)
        cursor = -1
      }
    return { client, topic: kafka.topic, bytesOf, sink, acked, cursor, stopped: new Map(), lost }
  } catch (fault) {
    await sink.close()
    throw fault
  }
}

/**
 * @param page reads the next records; several carriers of one turn may share what was read, and some of it may be behind
 *   them
 * @returns how many records it looked at; 0 when there is nothing left. @throws where a send stayed in doubt
 */
export async function carry(
  carrier: Carrier,
  page: (after: number) => Promise<readonly LedgerEntry[]> = (after) => entriesAfter(carrier.client, after),
): Promise<number> {
  const entries = await page(carrier.cursor)
  const last = entries.at(-1)
  if (!last) return 0
  const unsent = new Map<number, LedgerEntry[]>()
  for (const entry of entries) {
    const partition = partitionOf(entry.partitionKey, carrier.acked.length)
    if (entry.index <= (carrier.acked[partition] ?? NOTHING).index) continue
    const bytes = carrier.bytesOf(entry)
    if (bytes === null) continue
    const together = unsent.get(partition)
    if (together) together.push({ ...entry, bytes })
    else unsent.set(partition, [{ ...entry, bytes }])
  }
  try {
    await sendAll(carrier, unsent)
    carrier.cursor = Math.max(carrier.cursor, last.index)
  } finally {
    await saveMark(carrier) // also after a doubt: what was acknowledged tells the topic from one that was made anew
  }
  return entries.length
}

/** Each lane sends its partitions one after another. A doubt in one ends them all, once what is under way has ended. */
async function sendAll(carrier: Carrier, unsent: ReadonlyMap<number, readonly LedgerEntry[]>): Promise<void> {
  const { lanes } = carrier.sink
  const doubts: unknown[] = []
  const along = async (lane: number) => {
    for (const [partition, part] of unsent)
      if (partition % lanes === lane)
        for (const portion of inPortions(part))
          if (doubts.length === 0) await send(carrier, partition, portion)
  }
  const each = Array.from({ length: lanes }, (_, lane) =>
    along(lane).catch((doubt) => void doubts.push(doubt)),
  )
  await Promise.all(each)
  if (doubts.length > 0) throw doubts[0]
}

/** Where one of several is refused, they are sent one by one, so that only the culprit stops its partition. */
async function send(carrier: Carrier, partition: number, portion: readonly LedgerEntry[]): Promise<void> {
  const last = portion.at(-1)
  if (!last || carrier.stopped.has(partition)) return
  try {
    const offset = await carrier.sink.send(partition, portion)
    carrier.acked[partition] = { index: last.index, offset }
  } catch (fault) {
    if (!(fault instanceof Unacceptable)) throw fault
    if (portion.length === 1) carrier.stopped.set(partition, last.index)
    else for (const entry of portion) await send(carrier, partition, [entry])
  }
}

function inPortions(entries: readonly LedgerEntry[]): LedgerEntry[][] {
  const portions: LedgerEntry[][] = []
  let portion: LedgerEntry[] = []
  let bytes = 0
  for (const entry of entries) {
    if (bytes + entry.bytes.length > PORTION_BYTES && portion.length > 0) {
      portions.push(portion)
      portion = []
      bytes = 0
    }
    portion.push(entry)
    bytes += entry.bytes.length
  }
  return portion.length > 0 ? [...portions, portion] : portions
}

/** What the partition holds now. Where Kafka's retention emptied it, the mark knows what it held. */
function standing(tail: Tail, marked: Acked): Acked {
  const offset = tail.high - 1n
  if (tail.last) return { index: tail.last.index, offset }
  return tail.high > 0n && offset >= marked.offset ? { index: marked.index, offset } : NOTHING
}

/**
 * A topic that is deleted and made anew between two sends takes the second as its first. Everything before that would
 * be missing, and could not be sent after it: a reader passes over what comes late.
 */
function refuseMadeAnew({ partition, high, last, acknowledged }: Tail, marked: Acked): void {
  const shorter = marked.offset >= high && last !== null && last.index >= marked.index
  const different = acknowledged !== null && acknowledged.index !== marked.index
  if (shorter || different)
    throw new Refusal(
      'KAFKA_TOPIC_MADE_ANEW',
      `partition ${partition} of the topic was made anew while accesses were under way, and lacks those before; delete the topic: it is then made again with every access in its order`,
    )
}

async function refuseForeign(client: Client, { partition, last }: Tail): Promise<void> {
  if (!last) return
  const { rows } = await client.query('SELECT 1 FROM access_leaf WHERE idx = $1 AND event_id = $2', [
    last.index,
    last.eventId,
  ])
  if (rows.length === 0)
    throw new Refusal(
      'KAFKA_TOPIC_FOREIGN',
      `partition ${partition} of the topic ends with an access that this ledger does not hold at index ${last.index}: an older backup was restored, or the topic belongs to another ledger`,
    )
}

/** As text, which records are: in hexadecimal, as PostgreSQL sends bytes, twice as much would be written and read. */
const ENTRIES = {
  name: 'sightline-entries',
  text: `
    SELECT idx, event_id, partition_key, convert_from(body, 'UTF8') AS body
    FROM access_leaf JOIN access_event USING (event_id)
    WHERE idx > $1 ORDER BY idx LIMIT ${BATCH}`,
}

interface EntryRow {
  readonly idx: string
  readonly event_id: string
  readonly partition_key: string
  readonly body: string
}

/** The next records in the order of the log, at most 2,000. */
export async function entriesAfter(client: Client, index: number): Promise<LedgerEntry[]> {
  const { rows } = await client.query<EntryRow>({ ...ENTRIES, values: [index] })
  return rows.map((row) => ({
    index: Number(row.idx),
    eventId: row.event_id,
    partitionKey: row.partition_key,
    bytes: Buffer.from(row.body, 'utf8'),
  }))
}

async function readMark(client: Client, topic: string): Promise<Mark> {
  const { rows } = await client.query<{ through: string; acked_index: string[]; acked_offset: string[] }>(
    'SELECT through, acked_index, acked_offset FROM access_relayed WHERE topic = $1',
    [topic],
  )
  const [row] = rows
  if (!row) return { through: -1, acked: [] }
  const acked = row.acked_index.map((index, partition) => ({
    index: Number(index),
    offset: BigInt(row.acked_offset[partition] ?? -1),
  }))
  return { through: Number(row.through), acked }
}

async function saveMark({ client, topic, cursor, stopped, acked }: Carrier): Promise<void> {
  const through = Math.min(cursor, ...[...stopped.values()].map((index) => index - 1))
  await client.query(
    `INSERT INTO access_relayed (topic, through, acked_index, acked_offset) VALUES ($1, $2, $3, $4)
     ON CONFLICT (topic) DO UPDATE SET through = excluded.through,
       acked_index = excluded.acked_index, acked_offset = excluded.acked_offset`,
    [topic, through, acked.map(({ index }) => index), acked.map(({ offset }) => offset.toString())],
  )
}
