/**
 * Compares an agency's own access log with the ledger, by the receipt that every question carries. Tells both what the
 * gateway has on record and the agency has not, and what reached the agency and is not on record.
 */
import type { Pool } from 'pg'
import { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'

/** A line of the agency's log, in NDJSON; whatever else stands in it is not read. */
const Line = z.union([
  z.object({ eventId: z.string().nullable(), at: z.iso.datetime({ offset: true }) }),
  z.object({ eventId: z.string().nullable(), time: z.iso.datetime({ offset: true }) }),
])

export interface LogEntry {
  /** the receipt; null for a request that carried none, which is not ours */
  readonly eventId: string | null
  readonly at: Date
}

export interface Difference {
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
  readonly notInLog: readonly Difference[]
  /** it arrived at the agency, and is not on record: somebody must look */
  readonly notOnRecord: readonly Difference[]
}

/** @throws Refusal LOG_MALFORMED, which names the line and does not repeat it */
export const readAgencyLog = (text: string): LogEntry[] =>
  text.split('\n').flatMap((line, n) => {
    if (line.trim() === '') return []
    try {
      const read = Line.parse(JSON.parse(line))
      return [{ eventId: read.eventId, at: new Date('at' in read ? read.at : read.time) }]
    } catch {
      throw new Refusal('LOG_MALFORMED', `line ${n + 1} of the log is no JSON with \`eventId\` and \`at\``)
    }
  })

/** Milliseconds by which two clocks may differ, and a question may be under way. */
const SLACK = 5 * 60_000

const ASKED = `
  SELECT record #>> '{data,access}' AS "eventId", occurred_at AS at
  FROM (SELECT occurred_at, convert_from(body, 'UTF8')::json AS record FROM access_event
    WHERE occurred_at BETWEEN $2 AND $3
      AND position('"type":"sightline.access.requested.v1"'::bytea IN body) > 0) requested
  WHERE EXISTS (SELECT FROM json_array_elements(record #> '{data,asked}') each WHERE each ->> 'agency' = $1)`
/** The place of an erased record stands, and so does its receipt. */
const PLACED = 'SELECT event_id::text AS "eventId" FROM access_leaf WHERE event_id::text = ANY($1)'

export async function reconcile(
  pool: Pool,
  agency: string,
  entries: readonly LogEntry[],
): Promise<Reconciled> {
  const times = entries.map(({ at }) => at.getTime()).sort((a, b) => a - b)
  const [from, until] = [new Date(times[0] ?? 0), new Date(times.at(-1) ?? 0)]
  const within = [new Date(from.getTime() - SLACK), new Date(until.getTime() + SLACK)]
  const { rows: asked } = await pool.query<Difference>(ASKED, [agency, ...within])
  const onRecord = new Set(asked.map(({ eventId }) => eventId))
  const logged = new Map(entries.flatMap(({ eventId, at }) => (eventId ? [[eventId, at] as const] : [])))
  const unknown = [...logged].filter(([eventId]) => !onRecord.has(eventId))
  const { rows: placed } = await pool.query<{ eventId: string }>(PLACED, [unknown.map(([id]) => id)])
  const stands = new Set(placed.map(({ eventId }) => eventId))
  const certain = asked.filter(({ at }) => at >= from && at <= until)
  return {
    ...{ from, until },
    agree: [...logged.keys()].filter((eventId) => onRecord.has(eventId) || stands.has(eventId)).length,
    without: entries.filter(({ eventId }) => eventId === null).length,
    notInLog: certain.filter(({ eventId }) => !logged.has(eventId)),
    notOnRecord: unknown.flatMap(([eventId, at]) => (stands.has(eventId) ? [] : [{ eventId, at }])),
  }
}
