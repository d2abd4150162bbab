/** `sightline ledger erase-child`, as an operator types it: nothing is erased that she did not confirm. */
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../../gateway/ledger/append.ts'
import { childPseudonyms, type Pseudonym } from '../../../gateway/ledger/pseudonym.ts'
import { openRelay, type Relay } from '../../../gateway/ledger/relay.ts'
import { noteSigner } from '../../../gateway/ledger/tree/signed-note.ts'
import { nhsNumber } from '../../../schema/nhs-number.ts'
import { type Cluster, ownCluster } from '../ledger/cluster.ts'
import { faultsHeard } from '../ledger/faults-heard.ts'
import { key, record, released, requested } from '../ledger/sample.ts'
import { operatorEnv, sightline } from './from-terminal.ts'

const MAYA = '9990000018'
const OTHER = '9990000026'

let cluster: Cluster
let client: Client
let relay: Relay
let env: Record<string, string>
let maya: Pseudonym
beforeAll(async () => {
  cluster = await ownCluster()
  const databaseUrl = await cluster.ledgerDatabase('erase')
  env = operatorEnv(databaseUrl, key.toString('base64'))
  const { pidOf } = childPseudonyms({ pool: cluster.pool(databaseUrl), key })
  maya = await pidOf(nhsNumber(MAYA))
  const ledger = await openLedger({ databaseUrl, deadlineMs: 5_000 })
  const inputs = [requested(maya), released(maya), released(await pidOf(nhsNumber(OTHER)))]
  for (const input of inputs) await ledger.append(record(input))
  await ledger.close()
  client = new Client({ connectionString: databaseUrl })
  await client.connect()
  const silent = () => undefined
  relay = await openRelay({
    ...{ databaseUrl, brokers: [], topic: 'none', partitions: 1, replicationFactor: 1, pollMs: 20 },
    signing: {
      signer: noteSigner('log', 'northshire.sightline', Buffer.alloc(32, 1)),
      clock: () => new Date(),
      file: join(cluster.folder, 'checkpoint'),
    },
    log: { info: silent, warn: silent, error: silent },
    alerts: faultsHeard(),
  })
}, 60_000)
afterAll(async () => {
  await relay.close()
  await client.end()
  await cluster.end()
})

const erase = (typed: string, ...args: readonly string[]) =>
  sightline(['ledger', 'erase-child', ...args], env, typed)
const resting = async () => {
  const { rows } = await client.query(
    `SELECT
    (SELECT count(*)::int FROM access_event WHERE partition_key = $1) AS records,
    (SELECT count(*)::int FROM child_pseudonym WHERE pid = $1) AS ties`,
    [maya],
  )
  return rows[0]
}

test.each([
  ['another pseudonym', 'p-AAAAAAAAAAAAAAAAAAAAAA\n'],
  ['yes', 'yes\n'],
  ['only a return key', '\n'],
  ['nothing, and her terminal is gone', ''],
])('what is confirmed with %s is not erased', async (_what, typed) => {
  const { code, out, err } = await erase(typed, maya)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toBe(
    `All records about ${maya} will be erased. Type the pseudonym again: NOT_CONFIRMED: nothing was erased\n`,
  )
  expect(await resting()).toEqual({ records: 2, ties: 1 })
})

test.each([
  ['a number of nobody', ['9990000034\n'], [], /^NHS number: CHILD_UNKNOWN: the ledger knows no child/],
  ['a number that is none', ['9990000019\n'], [], /^NHS number: NHS_NUMBER_INVALID: /],
  ['no number', [''], [], /^NHS number: NHS_NUMBER_INVALID: /],
  ['a name in the place of a pseudonym', [''], ['Maya'], /^PSEUDONYM_INVALID: a pseudonym is `p-` and 22/],
])('%s erases nothing, and is not repeated', async (_what, [typed = ''], args, words) => {
  const { code, out, err } = await erase(typed, ...args)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(words)
  expect(err).not.toMatch(/99900000|Maya/)
  expect(err.trimEnd().split('\n')).toHaveLength(1)
  expect(await resting()).toEqual({ records: 2, ties: 1 })
})

test('what only looks like a pseudonym is of nobody, and stands in no record afterwards', async () => {
  const typed = 'p-RobinTheChildBorn2014-'
  const { code, out, err } = await erase('', typed, '--yes')
  expect({ code, out, err }).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^CHILD_UNKNOWN: /),
  })
  const { rows } = await client.query(
    "SELECT FROM access_event WHERE position(convert_to($1, 'UTF8') IN body) > 0",
    [typed],
  )
  expect(rows).toHaveLength(0)
})

test('by her number, confirmed: her records go, others stay, and what remains elsewhere is said', async () => {
  const { code, out, err } = await erase(`${MAYA}\n${maya}\n`)
  expect(err).toBe(`NHS number: All records about ${maya} will be erased. Type the pseudonym again: `)
  expect(code).toBe(0)
  expect(out).toMatch(
    /^2 records were erased; their places in the log stand. The erasure is on record as [0-9a-f-]{36}\n([a-z-]+ is told on its own topic: it was given 2 copies that name this pseudonym\n){3}What remains elsewhere/,
  )
  for (const elsewhere of ['Kafka', 'backups', 'register and reviews'])
    expect(out).toContain(`\n  ${elsewhere}`)
  expect(out + err).not.toContain(MAYA)
  // what tells of the erasure itself
  expect(await resting()).toEqual({ records: 1, ties: 0 })
  const { rows } = await client.query('SELECT count(*)::int AS n FROM access_event')
  expect(rows[0].n).toBe(2)
  expect((await erase(`${MAYA}\n`)).err).toMatch(/CHILD_UNKNOWN/)
})
