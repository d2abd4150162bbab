/** What is wrong with the ledger reaches a person: once, although she could not be reached at first, and never a child. */
import { readFile } from 'node:fs/promises'
import type { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  type LedgerAlertKind,
  type LedgerFault,
  ledgerAlertKinds,
  runbookOf,
} from '../../../gateway/ledger/alert-kind.ts'
import { type LedgerAlerts, openLedgerAlerts } from '../../../gateway/ledger/ledger-alert.ts'
import { openRelay } from '../../../gateway/ledger/relay.ts'
import { type Desk, openDesk } from '../access/alert-desk.ts'
import { type Cluster, ownCluster } from './cluster.ts'
import { signedLedger } from './signed-ledger.ts'

const TEN = new Date('2026-11-21T10:00:00.000Z')

let cluster: Cluster
let pool: Pool
let databaseUrl: string
let desk: Desk
beforeAll(async () => {
  cluster = await ownCluster()
  databaseUrl = await cluster.ledgerDatabase('alerts')
  pool = cluster.pool(databaseUrl)
}, 60_000)
beforeEach(async () => {
  desk = await openDesk()
  said.length = 0
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((alerts) => alerts.close()))
  await desk.close()
  await pool.query('DELETE FROM ledger_alert')
})
afterAll(() => cluster.end())

const opened: LedgerAlerts[] = []
const said: { level: string; about: object; words: string }[] = []
const saidAt = (level: string) => said.filter((each) => each.level === level)

function open(url: string | undefined, remindMs = 3_600_000, on = pool): LedgerAlerts {
  const at = (level: string) => (about: object, words: string) => void said.push({ level, about, words })
  const alerts = openLedgerAlerts({
    ...{ pool: on, url, remindMs, node: 'gateway-1', clock: () => TEN },
    ...{ log: { fatal: at('fatal'), warn: at('warn') }, backoff: { from: 50, to: 200 }, pollMs: 50 },
  })
  opened.push(alerts)
  return alerts
}

const TOPIC = 'sightline.access.v1'
const poison = (partition = 3): LedgerFault => ({
  ...{ kind: 'KAFKA_RECORD_REFUSED', scope: TOPIC, place: String(partition) },
  about: { topic: TOPIC, partition, index: 41 },
})
const mend = (alerts: LedgerAlerts, except: readonly string[] = []) =>
  alerts.mended('KAFKA_RECORD_REFUSED', TOPIC, except)

/** On a busy machine a delivery takes a while. */
const soon = <Found>(look: () => Found) => expect.poll(look, { timeout: 10_000 })
const told = () => desk.received.map(({ kind, reminder, mended }) => ({ kind, reminder, mended }))
const allTold = () =>
  soon(async () => (await pool.query('SELECT 1 FROM ledger_alert WHERE told_at IS NULL')).rows)
const once = { kind: 'KAFKA_RECORD_REFUSED', reminder: false, mended: false }

test('a person who could not be reached at first is told what happened, where, when and what to do', async () => {
  desk.answer = 503
  open(desk.url).raise(poison())
  await soon(() => desk.received.length).toBeGreaterThan(1)
  desk.answer = 204
  await allTold().toEqual([])
  expect(desk.received.at(-1)).toEqual({
    kind: 'KAFKA_RECORD_REFUSED',
    at: '2026-11-21T10:00:00.000Z',
    where: { gateway: 'gateway-1', scope: TOPIC, topic: TOPIC, partition: 3, index: 41 },
    what: ledgerAlertKinds.KAFKA_RECORD_REFUSED,
    do: 'gateway/ledger/README.md#kafka_record_refused',
    reminder: false,
    mended: false,
  })
  expect(saidAt('warn')[0]?.about).toMatchObject({ alert: 'KAFKA_RECORD_REFUSED', why: 'status 503' })
  expect(JSON.stringify(said)).not.toContain('of-the-desk')
})

test('what stands is told once, by whichever gateways find it how often, and after a restart', async () => {
  const two = [open(desk.url), open(desk.url)]
  for (const alerts of two) for (let n = 0; n < 5; n++) alerts.raise(poison())
  await soon(told).toEqual([once])
  await opened.pop()?.close()
  open(desk.url).raise(poison())
  two[0]?.raise(poison(4))
  await soon(told).toEqual([once, once])
  expect((await two[0]?.standing())?.get('KAFKA_RECORD_REFUSED')).toBe(2)
})

test('where it was mended and comes back, a person is told again; mended in part is not mended', async () => {
  const alerts = open(desk.url)
  for (const partition of [3, 4]) alerts.raise(poison(partition))
  await soon(told).toHaveLength(2)
  mend(alerts, ['4'])
  await soon(async () => (await alerts.standing()).get('KAFKA_RECORD_REFUSED')).toBe(1)
  alerts.raise(poison(4))
  alerts.raise(poison(3))
  await soon(told).toHaveLength(3)
  expect(desk.received.at(-1)).toMatchObject({ where: { partition: 3 }, reminder: false })
  mend(alerts)
  await soon(async () => (await alerts.standing()).get('KAFKA_RECORD_REFUSED')).toBe(0)
})

test('while it stands, a person is reminded', async () => {
  const alerts = open(desk.url, 100)
  alerts.raise(poison())
  await soon(told).toEqual(expect.arrayContaining([once, { ...once, reminder: true }]))
  mend(alerts)
  await soon(async () => (await alerts.standing()).get('KAFKA_RECORD_REFUSED')).toBe(0)
})

test('what was over before anybody could be told is told all the same', async () => {
  desk.answer = 'nothing'
  const alerts = open(desk.url)
  const lost: LedgerFault = { kind: 'KAFKA_LOST_ACCESSES', scope: TOPIC }
  alerts.raise(lost)
  alerts.mended(lost.kind, TOPIC)
  await soon(() => desk.received.length).toBeGreaterThan(0)
  await opened.pop()?.close()
  await pool.query('UPDATE ledger_alert SET next_try = now()')
  desk.answer = 204
  const before = desk.received.length
  open(desk.url)
  await soon(() => told().slice(before)).toEqual([{ kind: lost.kind, reminder: false, mended: true }])
})

test('while the database is away, a person is told all the same', async () => {
  const away = cluster.pool(databaseUrl.replace(/\/[^/]*$/, '/none'))
  const alerts = open(desk.url, 3_600_000, away)
  desk.answer = 500
  alerts.raise(poison())
  await soon(() => desk.received.length).toBeGreaterThan(0)
  desk.answer = 204
  const refused = desk.received.length
  await soon(() => desk.received.length).toBe(refused + 1)
  for (let n = 0; n < 5; n++) alerts.raise(poison())
  await alerts.told(300)
  expect(desk.received).toHaveLength(refused + 1)
})

test('without an address the log says so at once, and tells every alert at its highest level', async () => {
  const alerts = open(undefined, 100)
  expect(saidAt('warn')).toEqual([
    { level: 'warn', about: {}, words: expect.stringMatching(/^ALERT_URL is not set: nobody is paged/) },
  ])
  for (let n = 0; n < 5; n++) alerts.raise(poison())
  expect(saidAt('fatal')).toEqual([
    {
      level: 'fatal',
      about: expect.objectContaining({ kind: 'KAFKA_RECORD_REFUSED', do: runbookOf('KAFKA_RECORD_REFUSED') }),
      words: ledgerAlertKinds.KAFKA_RECORD_REFUSED,
    },
  ])
  await soon(() => saidAt('fatal').at(-1)?.about).toMatchObject({ reminder: true })
})

test('a desk that does not answer holds up neither who raises nor who closes', async () => {
  desk.answer = 'nothing'
  const alerts = open(desk.url)
  for (let partition = 0; partition < 300; partition++) alerts.raise(poison(partition))
  await soon(() => desk.received.length).toBeGreaterThan(0)
  await alerts.close()
  expect(await alerts.standing().then((kinds) => kinds.get('KAFKA_RECORD_REFUSED'))).toBe(300)
})

const DAMAGE: readonly (readonly [LedgerAlertKind, string])[] = [
  ['LEDGER_ALTERED', "UPDATE access_leaf SET sha256 = sha256('another') WHERE idx = 2"],
  ['LEDGER_ROLLED_BACK', 'DELETE FROM log_checkpoint; DELETE FROM log_tile; DELETE FROM access_leaf'],
]

test.each(DAMAGE)(
  'a gateway that finds %s tells a person before it refuses to start',
  async (kind, damage) => {
    const ledger = await signedLedger(cluster, kind.toLowerCase())
    await ledger.add(5)
    const alerts = open(desk.url, 3_600_000, ledger.pool)
    const { host, port, user, password, database } = ledger.client
    const start = () =>
      openRelay({
        databaseUrl: `postgres://${user}:${password}@${host}:${port}/${database}`,
        ...{ brokers: [], topic: TOPIC, partitions: 1, replicationFactor: 1, alerts },
        signing: { signer: ledger.signer, clock: () => TEN, file: ledger.file },
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      })
    await ledger.pool.query(damage)
    for (let restarts = 0; restarts < 3; restarts++) {
      await expect(start()).rejects.toMatchObject({ code: kind })
      await alerts.told(10_000)
    }
    expect(told()).toEqual([{ kind, reminder: false, mended: false }])
    await ledger.end()
  },
)

test('for every alert the runbook says what happened, whom it touches and what to do', async () => {
  const runbook = await readFile(new URL('../../../gateway/ledger/README.md', import.meta.url), 'utf8')
  for (const kind of Object.keys(ledgerAlertKinds)) {
    const [, section = ''] = runbook.split(`\n### ${kind}\n`)
    const [own = ''] = section.split(/\n##/)
    expect(own, kind).toMatch(/What happened:[\s\S]+Whom it touches:[\s\S]+What to do:/)
  }
})
