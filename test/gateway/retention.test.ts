/** Accesses are kept for as long as the partners decided, and the log that they leave still verifies. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { exportLog } from '../../gateway/ledger/tree/export.ts'
import { verifyExport } from '../../gateway/ledger/verify/verify-export.ts'
import { logSigner } from '../../gateway/log-signer.ts'
import { letGo, waitedFor } from '../../gateway/retention.ts'
import { type GatewayUnderTest, NOON, openGateway } from '../gateway-under-test.ts'

const DAY = 24 * 60 * 60_000
const afterDays = (days: number) => () => new Date(NOON.getTime() + days * DAY)

let gateway: GatewayUnderTest
let folder: string
beforeAll(async () => {
  gateway = await openGateway()
  folder = await mkdtemp(join(tmpdir(), 'sightline-retention-'))
})
afterAll(async () => {
  await gateway.close()
  await rm(folder, { recursive: true, force: true })
})

const kept = () => ({
  ...{ pool: gateway.pool, ledger: gateway.opened.house.ledger, days: 30, kafka: false },
  recorder: { source: 'urn:sightline:northshire', node: 'gateway-1', build: '0.1.0' },
})
const counted = async (table: string) =>
  Number((await gateway.pool.query(`select count(*) from ${table}`)).rows[0].count)
const signed = async () =>
  Number((await gateway.pool.query('select size from log_checkpoint')).rows[0]?.size ?? 0)

test('what is older than it is kept is gone with its grounds, what is younger stays, and the log is whole', async () => {
  expect((await gateway.ask('lcpp', 'all-four')).status).toBe(200)
  expect((await gateway.ask('social-worker', 'all-four')).status).toBe(403)
  await expect.poll(() => counted('access_event'), { timeout: 10_000 }).toBe(4)
  await expect.poll(signed, { timeout: 10_000 }).toBe(4)
  const { pool } = gateway

  expect(await letGo({ ...kept(), clock: afterDays(29) })).toBe(0)
  // not on Kafka yet, where there is one: nobody else has it
  const toKafka = { ...kept(), kafka: true, clock: afterDays(31) }
  expect(await letGo(toKafka)).toBe(0)
  expect(await counted('access_event')).toBe(4)
  // nor while a topic lacks one of them, and be it one that has another name since: the operator is told which
  const topics = [
    ['access.renamed.v1', -1],
    ['access.v1', 3],
  ]
  for (const topic of topics)
    await pool.query("insert into access_relayed values ($1, $2, '{}', '{}')", topic)
  expect(await letGo(toKafka)).toBe(0)
  expect(await waitedFor(toKafka)).toEqual(['access.renamed.v1'])
  expect(await waitedFor({ ...toKafka, clock: afterDays(29) })).toEqual([])
  await pool.query('delete from access_relayed')

  expect(await letGo({ ...kept(), clock: afterDays(31) })).toBe(4)
  expect(await counted('access_grounds')).toBe(0)
  // that they are gone is on record, and is kept: whoever counts the gaps needs it
  const { rows } = await pool.query("select convert_from(body, 'utf8')::json as record from access_event")
  expect(rows).toMatchObject([
    { record: { type: 'sightline.access.erased.v1', data: { subjects: [], erasure: { records: 4 } } } },
  ])
  expect(await letGo({ ...kept(), clock: afterDays(400) })).toBe(0)
  expect(await counted('access_leaf')).toBe(5)
  await exportLog(pool, folder)
  const log = logSigner(readConfig({ ...inject('partners').gatewayEnv }))
  expect(await verifyExport(folder, { log })).toMatchObject({ kind: 'whole', erased: 4 })
  expect((await gateway.ask('lcpp', 'all-four')).status).toBe(200)
})

test('what the reader made of them after they were let go of goes as well, and nothing younger', async () => {
  const { pool } = gateway
  const read = (name: string, at: Date) =>
    pool.query(
      `insert into read_access (event_id, idx, type, occurred_at, children, concerns, agreements, released)
       values (gen_random_uuid(), $1, $2, $3, '{}', '{}', '{}', '{}') returning event_id`,
      [name === 'old' ? 1_000 : 1_001, 'sightline.access.released.v1', at],
    )
  const { rows } = await read('old', afterDays(-10)())
  await pool.query("insert into read_withheld values ($1, 'a-rule', 'A_REASON', 1)", [rows[0]?.event_id])
  await read('young', afterDays(-2)())
  expect(await letGo({ ...kept(), clock: afterDays(25) })).toBe(0)
  expect(await counted('read_withheld')).toBe(0)
  const left = await pool.query('select idx::int as idx from read_access')
  expect(left.rows).toEqual([{ idx: 1_001 }])
  await pool.query('delete from read_access')
})

test('a record that is not signed yet is not let go of, however old', async () => {
  const { pool } = gateway
  const old = { ...kept(), clock: afterDays(400) }
  await expect.poll(() => counted('access_event'), { timeout: 10_000 }).toBe(4)
  await expect.poll(signed, { timeout: 10_000 }).toBe(8)
  // as it was before the last was signed, while what is put on record meanwhile counts as handed out
  await pool.query("insert into log_published (size, note) values (1000000, '')")
  await pool.query('update log_checkpoint set size = 7')
  expect(await letGo(old)).toBe(2)
  expect(await letGo(old)).toBe(0)
  await pool.query('update log_checkpoint set size = 8')
  await pool.query('delete from log_published')
  expect(await letGo(old)).toBe(1)
})
