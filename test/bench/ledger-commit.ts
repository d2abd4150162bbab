/** Group commit beside its rivals, on one PostgreSQL, in one run: compare the ratios, not the figures. */
import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { openGroupCommit } from '../../gateway/ledger/group-commit.ts'
import { newEventId } from '../../gateway/ledger/ledger-event.ts'
import { seal } from '../../gateway/ledger/seal.ts'
import { runTypeScript } from '../../gateway/local/part.ts'
import { type Cluster, ownCluster } from '../gateway/ledger/cluster.ts'
import { record, released, someChild } from '../gateway/ledger/sample.ts'
import type { Appended } from './ledger-appender.ts'
import { at, type Row } from './table.ts'

const CALLERS = 64
const SECONDS = 4

/** One record under ever new ids: what is compared is how it becomes durable. */
const sample = seal(record(released()))
const fresh = () => ({ ...sample, eventId: newEventId() })

const rowOf = (way: string, callers: number, waits: readonly number[], seconds: number): Row => ({
  way,
  callers,
  'records/s': Math.round(waits.length / seconds),
  'p50 ms': at(waits, 0.5),
  'p99 ms': at(waits, 0.99),
})

/** @param appendOne makes one new record durable */
async function measure(
  way: string,
  callers: number,
  appendOne: (caller: number) => Promise<unknown>,
): Promise<Row> {
  const waits: number[] = []
  const run = async (milliseconds: number) => {
    const end = performance.now() + milliseconds
    await Promise.all(
      Array.from({ length: callers }, async (_, caller) => {
        while (performance.now() < end) {
          const start = performance.now()
          await appendOne(caller)
          waits.push(performance.now() - start)
        }
      }),
    )
  }
  await run(1_000)
  waits.length = 0
  const start = performance.now()
  await run(SECONDS * 1_000)
  return rowOf(way, callers, waits, (performance.now() - start) / 1_000)
}

/** Gateways in processes of their own, which build, check and append records as fast as they are confirmed. */
async function byGateways(
  way: string,
  gateways: number,
  databaseUrl: string,
  perSecond = 0,
): Promise<{ row: Row; perSecond: number }> {
  const entry = fileURLToPath(new URL('./ledger-appender.ts', import.meta.url))
  const processes = Array.from({ length: gateways }, () =>
    fork(entry, [databaseUrl, String(CALLERS / gateways), String(SECONDS), String(perSecond / gateways)], {
      execArgv: [...runTypeScript()],
    }),
  )
  const heard = (process: ChildProcess) => once(process, 'message').then(([message]) => message as Appended)
  await Promise.all(processes.map(heard))
  for (const process of processes) process.send('go')
  const appended = await Promise.all(processes.map(heard))
  for (const process of processes) process.disconnect()
  const waits = appended.flatMap((each) => each.waits)
  const seconds = Math.max(...appended.map((each) => each.seconds))
  return { row: rowOf(way, CALLERS, waits, seconds), perSecond: waits.length / seconds }
}

/**
 * A store that has run for a while: its log is written into files of before, where a new one has to make each file
 * first, while everybody waits. The same is done before each way.
 */
async function settled(cluster: Cluster, databaseUrl: string): Promise<() => Promise<unknown>> {
  const pool = cluster.pool(databaseUrl)
  await pool.query('CREATE TABLE written_once (filler bytea)')
  for (let megabytes = 0; megabytes < 1_536; megabytes += 128)
    await pool.query(
      `INSERT INTO written_once SELECT decode(repeat(md5(n::text), 240), 'hex') FROM generate_series(1, 32768) n`,
    )
  await pool.query('DROP TABLE written_once')
  return () => pool.query('CHECKPOINT')
}

export async function commits(): Promise<Row[]> {
  const cluster = await ownCluster(
    ['max_connections=100', 'min_wal_size=1GB', 'max_wal_size=4GB'].flatMap((setting) => ['-c', setting]),
  )
  try {
    const databaseUrl = await cluster.ledgerDatabase('bench')
    const settle = await settled(cluster, databaseUrl)
    const single = async (client: Client) => {
      const { eventId, time, partitionKey, bytes } = fresh()
      await client.query({
        name: 'single',
        text: `WITH e AS (INSERT INTO access_event (event_id, occurred_at, partition_key, body) VALUES ($1, $2, $3, $4))
               INSERT INTO access_pending (event_id, occurred_at) VALUES ($1, $2)`,
        values: [eventId, time, partitionKey, bytes],
      })
    }
    const clients = await Promise.all(
      Array.from({ length: CALLERS }, async () => {
        const client = new Client({ connectionString: databaseUrl })
        await client.connect()
        return client
      }),
    )
    const clientOf = (caller: number) => {
      const client = clients[caller]
      if (!client) throw new Error('no connection')
      return client
    }
    let oneAtATime: Promise<unknown> = Promise.resolve()
    const rows: Row[] = []
    for (const connections of [2, 1] as const) {
      const group = await openGroupCommit({ databaseUrl, deadlineMs: 10_000, connections })
      await settle()
      rows.push(
        await measure(`group commit, ${connections} connections`, CALLERS, () => group.commit(fresh())),
      )
      await group.close()
    }
    await settle()
    rows.push(
      await measure(`single rows, ${CALLERS} connections`, CALLERS, (caller) => single(clientOf(caller))),
    )
    await settle()
    rows.push(
      await measure('single rows, 1 connection', CALLERS, () => {
        oneAtATime = oneAtATime.then(() => single(clientOf(0)))
        return oneAtATime
      }),
    )
    await clientOf(0).query('CREATE TABLE chain (one boolean PRIMARY KEY DEFAULT true, head bytea NOT NULL)')
    await clientOf(0).query("INSERT INTO chain (head) VALUES ('')")
    await settle()
    rows.push(
      await measure(`hash chain in each transaction, ${CALLERS} connections`, CALLERS, async (caller) => {
        const client = clientOf(caller)
        await client.query('BEGIN')
        const { rows } = await client.query<{ head: Buffer }>('SELECT head FROM chain FOR UPDATE')
        const head = createHash('sha256')
          .update(rows[0]?.head ?? '')
          .update(sample.bytes)
          .digest()
        await client.query('UPDATE chain SET head = $1', [head])
        await single(client)
        await client.query('COMMIT')
      }),
    )
    await settle()
    const alone = await byGateways('record built and checked, 1 gateway', 1, databaseUrl)
    await settle()
    const two = await byGateways('record built and checked, 2 gateways', 2, databaseUrl)
    await settle()
    const half = await byGateways(
      'record built and checked, 1 gateway at half of its most',
      1,
      databaseUrl,
      alone.perSecond / 2,
    )
    rows.push(alone.row, two.row, half.row)
    rows.push(
      await measure('no store: record, check, canonical JSON', 1, async () =>
        seal(record(released(someChild()))),
      ),
    )
    await Promise.all(clients.map((client) => client.end()))
    return rows
  } finally {
    await cluster.end()
  }
}
