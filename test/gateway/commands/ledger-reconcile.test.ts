/** `sightline ledger reconcile`, as an operator runs it with a log that an agency has sent. */
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../../gateway/ledger/append.ts'
import { newEventId } from '../../../gateway/ledger/ledger-event.ts'
import { seal } from '../../../gateway/ledger/seal.ts'
import { sequence } from '../../../gateway/ledger/sequence.ts'
import { type Cluster, ownCluster } from '../ledger/cluster.ts'
import { record, released, requested } from '../ledger/sample.ts'
import { operatorEnv, sightline } from './from-terminal.ts'

const AT = '2026-11-21T10:00:00.000Z'
const LARGE = 200_000 // lines
const MEMORY = 64 // MiB; what reads the log whole needs some 200

let cluster: Cluster
let env: Record<string, string>
const receipts = [newEventId(), newEventId()]
const erased = newEventId()
beforeAll(async () => {
  cluster = await ownCluster()
  const databaseUrl = await cluster.ledgerDatabase('reconcile')
  env = operatorEnv(databaseUrl)
  const ledger = await openLedger({ databaseUrl, deadlineMs: 5_000 })
  for (const eventId of [...receipts, erased])
    for (const input of [requested(), released()]) await ledger.append(record({ ...input, eventId }))
  await ledger.close()
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await sequence(client, 1_000)
  await client.query(`DELETE FROM access_event WHERE convert_from(body, 'UTF8') LIKE '%' || $1 || '%'`, [
    erased,
  ])
  await client.end()
}, 60_000)
afterAll(() => cluster.end())

async function logOf(lines: readonly (object | string)[]): Promise<string> {
  const file = join(cluster.folder, `${randomUUID()}.ndjson`)
  await writeFile(
    file,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  )
  return file
}
const reconcile = (file: string, agency = 'northshire-police') =>
  sightline(['ledger', 'reconcile', file, '--agency', agency], env)

test('a log that holds every receipt agrees: it says so, over which time, and ends with 0', async () => {
  const lines = receipts.map((eventId) => ({ eventId, at: AT }))
  expect(await reconcile(await logOf([...lines, { eventId: null, at: '2026-11-21T10:30:00Z' }]))).toEqual({
    code: 0,
    out: `${AT} to 2026-11-21T10:30:00.000Z: 2 accesses agree, 0 differ\n1 lines carry no receipt: they are not the gateway's\n`,
    err: '',
  })
})

test('each difference is a line with its receipt and time, both ways, and the end is 1', async () => {
  const [kept, missing] = receipts
  const stray = randomUUID()
  const log = await logOf([
    { eventId: kept, at: AT },
    { eventId: stray, at: AT },
  ])
  expect(await reconcile(log)).toEqual({
    code: 1,
    out: [
      `ASKED, NOT IN THE LOG: ${missing} at ${AT}`,
      `IN THE LOG, NOT ON RECORD: ${stray} at ${AT}`,
      `${AT} to ${AT}: 1 accesses agree, 2 differ\n`,
    ].join('\n'),
    err: '',
  })
})

test('a receipt of an access for which the gateway says that it did not ask this agency is named', async () => {
  const log = await logOf(receipts.map((eventId) => ({ eventId, at: AT })))
  const { code, out } = await reconcile(log, 'northshire-hospital')
  expect({ code, out }).toEqual({
    code: 1,
    out: [
      ...[...receipts].sort().map((eventId) => `IN THE LOG, NOT ON RECORD: ${eventId} at ${AT}`),
      `${AT} to ${AT}: 0 accesses agree, 2 differ\n`,
    ].join('\n'),
  })
})

test('an agency whose clock is hours away agrees, and so does a receipt whose record was erased', async () => {
  const at = '2026-11-21T15:00:00Z'
  const log = await logOf([...receipts, erased].map((eventId) => ({ eventId, at })))
  expect(await reconcile(log)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/ 3 accesses agree, 0 differ/),
  })
})

test.each([
  ['that is not there', async () => join(cluster.folder, 'nowhere.ndjson'), /^LOG_UNREADABLE: .*ENOENT/],
  ['that is a folder', async () => cluster.folder, /^LOG_UNREADABLE: .*EISDIR/],
  ['that is empty', () => logOf(['']), /^LOG_EMPTY: this log holds no line/],
  ['with a wrong line', () => logOf([{ eventId: null, at: AT }, 'Jaya Kaur']), /^LOG_MALFORMED: line 2 of/],
])('a log %s is refused in one line, and nothing is called agreed', async (_what, log, words) => {
  const { code, out, err } = await reconcile(await log())
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(words)
  expect(err.split('\n')).toHaveLength(2)
})

test('a log that is larger than the memory of the command is compared all the same', async () => {
  const databaseUrl = await cluster.ledgerDatabase('large')
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  const one = record(requested())
  const access = 'access' in one.data ? String(one.data.access) : ''
  await client.query(
    `INSERT INTO access_event
     SELECT gen_random_uuid(), $3, 'no-child', convert_to(replace($1, $2, n::text), 'UTF8') FROM generate_series(1, $4) n`,
    [seal(one).bytes.toString(), access, AT, LARGE],
  )
  await client.end()
  const lines = Array.from({ length: LARGE }, (_, n) =>
    JSON.stringify({ eventId: String(n), at: AT, path: '/crimes' }),
  )
  const log = await logOf(lines)
  const { code, out, err } = await sightline(['ledger', 'reconcile', log, '--agency', 'northshire-police'], {
    ...operatorEnv(databaseUrl),
    NODE_OPTIONS: `--max-old-space-size=${MEMORY}`,
  })
  expect(err).toBe('')
  expect(code).toBe(1)
  expect(out.split('\n').slice(0, 3)).toEqual([
    `ASKED, NOT IN THE LOG: ${LARGE} at ${AT}`,
    `IN THE LOG, NOT ON RECORD: 0 at ${AT}`,
    `${AT} to ${AT}: ${LARGE - 1} accesses agree, 2 differ`,
  ])
}, 120_000)
