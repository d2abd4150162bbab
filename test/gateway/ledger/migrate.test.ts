import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../../../gateway/ledger/migrate.ts'
import { type Cluster, ledgerMigrations, ownCluster } from './cluster.ts'

let cluster: Cluster
let directory: string
beforeAll(async () => {
  cluster = await ownCluster()
  directory = await mkdtemp(join(tmpdir(), 'sightline-migrations-'))
}, 60_000)
afterAll(async () => {
  await cluster.end()
  await rm(directory, { recursive: true, force: true })
})

test('gateways that start together apply each migration once, the folders in the order given', async () => {
  await cluster.postgres.createDatabase('together')
  await writeFile(join(directory, '0001-later.sql'), 'CREATE TABLE later (id uuid REFERENCES access_event)')
  const settings = {
    databaseUrl: cluster.postgres.url('together'),
    folders: [ledgerMigrations, { name: 'access', directory }],
  }
  const applied = await Promise.all([migrate(settings), migrate(settings), migrate(settings)])
  const ledger = (await readdir(ledgerMigrations.directory)).sort().map((file) => `ledger/${file}`)
  expect(ledger[0]).toBe('ledger/0001-access-ledger.sql')
  expect(applied.flat()).toEqual([...ledger, 'access/0001-later.sql'])
})

test('a migration that fails leaves nothing behind, and says which one it was', async () => {
  await cluster.postgres.createDatabase('fails')
  const databaseUrl = cluster.postgres.url('fails')
  await writeFile(join(directory, '0001-later.sql'), 'CREATE TABLE half (id int); SELECT 1 / 0')
  await expect(migrate({ databaseUrl, folders: [{ name: 'access', directory }] })).rejects.toThrow(
    '`access/0001-later.sql` cannot be applied',
  )
  const { rows } = await cluster.pool(databaseUrl).query("SELECT to_regclass('half') AS half")
  expect(rows).toEqual([{ half: null }])
})

test('a migration whose text was changed afterwards is refused', async () => {
  await cluster.postgres.createDatabase('changed')
  const settings = { databaseUrl: cluster.postgres.url('changed'), folders: [{ name: 'access', directory }] }
  await writeFile(join(directory, '0001-later.sql'), 'CREATE TABLE one (id int)')
  await migrate(settings)
  await writeFile(join(directory, '0001-later.sql'), 'CREATE TABLE two (id int)')
  await expect(migrate(settings)).rejects.toThrow('was changed after it was applied')
})
