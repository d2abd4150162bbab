/** Promise 1, no record, no data: PostgreSQL is stopped and killed beneath a gateway whose custodians all answer. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { someFree } from '../../gateway/local/ports.ts'
import { type LocalPostgres, startPostgres } from '../../gateway/local/postgres.ts'
import { codeOf, type GatewayUnderTest, openGateway, statesOf } from '../gateway-under-test.ts'

let store: LocalPostgres
let gateway: GatewayUnderTest
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-store-'))
  const [port = 0] = await someFree(1)
  store = await startPostgres({ dataDir: join(folder, 'postgres'), port, password: 'only-in-this-test' })
  await store.createDatabase('ledger')
  gateway = await openGateway({ env: { DATABASE_URL: store.url('ledger') } })
})
afterAll(async () => {
  await gateway.close().catch(() => undefined)
  await store.stop()
  await rm(folder, { recursive: true, force: true })
})

const recorded = async () => {
  const { rows } = await gateway.pool.query(
    "select convert_from(body, 'utf8')::json as record from access_event",
  )
  return rows.map(({ record }) => record)
}

test('an answer is on record before it is read, with its receipt', async () => {
  const reply = await gateway.ask('lcpp', 'all-four')
  const { eventId } = reply.body.extensions.sightline
  const record = (await recorded()).find(({ id }) => id === eventId)
  expect(record.type).toBe('sightline.access.released.v1')
  expect(record.data.purpose.code).toBe('s47-enquiry')
  expect(record.data.decision.bundle).toBe(reply.body.data.child.policyBundle)
  const sources = record.data.disclosure.sources as { custodian: string; state: string }[]
  expect(Object.fromEntries(sources.map(({ custodian, state }) => [custodian, state]))).toEqual(
    statesOf(reply),
  )
  expect(record.data.disclosure.bytes).toBe(Buffer.byteLength(reply.text))
})

test('PostgreSQL killed: no data leaves, and the caller is told so', async () => {
  expect((await gateway.ask('lcpp', 'all-four')).status).toBe(200)
  await store.kill()
  const reply = await gateway.ask('lcpp', 'all-four')
  expect(reply.status).toBe(503)
  expect(codeOf(reply)).toMatch(/^LEDGER_/)
  expect(reply.body.data).toBeUndefined()
  expect(reply.body.errors[0].message).toMatch(/nothing is shown/)
  expect(reply.headers.get('retry-after')).toBe('5')
  const ready = await fetch(`${gateway.url}/health/ready`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toEqual({ ready: false, attention: ['DATABASE_DOWN'] })
  await store.start()
})

test('PostgreSQL is killed while a question is under way: what was shown is on record', async () => {
  const receipts = new Set<string>()
  const asking = Array.from({ length: 12 }, async () => {
    const reply = await gateway.ask('lcpp', 'all-four').catch(() => null)
    if (reply?.status === 200) receipts.add(reply.body.extensions.sightline.eventId)
    else if (reply) expect(reply.body.data).toBeUndefined()
  })
  await new Promise((resolve) => setTimeout(resolve, 120))
  await store.kill()
  await Promise.all(asking)
  await store.start()
  const ids = new Set((await recorded()).map(({ id }) => id))
  for (const receipt of receipts) expect(ids.has(receipt)).toBe(true)
})

test('after PostgreSQL returns, answers go on by themselves', async () => {
  await expect
    .poll(async () => (await gateway.ask('lcpp', 'all-four')).status, { timeout: 20_000, interval: 300 })
    .toBe(200)
})
