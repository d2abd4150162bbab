/**
 * Tells a person what is wrong with the ledger itself: once, again where it was mended and comes back, and as a reminder
 * for as long as it stands, whichever of several gateways found it, and across restarts. Never holds up whoever raises
 * it. Tells of topics, witnesses and counts; never of a child or an access. Refuses to stay silent where the database
 * cannot note that it was told: then it is told without that, and may come twice.
 * @see docs/decisions/0024-what-is-wrong-with-the-ledger-is-told.md
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from 'pg'
import { postAlert } from '../post-alert.ts'
import { type FaultReports, type LedgerAlertKind, ledgerAlertKinds, runbookOf } from './alert-kind.ts'
import { alertTable, type LedgerAlert, type TakenAlert } from './alert-table.ts'

export interface LedgerAlerts extends FaultReports {
  /** how many places stand, of every kind. @throws where the database does not answer */
  standing(): Promise<ReadonlyMap<LedgerAlertKind, number>>
  /** Waits until all that was found is acknowledged. @param ms at most so long */
  told(ms: number): Promise<void>
  /** what was not acknowledged is told after the next start */
  close(): Promise<void>
}

export interface LedgerAlertSettings {
  readonly pool: Pool
  /** where alerts are posted; without one they stand in the log, at level fatal */
  readonly url: string | undefined
  /** name of this gateway, in every alert */
  readonly node: string
  readonly clock: () => Date
  readonly log: { fatal(about: object, words: string): void; warn(about: object, words: string): void }
  /** milliseconds until the next try, doubled each time (default one second to five minutes) */
  readonly backoff?: { readonly from: number; readonly to: number }
  /** milliseconds after which what still stands is told again (default four hours) */
  readonly remindMs?: number
  /** milliseconds between two looks for alerts that wait (default 1000) */
  readonly pollMs?: number
}

/** Milliseconds after which a scope is noted as mended once more: another gateway may have raised it meanwhile. */
const MENDED_ANEW = 5 * 60_000

/** What is not in the database yet. */
type Unsaved =
  | {
      readonly kind: 'raised'
      readonly alert: LedgerAlert
      tries: number
      nextTry: number
      toldAt: Date | null
    }
  | {
      readonly kind: 'mended'
      readonly of: readonly [LedgerAlertKind, scope: string, except: readonly string[]]
    }

export function openLedgerAlerts(settings: LedgerAlertSettings): LedgerAlerts {
  const { pool, url, node, clock, log, remindMs = 4 * 3_600_000, pollMs = 1_000 } = settings
  const { from, to } = settings.backoff ?? { from: 1_000, to: 300_000 }
  const table = alertTable(pool, remindMs)
  const stop = new AbortController()
  /** at most one of each place and of each scope; the newest word on one comes last */
  const unsaved = new Map<string, Unsaved>()
  /** places that stand as far as this gateway knows */
  const logged = new Set<string>()
  const mendedAt = new Map<string, { readonly except: string; readonly at: number }>()
  let turning: Promise<void> | null = null

  const bodyOf = ({ kind, scope, about, since, reminder, mended }: LedgerAlert) => ({
    kind,
    at: since.toISOString(),
    where: { gateway: node, scope, ...about },
    what: ledgerAlertKinds[kind],
    do: runbookOf(kind),
    ...{ reminder, mended },
  })
  const againIn = (tries: number) => Math.min(from * 2 ** Math.min(tries - 1, 30), to)

  /** @returns whether it was acknowledged; where there is no address, the log is told and nobody else */
  async function tell(alert: LedgerAlert, tries: number): Promise<boolean> {
    const { kind, scope, reminder } = alert
    if (reminder && tries === 1) log.fatal(bodyOf(alert), ledgerAlertKinds[kind])
    if (url === undefined) return true
    const why = await postAlert(url, bodyOf(alert), stop.signal)
    if (why === null) return true
    const about = { alert: kind, scope, why, againInMs: againIn(tries) }
    log.warn(about, 'an alert was not acknowledged and is posted again')
    return false
  }

  async function save(change: Unsaved): Promise<void> {
    if (change.kind === 'raised') await table.raised(change.alert, change.toldAt)
    else await table.mended(...change.of)
  }

  async function tellTaken({ tries, ...alert }: TakenAlert): Promise<void> {
    if (await tell(alert, tries)) await table.told(alert)
    else await table.again(alert, againIn(tries))
  }

  async function tellUnsaved(): Promise<void> {
    for (const change of [...unsaved.values()]) {
      if (change.kind !== 'raised' || change.toldAt !== null || Date.now() < change.nextTry) continue
      change.tries += 1
      if (await tell(change.alert, change.tries)) change.toldAt = clock()
      else change.nextTry = Date.now() + againIn(change.tries)
    }
  }

  async function turn(): Promise<void> {
    try {
      for (const [key, change] of [...unsaved]) {
        await save(change)
        if (unsaved.get(key) === change) unsaved.delete(key)
      }
      await Promise.all((await table.take()).map(tellTaken))
    } catch {
      await tellUnsaved() // the rest stands in the database, and is told once that answers again
    }
  }

  /** One turn at a time; what comes during one is seen to in the next. */
  function deliver(): Promise<void> {
    if (stop.signal.aborted) return Promise.resolve()
    turning ??= turn().finally(() => {
      turning = null
    })
    return turning
  }

  function note(key: string, change: Unsaved): void {
    unsaved.delete(key)
    unsaved.set(key, change)
    void deliver()
  }

  const timer = setInterval(() => void deliver(), pollMs)
  timer.unref()
  if (url === undefined) log.warn({}, 'ALERT_URL is not set: nobody is paged, alerts stand in this log alone')
  void deliver()

  return {
    raise({ kind, scope, place = '', about = {} }) {
      const key = `${kind} ${scope} ${place}`
      const alert = { kind, scope, place, about, since: clock(), reminder: false, mended: false }
      if (!logged.has(key)) log.fatal(bodyOf(alert), ledgerAlertKinds[kind])
      logged.add(key)
      mendedAt.delete(`${kind} ${scope}`)
      const noted = [...unsaved.keys()]
      if (noted.indexOf(key) > noted.indexOf(`${kind} ${scope}`)) return
      note(key, { kind: 'raised', alert, tries: 0, nextTry: 0, toldAt: null })
    },
    mended(kind, scope, except = []) {
      const key = `${kind} ${scope}`
      const known = mendedAt.get(key)
      if (known?.except === except.join() && Date.now() - known.at < MENDED_ANEW) return
      mendedAt.set(key, { except: except.join(), at: Date.now() })
      const stands = new Set(except.map((place) => `${key} ${place}`))
      for (const each of logged) if (each.startsWith(`${key} `) && !stands.has(each)) logged.delete(each)
      note(key, { kind: 'mended', of: [kind, scope, except] })
    },
    async standing() {
      const found = await table.standing()
      for (const change of unsaved.values()) {
        if (change.kind === 'mended') continue
        const { kind } = change.alert
        found.set(kind, Math.max(1, found.get(kind) ?? 0))
      }
      const kinds = Object.keys(ledgerAlertKinds) as LedgerAlertKind[]
      return new Map(kinds.map((kind) => [kind, found.get(kind) ?? 0]))
    },
    async told(ms) {
      const untold = () =>
        [...unsaved.values()].some((each) => each.kind === 'raised' && each.toldAt === null)
      const until = Date.now() + ms
      do {
        await deliver()
        if (!untold() && !(await table.waits().catch(() => false))) return
        await pause(Math.min(from, 250))
      } while (Date.now() < until)
    },
    async close() {
      clearInterval(timer)
      stop.abort()
      await turning
    },
  }
}
