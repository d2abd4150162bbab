/** The log from a terminal: a table that fits a narrow screen, and a rebuild that ends with the same. */
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import { accessesCommand } from '../../../gateway/commands/accesses.ts'
import { readerCommand } from '../../../gateway/commands/reader.ts'
import { storyOf } from '../../../gateway/local/population/stories.ts'
import { type GatewayUnderTest, openGateway } from '../../gateway-under-test.ts'
import { askingAt, printed } from './printed.ts'

const runs = test.skipIf(inject('partners').kafkaMissing !== null)
const NUMBER = storyOf('all-four').nhsNumber

let gateway: GatewayUnderTest
let env: Readonly<Record<string, string>>
beforeAll(async () => {
  const { gatewayEnv } = inject('partners')
  env = { KAFKA_TOPIC: `print.${Date.now()}` }
  gateway = await openGateway({ kafka: true, env })
  env = { ...gatewayEnv, ...env, DATABASE_URL: gateway.databaseUrl }
  askingAt(gateway)
})
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  vi.unstubAllEnvs()
  await gateway.close()
})

const listed = (...args: string[]) => printed(accessesCommand(), '--as', 'ig-lead', ...args)

runs('who asked, when, about whom, why and what came of it, at 80 columns', async () => {
  const columns = Object.getOwnPropertyDescriptor(process.stdout, 'columns')
  Object.defineProperty(process.stdout, 'columns', { value: 80, configurable: true })
  try {
    await gateway.ask('lcpp', 'all-four')
    await gateway.ask('social-worker', 'all-four')
    await expect
      .poll(() => listed('--child', NUMBER, '--purpose', 's47-enquiry'), { timeout: 20_000 })
      .toContain('Daniel Price')
    const table = await listed('--child', NUMBER, '--purpose', 's47-enquiry')
    expect(table).toContain('21 Nov 2026, 12:00')
    expect(table).toMatch(/released: \d+ records of/)
    expect(table).toContain('refused: NO_CASE_RELATIONSHIP')
    expect(table).toContain('no live case relationship · s47-enquiry')
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    expect(table).not.toContain(NUMBER)
  } finally {
    if (columns) Object.defineProperty(process.stdout, 'columns', columns)
    else Reflect.deleteProperty(process.stdout, 'columns')
  }
})

runs('a list that is behind says so on top, and one with nothing in it says that', async () => {
  expect(await listed('--from', '2027-01-01')).toContain('No access is as you ask.')
  await gateway.pool.query('update reader_partition set taken = taken - 1')
  expect(await listed()).toMatch(
    /^Accesses of the whole partnership\nNOT IN HERE YET: \d+ events? of the ledger/,
  )
  await gateway.pool.query('update reader_partition set taken = taken + 1')
})

runs('a rebuild from a terminal ends with the same accesses', async () => {
  const held = async () => (await gateway.pool.query('select event_id from read_access order by idx')).rows
  // what comes after that stands behind it, in the order of the log
  const unread = async () =>
    (
      await gateway.pool.query(
        'select from access_event e where not exists (select from read_access r where r.event_id = e.event_id)',
      )
    ).rowCount
  await expect.poll(unread, { timeout: 20_000 }).toBe(0)
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const before = await held()
  expect(before.length).toBeGreaterThan(3)
  expect(await printed(readerCommand(), 'rebuild')).toMatch(
    /^read \d+ events of print\.\d+ from its start\n$/,
  )
  expect((await held()).slice(0, before.length)).toEqual(before)
})

test.each([
  ['a day that no calendar has', ['--from', '2026-02-30'], 'DAY_WRONG'],
  ['an NHS number with a wrong check digit', ['--child', '9990000019'], 'NHS_NUMBER_INVALID'],
])('%s is refused', async (_what, args, code) => {
  await expect(listed(...args)).rejects.toMatchObject({ code })
})
