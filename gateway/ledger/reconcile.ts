/**
 * Compares an agency's own access log with the ledger, by the receipt that every question carries. Tells both what the
 * gateway has on record and the agency has not, and what reached the agency and is not on record. The database compares,
 * in tables that end with the comparison, so that a log of any length needs no more memory than a short one.
 */
import type { Pool, PoolClient } from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import { inTransaction } from '../access/transaction.ts'
import type { LogEntry } from './agency-log.ts'

export interface Difference {
  readonly kind: 'not in log' | 'not on record'
  readonly eventId: string
  readonly at: Date
}

export interface Reconciled {
  readonly from: Date
  readonly until: Date
  /** receipts that both have */
  readonly agree: number
  /** lines without a receipt */
  readonly without: number
  /** the gateway asked, and the agency's log does not say so: it may not have arrived */
  readonly notInLog: number
  /** it arrived at the agency, and is not on record: somebody must look */
  readonly notOnRecord: number
}

const AT_ONCE = 5_000 // lines, or differences

/** Milliseconds by which two clocks may differ, and a question may be under way. */
const SLACK = 5 * 60_000

const TABLES = `
  CREATE TEMP TABLE agency_line (receipt text NOT NULL, at timestamptz NOT NULL) ON COMMIT DROP;
  CREATE TEMP TABLE agency_logged (receipt text NOT NULL, at timestamptz NOT NULL, id uuid) ON COMMIT DROP;
  CREATE TEMP TABLE agency_asked (receipt text NOT NULL, at timestamptz NOT NULL) ON COMMIT DROP;
  CREATE TEMP TABLE agency_differs (kind text NOT NULL, receipt text NOT NULL, at timestamptz NOT NULL) ON COMMIT DROP`
const LINES = 'INSERT INTO agency_line SELECT * FROM unnest($1::text[], $2::timestamptz[])'
/** A receipt stands in the log as often as the agency's system was asked for one access. */
const LOGGED = `
  INSERT INTO agency_logged
  SELECT receipt, max(at), CASE WHEN receipt ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN receipt::uuid END
  FROM agency_line GROUP BY receipt`
const ASKED = `
  INSERT INTO agency_asked SELECT record #>> '{data,access}', occurred_at
  FROM (SELECT occurred_at, convert_from(body, 'UTF8')::json AS record FROM access_event
    WHERE occurred_at BETWEEN $2 AND $3
      AND position('"type":"sightline.access.requested.v1"'::bytea IN body) > 0) requested
  WHERE EXISTS (SELECT FROM json_array_elements(record #> '{data,asked}') each WHERE each ->> 'agency' = $1)`
const NOT_IN_LOG = `
  INSERT INTO agency_differs SELECT 'not in log', receipt, at FROM agency_asked asked
  WHERE at BETWEEN $1 AND $2 AND NOT EXISTS (SELECT FROM agency_logged WHERE receipt = asked.receipt)`
/** When the accesses of these receipts ended by our own clock: an agency's may be hours away. */
const ENDED = `
  SELECT min(occurred_at) AS first, max(occurred_at) AS last
  FROM access_event JOIN agency_logged ON event_id = id`
/**
 * The place of an erased record stands, and so does its receipt. Of any other the record itself says whom the gateway
 * asked: an agency that is not named there was asked off the record.
 */
const NOT_ON_RECORD = `
  INSERT INTO agency_differs SELECT 'not on record', receipt, at FROM agency_logged logged
  WHERE NOT EXISTS (SELECT FROM agency_asked WHERE receipt = logged.receipt)
    AND NOT EXISTS (SELECT FROM access_leaf LEFT JOIN access_event USING (event_id)
      WHERE access_leaf.event_id = logged.id AND access_event.event_id IS NULL)`
const DIFFERENCES = `
  DECLARE differences NO SCROLL CURSOR FOR
  SELECT kind, receipt AS "eventId", at FROM agency_differs ORDER BY kind, at, receipt`

/**
 * @param tell hears of each difference: what is not in the log first, each kind by its time
 * @throws Refusal LOG_EMPTY
 */
export const reconcile = (
  pool: Pool,
  agency: string,
  entries: AsyncIterable<LogEntry>,
  tell: (difference: Difference) => void,
): Promise<Reconciled> =>
  inTransaction(pool, async (client) => {
    await client.query(TABLES)
    const { from, until, without } = await takeIn(client, entries)
    const { rowCount: logged } = await client.query(LOGGED)
    await client.query('ANALYZE agency_logged')
    await client.query(ASKED, [agency, ...(await within(client, from, until))])
    await client.query('ANALYZE agency_asked')
    const { rowCount: notInLog } = await client.query(NOT_IN_LOG, [from, until])
    const { rowCount: notOnRecord } = await client.query(NOT_ON_RECORD)
    await client.query(DIFFERENCES)
    for (;;) {
      const { rows } = await client.query<Difference>(`FETCH ${AT_ONCE} FROM differences`)
      if (rows.length === 0) break
      for (const difference of rows) tell(difference)
    }
    const [ours, theirs] = [notInLog ?? 0, notOnRecord ?? 0]
    return { from, until, without, agree: (logged ?? 0) - theirs, notInLog: ours, notOnRecord: theirs }
  })

/** The time in which questions can lie that this log tells of. */
async function within(client: PoolClient, from: Date, until: Date): Promise<[Date, Date]> {
  const { rows } = await client.query<{ first: Date | null; last: Date | null }>(ENDED)
  const { first, last } = rows[0] ?? { first: null, last: null }
  const earliest = Math.min(from.getTime(), (first ?? from).getTime())
  const latest = Math.max(until.getTime(), (last ?? until).getTime())
  return [new Date(earliest - SLACK), new Date(latest + SLACK)]
}

/** @returns the time that the log covers, and how many of its lines carry no receipt */
async function takeIn(
  client: PoolClient,
  entries: AsyncIterable<LogEntry>,
): Promise<Pick<Reconciled, 'from' | 'until' | 'without'>> {
  let [from, until, without] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  let [receipts, times]: [string[], Date[]] = [[], []]
  const flush = async () => {
    await client.query(LINES, [receipts, times])
    ;[receipts, times] = [[], []]
  }
  for await (const { eventId, at } of entries) {
    from = Math.min(from, at.getTime())
    until = Math.max(until, at.getTime())
    if (eventId === null) {
      without += 1
      continue
    }
    receipts.push(eventId)
    times.push(at)
    if (receipts.length === AT_ONCE) await flush()
  }
  await flush()
  if (until < from)
    throw new Refusal('LOG_EMPTY', 'this log holds no line, so that it says nothing of what was asked')
  return { from: new Date(from), until: new Date(until), without }
}
