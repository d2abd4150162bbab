/** What an operator reads where a file cannot be written: which, and no stack. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, ownCluster } from '../ledger/cluster.ts'
import { type SignedLedger, signedLedger } from '../ledger/signed-ledger.ts'
import { operatorEnv, sightline } from './from-terminal.ts'

let cluster: Cluster
let ledger: SignedLedger
let env: Record<string, string>
let eventId: string
beforeAll(async () => {
  cluster = await ownCluster()
  ledger = await signedLedger(cluster, 'files')
  env = operatorEnv(cluster.postgres.url('files'))
  eventId = (await ledger.add(1))[0] ?? ''
  await writeFile(join(cluster.folder, 'in-the-way'), 'of somebody else\n')
}, 60_000)
afterAll(async () => {
  await ledger.end()
  await cluster.end()
})

test.each([
  ['a proof', 'nowhere/access.proof', (place: string) => ['proof', eventId, '--out', place]],
  ['an export', 'in-the-way', (place: string) => ['export', place]],
])('%s that cannot be written names the place and ends with 1', async (_what, name, command) => {
  const place = join(cluster.folder, name)
  const { code, out, err } = await sightline(['ledger', ...command(place)], env)
  expect(err).toMatch(/^FILE_UNUSABLE: `[^`]+` cannot be read or written \(E[A-Z]+\); /)
  expect(err).toContain(place)
  expect(err.trimEnd().split('\n')).toHaveLength(1)
  expect({ code, out }).toEqual({ code: 1, out: '' })
})
