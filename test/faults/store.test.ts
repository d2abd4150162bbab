/**
 * The store of the ledger is full, frozen, overrun, turned back or out of its time. Whoever asks is told within the
 * deadline that nothing can be shown. Once it has healed, what was shown is on record, what is on record is on Kafka, and
 * the log is whole to whoever checks it from outside.
 */
import { execFile } from 'node:child_process'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client, type Pool } from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { openLedger } from '../../gateway/ledger/append.ts'
import { connectKafka } from '../../gateway/ledger/kafka-topic.ts'
import { openRelay } from '../../gateway/ledger/relay.ts'
import { logSigner } from '../../gateway/log-signer.ts'
import { closedAfterEach } from '../closed-after-each.ts'
import { type Cluster, ownCluster } from '../gateway/ledger/cluster.ts'
import { faultsHeard } from '../gateway/ledger/faults-heard.ts'
import { practitioners } from '../gateway/ledger/practitioners.ts'
import { codeOf, type GatewayUnderTest, NOON, openGateway, type Reply } from '../gateway-under-test.ts'
import { NOTHING_LOST, type Reckoning, reckon } from './reckoning.ts'
import { smallDisk } from './small-disk.ts'

const run = promisify(execFile)
const DEADLINE = 1_500 // milliseconds
const disk = await smallDisk(200)
if (typeof disk === 'string') console.warn(`left out: a full disk; ${disk}`)
const { gatewayEnv, kafkaMissing } = inject('partners')
if (kafkaMissing) console.warn(`not looked for on Kafka: ${kafkaMissing} is missing`)
const brokers = gatewayEnv.KAFKA_BROKERS?.split(',') ?? []
const signer = logSigner(readConfig({ ...gatewayEnv }))

let cluster: Cluster
beforeAll(async () => {
  cluster = await ownCluster(['-c', 'max_connections=40'])
})
const open = closedAfterEach()
afterAll(async () => {
  await cluster.end()
  if (typeof disk !== 'string') await disk.unmount()
})

const topicOf = (name: string) => `store.${name}`

async function gatewayOn(
  name: string,
  { deadline = DEADLINE, ...settings }: { deadline?: number; clock?: () => Date } = {},
): Promise<GatewayUnderTest> {
  await cluster.postgres.createDatabase(name)
  const gateway = await openGateway({
    ...settings,
    kafka: true,
    env: {
      KAFKA_TOPIC: topicOf(name),
      DATABASE_URL: cluster.postgres.url(name),
      LEDGER_DEADLINE_MS: String(deadline),
      LEDGER_CHECKPOINT_FILE: join(cluster.folder, `${name}.checkpoint`),
    },
  })
  open.push(gateway)
  return gateway
}

/** Whoever asks, and what was shown to them. */
function asker(gateway: GatewayUnderTest) {
  const shown: string[] = []
  const ask = async (): Promise<Reply> => {
    const reply = await gateway.ask('lcpp', 'all-four')
    if (reply.status === 200) shown.push(reply.body.extensions.sightline.eventId)
    return reply
  }
  return {
    ask,
    shown,
    answers: () => expect.poll(async () => (await ask()).status, { timeout: 20_000 }).toBe(200),
  }
}

/** Once all has a place, a signature, and has arrived where it goes. */
async function healed(pool: Pool, name: string, shown: readonly string[]): Promise<void> {
  expect(shown.length).toBeGreaterThan(0)
  if (kafkaMissing) return
  const behind = async () => {
    const { rows } = await pool.query(`SELECT (SELECT count(*) FROM access_pending)
      + (SELECT count(*) FROM access_leaf WHERE idx >= (SELECT size FROM log_checkpoint)) AS n`)
    return Number(rows[0]?.n)
  }
  await expect.poll(() => behind().catch(() => 'away'), { timeout: 30_000 }).toBe(0)
  const kafka = connectKafka({ brokers })
  const found = (): Promise<Reckoning> => reckon({ pool, kafka, topic: topicOf(name), log: signer, shown })
  await expect.poll(found, { timeout: 30_000, interval: 500 }).toEqual(NOTHING_LOST)
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

/** A connection may have ended since the processes were looked for, and its process with it. */
function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
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
  const { ask, answers, shown } = asker(gateway)
  await answers()
  const frozen = await processesOf(cluster.postgres.pid() ?? 0)
  signalAll(frozen, 'SIGSTOP')
  try {
    const asking = Array.from({ length: 15 }, ask)
    for (const reply of await within(15_000, Promise.all(asking))) expectWithheld(reply)
  } finally {
    signalAll(frozen, 'SIGCONT')
  }
  await answers()
  await healed(gateway.pool, 'frozen', shown)
}, 90_000)

test('every connection of the gateway waits for a lock: callers are told, and none waits for ever', async () => {
  const gateway = await gatewayOn('locked')
  const { ask, answers, shown } = asker(gateway)
  await answers()
  const locker = await connected(gateway)
  await locker.query('BEGIN; LOCK TABLE child_pseudonym IN ACCESS EXCLUSIVE MODE')

  const asking = Array.from({ length: 25 }, ask)
  for (const reply of await within(20_000, Promise.all(asking))) {
    expect(reply.status).toBe(503)
    expect(codeOf(reply)).toMatch(/^(STORE_UNAVAILABLE|LEDGER_UNAVAILABLE|LEDGER_DEADLINE)$/)
    expect(reply.body.data).toBeUndefined()
  }
  await locker.end()
  await answers()
  await healed(gateway.pool, 'locked', shown)
}, 90_000)

test('PostgreSQL takes no more connections, and the ledger’s were lost: nothing is shown', async () => {
  const gateway = await gatewayOn('overrun')
  const { ask, answers, shown } = asker(gateway)
  await answers()
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
  await expect.poll(left, { timeout: 10_000 }).toBe(0)
  await fill()

  const reply = await within(15_000, ask())
  expect(reply.status).toBe(503)
  expect(codeOf(reply)).toMatch(/^LEDGER_(UNAVAILABLE|DEADLINE)$/)
  await Promise.all(crowd.map((client) => client.end()))
  await answers()
  await healed(gateway.pool, 'overrun', shown)
}, 90_000)

test('an older backup of the database is restored: the gateway starts only once the right one is back', async () => {
  const gateway = await gatewayOn('backup')
  const { ask, answers, shown } = asker(gateway)
  const data = join(cluster.folder, 'data')
  const signed = async () =>
    Number((await gateway.pool.query('SELECT size FROM log_checkpoint')).rows[0]?.size ?? 0)
  const backedUp = 5 // more records than one access makes
  await answers()
  await expect.poll(signed, { timeout: 10_000 }).toBeGreaterThan(0)
  await cluster.postgres.stop()
  await run('cp', ['-a', data, `${data}.backup`])
  await cluster.postgres.start()
  await answers()
  for (let access = 0; access < backedUp; access++) await ask()
  await expect.poll(() => signed().catch(() => 0), { timeout: 10_000 }).toBeGreaterThan(backedUp)
  await open.pop()?.close()

  await cluster.postgres.stop()
  await rename(data, `${data}.right`)
  await rename(`${data}.backup`, data)
  await cluster.postgres.start()
  await expect(gatewayOn('backup')).rejects.toMatchObject({
    code: 'LEDGER_ROLLED_BACK',
    message: expect.stringMatching(
      /holds \d+ signed records, but \d+ were signed; an older backup was restored/,
    ),
  })

  await cluster.postgres.stop()
  await rm(data, { recursive: true })
  await rename(`${data}.right`, data)
  await cluster.postgres.start()
  const again = await gatewayOn('backup')
  const later = asker(again)
  await later.answers()
  await healed(again.pool, 'backup', [...shown, ...later.shown])
}, 120_000)

test('the clock jumps an hour ahead and two back: order comes from places, and the log is whole', async () => {
  let offset = 0
  // nothing fails here: every question is answered, also on a busy machine
  const gateway = await gatewayOn('clock', {
    clock: () => new Date(NOON.getTime() + offset),
    deadline: 20_000,
  })
  const { ask, shown: receipts } = asker(gateway)
  for (const hours of [0, 1, -1, 0]) {
    offset = hours * 3_600_000
    for (let n = 0; n < 3; n++) {
      expect((await ask()).status).toBe(200)
    }
    const placed = async () => {
      const { rows } = await gateway.pool.query('SELECT event_id FROM access_leaf ORDER BY idx')
      return rows.map((row) => row.event_id as string).filter((id) => receipts.includes(id))
    }
    await expect.poll(async () => (await placed()).length, { timeout: 10_000 }).toBe(receipts.length)
    // what is asked later is placed later, whatever the clock said
    expect(new Set((await placed()).slice(-3))).toEqual(new Set(receipts.slice(-3)))
  }
  await healed(gateway.pool, 'clock', receipts)
}, 90_000)

test.skipIf(typeof disk === 'string')(
  'the disk of the database is full: accesses are refused by name, and what was shown is on record',
  async () => {
    if (typeof disk === 'string') return
    const full = await ownCluster(['-c', 'min_wal_size=32MB', '-c', 'max_wal_size=64MB'], disk.folder)
    try {
      const url = await full.ledgerDatabase('full')
      const ledger = await openLedger({ databaseUrl: url, deadlineMs: DEADLINE })
      const silent = () => undefined
      const relay = await openRelay({
        ...{ databaseUrl: url, topic: topicOf('full'), brokers, partitions: 1, replicationFactor: 1 },
        signing: { signer, clock: () => new Date(), file: join(full.folder, 'checkpoint') },
        log: { info: silent, warn: silent, error: silent },
        alerts: faultsHeard(),
        pollMs: 20,
      })
      open.push(relay)
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
      await healed(full.pool(url), 'full', asking.acknowledged)
    } finally {
      await open.pop()?.close()
      await full.end()
    }
  },
  120_000,
)
