import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../../gateway/ledger/append.ts'
import { sequence } from '../../../gateway/ledger/sequence.ts'
import { type Cluster, ownCluster } from './cluster.ts'
import { record, released } from './sample.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await ownCluster()
}, 60_000)
afterAll(() => cluster.end())

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  return client
}

test('two sequencers at once, against the rules: every access still has one place, and no place is left out', async () => {
  const url = await cluster.ledgerDatabase('fenced')
  const ledger = await openLedger({ databaseUrl: url, deadlineMs: 5_000 })
  const both = [await connected(url), await connected(url)]
  const ids: string[] = []
  for (let round = 0; round < 10; round++) {
    const accesses = Array.from({ length: 30 }, () => record(released()))
    await Promise.all(accesses.map((access) => ledger.append(access)))
    ids.push(...accesses.map(({ id }) => id))
    // the slower one may be refused by the contiguous key; it must not take anything with it
    await Promise.allSettled(both.map((client) => sequence(client, 20)))
  }
  const [one] = both
  while (one && (await sequence(one, 100)) > 0);

  const { rows } = await cluster
    .pool(url)
    .query<{ idx: string; event_id: string }>('SELECT idx, event_id FROM access_leaf ORDER BY idx')
  expect(rows.map(({ idx }) => Number(idx))).toEqual(Array.from({ length: 300 }, (_, i) => i))
  expect(rows.map(({ event_id }) => event_id).sort()).toEqual(ids.sort())
  await Promise.all(both.map((client) => client.end()))
  await ledger.close()
}, 30_000)
