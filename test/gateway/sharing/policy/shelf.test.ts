/** The shelf keeps every bundle that decided, and which one stands, whichever gateway is faster. */
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate } from '../../../../gateway/ledger/migrate.ts'
import { type BundleFile, versionOf } from '../../../../gateway/sharing/policy/bundle-files.ts'
import type { UsedApproval } from '../../../../gateway/sharing/policy/manifest.ts'
import { answeringWithin, openShelf, type Shelf } from '../../../../gateway/sharing/policy/shelf.ts'
import { type Cluster, ownCluster } from '../../ledger/cluster.ts'

let cluster: Cluster
let shelf: Shelf
let databaseUrl: string
beforeAll(async () => {
  cluster = await ownCluster()
})
afterAll(() => cluster.end())
beforeEach(async () => {
  const name = `shelf_${randomBytes(6).toString('hex')}`
  await cluster.postgres.createDatabase(name)
  databaseUrl = cluster.postgres.url(name)
  const directory = resolve(import.meta.dirname, '../../../../gateway/sharing/policy/migrations')
  await migrate({ databaseUrl, folders: [{ name: 'policy', directory }] })
  shelf = openShelf(cluster.pool(databaseUrl))
})

const bundle = (text: string) => {
  const files: BundleFile[] = [{ path: 'access.cedar', text }]
  return { files, version: versionOf(files) }
}
const [one, two, three] = [bundle('// one "é" \\ \n'), bundle('// two'), bundle('// three')]
const approval = (name: string): UsedApproval => ({
  name,
  post: 'information governance lead',
  agency: 'northshire-council',
  on: '2026-11-20',
  replaces: null,
})
const step = (to: typeof one, from: typeof one | null, approvals: readonly UsedApproval[] = []) =>
  shelf.markLive({ ...to, approved: one.version, approvals, replaces: from?.version ?? null })

test('at first nothing stands; after a restart the gateway still knows what was live', async () => {
  expect(await shelf.last()).toBeNull()
  expect(await step(one, null, [approval('Samuel Osei')])).toBe(true)
  expect(await step(two, one)).toBe(true)
  const again = openShelf(cluster.pool(databaseUrl))
  expect(await again.last()).toEqual({ ...two, approved: one.version, since: expect.any(Date) })
  expect(await again.filesOf(one.version)).toEqual(one.files)
  expect(await again.filesOf(three.version)).toBeNull()
})

test('a bundle that is only kept for explaining does not stand', async () => {
  await step(one, null)
  await shelf.put(two.files, two.version)
  await shelf.put(two.files, two.version)
  expect((await shelf.last())?.version).toBe(one.version)
  expect(await shelf.filesOf(two.version)).toEqual(two.files)
})

test('the slower of two gateways changes nothing, unless it wants the same', async () => {
  await step(one, null)
  expect(await Promise.all([step(two, one), step(three, one)])).toContain(false)
  const stands = (await shelf.last())?.version === two.version ? two : three
  expect(await step(stands, one)).toBe(true)
  expect(await step(one, null)).toBe(false)
  expect((await shelf.last())?.version).toBe(stands.version)
})

test('of two gateways that start side by side on an empty shelf one is first', async () => {
  const won = await Promise.all([step(one, null), step(two, null)])
  expect(won.filter(Boolean)).toHaveLength(1)
})

test('the approvals by which a bundle went live are remembered, each time it did', async () => {
  await step(one, null, [approval('Samuel Osei'), approval('Margaret Lindqvist')])
  await step(two, one)
  await step(one, two, [{ ...approval('Grace Adeyemi'), replaces: two.version }])
  const used = await shelf.approvalsUsed(one.version)
  expect(used.map(({ name }) => name)).toEqual(['Samuel Osei', 'Margaret Lindqvist', 'Grace Adeyemi'])
  expect(await shelf.approvalsUsed(two.version)).toEqual([])
  // a step that was not taken uses none up
  await step(three, one.version === two.version ? null : two, [approval('Samuel Osei')])
  expect(await shelf.approvalsUsed(three.version)).toEqual([])
})

test('files that were altered in the database are not taken for the bundle', async () => {
  await step(one, null)
  await cluster.pool(databaseUrl).query('update policy_bundle set files = $1', [JSON.stringify(two.files)])
  await expect(shelf.filesOf(one.version)).rejects.toMatchObject({ code: 'POLICY_SHELF_DAMAGED' })
  await expect(shelf.last()).rejects.toMatchObject({ code: 'POLICY_SHELF_DAMAGED' })
})

test('whoever cannot wait is told that the shelf did not answer', async () => {
  const silent = { ...shelf, last: () => new Promise<never>(() => undefined) }
  await expect(answeringWithin(silent, 20).last()).rejects.toThrow('did not answer in time')
  expect(await answeringWithin(silent, 20_000).filesOf(one.version)).toBeNull()
})
