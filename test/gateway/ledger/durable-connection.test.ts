/** A server that still answers, but no longer keeps what it confirms, or says so in its own way. */
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../../gateway/ledger/append.ts'
import { type Part, startPart } from '../../../gateway/local/part.ts'
import { findPostgresHome } from '../../../gateway/local/postgres-home.ts'
import { closedAfterEach } from '../../closed-after-each.ts'
import { type Cluster, ownCluster } from './cluster.ts'
import { listening, through } from './lossy-proxy.ts'
import { record, released } from './sample.ts'

const open = closedAfterEach()

let cluster: Cluster
let server: Part
/** Run as an administrator runs one: what is not stated in its own file is as PostgreSQL has it, and may be changed. */
beforeAll(async () => {
  cluster = await ownCluster()
  await cluster.postgres.stop()
  const { dataDir, programs, account } = await findPostgresHome(join(cluster.folder, 'data'))
  const { port } = cluster.postgres
  server = await startPart({
    name: 'PostgreSQL',
    command: join(programs, 'postgres'),
    args: ['-D', dataDir, '-p', String(port), '-c', 'unix_socket_directories='],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    account,
    logFile: join(cluster.folder, 'administered.log'),
    ready: () => statement('SELECT 1').then(() => true),
    stopSignal: 'SIGINT',
  })
}, 60_000)
afterAll(async () => {
  await server.stop()
  await cluster.end()
})

async function statement(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: cluster.postgres.url('postgres') })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query(sql)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** @returns once a new connection finds it so: by then those that were open before were told */
async function set(name: string, value: string): Promise<void> {
  await statement(`ALTER SYSTEM SET ${name} = '${value}'`)
  await statement('SELECT pg_reload_conf()')
  await expect.poll(() => statement(`SHOW ${name}`), { timeout: 10_000 }).toEqual([{ [name]: value }])
}

async function ledgerOn(databaseUrl: string) {
  const faults: unknown[] = []
  const ledger = await openLedger({
    ...{ databaseUrl, deadlineMs: 10_000, connections: 1 },
    onFault: (fault) => void faults.push(fault),
  })
  open.push(ledger)
  return { ledger, faults }
}

test.each(['fsync', 'full_page_writes'])(
  '%s is turned off while practitioners ask: no receipt until it is on again',
  async (setting) => {
    const { ledger, faults } = await ledgerOn(await cluster.ledgerDatabase(`reloaded_${setting}`))
    await ledger.append(record(released()))

    await set(setting, 'off')
    try {
      await expect(ledger.append(record(released()))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
      expect(faults[0]).toMatchObject({ code: 'LEDGER_NOT_DURABLE' })
    } finally {
      await set(setting, 'on')
    }
    const after = record(released())
    await expect(ledger.append(after)).resolves.toMatchObject({ eventId: after.id })
  },
)

/** What a server says in English, as one says it that was set to another language: the very same length. */
const TRANSLATED = { English: 'WARNING', German: 'WARNUNG' } as const

test.each(['English', 'German'] as const)(
  'the standby may not have it, says the server in %s: no receipt',
  async (language) => {
    const url = await cluster.ledgerDatabase(`standby_${language.toLowerCase()}`)
    const { ledger, faults } = await ledgerOn(await inLanguage(url, language))
    await ledger.append(record(released()))

    await set('synchronous_standby_names', 'nobody')
    try {
      const appended = expect(ledger.append(record(released()))).rejects.toMatchObject({
        code: 'LEDGER_UNAVAILABLE',
      })
      const waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
      await expect.poll(() => statement(waiting), { timeout: 10_000 }).toHaveLength(1)
      await statement(`SELECT pg_cancel_backend(pid) FROM (${waiting}) AS waiting`)
      await appended
      expect(faults).toMatchObject([{ name: 'ConfirmedWithWarning' }])
    } finally {
      await set('synchronous_standby_names', '')
    }
  },
  30_000,
)

/** @returns the address of the same database, reached through somebody who translates */
async function inLanguage(url: string, language: keyof typeof TRANSLATED): Promise<string> {
  const proxy = createServer((client) => {
    const upstream = connect(cluster.postgres.port, '127.0.0.1')
    upstream.on('data', (bytes) =>
      client.write(bytes.toString('latin1').replace('SWARNING\0', `S${TRANSLATED[language]}\0`), 'latin1'),
    )
    client.pipe(upstream)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => undefined)
      socket.on('close', () => other.destroy())
    }
  })
  const port = await listening(proxy)
  open.push({ close: async () => void proxy.close() })
  return through(url, port)
}

test('a warning as the connection is opened says nothing of a commit: receipts all the same', async () => {
  const url = await cluster.ledgerDatabase('after_an_upgrade')
  // the machine's order of text is another since an upgrade, says the server to everybody who connects
  await statement("UPDATE pg_database SET datcollversion = '0' WHERE datname = 'after_an_upgrade'")
  const { ledger } = await ledgerOn(url)
  const access = record(released())
  await expect(ledger.append(access)).resolves.toMatchObject({ eventId: access.id })
})
