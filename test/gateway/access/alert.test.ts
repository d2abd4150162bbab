/** Alerts: on record before anything is shown, delivered until acknowledged, and silent about the child. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Alert, type Alerts, openAlerts } from '../../../gateway/access/alert.ts'
import { type Cluster, ownCluster } from '../ledger/cluster.ts'
import { type Desk, openDesk } from './alert-desk.ts'
import { NOON, type Northshire, newEvent, northshire } from './northshire.ts'

let cluster: Cluster
let at: Northshire
let desk: Desk
const opened: Alerts[] = []
beforeAll(async () => {
  cluster = await ownCluster()
  at = await northshire(cluster, 'alerts')
}, 60_000)
beforeEach(async () => {
  desk = await openDesk()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((alerts) => alerts.close()))
  await desk.close()
  await at.pool.query('delete from alert')
})
afterAll(() => cluster.end())

/** On a busy machine a delivery takes a while. */
const soon = <Found>(look: () => Found) => expect.poll(look, { timeout: 10_000 })

const logged: string[] = []
function open(url: string | undefined): Alerts {
  const log = { warn: (about: object, words: string) => logged.push(JSON.stringify({ ...about, words })) }
  const alerts = openAlerts({ pool: at.pool, url, log, backoff: { from: 50, to: 200 }, pollMs: 50 })
  opened.push(alerts)
  return alerts
}

const alert = (): Alert => ({
  kind: 'BREAK_GLASS',
  eventId: newEvent(),
  agency: 'northshire-council',
  role: 'lcpp',
  at: NOON,
})

const rows = async () =>
  (await at.pool.query('select event_id, delivered_at is not null as delivered, tries from alert')).rows

test('an alert says what happened, where and when, and nothing else leaves', async () => {
  const raised = alert()
  await open(desk.url).raise(raised)
  await soon(() => desk.received).toEqual([{ ...raised, at: '2026-11-21T12:00:00.000Z' }])
  await soon(rows).toEqual([{ event_id: raised.eventId, delivered: true, tries: 1 }])
})

test('it is on record and in the log although nobody can be told', async () => {
  const raised = alert()
  await open(undefined).raise(raised)
  expect(await rows()).toEqual([{ event_id: raised.eventId, delivered: false, tries: 0 }])
  expect(logged.join()).toContain(raised.eventId)
})

test('one that is not acknowledged is posted again until it is', async () => {
  desk.answer = 503
  await open(desk.url).raise(alert())
  await soon(() => desk.received.length).toBeGreaterThan(1)
  desk.answer = 302 // a redirect acknowledges nothing, and is not followed
  const before = desk.received.length
  await soon(() => desk.received.length).toBeGreaterThan(before)
  expect((await rows())[0].delivered).toBe(false)
  desk.answer = 200
  await soon(async () => (await rows())[0].delivered).toBe(true)
  expect(new Set(desk.received.map(({ eventId }) => eventId)).size).toBe(1)
})

test('one that was not acknowledged is posted after a restart', async () => {
  desk.answer = 500
  const raised = alert()
  await open(desk.url).raise(raised)
  await soon(() => desk.received.length).toBeGreaterThan(0)
  await opened.pop()?.close()
  desk.answer = 204
  const before = desk.received.length
  open(desk.url)
  await soon(() => desk.received.slice(before)[0]).toMatchObject({ eventId: raised.eventId })
})

test('a desk that does not answer holds up neither the raising nor the next alert', async () => {
  desk.answer = 'nothing'
  const alerts = open(desk.url)
  await alerts.raise(alert())
  await soon(() => desk.received.length).toBe(1)
  const second = alert()
  await alerts.raise(second)
  await soon(() => desk.received[1]).toMatchObject({ eventId: second.eventId })
})

test('two gateways side by side post an alert once', async () => {
  const gateways = [open(desk.url), open(desk.url)]
  const raised = Array.from({ length: 20 }, alert)
  await Promise.all(raised.map((each, i) => gateways[i % 2]?.raise(each)))
  await soon(async () => (await rows()).every(({ delivered }) => delivered)).toBe(true)
  expect(desk.received.map(({ eventId }) => eventId).sort()).toEqual(
    raised.map(({ eventId }) => eventId).sort(),
  )
})

test('where the row cannot be written, the raising fails', async () => {
  await expect(open(desk.url).raise({ ...alert(), eventId: 'none' })).rejects.toThrow()
  expect(desk.received).toEqual([])
})

test('the address of the desk, which may hold a secret, is not logged', async () => {
  desk.answer = 500
  await open(desk.url).raise(alert())
  await soon(() => logged.join()).toContain('status 500')
  expect(logged.join()).not.toContain('of-the-desk')
})
