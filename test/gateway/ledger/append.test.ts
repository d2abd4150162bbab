import { afterAll, beforeAll, expect, test } from 'vitest'
import { isDurableReceipt, type Ledger, openLedger } from '../../../gateway/ledger/append.ts'
import { seal } from '../../../gateway/ledger/seal.ts'
import { type Cluster, ownCluster } from './cluster.ts'
import { record, released } from './sample.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await ownCluster()
}, 60_000)
afterAll(() => cluster.end())

const opened: Ledger[] = []
afterAll(() => Promise.all(opened.map((ledger) => ledger.close())))

async function ledgerOn(databaseUrl: string, deadlineMs = 5_000): Promise<Ledger> {
  const ledger = await openLedger({ databaseUrl, deadlineMs })
  opened.push(ledger)
  return ledger
}

test('a receipt names the access, whose exact bytes are then in the ledger and in the outbox', async () => {
  const url = await cluster.ledgerDatabase('exact')
  const ledger = await ledgerOn(url)
  const access = record(released())

  const receipt = await ledger.append(access)

  expect(isDurableReceipt(receipt)).toBe(true)
  expect(receipt).toMatchObject({ eventId: access.id, time: access.time })
  const { rows } = await cluster
    .pool(url)
    .query('SELECT body FROM access_event JOIN access_pending USING (event_id) WHERE event_id = $1', [
      access.id,
    ])
  expect(rows).toEqual([{ body: seal(access).bytes }])
})

test('sixty-four practitioners at once share transactions, and each has her own receipt and record', async () => {
  const url = await cluster.ledgerDatabase('group')
  const ledger = await ledgerOn(url)
  const pool = cluster.pool(url)
  const accesses = Array.from({ length: 640 }, () => record(released()))
  const next = accesses.values()

  const receipts: string[] = []
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      for (const access of next)
        receipts.push((await ledger.append(access, Buffer.from(`grounds of ${access.id}`))).eventId)
    }),
  )

  expect(receipts.sort()).toEqual(accesses.map(({ id }) => id).sort())
  const stored = await pool.query<{ id: string; body: Buffer; grounds: Buffer }>(
    'SELECT event_id AS id, body, sealed AS grounds FROM access_event JOIN access_grounds USING (event_id)',
  )
  expect(new Map(stored.rows.map(({ id, body, grounds }) => [id, `${body} ${grounds}`]))).toEqual(
    new Map(accesses.map((access) => [access.id, `${seal(access).bytes} grounds of ${access.id}`])),
  )
  const { rows } = await pool.query<{ transactions: number; records: number }>(
    'SELECT count(DISTINCT xmin::text)::int AS transactions, count(*)::int AS records FROM access_event',
  )
  expect(rows[0]?.records).toBe(640)
  expect(rows[0]?.transactions).toBeLessThan(160)
})

test('a record appended again under its id stays one record', async () => {
  const url = await cluster.ledgerDatabase('again')
  const ledger = await ledgerOn(url)
  const access = record(released())

  const both = await Promise.all([ledger.append(access), ledger.append(access)])

  expect(both.map(({ eventId }) => eventId)).toEqual([access.id, access.id])
  const { rows } = await cluster.pool(url).query('SELECT 1 FROM access_event')
  expect(rows).toHaveLength(1)
})

test('another record under the same id gets no receipt, and does not replace the first', async () => {
  const url = await cluster.ledgerDatabase('swap')
  const ledger = await ledgerOn(url)
  const first = record(released())
  await ledger.append(first)

  await expect(ledger.append(record({ ...released(), eventId: first.id }))).rejects.toThrow(
    'an access record was appended under the id of another',
  )

  const { rows } = await cluster.pool(url).query('SELECT body FROM access_event')
  expect(rows).toEqual([{ body: seal(first).bytes }])
})

test('a record that does not fit its schema is a fault: no receipt, and nothing stored', async () => {
  const url = await cluster.ledgerDatabase('misfit')
  const ledger = await ledgerOn(url)
  const access = record(released())

  await expect(ledger.append({ ...access, data: { ...access.data, note: 'rang mother' } })).rejects.toThrow(
    'access record does not fit its schema at `/data`',
  )

  expect((await cluster.pool(url).query('SELECT 1 FROM access_event')).rows).toEqual([])
})

test('more accesses than may wait are refused at once, with a code of their own', async () => {
  const url = await cluster.ledgerDatabase('busy')
  const ledger = await openLedger({ databaseUrl: url, deadlineMs: 5_000, queueLimit: 10 })
  opened.push(ledger)

  const outcomes = await Promise.allSettled(
    Array.from({ length: 30 }, () => ledger.append(record(released()))),
  )

  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused.map(({ reason }) => reason.code)).toEqual(Array(20).fill('LEDGER_BUSY'))
  expect((await cluster.pool(url).query('SELECT 1 FROM access_event')).rows).toHaveLength(10)
})

test('after close no receipt is given', async () => {
  const ledger = await openLedger({ databaseUrl: await cluster.ledgerDatabase('closed'), deadlineMs: 5_000 })
  await ledger.close()
  await expect(ledger.append(record(released()))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
})

test.each(['fsync', 'full_page_writes'])(
  'a database with %s off is refused at the start',
  async (setting) => {
    const unsafe = await ownCluster(['-c', `${setting}=off`])
    try {
      const databaseUrl = await unsafe.ledgerDatabase('unsafe')
      await expect(openLedger({ databaseUrl, deadlineMs: 5_000 })).rejects.toMatchObject({
        code: 'LEDGER_NOT_DURABLE',
        message: expect.stringContaining(`\`${setting}\` off`),
      })
    } finally {
      await unsafe.end()
    }
  },
  60_000,
)
