/** Whoever wrote an export, or serves a log, may want the verifier to fall over rather than to tell. */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { cp, mkdtemp, open as openFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { signCheckpoint } from '../../../../gateway/ledger/tree/checkpoint.ts'
import { EXPORTED } from '../../../../gateway/ledger/tree/export.ts'
import { growingTree } from '../../../../gateway/ledger/tree/growing-tree.ts'
import { type Hash, leafHash } from '../../../../gateway/ledger/tree/merkle.ts'
import { noteSigner } from '../../../../gateway/ledger/tree/signed-note.ts'
import { bundleOf, bundlePath, entryOf, tilePath } from '../../../../gateway/ledger/tree/tile.ts'
import { LONGEST_LINE } from '../../../../gateway/ledger/verify/check.ts'
import { verifyExport } from '../../../../gateway/ledger/verify/verify-export.ts'
import { verifyTiles } from '../../../../gateway/ledger/verify/verify-tiles.ts'

const signer = noteSigner('log', 'northshire.example/sightline', randomBytes(32))
const clock = () => new Date('2026-11-21T12:00:00Z')
const SIZE = 300

const records = Array.from({ length: SIZE }, () => {
  const id = randomUUID()
  const body = `{"id":"${id}","nonce":"${randomBytes(16).toString('base64url')}"}`
  const sha256 = createHash('sha256').update(body).digest()
  return { id, body, sha256, entry: entryOf(id, sha256) }
})
const leaves: readonly Hash[] = records.map(({ entry }) => leafHash(entry))
const tree = growingTree(0, [])
for (const leaf of leaves) tree.add(leaf)
const note = signCheckpoint({ origin: signer.name, size: SIZE, root: tree.root() }, signer, clock())

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-hostile-'))
  const good = join(folder, 'good')
  execFileSync('mkdir', [good])
  await writeFile(join(good, EXPORTED.checkpoint), note)
  await writeFile(join(good, EXPORTED.leaves), Buffer.concat(leaves))
  await writeFile(join(good, EXPORTED.records), `${linesOf().join('\n')}\n`)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const linesOf = () => records.map(({ id, body, sha256 }) => `${id} ${sha256.toString('hex')} ${body}`)

let copies = 0
async function copied(change: (path: string) => Promise<unknown>): Promise<string> {
  const path = join(folder, String(copies++))
  await cp(join(folder, 'good'), path, { recursive: true })
  await change(path)
  return path
}
const withRecords = (text: string) => copied((path) => writeFile(join(path, EXPORTED.records), text))

test('the log of these tests is whole', async () => {
  expect(await verifyExport(join(folder, 'good'), { log: signer })).toMatchObject({ kind: 'whole' })
})

test.each<[string, (path: string) => Promise<unknown>]>([
  ['no records', (path) => rm(join(path, EXPORTED.records))],
  ['no checkpoint', (path) => rm(join(path, EXPORTED.checkpoint))],
  [
    'records that are a pipe nobody writes to',
    async (path) => {
      await rm(join(path, EXPORTED.records))
      execFileSync('mkfifo', [join(path, EXPORTED.records)])
    },
  ],
  [
    'a checkpoint without an end',
    async (path) => {
      await rm(join(path, EXPORTED.checkpoint))
      await symlink('/dev/zero', join(path, EXPORTED.checkpoint))
    },
  ],
  [
    'a file of the reader’s own in the place of the records',
    async (path) => {
      await rm(join(path, EXPORTED.records))
      await symlink('/etc/hostname', join(path, EXPORTED.records))
    },
  ],
  ['a checkpoint of 10 MB', (path) => writeFile(join(path, EXPORTED.checkpoint), Buffer.alloc(10 ** 7, 'a'))],
])('an export with %s is refused as none', async (_what, change) => {
  await expect(verifyExport(await copied(change), { log: signer })).rejects.toMatchObject({
    code: 'EXPORT_MALFORMED',
  })
})

test.each<[string, (lines: string[]) => string[], object]>([
  ['ends its lines as another system does', (lines) => lines.map((line) => `${line}\r`), { index: 0 }],
  ['breaks one line where no other program would', (l) => l.with(7, `${l[7]}\r`), { index: 7 }],
  ['holds bytes that are no text', (l) => l.with(7, `${l[7]?.slice(0, -2)}\u2028"}`), { index: 7 }],
])(
  'an export that %s: the first record that is not as it was signed is named',
  async (_what, change, found) => {
    const path = await withRecords(`${change(linesOf()).join('\n')}\n`)
    expect(await verifyExport(path, { log: signer })).toMatchObject({ kind: 'altered', ...found })
  },
)

test('a line without an end is an altered record, and is not read to its end', async () => {
  const path = await withRecords(`${linesOf().slice(0, 7).join('\n')}\n${linesOf()[7]?.slice(0, 102)}`)
  const file = await openFile(join(path, EXPORTED.records), 'r+')
  await file.truncate(3 * 2 ** 30) // bytes, none of them written
  await file.close()
  expect(await verifyExport(path, { log: signer, threads: 1 })).toMatchObject({ kind: 'altered', index: 7 })
}, 20_000)

test('a line longer than any record can be is none of the log, though it was signed', async () => {
  const id = randomUUID()
  const body = `{"id":"${id}","nonce":"${'n'.repeat(LONGEST_LINE)}"}`
  const sha256 = createHash('sha256').update(body).digest()
  const leaf = leafHash(entryOf(id, sha256))
  const signed = signCheckpoint({ origin: signer.name, size: 1, root: leaf }, signer, clock())
  const path = await withRecords(`${id} ${sha256.toString('hex')} ${body}\n`)
  await writeFile(join(path, EXPORTED.leaves), leaf)
  await writeFile(join(path, EXPORTED.checkpoint), signed)
  expect(await verifyExport(path, { log: signer })).toEqual({ kind: 'altered', index: 0, eventId: id })
})

/** The log where it is published, but for what a test serves otherwise. */
async function served(otherwise: Record<string, Buffer | ((response: ServerResponse) => void)>) {
  const files: Record<string, Buffer> = { checkpoint: Buffer.from(note) }
  for (const index of [0, 1]) {
    const width = Math.min(256, SIZE - index * 256)
    const [from, to] = [index * 256, index * 256 + width]
    files[bundlePath(index, width)] = bundleOf(records.slice(from, to).map(({ entry }) => entry))
    files[tilePath({ level: 0, index, width })] = Buffer.concat(leaves.slice(from, to))
  }
  const above = growingTree(0, [])
  for (const leaf of leaves) for (const { root } of above.add(leaf)) files['tile/1/000.p/1'] = root
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace('/ledger/', '')
    const found = otherwise[path] ?? files[path]
    if (typeof found === 'function') found(response)
    else response.writeHead(found ? 200 : 404).end(found)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({ close: async () => server.close().closeAllConnections() })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ledger/`
  const whole = (path: string) => files[path] ?? Buffer.alloc(0)
  return { url, whole }
}
const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const part of open.splice(0)) await part.close()
})
const verified = async (otherwise: Parameters<typeof served>[0], threads = 1) =>
  await verifyTiles((await served(otherwise)).url, { log: signer, threads })

test('the log of these tests is whole where it is published', async () => {
  expect(await verified({})).toMatchObject({ kind: 'whole' })
})

test('a log that claims more records than there ever were is found out at its first gap, not counted up to', async () => {
  const huge = signCheckpoint({ origin: signer.name, size: 2 ** 52, root: tree.root() }, signer, clock())
  expect(await verified({ checkpoint: Buffer.from(huge) })).toEqual({ kind: 'missing', index: 256 })
}, 20_000)

test.each([
  ['tile/0/000', 256],
  ['tile/0/001.p/44', 300],
])('%s with more hashes than it may have is named', async (path, end) => {
  const { whole } = await served({})
  const longer = Buffer.concat([whole(path), randomBytes(32)])
  expect(await verified({ [path]: longer })).toMatchObject({ kind: 'tile-altered', path, end })
})

test('a bundle that was cut in the middle of an entry lacks that record', async () => {
  const { whole } = await served({})
  const path = 'tile/entries/001.p/44'
  expect(await verified({ [path]: whole(path).subarray(0, -5) })).toEqual({ kind: 'missing', index: 299 })
})

test.each(['checkpoint', 'tile/0/000', 'tile/entries/000'])(
  'an answer without an end to %s is cut off',
  async (path) => {
    let sent = 0
    const endless = (response: ServerResponse) => {
      const more = () => {
        sent += 2 ** 20
        if (!response.destroyed) response.write(Buffer.alloc(2 ** 20), () => setImmediate(more))
      }
      response.writeHead(200)
      more()
    }
    await expect(verified({ [path]: endless })).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' })
    expect(sent).toBeLessThan(2 ** 28)
  },
  20_000,
)
