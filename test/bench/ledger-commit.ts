/** Group commit beside its rivals, on one PostgreSQL, in one run: compare the ratios, not the figures. */
import { createHash, randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { openLedger } from '../../gateway/ledger/append.ts'
import { openGroupCommit } from '../../gateway/ledger/group-commit.ts'
import { seal } from '../../gateway/ledger/seal.ts'
import { ownCluster } from '../gateway/ledger/cluster.ts'
import { record, released } from '../gateway/ledger/sample.ts'
import { at, type Row } from './table.ts'

const CALLERS = 64
const SECONDS = 4

/** One record under ever new ids: what is compared is how it becomes durable. */
const sample = seal(record(released()))
const fresh = () => ({ ...sample, eventId: randomUUID() })

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
  const perSecond = waits.length / ((performance.now() - start) / 1_000)
  return {
    way,
    callers,
    'records/s': Math.round(perSecond),
    'p50 ms': at(waits, 0.5),
    'p99 ms': at(waits, 0.99),
  }
}

export async function commits(): Promise<Row[]> {
  const cluster = await ownCluster(['-c', 'max_connections=100'])
  try {
    const databaseUrl = await cluster.ledgerDatabase('bench')
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
    const group = await openGroupCommit({ databaseUrl, deadlineMs: 10_000 })
    rows.push(await measure(`group commit, 2 connections`, CALLERS, () => group.commit(fresh())))
    rows.push(
      await measure(`single rows, ${CALLERS} connections`, CALLERS, (caller) => single(clientOf(caller))),
    )
    rows.push(
      await measure('single rows, 1 connection', CALLERS, () => {
        oneAtATime = oneAtATime.then(() => single(clientOf(0)))
        return oneAtATime
      }),
    )
    await clientOf(0).query('CREATE TABLE chain (one boolean PRIMARY KEY DEFAULT true, head bytea NOT NULL)')
    await clientOf(0).query("INSERT INTO chain (head) VALUES ('')")
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
    const ledger = await openLedger({ databaseUrl, deadlineMs: 10_000 })
    rows.push(
      await measure('group commit, record built and checked', CALLERS, () =>
        ledger.append(record(released())),
      ),
    )
    rows.push(
      await measure('no store: record, check, canonical JSON', 1, async () => seal(record(released()))),
    )
    await group.close()
    await ledger.close()
    await Promise.all(clients.map((client) => client.end()))
    return rows
  } finally {
    await cluster.end()
  }
}
