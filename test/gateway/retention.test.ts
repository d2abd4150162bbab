/** Accesses are kept for as long as the partners decided, and the log that they leave still verifies. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { exportLog } from '../../gateway/ledger/tree/export.ts'
import { verifyExport } from '../../gateway/ledger/verify/verify-export.ts'
import { logSigner } from '../../gateway/log-signer.ts'
import { letGo } from '../../gateway/retention.ts'
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

  expect(await letGo({ pool, days: 30, kafka: false, clock: afterDays(29) })).toBe(0)
  // not on Kafka yet, where there is one: nobody else has it
  expect(await letGo({ pool, days: 30, kafka: true, clock: afterDays(31) })).toBe(0)
  expect(await counted('access_event')).toBe(4)

  expect(await letGo({ pool, days: 30, kafka: false, clock: afterDays(31) })).toBe(4)
  for (const table of ['access_event', 'access_grounds']) expect(await counted(table), table).toBe(0)
  expect(await counted('access_leaf')).toBe(4)
  await exportLog(pool, folder)
  const log = logSigner(readConfig({ ...inject('partners').gatewayEnv }))
  expect(await verifyExport(folder, { log })).toMatchObject({ kind: 'whole', erased: 4 })
  expect((await gateway.ask('lcpp', 'all-four')).status).toBe(200)
})

test('a record that is not signed yet is not let go of, however old', async () => {
  const { pool } = gateway
  const old = { pool, days: 30, kafka: false, clock: afterDays(400) }
  await expect.poll(() => counted('access_event'), { timeout: 10_000 }).toBe(3)
  await expect.poll(signed, { timeout: 10_000 }).toBe(7)
  // as it was before the last was signed
  await pool.query('update log_checkpoint set size = 6')
  expect(await letGo(old)).toBe(2)
  expect(await letGo(old)).toBe(0)
  await pool.query('update log_checkpoint set size = 7')
  expect(await letGo(old)).toBe(1)
})
