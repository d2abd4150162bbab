/** A child can be erased from the ledger, and the log still verifies for everybody else. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { Client, type Pool } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ledger, openLedger } from '../../../gateway/ledger/append.ts'
import { type Erased, eraseChild } from '../../../gateway/ledger/erase-child.ts'
import { newEventId } from '../../../gateway/ledger/ledger-event.ts'
import { childPseudonyms, type Pseudonym } from '../../../gateway/ledger/pseudonym.ts'
import { sequence } from '../../../gateway/ledger/sequence.ts'
import { exportLog } from '../../../gateway/ledger/tree/export.ts'
import { openPublisher } from '../../../gateway/ledger/tree/publish.ts'
import { noteSigner } from '../../../gateway/ledger/tree/signed-note.ts'
import { verifyExport } from '../../../gateway/ledger/verify/verify-export.ts'
import { nhsNumber } from '../../../schema/nhs-number.ts'
import { type Cluster, ownCluster } from './cluster.ts'
import { completed, denied, key, record, released, requested } from './sample.ts'

const signer = noteSigner('log', 'northshire.example/sightline', Buffer.alloc(32, 3))
const NUMBERS = ['9990000018', '9990000026', '9990000034', '9990000042'].map((text) => nhsNumber(text))
const recorder = { source: 'urn:sightline:northshire', node: 'gateway-1', build: '0.1.0' }

let cluster: Cluster
let folder: string
beforeAll(async () => {
  cluster = await ownCluster()
  folder = await mkdtemp(join(tmpdir(), 'sightline-erase-'))
}, 60_000)
afterAll(async () => {
  await cluster.end()
  await rm(folder, { recursive: true, force: true })
})

interface Place {
  readonly pool: Pool
  readonly ledger: Ledger
  readonly client: Client
  readonly file: string
}

async function opened(name: string): Promise<Place> {
  const url = await cluster.ledgerDatabase(name)
  const ledger = await openLedger({ databaseUrl: url, deadlineMs: 30_000 })
  const client = new Client({ connectionString: url })
  await client.connect()
  return { pool: cluster.pool(url), ledger, client, file: join(folder, name) }
}

async function sign({ client, file }: Place): Promise<void> {
  while ((await sequence(client, 1_000)) > 0);
  const publisher = await openPublisher({ client, signer, clock: () => new Date(), file })
  while ((await publisher.publish()) > 0);
}

const settingsOf = ({ pool, ledger }: Place) => ({
  ...{ pool, ledger, recorder, settleMs: 0 },
  clock: () => new Date('2026-11-22T10:00:00Z'),
})

/** With a gateway beside it, which signs. */
async function erased(place: Place, pid: Pseudonym): Promise<Erased> {
  let done = false
  const signing = async () => {
    for (; !done; await pause(20)) await sign(place)
  }
  const ending = signing()
  try {
    return await eraseChild(settingsOf(place), pid)
  } finally {
    done = true
    await ending
  }
}

/** All that rests, but for the records of erasures and the index of the log. */
async function resting(pool: Pool): Promise<string> {
  const texts: string[] = []
  for (const table of ['access_event', 'access_grounds', 'access_pending', 'child_pseudonym'])
    for (const row of (await pool.query(`SELECT * FROM ${table}`)).rows)
      texts.push(
        ...Object.values(row).map((value) =>
          Buffer.isBuffer(value) ? value.toString('latin1') : String(value),
        ),
      )
  return texts.filter((text) => !text.includes('sightline.access.erased.v1')).join('\n')
}

test('whichever children are erased, the log verifies, nothing of them rests, and the others are untouched', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.subarray([0, 1, 2, 3]), async (chosen) => {
      run += 1
      const place = await opened(`erase_${run}`)
      const { pool, ledger } = place
      const { pidOf } = childPseudonyms({ pool, key })
      const pids = await Promise.all(NUMBERS.map(pidOf))
      const written = new Map<string, number>()
      for (const [n, pid] of pids.entries()) {
        const inputs = [requested(pid), released(pid), denied('NO_CASE_RELATIONSHIP', pid)]
        for (const input of inputs)
          written.set((await ledger.append(record(input), Buffer.from(`grounds of ${pid}`))).eventId, n)
      }
      await sign(place)
      for (const n of chosen) {
        expect(await erased(place, pids[n] as Pseudonym)).toMatchObject({ records: 3, shared: 0 })
      }
      await sign(place)

      const rests = await resting(pool)
      for (const n of chosen)
        expect(rests.split('\n').filter((line) => line.includes(pids[n] ?? '') && line !== pids[n])).toEqual(
          [],
        )
      for (const [id, n] of written) expect(rests.includes(id)).toBe(!chosen.includes(n))
      const handedOut = join(folder, `export-${run}`)
      await exportLog(pool, handedOut)
      expect(await verifyExport(handedOut, { log: signer })).toMatchObject({
        kind: 'whole',
        erased: 3 * chosen.length,
      })
      await ledger.close()
      await place.client.end()
    }),
    { numRuns: 8 },
  )
}, 120_000)

test('a child who is asked about after her erasure is another to the ledger; the erasure tells no number', async () => {
  const place = await opened('again')
  const { pool, ledger } = place
  const { pidOf } = childPseudonyms({ pool, key })
  const [number] = NUMBERS
  if (!number) throw new Error('no child')
  const before = await pidOf(number)
  await ledger.append(record(released(before)))
  await sign(place)
  const { eventId } = await erased(place, before)
  expect(await pidOf(number)).not.toBe(before)
  const { rows } = await pool.query('SELECT body FROM access_event WHERE event_id = $1', [eventId])
  const told = JSON.parse(rows[0].body.toString())
  expect(told).toMatchObject({
    type: 'sightline.access.erased.v1',
    partitionkey: before,
    data: { erasure: { records: 1, processing: ['erasure'] } },
  })
  expect(rows[0].body.toString()).not.toContain(number)
  await ledger.close()
  await place.client.end()
}, 60_000)

test('nothing is erased before the signed log tells of it', async () => {
  const place = await opened('unsigned')
  const { pool, ledger } = place
  const pid = await childPseudonyms({ pool, key }).pidOf(NUMBERS[0] ?? nhsNumber(''))
  const { eventId } = await ledger.append(record(released(pid)))
  await sign(place)
  // nobody signs
  const unsigned = { ...settingsOf(place), signedWithinMs: 500 }
  await expect(eraseChild(unsigned, pid)).rejects.toMatchObject({ code: 'ERASURE_NOT_SIGNED' })
  const { rows } = await pool.query('SELECT 1 FROM access_event WHERE event_id = $1', [eventId])
  expect(rows).toHaveLength(1)
  await ledger.close()
  await place.client.end()
}, 60_000)

test('what is under way as she is erased, until its answer was read, is waited for and erased too', async () => {
  const place = await opened('under_way')
  const { pool, ledger } = place
  const pid = await childPseudonyms({ pool, key }).pidOf(NUMBERS[0] ?? nhsNumber(''))
  const now = new Date('2026-11-22T10:00:00Z') // as the clock of these tests has it
  const eventId = newEventId()
  await ledger.append(record({ ...requested(pid), eventId, at: now }))
  // asked for an answer that never came, a while ago: a gateway that died
  await ledger.append(record({ ...requested(pid), at: new Date('2026-11-22T09:00:00Z') }))
  const erasing = erased(place, pid)
  await pause(1_000)
  await ledger.append(record({ ...released(pid), eventId, at: now }))
  await pause(1_000)
  const { traceparent } = record(released(pid))
  const subjects = [{ pid, relation: 'child' as const }]
  const delivery = { ended: 'whole' as const, bytes: 10 }
  await ledger.append(completed({ eventId, at: now, traceparent, subjects, delivery }))
  const erasure = await erasing
  expect(erasure).toMatchObject({ records: 4 })
  expect((await pool.query('SELECT event_id FROM access_event')).rows).toEqual([
    { event_id: erasure.eventId },
  ])
  await ledger.close()
  await place.client.end()
}, 60_000)

test('what is erased while the log is exported is whole in the export', async () => {
  const place = await opened('exported')
  const { pool, ledger } = place
  const all = await Promise.all(Array.from({ length: 2_100 }, () => ledger.append(record(released()))))
  await sign(place)
  const { rows } = await pool.query('SELECT event_id FROM access_leaf WHERE idx = 2050')
  const gone: Promise<unknown>[] = []
  const handedOut = join(folder, 'export-meanwhile')
  await exportLog(pool, handedOut, (done) => {
    if (done === 2_000)
      gone.push(pool.query('DELETE FROM access_event WHERE event_id = $1', [rows[0].event_id]))
  })
  await Promise.all(gone)
  expect(await verifyExport(handedOut, { log: signer })).toMatchObject({ kind: 'whole', erased: 0 })
  await exportLog(pool, handedOut)
  expect(await verifyExport(handedOut, { log: signer })).toMatchObject({ kind: 'emptied', erased: 1 })
  expect(all).toHaveLength(2_100)
  await ledger.close()
  await place.client.end()
}, 60_000)
