import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../../gateway/ledger/append.ts'
import { type Cluster, ownCluster } from './cluster.ts'
import { lossyProxy, through } from './lossy-proxy.ts'
import { practitioners } from './practitioners.ts'
import { record, released } from './sample.ts'

let cluster: Cluster
beforeAll(async () => {
  // What is not flushed at COMMIT stays in memory for ten seconds: a promise that was not kept shows.
  cluster = await ownCluster(['-c', 'wal_writer_delay=10000', '-c', 'wal_writer_flush_after=0'])
}, 60_000)
afterAll(() => cluster.end())

async function recorded(url: string): Promise<Set<string>> {
  const { rows } = await cluster.pool(url).query<{ event_id: string }>('SELECT event_id FROM access_event')
  return new Set(rows.map(({ event_id }) => event_id))
}

async function statement(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

test('PostgreSQL killed under load, four times: every access that got a receipt is on record', async () => {
  const url = await cluster.ledgerDatabase('killed')
  // an administrator's slip that would lose the last moments' records, were it not overruled in every flush
  await statement(cluster.postgres.url('postgres'), 'ALTER DATABASE killed SET synchronous_commit = off')
  const ledger = await openLedger({ databaseUrl: url, deadlineMs: 2_000 })
  const asking = practitioners(ledger, 16)

  for (let round = 1; round <= 4; round++) {
    await asking.more(100)
    await cluster.postgres.kill()
    await cluster.postgres.start()
  }
  await asking.stop()
  await ledger.close()

  const held = await recorded(url)
  expect(asking.acknowledged.filter((id) => !held.has(id))).toEqual([])
  expect([...asking.codes].filter((code) => !code.startsWith('LEDGER_'))).toEqual([])
}, 120_000)

test('PostgreSQL stopped: no receipt and a clear code; once it is back, receipts again', async () => {
  const url = await cluster.ledgerDatabase('stopped')
  const ledger = await openLedger({ databaseUrl: url, deadlineMs: 3_000 })
  await ledger.append(record(released()))

  await cluster.postgres.stop()
  await expect(ledger.append(record(released()))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })

  await cluster.postgres.start()
  const after = record(released())
  await expect(ledger.append(after)).resolves.toMatchObject({ eventId: after.id })
  await ledger.close()
}, 60_000)

test('a database that hangs: the answer is withheld at the deadline', async () => {
  const url = await cluster.ledgerDatabase('hangs')
  const ledger = await openLedger({ databaseUrl: url, deadlineMs: 300 })
  const blocker = new Client({ connectionString: url })
  await blocker.connect()
  await blocker.query('BEGIN; LOCK TABLE access_event IN ACCESS EXCLUSIVE MODE')

  const waiting = Array.from({ length: 20 }, () => ledger.append(record(released())))
  const outcomes = await Promise.allSettled(waiting)

  expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual(
    Array(20).fill('LEDGER_DEADLINE'),
  )
  await blocker.query('ROLLBACK')
  await blocker.end()
  const after = record(released())
  await expect
    .poll(
      () =>
        ledger.append(after).then(
          ({ eventId }) => eventId,
          () => null,
        ),
      { timeout: 15_000 },
    )
    .toBe(after.id)
  await ledger.close()
}, 30_000)

test('the reply to COMMIT is lost: the same record is appended again and stays one record', async () => {
  const url = await cluster.ledgerDatabase('reply')
  const proxy = await lossyProxy(cluster.postgres.port)
  const ledger = await openLedger({ databaseUrl: through(url, proxy.port), deadlineMs: 5_000 })
  const access = record(released())

  proxy.loseNextCommitReply()
  await expect(ledger.append(access)).resolves.toMatchObject({ eventId: access.id })

  expect(proxy.commitsSeen()).toBe(3) // confirmed unheard; refused as stored already; found stored alike
  expect([...(await recorded(url))]).toEqual([access.id])
  const { rows } = await cluster.pool(url).query('SELECT event_id FROM access_pending')
  expect(rows).toEqual([{ event_id: access.id }])
  await ledger.close()
  await proxy.close()
})

test('the reply is lost and the database cannot be asked again: nothing is shown, though it is on record', async () => {
  const url = await cluster.ledgerDatabase('doubt')
  const proxy = await lossyProxy(cluster.postgres.port)
  const ledger = await openLedger({
    databaseUrl: through(url, proxy.port),
    deadlineMs: 5_000,
    connections: 1,
  })
  const access = record(released())

  proxy.loseNextCommitReply()
  proxy.refuseAll()
  await expect(ledger.append(access)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })

  expect([...(await recorded(url))]).toEqual([access.id])
  await ledger.close()
  await proxy.close()
})

test('accesses that are inserted, and fail only as they are committed, get no receipt', async () => {
  const url = await cluster.ledgerDatabase('at_commit')
  await statement(
    url,
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused at commit'; END $$;
     CREATE CONSTRAINT TRIGGER refusing AFTER INSERT ON access_event DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION refuse()`,
  )
  const ledger = await openLedger({ databaseUrl: url, deadlineMs: 5_000 })

  await expect(ledger.append(record(released()))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })

  expect([...(await recorded(url))]).toEqual([])
  await statement(url, 'DROP TRIGGER refusing ON access_event')
  await expect(ledger.append(record(released()))).resolves.toMatchObject({ eventId: expect.any(String) })
  await ledger.close()
})

test('accesses that wait for their commit, and those whose reply waits, have no receipt yet', async () => {
  const url = await cluster.ledgerDatabase('held')
  const proxy = await lossyProxy(cluster.postgres.port)
  const ledger = await openLedger({ databaseUrl: through(url, proxy.port), deadlineMs: 10_000 })
  for (const hold of [proxy.holdNextCommit, proxy.holdNextReply]) {
    const before = await recorded(url)
    const held = hold()
    const access = record(released())
    let receipt = false
    const appended = ledger.append(access).then(() => {
      receipt = true
    })
    await held
    expect(receipt).toBe(false)
    const committed = [...(await recorded(url))].filter((id) => !before.has(id))
    expect(committed).toEqual(hold === proxy.holdNextReply ? [access.id] : [])

    proxy.letGo()
    await appended
    expect(await recorded(url)).toContain(access.id)
  }
  await ledger.close()
  await proxy.close()
})
