/**
 * Alerts of the ledger as the database keeps them, for all gateways side by side: one row a place, so that each is told
 * once. A row that is taken is left alone by the others for a while, and taken over if its gateway has died.
 */
import type { Pool } from 'pg'
import type { LedgerAlertKind, LedgerFault } from './alert-kind.ts'

export interface LedgerAlert extends Required<LedgerFault> {
  readonly since: Date
  /** it was told before, and still stands */
  readonly reminder: boolean
  /** it is over, and nobody was told while it stood */
  readonly mended: boolean
}

/** With how often this was tried. */
export type TakenAlert = LedgerAlert & { readonly tries: number }

const LEASE = '30 seconds'
const AT_ONCE = 10 // alerts of one look

const RAISED = `
  INSERT INTO ledger_alert AS stood (kind, scope, place, about, since, told_at, next_try)
  VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 millisecond')
  ON CONFLICT (kind, scope, place) DO UPDATE SET about = excluded.about, since = excluded.since, mended_at = NULL,
    told_at = excluded.told_at, tries = 0, next_try = excluded.next_try
  WHERE stood.mended_at IS NOT NULL`

const MENDED = `
  UPDATE ledger_alert SET mended_at = now()
  WHERE kind = $1 AND scope = $2 AND place <> ALL ($3::text[]) AND mended_at IS NULL`

/** What was mended before anybody was told is told all the same. */
const TAKE = `
  UPDATE ledger_alert SET tries = tries + 1, next_try = now() + interval '${LEASE}'
  WHERE (kind, scope, place) IN (
    SELECT kind, scope, place FROM ledger_alert
    WHERE next_try <= now() AND (mended_at IS NULL OR told_at IS NULL)
    ORDER BY next_try LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED)
  RETURNING kind, scope, place, about, since, tries, told_at IS NOT NULL AS reminder, mended_at IS NOT NULL AS mended`

/** Not where it was raised anew meanwhile: that is another alert. */
const SAME = 'kind = $1 AND scope = $2 AND place = $3 AND since = $4'
const TOLD = `
  UPDATE ledger_alert SET told_at = now(), tries = 0, next_try = now() + $5 * interval '1 millisecond'
  WHERE ${SAME}`
const AGAIN = `UPDATE ledger_alert SET next_try = now() + $5 * interval '1 millisecond' WHERE ${SAME}`

const STANDING = `
  SELECT kind, count(*)::int AS places FROM ledger_alert WHERE mended_at IS NULL GROUP BY kind`
const WAITS = 'SELECT 1 FROM ledger_alert WHERE told_at IS NULL LIMIT 1'

const rowOf = ({ kind, scope, place, since }: LedgerAlert) => [kind, scope, place, since]

/** @param remindMs milliseconds after which what still stands is told again */
export function alertTable(pool: Pool, remindMs: number) {
  return {
    /** @param toldAt where it was told already; leaves alone what stands */
    async raised({ kind, scope, place, about, since }: LedgerAlert, toldAt: Date | null): Promise<void> {
      await pool.query(RAISED, [kind, scope, place, about, since, toldAt, toldAt === null ? 0 : remindMs])
    },
    async mended(kind: LedgerAlertKind, scope: string, except: readonly string[]): Promise<void> {
      await pool.query(MENDED, [kind, scope, except])
    },
    async take(): Promise<readonly TakenAlert[]> {
      return (await pool.query<TakenAlert>(TAKE)).rows
    },
    async told(alert: LedgerAlert): Promise<void> {
      await pool.query(TOLD, [...rowOf(alert), remindMs])
    },
    async again(alert: LedgerAlert, inMs: number): Promise<void> {
      await pool.query(AGAIN, [...rowOf(alert), inMs])
    },
    /** how many places stand, by kind */
    async standing(): Promise<Map<LedgerAlertKind, number>> {
      const { rows } = await pool.query<{ kind: LedgerAlertKind; places: number }>(STANDING)
      return new Map(rows.map(({ kind, places }) => [kind, places]))
    },
    /** whether something was not told yet */
    async waits(): Promise<boolean> {
      return (await pool.query(WAITS)).rows.length > 0
    },
  }
}
