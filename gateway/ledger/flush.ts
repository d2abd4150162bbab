/**
 * Makes one batch of records durable in one transaction: the records, their grounds, and their place in the outbox.
 * Refuses to believe anything but a plain confirmation.
 */
import { DatabaseError } from 'pg'
import { type DurableConnection, refuseUnsafe, SETTINGS_NOW } from './durable-connection.ts'
import type { SealedRecord } from './seal.ts'

/** Stored, but perhaps not on the standby. Asking again would find it stored and settle nothing. */
export class ConfirmedWithWarning extends Error {
  constructor() {
    super("the ledger's commit was confirmed with a warning")
    this.name = 'ConfirmedWithWarning'
  }
}

/**
 * One statement, so one transaction and one way to the server and back: PostgreSQL confirms the statement only once its
 * commit is durable. Any role may switch synchronous_commit off for itself or its database, so every flush says it
 * again: `set_config` with `true` is SET LOCAL. What only an administrator may switch off is told with it. The bodies
 * travel as one value with places: a third of the cost of an array of them (reference: ledger.md, 5).
 */
const append = (name: string, stored = '') => ({
  name,
  text: `
    WITH batch AS (
      SELECT event_id, occurred_at, partition_key, substring($7::bytea FROM start FOR length) AS body,
        grounds_length, substring($7::bytea FROM start + length FOR grounds_length) AS grounds
      FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[], $5::int[], $6::int[])
        AS row (event_id, occurred_at, partition_key, start, length, grounds_length)
    ), stored AS (
      INSERT INTO access_event (event_id, occurred_at, partition_key, body)
      SELECT event_id, occurred_at, partition_key, body FROM batch
      ${stored}
      RETURNING event_id, occurred_at
    ), kept AS (
      INSERT INTO access_grounds (event_id, sealed)
      SELECT event_id, grounds FROM batch JOIN stored USING (event_id) WHERE grounds_length > 0
    ), waiting AS (
      INSERT INTO access_pending (event_id, occurred_at) SELECT event_id, occurred_at FROM stored
    )
    SELECT (SELECT count(*)::int FROM stored) AS stored,
      set_config('synchronous_commit', 'on', true) AS synchronous_commit, ${SETTINGS_NOW}`,
})

const APPEND = append('sightline-append')
/** Costs PostgreSQL a fifth more, so it is asked only where one of the ids is stored already. */
const APPEND_THE_REST = append('sightline-append-the-rest', 'ON CONFLICT (event_id) DO NOTHING')
const ALREADY_STORED = '23505' // PostgreSQL, appendix A: unique_violation

const STORED_ALIKE = `
  SELECT event_id FROM access_event
  JOIN unnest($1::uuid[], $2::bytea[]) AS row (event_id, body) USING (event_id, body)`

/**
 * May be called again with the same records after a doubt: what is stored already stays as it is.
 * @returns the ids that are durable with exactly these bytes; an id that holds another record is not among them
 * @throws whenever the outcome is not certain; the connection must then be cut
 */
export async function flush(
  connection: DurableConnection,
  batch: readonly SealedRecord[],
): Promise<ReadonlySet<string>> {
  const { client } = connection
  const starts: number[] = []
  let length = 0
  for (const record of batch) {
    starts.push(length + 1)
    length += record.bytes.length + groundsLength(record)
  }
  const values = [
    arrayOf(batch.map((record) => record.eventId)),
    arrayOf(batch.map((record) => record.time)),
    arrayOf(batch.map((record) => record.partitionKey)),
    arrayOf(starts),
    arrayOf(batch.map((record) => record.bytes.length)),
    arrayOf(batch.map(groundsLength)),
    packed(connection, batch, length),
  ]
  const appended = await client.query<Appended>({ ...APPEND, values }).catch((fault: unknown) => {
    if (!(fault instanceof DatabaseError) || fault.code !== ALREADY_STORED) throw fault
    return client.query<Appended>({ ...APPEND_THE_REST, values })
  })
  const [answer] = appended.rows
  if (answer?.synchronous_commit !== 'on') throw new Error('the ledger did not confirm a synchronous commit')
  refuseUnsafe(answer)
  if (connection.warned()) throw new ConfirmedWithWarning()
  if (answer.stored === batch.length) return new Set(batch.map((record) => record.eventId))
  const { rows } = await client.query<{ event_id: string }>(STORED_ALIKE, [
    batch.map((record) => record.eventId),
    batch.map((record) => record.bytes),
  ])
  return new Set(rows.map((row) => row.event_id))
}

interface Appended extends Record<string, unknown> {
  readonly stored: number
  readonly synchronous_commit: string
}

/**
 * One for each connection, used again: a new one for each flush fills what V8 lets stand outside its heap, and every
 * other second all callers then wait for a full collection.
 */
const parcels = new WeakMap<DurableConnection, Buffer>()

/** @returns the bodies and grounds one behind the other; good until the connection's next flush */
function packed(connection: DurableConnection, batch: readonly SealedRecord[], length: number): Buffer {
  let parcel = parcels.get(connection)
  if (!parcel || parcel.length < length) {
    parcel = Buffer.allocUnsafe(2 * length)
    parcels.set(connection, parcel)
  }
  let at = 0
  for (const { bytes, grounds } of batch) {
    at += bytes.copy(parcel, at)
    if (grounds) at += grounds.copy(parcel, at)
  }
  return parcel.subarray(0, length)
}

const groundsLength = ({ grounds }: SealedRecord): number => grounds?.length ?? 0

/** PostgreSQL's text form of an array. A sealed record's ids, times and keys hold nothing that needs quotes. */
const arrayOf = (values: readonly (string | number)[]) => `{${values.join(',')}}`
