import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../../../gateway/ledger/append.ts'
import { sequence } from '../../../../gateway/ledger/sequence.ts'
import { openCheckpoint } from '../../../../gateway/ledger/tree/checkpoint.ts'
import { openPublisher } from '../../../../gateway/ledger/tree/publish.ts'
import { noteSigner } from '../../../../gateway/ledger/tree/signed-note.ts'
import { treeAt } from '../../../../gateway/ledger/tree/stored-tree.ts'
import { type Cluster, ownCluster } from '../cluster.ts'
import { record, released } from '../sample.ts'

const signer = noteSigner('log', 'northshire.example/sightline', randomBytes(32))
const clock = () => new Date('2026-11-21T12:00:00Z')

let cluster: Cluster
beforeAll(async () => {
  cluster = await ownCluster()
}, 60_000)
afterAll(() => cluster.end())

async function logOf(name: string, records: number) {
  const databaseUrl = await cluster.ledgerDatabase(name)
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  const ledger = await openLedger({ databaseUrl, deadlineMs: 5_000 })
  const file = join(cluster.folder, name)
  const open = () => openPublisher({ client, signer, clock, file })
  const add = async (count: number) => {
    await Promise.all(Array.from({ length: count }, () => ledger.append(record(released()))))
    while ((await sequence(client, 1_000)) > 0);
    const publisher = await open()
    while ((await publisher.publish()) > 0);
    return publisher.last
  }
  const first = await add(records)
  const end = async () => {
    await ledger.close()
    await client.end()
  }
  return { client, file, open, add, first, end }
}

const refusal = (code: string) => expect.objectContaining({ code })

test('the log is signed, inside the database and outside, and goes on after a restart', async () => {
  const log = await logOf('signed', 700)
  expect(log.first.size).toBe(700)
  const second = await log.add(5)
  expect(second.size).toBe(705)
  const { rows } = await log.client.query('SELECT note FROM log_checkpoint')
  const outside = await readFile(log.file, 'utf8')
  expect(rows).toEqual([{ note: outside }])
  expect(openCheckpoint(outside, signer)).toMatchObject(second)
  expect((await treeAt(log.client, 700)).root()).toEqual(log.first.root)
  await log.end()
})

test('a start on a log of many tiles gives its connection one statement at a time', async () => {
  const log = await logOf('tiles', 3 * 256 + 5)
  const query = log.client.query.bind(log.client) as (...given: unknown[]) => Promise<unknown>
  let [underWay, most] = [0, 0]
  Object.assign(log.client, {
    query: async (...given: unknown[]) => {
      underWay += 1
      most = Math.max(most, underWay)
      return await query(...given).finally(() => {
        underWay -= 1
      })
    },
  })
  await log.open()
  expect(most).toBe(1)
  await log.end()
})

test('a record that was altered, taken out or moved after it was signed stops the signing', async () => {
  const tampered: readonly (readonly [name: string, sql: string])[] = [
    ['altered', "UPDATE access_leaf SET sha256 = sha256('other') WHERE idx = 299"],
    ['taken', 'DELETE FROM access_leaf WHERE idx = 299'],
    ['moved', 'UPDATE access_leaf SET event_id = gen_random_uuid() WHERE idx = 290'],
    ['tile', 'UPDATE log_tile SET hashes = decode(repeat(md5(random()::text), 512), $$hex$$)'],
  ]
  for (const [name, sql] of tampered) {
    const log = await logOf(name, 300)
    await log.client.query(sql)
    await expect(log.open(), name).rejects.toEqual(refusal('LEDGER_ALTERED'))
    await log.end()
  }
})

test('an older backup is refused, by the checkpoint that was kept outside it', async () => {
  const log = await logOf('backup', 300)
  const { rows } = await log.client.query('SELECT size, note FROM log_checkpoint')
  await log.add(20)
  await log.client.query('DELETE FROM access_leaf WHERE idx >= 300')
  await log.client.query('UPDATE log_checkpoint SET size = $1, note = $2', [rows[0].size, rows[0].note])
  await expect(log.open()).rejects.toEqual(refusal('LEDGER_ROLLED_BACK'))
  await log.end()
})

test('a checkpoint that this log never signed, in the database or outside, is told with its place', async () => {
  const tampered: readonly (readonly [name: string, note: string, where: string])[] = [
    ['emptied', '', 'outside'],
    ['overwritten', 'kept no more\n', 'outside'],
    ['signed_over', '', 'inside'],
  ]
  for (const [name, text, where] of tampered) {
    const log = await logOf(name, 5)
    if (where === 'outside') await writeFile(log.file, text)
    else await log.client.query("UPDATE log_checkpoint SET note = replace(note, E'\\n5\\n', E'\\n4\\n')")
    const told = expect.stringContaining(where === 'outside' ? log.file : 'in the database')
    await expect(log.open(), name).rejects.toMatchObject({ code: 'LEDGER_ALTERED', message: told })
    await log.end()
  }
})

test('where the last checkpoint cannot be kept outside the database, nothing is signed, and it is told', async () => {
  const { client, end } = await logOf('disk', 0)
  const folder = join(cluster.folder, 'another-disk')
  const file = join(folder, 'checkpoint')
  const open = () => openPublisher({ client, signer, clock, file })
  const notKept = refusal('CHECKPOINT_NOT_KEPT')
  await expect(open()).rejects.toEqual(notKept)
  await mkdir(folder)
  const publisher = await open()
  await rm(folder, { recursive: true })
  await client.query('INSERT INTO access_leaf VALUES (0, gen_random_uuid(), sha256($$new$$))')
  await expect(publisher.publish()).rejects.toEqual(notKept)
  await expect(open()).rejects.toEqual(notKept)
  await mkdir(folder)
  expect((await open()).last.size).toBe(1)
  await rm(file)
  await mkdir(file)
  await expect(open()).rejects.toEqual(notKept)
  await end()
})

test('of two publishers at once one signs, and the other finds out', async () => {
  const log = await logOf('two', 10)
  const late = await log.open()
  await log.add(10)
  await expect(late.publish()).rejects.toThrow('another publisher')
  await log.client.query('ROLLBACK')
  expect((await log.open()).last.size).toBe(20)
  await log.end()
})
