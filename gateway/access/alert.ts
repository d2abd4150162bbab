/**
 * What somebody must know of at once. An alert is durable before anything is shown, and names no child and no case.
 * It is posted until it is acknowledged, also after a restart; it may arrive twice, with one event id and kind.
 */
import type { ClientBase, Pool } from 'pg'
import { postAlert } from '../post-alert.ts'

export type AlertKind = 'BREAK_GLASS' | 'CONFLICT_OF_INTEREST'

/** All that leaves the gateway. */
export interface Alert {
  readonly kind: AlertKind
  /** of the access; leads those who may read the ledger to who asked about whom */
  readonly eventId: string
  readonly agency: string
  readonly role: string
  readonly at: Date
}

export interface Alerts {
  /** Durable once this resolves; never waits for the delivery. */
  raise(alert: Alert): Promise<void>
  /** As part of a transaction of the caller's, who calls `deliver` once that is committed. */
  raiseWithin(client: ClientBase, alert: Alert): Promise<void>
  deliver(): void
  /** lets the deliveries under way end; what was not acknowledged is posted after the next start */
  close(): Promise<void>
}

export interface AlertSettings {
  readonly pool: Pool
  /** where alerts are posted; without one they stand in the log and the table only */
  readonly url: string | undefined
  readonly log: { warn(about: object, words: string): void }
  /** milliseconds until the next try, doubled each time (default one second to five minutes) */
  readonly backoff?: { readonly from: number; readonly to: number }
  /** milliseconds between two looks for alerts that wait (default 1000) */
  readonly pollMs?: number
}

/** Another gateway leaves an alert alone for so long, and takes it over if this one has died. */
const LEASE = '30 seconds'
const AT_ONCE = 10 // alerts of one look
const MOST_LOOKS = 4 // so that a slow receiver does not take the connections that answers need

const RAISE = `
  insert into alert (event_id, kind, agency, role, raised_at) values ($1, $2, $3, $4, $5)
  on conflict do nothing`

const TAKE = `
  update alert set tries = tries + 1, next_try = now() + interval '${LEASE}'
  where (event_id, kind) in (
    select event_id, kind from alert where delivered_at is null and next_try <= now()
    order by next_try limit ${AT_ONCE} for update skip locked)
  returning event_id as "eventId", kind, agency, role, raised_at as at, tries`

const DELIVERED = 'update alert set delivered_at = now() where event_id = $1 and kind = $2'
const AGAIN = `
  update alert set next_try = now() + $3 * interval '1 millisecond' where event_id = $1 and kind = $2`

/** Named one by one, so that no column that is added later leaves. */
const bodyOf = ({ kind, eventId, agency, role, at }: Alert) => ({ kind, eventId, agency, role, at })

export function openAlerts(settings: AlertSettings): Alerts {
  const { pool, url, log, backoff = { from: 1_000, to: 300_000 }, pollMs = 1_000 } = settings
  const stop = new AbortController()
  const looks = new Set<Promise<void>>()

  async function deliverOne(to: string, { tries, ...alert }: Alert & { tries: number }): Promise<void> {
    const { kind, eventId } = alert
    const why = await postAlert(to, bodyOf(alert), stop.signal)
    if (why === null) {
      await pool.query(DELIVERED, [eventId, kind])
      return
    }
    const againInMs = Math.min(backoff.from * 2 ** Math.min(tries - 1, 30), backoff.to)
    await pool.query(AGAIN, [eventId, kind, againInMs])
    log.warn({ alert: kind, eventId, why, againInMs }, 'an alert was not acknowledged and is posted again')
  }

  async function look(to: string): Promise<void> {
    try {
      const { rows } = await pool.query<Alert & { tries: number }>(TAKE)
      await Promise.all(rows.map((row) => deliverOne(to, row)))
    } catch (error) {
      log.warn({ name: error instanceof Error ? error.name : 'fault' }, 'alerts wait for the database')
    }
  }

  function deliver(): void {
    if (url === undefined || stop.signal.aborted || looks.size >= MOST_LOOKS) return
    const looking = look(url).finally(() => looks.delete(looking))
    looks.add(looking)
  }

  async function raiseWithin(client: ClientBase | Pool, alert: Alert): Promise<void> {
    const { kind, eventId, agency, role, at } = alert
    await client.query(RAISE, [eventId, kind, agency, role, at])
    log.warn({ alert: kind, eventId, agency, role }, 'alert')
  }

  const timer = setInterval(deliver, pollMs)
  timer.unref()
  deliver()
  return {
    async raise(alert) {
      await raiseWithin(pool, alert)
      deliver()
    },
    raiseWithin,
    deliver,
    async close() {
      clearInterval(timer)
      stop.abort()
      await Promise.all(looks)
    },
  }
}
