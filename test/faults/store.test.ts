/**
 * The store of the ledger is full, frozen, overrun, turned back or out of its time. Whoever asks is told within the
 * deadline that nothing can be shown, and what was shown is on record.
 */
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { openLedger } from '../../gateway/ledger/append.ts'
import { exportLog } from '../../gateway/ledger/tree/export.ts'
import { verifyExport } from '../../gateway/ledger/verify/verify-export.ts'
import { logSigner } from '../../gateway/log-signer.ts'
import { type Cluster, ownCluster } from '../gateway/ledger/cluster.ts'
import { practitioners } from '../gateway/ledger/practitioners.ts'
import { codeOf, type GatewayUnderTest, NOON, openGateway, type Reply } from '../gateway-under-test.ts'
import { smallDisk } from './small-disk.ts'

const run = promisify(execFile)
const DEADLINE = 1_500 // milliseconds
const disk = await smallDisk(200)
if (typeof disk === 'string') console.warn(`left out: a full disk; ${disk}`)

let cluster: Cluster
beforeAll(async () => {
  cluster = await ownCluster(['-c', 'max_connections=40'])
})
const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close()
})
afterAll(async () => {
  await cluster.end()
  if (typeof disk !== 'string') await disk.unmount()
})

async function gatewayOn(name: string, settings: { clock?: () => Date } = {}): Promise<GatewayUnderTest> {
  await cluster.postgres.createDatabase(name)
  const gateway = await openGateway({
    ...settings,
    env: {
      DATABASE_URL: cluster.postgres.url(name),
      LEDGER_DEADLINE_MS: String(DEADLINE),
      LEDGER_CHECKPOINT_FILE: join(cluster.folder, `${name}.checkpoint`),
    },
  })
  open.push(gateway)
  return gateway
}

/** Nobody waits longer than that; a question that is still under way then has met no deadline. */
const within = <T>(milliseconds: number, work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      setTimeout(() => reject(new Error('still no answer')), milliseconds).unref()
    }),
  ])

/** PostgreSQL's own and those that it started, one a connection. */
async function processesOf(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)])
  return [pid, ...stdout.trim().split(/\s+/).map(Number)]
}

function expectWithheld(reply: Reply): void {
  expect(reply.status).toBe(503)
  expect(codeOf(reply)).toMatch(/^LEDGER_(UNAVAILABLE|DEADLINE)$/)
  expect(reply.body.errors[0].message).toMatch(/ recorded( in time)?, so nothing is shown; try again shortly/)
  expect(reply.body.data).toBeUndefined()
  expect(reply.headers.get('retry-after')).toBe('5')
}

async function connected(gateway: GatewayUnderTest): Promise<Client> {
  const client = new Client({ connectionString: gateway.databaseUrl })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

test('PostgreSQL freezes: every caller is told within the deadline, and answers go on when it thaws', async () => {
  const gateway = await gatewayOn('frozen')
  expect((await gateway.ask('lcpp', 'all-four')).status).toBe(200)
  const frozen = await processesOf(cluster.postgres.pid() ?? 0)
  for (const pid of frozen) process.kill(pid, 'SIGSTOP')
  try {
    const asking = Array.from({ length: 15 }, () => gateway.ask('lcpp', 'all-four'))
    for (const reply of await within(15_000, Promise.all(asking))) expectWithheld(reply)
  } finally {
    for (const pid of frozen) process.kill(pid, 'SIGCONT')
  }
  await expect.poll(async () => (await gateway.ask('lcpp', 'all-four')).status, { timeout: 20_000 }).toBe(200)
}, 60_000)

test('every connection of the gateway waits for a lock: callers are told, and none waits for ever', async () => {
  const gateway = await gatewayOn('locked')
  expect((await gateway.ask('lcpp', 'all-four')).status).toBe(200)
  const locker = await connected(gateway)
  await locker.query('BEGIN; LOCK TABLE child_pseudonym IN ACCESS EXCLUSIVE MODE')

  const asking = Array.from({ length: 25 }, () => gateway.ask('lcpp', 'all-four'))
  for (const reply of await within(20_000, Promise.all(asking))) {
    expect(reply.status).toBe(503)
    expect(codeOf(reply)).toMatch(/^(STORE_UNAVAILABLE|LEDGER_UNAVAILABLE|LEDGER_DEADLINE)$/)
    expect(reply.body.data).toBeUndefined()
  }
  await locker.end()
  await expect.poll(async () => (await gateway.ask('lcpp', 'all-four')).status, { timeout: 20_000 }).toBe(200)
}, 60_000)

test('PostgreSQL takes no more connections, and the ledger’s were lost: nothing is shown', async () => {
  const gateway = await gatewayOn('overrun')
  expect((await gateway.ask('lcpp', 'all-four')).status).toBe(200)
  const crowd: Client[] = []
  const ledgers = "application_name = 'sightline ledger' AND datname = 'overrun'"
  const fill = async () => {
    for (;;) {
      const client = await connected(gateway).catch(() => null)
      if (client === null) return
      crowd.push(client)
    }
  }
  await fill()
  await crowd[0]?.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${ledgers}`)
  const left = async () =>
    (await crowd[0]?.query(`SELECT 1 FROM pg_stat_activity WHERE ${ledgers}`))?.rowCount
  await expect.poll(left).toBe(0)
  await fill()

  const reply = await within(15_000, gateway.ask('lcpp', 'all-four'))
  expect(reply.status).toBe(503)
  expect(codeOf(reply)).toMatch(/^LEDGER_(UNAVAILABLE|DEADLINE)$/)
  await Promise.all(crowd.map((client) => client.end()))
  await expect.poll(async () => (await gateway.ask('lcpp', 'all-four')).status, { timeout: 20_000 }).toBe(200)
}, 60_000)

test('an older backup of the database is restored: the gateway does not start on it', async () => {
  const gateway = await gatewayOn('backup')
  const data = join(cluster.folder, 'data')
  const signed = async () =>
    Number((await gateway.pool.query('SELECT size FROM log_checkpoint')).rows[0]?.size ?? 0)
  const backedUp = 5 // more records than one access makes
  await gateway.ask('lcpp', 'all-four')
  await expect.poll(signed, { timeout: 10_000 }).toBeGreaterThan(0)
  await cluster.postgres.stop()
  await run('cp', ['-a', data, `${data}.backup`])
  await cluster.postgres.start()
  await expect.poll(async () => (await gateway.ask('lcpp', 'all-four')).status, { timeout: 20_000 }).toBe(200)
  for (let access = 0; access < backedUp; access++) await gateway.ask('lcpp', 'all-four')
  await expect.poll(() => signed().catch(() => 0), { timeout: 10_000 }).toBeGreaterThan(backedUp)
  await open.pop()?.close()

  await cluster.postgres.stop()
  await rm(data, { recursive: true })
  await run('cp', ['-a', `${data}.backup`, data])
  await cluster.postgres.start()
  await expect(gatewayOn('backup')).rejects.toMatchObject({
    code: 'LEDGER_ROLLED_BACK',
    message: expect.stringMatching(
      /holds \d+ signed records, but \d+ were signed; an older backup was restored/,
    ),
  })
}, 60_000)

test('the clock jumps an hour ahead and two back: order comes from places, and the log is whole', async () => {
  let offset = 0
  const gateway = await gatewayOn('clock', { clock: () => new Date(NOON.getTime() + offset) })
  const receipts: string[] = []
  for (const hours of [0, 1, -1, 0]) {
    offset = hours * 3_600_000
    for (let n = 0; n < 3; n++) {
      const reply = await gateway.ask('lcpp', 'all-four')
      expect(reply.status).toBe(200)
      receipts.push(reply.body.extensions.sightline.eventId)
    }
    const placed = async () => {
      const { rows } = await gateway.pool.query('SELECT event_id FROM access_leaf ORDER BY idx')
      return rows.map((row) => row.event_id as string).filter((id) => receipts.includes(id))
    }
    await expect.poll(async () => (await placed()).length, { timeout: 10_000 }).toBe(receipts.length)
    // what is asked later is placed later, whatever the clock said
    expect(new Set((await placed()).slice(-3))).toEqual(new Set(receipts.slice(-3)))
  }
  const unsigned = `SELECT count(*)::int AS n FROM access_leaf WHERE idx >= (SELECT size FROM log_checkpoint)`
  await expect.poll(async () => (await gateway.pool.query(unsigned)).rows[0]?.n).toBe(0)
  const folder = join(cluster.folder, 'export')
  await exportLog(gateway.pool, folder)
  const { gatewayEnv } = inject('partners')
  const log = logSigner(readConfig({ ...gatewayEnv }))
  expect(await verifyExport(folder, { log })).toMatchObject({ kind: 'whole' })
}, 60_000)

test.skipIf(typeof disk === 'string')(
  'the disk of the database is full: accesses are refused by name, and what was shown is on record',
  async () => {
    if (typeof disk === 'string') return
    const full = await ownCluster(['-c', 'min_wal_size=32MB', '-c', 'max_wal_size=64MB'], disk.folder)
    try {
      const url = await full.ledgerDatabase('full')
      const ledger = await openLedger({ databaseUrl: url, deadlineMs: DEADLINE })
      const asking = practitioners(ledger, 16, 1)
      await asking.more(200)
      await disk.fill()
      await expect.poll(() => asking.codes.size, { timeout: 30_000 }).toBeGreaterThan(0)

      await disk.free()
      await full.postgres.start() // where it could not even end in order
      await asking.more(200)
      await asking.stop()
      await ledger.close()
      expect([...asking.codes].filter((code) => !code.startsWith('LEDGER_'))).toEqual([])
      const { rows } = await full.pool(url).query('SELECT event_id FROM access_event')
      const held = new Set(rows.map(({ event_id }) => event_id))
      expect(asking.acknowledged.filter((id) => !held.has(id))).toEqual([])
    } finally {
      await full.end()
    }
  },
  90_000,
)
