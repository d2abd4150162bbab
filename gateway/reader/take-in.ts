/**
 * Takes records of one partition in: their rows, and how far it was read, in one transaction. Refuses records that do
 * not join on to what was read before, so that nothing is passed over, whatever Kafka or its client thinks of the place;
 * and a record that is not the one at its place in the log, so that nobody writes history on the topic.
 */
import type { Pool, PoolClient } from 'pg'
import { inTransaction } from '../access/transaction.ts'
import { sha256 } from '../ledger/tree/merkle.ts'
import { beforeRows, forgetErased } from './forget.ts'
import { type ReadRecord, readRecord, Unreadable } from './read-record.ts'

export interface Fetched {
  readonly topic: string
  readonly partition: number
  /** the offset that was asked for */
  readonly from: bigint
  /** nothing before `from` is on the topic */
  readonly isStart: boolean
  readonly records: readonly FetchedRecord[]
}

export interface FetchedRecord {
  readonly offset: bigint
  /** null where its header is missing or no number */
  readonly index: number | null
  /** name of its ledger */
  readonly log: string
  readonly value: Buffer
}

export type Taken =
  | { readonly kind: 'taken'; readonly through: bigint }
  /** these records are not the next; null: the partition must be read from its start */
  | { readonly kind: 'elsewhere'; readonly next: bigint | null }
  /** nothing after this place is taken; somebody must look */
  | { readonly kind: 'stopped'; readonly why: string }

interface Place {
  readonly log: string
  readonly lastIndex: number
  readonly next: bigint | null
}

const LOCK_PLACE = `
  select log, last_index::float8 as "lastIndex", next_offset as next from reader_partition
  where topic = $1 and partition = $2 for update`

const MOVE = `
  update reader_partition set last_index = $3, next_offset = $4, taken = taken + $5, stopped = $6
  where topic = $1 and partition = $2`

/** One reader works on a partition at a time: a second, which Kafka has given it already, waits for the row. */
export async function takeIn(pool: Pool, fetched: Fetched): Promise<Taken> {
  try {
    return await inTransaction(pool, (client) => taken(client, fetched))
  } catch (error) {
    if (!isUnfit(error)) throw error
    return await upToTheUnfit(pool, fetched)
  }
}

/** The next read begins with the partition's first record; what was accepted before is passed over by its index. */
export async function readAgain(pool: Pool, topic: string, partition: number): Promise<void> {
  await pool.query('update reader_partition set next_offset = null where topic = $1 and partition = $2', [
    topic,
    partition,
  ])
}

async function taken(client: PoolClient, fetched: Fetched): Promise<Taken> {
  const { topic, partition, from, isStart, records } = fetched
  const [first] = records
  if (first === undefined) return { kind: 'taken', through: from - 1n }
  const place = await placeOf(client, fetched)
  if (place.next === null && !isStart) return { kind: 'elsewhere', next: null }
  // the record before the next is read once more after a start: another one there means that the topic was made anew
  if (place.next !== null && (from > place.next || from < place.next - 1n))
    return { kind: 'elsewhere', next: place.next }
  if (place.next !== null && from < place.next && first.index !== place.lastIndex) {
    await client.query(MOVE, [topic, partition, place.lastIndex, null, 0, null])
    return { kind: 'elsewhere', next: null }
  }

  const signed = await hashesAt(client, records)
  const { read, through, lastIndex, stopped } = readUp(records, place, signed)
  await insert(client, read)
  const next = through === null ? place.next : through + 1n
  await client.query(MOVE, [topic, partition, lastIndex, next?.toString() ?? null, read.length, stopped])
  return stopped === null ? { kind: 'taken', through: through ?? from } : { kind: 'stopped', why: stopped }
}

async function placeOf(client: PoolClient, { topic, partition, records }: Fetched): Promise<Place> {
  await client.query(
    `insert into reader_partition (topic, partition, log, last_index, next_offset, taken)
     values ($1, $2, $3, -1, null, 0) on conflict do nothing`,
    [topic, partition, records[0]?.log ?? ''],
  )
  const { rows } = await client.query<Omit<Place, 'next'> & { next: string | null }>(LOCK_PLACE, [
    topic,
    partition,
  ])
  const [row] = rows
  if (row === undefined) throw new Error('a partition has no place')
  return { ...row, next: row.next === null ? null : BigInt(row.next) }
}

type Hashes = ReadonlyMap<number, Buffer>

/** SHA-256 of the records at these places, as the log holds them. */
async function hashesAt(client: PoolClient, records: readonly FetchedRecord[]): Promise<Hashes> {
  const { rows } = await client.query<{ idx: number; sha256: Buffer }>(
    'select idx::float8 as idx, sha256 from access_leaf where idx = any ($1::bigint[])',
    [records.flatMap(({ index }) => index ?? [])],
  )
  return new Map(rows.map(({ idx, sha256 }) => [idx, sha256]))
}

/** Ends before the first record that cannot be read. */
function readUp(records: readonly FetchedRecord[], place: Place, signed: Hashes) {
  const read: ReadRecord[] = []
  let { lastIndex } = place
  let through: bigint | null = null
  for (const { offset, index, log, value } of records) {
    try {
      if (index === null) throw new Unreadable('it has no place in the log')
      if (log !== place.log) throw new Unreadable('it belongs to another ledger')
      if (index > lastIndex) {
        if (!signed.get(index)?.equals(sha256(value)))
          throw new Unreadable('the log holds another record at its place, or none')
        read.push(readRecord(value, index))
      }
      lastIndex = Math.max(lastIndex, index)
      through = offset
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      return { read, through, lastIndex, stopped: `the record at offset ${offset}: ${error.message}` }
    }
  }
  return { read, through, lastIndex, stopped: null }
}

/** The columns are named by the rows' own keys. */
async function insert(client: PoolClient, read: readonly ReadRecord[]): Promise<void> {
  if (read.length === 0) return
  const into = async (table: string, rows: readonly object[]) => {
    if (rows.length > 0)
      await client.query(
        `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
        [JSON.stringify(rows)],
      )
  }
  await beforeRows(client, read)
  await into(
    'read_access',
    read.map(({ access }) => access),
  )
  await into(
    'read_source',
    read.flatMap(({ sources }) => sources),
  )
  await into(
    'read_withheld',
    read.flatMap(({ withheld }) => withheld),
  )
  await forgetErased(client, read)
}

/** PostgreSQL, appendix A: data exceptions are of class 22, integrity constraint violations of class 23. */
const isUnfit = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code))

/** A record that the tables cannot hold stops the partition as one that cannot be read; those before it are taken. */
async function upToTheUnfit(pool: Pool, fetched: Fetched): Promise<Taken> {
  const { topic, partition, records } = fetched
  if (records.length > 1) {
    const half = Math.ceil(records.length / 2)
    const first = await takeIn(pool, { ...fetched, records: records.slice(0, half) })
    if (first.kind !== 'taken') return first
    const rest = { from: first.through + 1n, isStart: false, records: records.slice(half) }
    return await takeIn(pool, { ...fetched, ...rest })
  }
  const why = `the record at offset ${records[0]?.offset}: it contradicts what was read before`
  await pool.query('update reader_partition set stopped = $3 where topic = $1 and partition = $2', [
    topic,
    partition,
    why,
  ])
  return { kind: 'stopped', why }
}
