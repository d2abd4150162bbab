/** A server that vanishes without a word, as a machine does that lost its power: the log is signed on by the next. */
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../../gateway/ledger/append.ts'
import { openRelay } from '../../../gateway/ledger/relay.ts'
import { noteSigner } from '../../../gateway/ledger/tree/signed-note.ts'
import { closedAfterEach } from '../../closed-after-each.ts'
import { type Cluster, ownCluster } from './cluster.ts'
import { faultsHeard } from './faults-heard.ts'
import { listening, through } from './lossy-proxy.ts'
import { record, released } from './sample.ts'

const open = closedAfterEach()

let cluster: Cluster
beforeAll(async () => {
  cluster = await ownCluster()
}, 60_000)
afterAll(() => cluster.end())

/** Passes everything on, until those who are connected then hear nothing more: not even that the server is gone. */
async function silentProxy() {
  const pairs = new Set<readonly [client: Socket, upstream: Socket]>()
  const server = createServer((client) => {
    const upstream = connect(cluster.postgres.port, '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    client.pipe(upstream)
    upstream.pipe(client, { end: false })
    for (const socket of pair) socket.on('error', () => undefined)
    client.on('close', () => upstream.destroy())
  })
  return {
    port: await listening(server),
    silence() {
      for (const [client, upstream] of pairs) {
        client.unpipe()
        upstream.destroy()
      }
    },
    async close() {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      server.close()
    },
  }
}

test.each([
  { meanwhile: 'the log is signed', asked: null },
  { meanwhile: 'the witnesses are looked up', asked: 'log_witness' },
])(
  'the database’s machine vanishes while $meanwhile: with another in its place accesses are signed again',
  async ({ asked }) => {
    const databaseUrl = await cluster.ledgerDatabase(`vanished_${asked ?? 'alone'}`)
    const holding = new Client({ connectionString: databaseUrl })
    await holding.connect()
    open.push({ close: () => holding.end() })
    if (asked) await holding.query(`BEGIN; LOCK TABLE ${asked}`) // what is asked of it waits, and so is under way
    const proxy = await silentProxy()
    const silent = () => undefined
    const ledger = await openLedger({ databaseUrl, deadlineMs: 5_000 })
    const relay = await openRelay({
      databaseUrl: through(databaseUrl, proxy.port),
      ...{ brokers: [], topic: 'none', partitions: 1, replicationFactor: 1, statementMs: 1_000 },
      signing: {
        signer: noteSigner('log', 'northshire.sightline', Buffer.alloc(32, 1)),
        clock: () => new Date(),
        file: join(cluster.folder, `vanished_${asked ?? 'alone'}`),
      },
      log: { info: silent, warn: silent, error: silent },
      alerts: faultsHeard(),
    })
    open.push(relay, ledger, proxy) // the proxy goes first: whoever waits behind it is told then
    const signed = async () =>
      (await cluster.pool(databaseUrl).query('SELECT size::int FROM log_checkpoint')).rows[0]?.size
    await ledger.append(record(released()))
    await expect.poll(signed, { timeout: 15_000 }).toBe(1)

    proxy.silence()
    await holding.query('ROLLBACK')
    await ledger.append(record(released()))
    await expect.poll(signed, { timeout: 25_000 }).toBe(2)
  },
  60_000,
)
