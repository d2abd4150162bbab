import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../../gateway/ledger/append.ts'
import { pastAccesses } from '../../../gateway/ledger/past-accesses.ts'
import type { Grounds } from '../../../gateway/sharing/policy/grounds.ts'
import { type Cluster, ownCluster } from './cluster.ts'
import { denied, key, record, released, somePid } from './sample.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await ownCluster()
}, 60_000)
afterAll(() => cluster.end())

const grounds: Grounds = {
  bundle: `sha256:${'0'.repeat(64)}`,
  practitioner: {
    agency: 'northshire-council',
    roles: ['lcpp'],
    macptMember: true,
    vetting: 2,
    trained: true,
    conflict: false,
  },
  context: {
    purpose: 's47-enquiry',
    threshold: 's47',
    bases: ['GDPR-6-1-e'],
    consent: false,
    caseLive: true,
    breakGlass: false,
    now: new Date('2026-11-21T10:00:00Z'),
  },
  kinds: [],
  classes: [
    {
      record: {
        custodian: 'northshire-hospital',
        agency: 'northshire-hospital',
        sector: 'health',
        recordType: 'health.encounter',
        labels: ['adoption'],
        handling: [],
        subject: 'child',
        reviewed: false,
      },
      n: 3,
    },
  ],
}

test('what was decided can be found again by its receipt, on the grounds on which it was decided', async () => {
  const databaseUrl = await cluster.ledgerDatabase('grounds')
  const past = pastAccesses({ pool: cluster.pool(databaseUrl), key })
  const ledger = await openLedger({ databaseUrl, deadlineMs: 5_000 })
  const pid = somePid()
  const [seen, refused] = [record(released(pid)), record(denied('NO_CASE_RELATIONSHIP'))]
  // side by side, so that one batch holds a record with grounds, one without, and one with again
  const more = Array.from({ length: 1_200 }, () => record({ ...released(), at: new Date('2026-11-20') }))
  await Promise.all([
    ledger.append(seen, past.seal(grounds)),
    ledger.append(refused),
    ...more.map((access) => ledger.append(access, past.seal(grounds))),
  ])
  await ledger.close()

  expect(await past.find(seen.id)).toEqual({
    eventId: seen.id,
    at: new Date('2026-11-21T10:00:00Z'),
    who: 'lcpp',
    child: pid,
    grounds,
  })
  expect(await past.find(refused.id)).toBeNull()
  expect(await past.find('not an id')).toBeNull()

  const read: Date[] = []
  for await (const { at } of past.between(new Date('2026-11-20'), new Date('2026-11-22'))) read.push(at)
  expect(read).toHaveLength(1_201)
  expect(read).toEqual(read.toSorted((one, other) => one.getTime() - other.getTime()))
  for await (const access of past.between(new Date('2026-11-22'), new Date('2027-01-01')))
    throw new Error(`${access.eventId} is of another day`)
})

test('grounds rest encrypted: what was silent cannot be read in the database', async () => {
  const databaseUrl = await cluster.ledgerDatabase('sealed')
  const pool = cluster.pool(databaseUrl)
  const ledger = await openLedger({ databaseUrl, deadlineMs: 5_000 })
  await ledger.append(record(released()), pastAccesses({ pool, key }).seal(grounds))
  await ledger.close()
  const { rows } = await pool.query<{ sealed: Buffer }>('SELECT sealed FROM access_grounds')
  expect(rows).toHaveLength(1)
  expect(rows[0]?.sealed.toString('latin1')).not.toContain('adoption')
})
