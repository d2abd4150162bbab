/** Each record is read from the store once for all topics that stand near one another, however they were cut off. */
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../../gateway/ledger/append.ts'
import { BATCH } from '../../../gateway/ledger/carrier.ts'
import { pagesAhead } from '../../../gateway/ledger/pages.ts'
import { sequence } from '../../../gateway/ledger/sequence.ts'
import { type Cluster, ownCluster } from './cluster.ts'
import { record, released } from './sample.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await ownCluster()
}, 120_000)
afterAll(async () => {
  await cluster.end()
})

test('who stands within a page of another gets the same page, and goes on with it from the same place', async () => {
  const databaseUrl = await cluster.ledgerDatabase('pages')
  const ledger = await openLedger({ databaseUrl, deadlineMs: 30_000 })
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await Promise.all(Array.from({ length: BATCH + 50 }, () => ledger.append(record(released()))))
    await sequence(client, BATCH + 50)

    const turn = pagesAhead(client)
    const first = turn()
    const page = await first(-1)
    expect(page.map(({ index }) => index)).toEqual(Array.from({ length: BATCH }, (_, n) => n))
    expect(await first(99)).toBe(page)
    const beyond = await first(BATCH - 1)
    expect(beyond.map(({ index }) => index)).toEqual(Array.from({ length: 50 }, (_, n) => BATCH + n))

    const second = turn()
    expect(await second(BATCH - 1)).toHaveLength(50)
    expect((await second(-1))[0]?.index).toBe(0) // a page behind: has one of its own

    await ledger.append(record(released()))
    await sequence(client, 1)
    turn() // what was read ahead for this one lacks it
    expect((await turn()(BATCH + 49)).map(({ index }) => index)).toEqual([BATCH + 50])
  } finally {
    await client.end()
    await ledger.close()
  }
}, 60_000)
