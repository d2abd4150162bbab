import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../../../gateway/ledger/append.ts'
import { seal } from '../../../../gateway/ledger/seal.ts'
import { sequence } from '../../../../gateway/ledger/sequence.ts'
import {
  type Checkpoint,
  cosign,
  openCheckpoint,
  signCheckpoint,
} from '../../../../gateway/ledger/tree/checkpoint.ts'
import { EXPORTED, exportLog } from '../../../../gateway/ledger/tree/export.ts'
import { withTiles } from '../../../../gateway/ledger/tree/fetched-tiles.ts'
import { growingTree } from '../../../../gateway/ledger/tree/growing-tree.ts'
import { consistencyProof, provesGrowth } from '../../../../gateway/ledger/tree/merkle.ts'
import { checkProof, proofFor } from '../../../../gateway/ledger/tree/proof-file.ts'
import { openPublisher } from '../../../../gateway/ledger/tree/publish.ts'
import { publishedLog } from '../../../../gateway/ledger/tree/published-log.ts'
import { noteSigner } from '../../../../gateway/ledger/tree/signed-note.ts'
import { entriesIn, entryOf, hashesIn, tilePath } from '../../../../gateway/ledger/tree/tile.ts'
import { checkLines } from '../../../../gateway/ledger/verify/check.ts'
import { verifyExport } from '../../../../gateway/ledger/verify/verify-export.ts'
import { type Cluster, ownCluster } from '../cluster.ts'
import { record, released } from '../sample.ts'

const signer = noteSigner('log', 'northshire.example/sightline', randomBytes(32))
const clock = () => new Date('2026-11-21T12:00:00Z')
const accesses = Array.from({ length: 600 }, () => record(released()))

let cluster: Cluster
let databaseUrl: string
let folder: string
let early: Checkpoint
beforeAll(async () => {
  cluster = await ownCluster()
  folder = await mkdtemp(join(tmpdir(), 'sightline-export-'))
  databaseUrl = await cluster.ledgerDatabase('verified')
  const ledger = await openLedger({ databaseUrl, deadlineMs: 5_000 })
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  const publisher = await openPublisher({ client, signer, clock, file: join(cluster.folder, 'kept') })
  for (const part of [accesses.slice(0, 400), accesses.slice(400)]) {
    await Promise.all(part.map((access) => ledger.append(access)))
    while ((await sequence(client, 1_000)) > 0);
    while ((await publisher.publish()) > 0);
    early ??= publisher.last
  }
  await ledger.close()
  await client.end()
  expect(await exportLog(cluster.pool(databaseUrl), join(folder, 'good'))).toBe(600)
}, 120_000)
afterAll(async () => {
  await cluster.end()
  await rm(folder, { recursive: true, force: true })
})

/** The exported log, tampered with. */
async function tampered(name: string, change: (lines: string[]) => string[]): Promise<string> {
  const path = join(folder, name)
  await cp(join(folder, 'good'), path, { recursive: true })
  const file = join(path, EXPORTED.records)
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  await writeFile(file, `${change(lines).join('\n')}\n`)
  return path
}

const at = (lines: readonly string[], index: number) => lines[index] ?? ''

test('an untouched export is whole, and has grown from what was kept before', async () => {
  const finding = await verifyExport(join(folder, 'good'), { log: signer, kept: [early] })
  expect(finding).toMatchObject({ kind: 'whole', erased: 0, checkpoint: { size: 600 } })
})

test('what records said is gone, and no erasure on record tells of it: the log is not whole', async () => {
  const path = await tampered('emptied', (lines) =>
    lines.map((line, index) => (index % 50 === 0 ? line.replace(/ \{.*$/, ' -') : line)),
  )
  for (const threads of [1, 2])
    expect(await verifyExport(path, { log: signer, threads })).toEqual({
      ...{ kind: 'emptied', erased: 12, onRecord: 0 },
    })
})

test('edited, deleted, moved, put in, cut: each is named, with the first record that it touches', async () => {
  const swap = (lines: string[], one: number, other: number) =>
    lines.map((line, index) => at(lines, index === one ? other : index === other ? one : index) || line)
  const cases: readonly (readonly [string, (lines: string[]) => string[], object])[] = [
    [
      'edited',
      (lines) => lines.with(7, at(lines, 7).replace('"s47"', '"s17"')),
      { kind: 'altered', index: 7 },
    ],
    ['deleted', (lines) => lines.toSpliced(7, 1), { kind: 'missing', index: 7 }],
    ['last deleted', (lines) => lines.slice(0, -1), { kind: 'missing', index: 599 }],
    ['next to', (lines) => swap(lines, 7, 8), { kind: 'reordered', index: 7, belongsAt: 8 }],
    ['far', (lines) => swap(lines, 7, 300), { kind: 'reordered', index: 7, belongsAt: 300 }],
    [
      'put in',
      (lines) => lines.toSpliced(7, 0, at(lines, 7).replace(/^[0-9a-f-]{36}/, crypto.randomUUID())),
      { kind: 'inserted', index: 7 },
    ],
    ['twice', (lines) => [...lines, at(lines, 3)], { kind: 'surplus', index: 600 }],
    [
      'another body under the hash',
      (lines) => lines.with(9, at(lines, 9).replace(/\{.*/, at(lines, 10).slice(102))),
      { kind: 'altered', index: 9 },
    ],
  ]
  for (const [name, change, finding] of cases)
    expect(await verifyExport(await tampered(name, change), { log: signer }), name).toMatchObject(finding)
})

test('several threads find what one finds', async () => {
  const edited = await tampered('for threads', (lines) =>
    lines.with(7, at(lines, 7).replace('"s47"', '"s17"')),
  )
  for (const threads of [1, 2]) {
    expect(await verifyExport(edited, { log: signer, threads })).toMatchObject({ kind: 'altered', index: 7 })
    expect(await verifyExport(join(folder, 'good'), { log: signer, threads })).toMatchObject({
      kind: 'whole',
    })
  }
})

test('wherever an export is cut into stretches, each line is read once and whole', async () => {
  const file = join(folder, 'good', EXPORTED.records)
  const { size } = await stat(file)
  const all = checkLines({ file, begin: 0, end: size })
  expect(all).toMatchObject({ unfit: false, erased: 0 })
  expect(Buffer.from(all.leaves)).toEqual(await readFile(join(folder, 'good', EXPORTED.leaves)))
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.length + 1)
  const begins = lines.map((_, place) => lines.slice(0, place).reduce((sum, length) => sum + length, 0))
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.nat(size), fc.constantFrom(...begins), fc.constantFrom(...begins.map((at) => at - 1))),
      ),
      (cuts) => {
        const edges = [0, ...cuts.filter((cut) => cut > 0 && cut < size).sort((a, b) => a - b), size]
        const parts = edges.slice(1).map((end, place) => checkLines({ file, begin: edges[place] ?? 0, end }))
        expect(Buffer.concat(parts.map(({ leaves }) => leaves)).equals(all.leaves)).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})

test('a log that was rewritten and signed again does not grow from the checkpoint that an agency kept', async () => {
  const path = await tampered('forked', (lines) => lines.toSpliced(100, 1))
  const file = join(path, EXPORTED.leaves)
  const leaves = await readFile(file)
  await writeFile(file, Buffer.concat([leaves.subarray(0, 3_200), leaves.subarray(3_232)]))
  expect(await verifyExport(path, { log: signer })).toMatchObject({ kind: 'forked' })

  const shorter = hashesIn(await readFile(file))
  const tree = growingTree(0, [])
  for (const leaf of shorter) tree.add(leaf)
  const again = { origin: signer.name, size: tree.size, root: tree.root() }
  await writeFile(join(path, EXPORTED.checkpoint), signCheckpoint(again, signer, clock()))
  expect(await verifyExport(path, { log: signer })).toMatchObject({ kind: 'whole' })
  const kept = await verifyExport(path, { log: signer, kept: [early] })
  expect(kept).toEqual({ kind: 'not-grown-from', size: 400 })
})

test('a checkpoint under another key, and one that was rolled back below what was kept, are refused', async () => {
  const impostor = noteSigner('log', signer.name, randomBytes(32))
  await expect(verifyExport(join(folder, 'good'), { log: impostor })).rejects.toMatchObject({
    code: 'CHECKPOINT_UNSIGNED',
  })
  const later = { ...early, size: 700 }
  const finding = await verifyExport(join(folder, 'good'), { log: signer, kept: [later] })
  expect(finding).toEqual({ kind: 'rolled-back', size: 600, kept: 700 })
})

test('a proof is checked without a network, is small, and holds for its own record alone', async () => {
  const pool = cluster.pool(databaseUrl)
  const [access, other] = [accesses[123], accesses[124]].map((each) => seal(each as (typeof accesses)[0]))
  if (!access || !other) throw new Error('there are accesses')
  const proof = await proofFor(pool, access.eventId)
  expect(proof.length).toBeLessThan(1_500)
  expect(checkProof(proof, access, { log: signer })).toMatchObject({
    checkpoint: { size: 600, witnesses: [] },
  })
  expect(() => checkProof(proof, other, { log: signer })).toThrow(
    expect.objectContaining({ code: 'PROOF_WRONG' }),
  )
  const edited = { ...access, bytes: Buffer.from(access.bytes.toString().replace('s47', 's17')) }
  expect(() => checkProof(proof, edited, { log: signer })).toThrow(
    expect.objectContaining({ code: 'PROOF_WRONG' }),
  )
  await expect(proofFor(pool, crypto.randomUUID())).rejects.toMatchObject({ code: 'ACCESS_UNKNOWN' })

  const witness = noteSigner('witness', 'hospital.example/witness', randomBytes(32))
  const end = proof.indexOf('\n\n') + 2
  const seen = proof.slice(0, end) + cosign(proof.slice(end), witness, clock())
  expect(checkProof(seen, access, { log: signer, witnesses: [witness] }).checkpoint.witnesses).toHaveLength(1)
})

test('over HTTP’s paths anybody can rebuild the tree and check its growth; what is not signed is not there', async () => {
  const log = publishedLog(cluster.pool(databaseUrl))
  const bytes = async (path: string) => Buffer.from((await log.read(path))?.body ?? '')
  const checkpoint = openCheckpoint((await bytes('checkpoint')).toString(), signer)
  expect(checkpoint.size).toBe(600)
  const proof = await withTiles(
    600,
    (places) => Promise.all(places.map((place) => bytes(tilePath(place)))),
    (nodeAt) => consistencyProof(nodeAt, early.size, 600),
  )
  expect(provesGrowth(early, checkpoint, proof)).toBe(true)
  const entries = entriesIn(await bytes('tile/entries/001'))
  expect(entries).toHaveLength(256)
  const ids = new Set(accesses.map(({ id }) => id))
  for (const entry of entries) {
    const { id, sha256 } = JSON.parse(entry.toString())
    expect(ids.has(id)).toBe(true)
    expect(entry).toEqual(entryOf(id, Buffer.from(sha256, 'hex')))
  }
  for (const path of ['tile/0/002', 'tile/0/002.p/89', 'tile/entries/002.p/89', 'tile/1/000.p/3', 'other'])
    expect(await log.read(path), path).toBeNull()
  expect(await log.read('tile/0/002.p/88')).toMatchObject({ immutable: true })
})

test('a log of before, with no hashes beside its tiles, proves the same; one that lacks a tile proves nothing', async () => {
  const pool = cluster.pool(databaseUrl)
  const ids = [0, 255, 256, 599].map((place) => accesses[place]?.id ?? '')
  const proofs = () => Promise.all(ids.map((id) => proofFor(pool, id)))
  const now = await proofs()
  await pool.query(`UPDATE log_tile SET middle = NULL`)
  expect(await proofs()).toEqual(now)
  await pool.query(`UPDATE log_tile SET root = NULL`)
  await pool.query(`UPDATE log_checkpoint SET edge = ''`)
  expect(await proofs()).toEqual(now)
  await pool.query('DELETE FROM log_tile WHERE level = 0 AND index = 1')
  await expect(proofs()).rejects.toThrow('lacks tile 0/1')
})
