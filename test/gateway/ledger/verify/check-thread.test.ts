/** A log is checked by this thread and by others: all of them check the same, and none of them fails unheard. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkLines, rootBetween } from '../../../../gateway/ledger/verify/check.ts'
import { openThread, openThreads } from '../../../../gateway/ledger/verify/check-thread.ts'

const LINES = 400
let folder: string
let file: string
let size: number
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-threads-'))
  file = join(folder, 'records')
  const lines = Array.from({ length: LINES }, (_, place) => {
    const id = randomUUID()
    const erasure = { data: { erasure: { records: place } }, id, type: 'sightline.access.erased.v1' }
    const body = JSON.stringify(place % 100 === 50 ? erasure : { id })
    return `${id} ${createHash('sha256').update(body).digest('hex')} ${place % 7 === 0 ? '-' : body}\n`
  })
  await writeFile(file, lines.join(''))
  size = (await stat(file)).size
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('another thread finds in a stretch what this one finds', async () => {
  const other = openThread()
  try {
    const of = { file, begin: 0, end: size }
    expect(await other.ask({ kind: 'lines', of })).toEqual(checkLines(of))
    const hashes = join(folder, 'leaves')
    await writeFile(hashes, randomBytes(256 * 32))
    const root = { file: hashes, begin: 0, end: 256 * 32 }
    expect(await other.ask({ kind: 'root', of: root })).toEqual(rootBetween(root))
  } finally {
    await other.close()
  }
})

test('however many threads there are, what they find comes in the order of the log', async () => {
  const whole = checkLines({ file, begin: 0, end: size })
  expect(whole).toMatchObject({ unfit: false, erased: 58, onRecord: 450 })
  for (const count of [1, 3]) {
    const threads = openThreads(count)
    function* stretches() {
      // long enough for others to start, and to take their share
      for (let begin = 0; begin < size; begin += 20) yield { file, begin, end: Math.min(begin + 20, size) }
    }
    const leaves: Uint8Array[] = []
    let [erased, onRecord] = [0, 0]
    for await (const found of threads.inOrder('lines', stretches())) {
      leaves.push(found.leaves)
      erased += found.erased
      onRecord += found.onRecord
    }
    await threads.close()
    expect(Buffer.concat(leaves).equals(whole.leaves)).toBe(true)
    expect({ erased, onRecord }).toEqual({ erased: whole.erased, onRecord: whole.onRecord })
  }
})

test('what a thread could not check fails the check', async () => {
  const gone = { file: join(folder, 'gone'), begin: 0, end: 1 }
  const other = openThread()
  await expect(other.ask({ kind: 'lines', of: gone })).rejects.toThrow('ENOENT')
  await other.close()
  for (const count of [1, 2]) {
    const threads = openThreads(count)
    const found = async () => {
      for await (const _ of threads.inOrder('lines', [{ file, begin: 0, end: size }, gone]));
    }
    await expect(found()).rejects.toThrow('ENOENT')
    await threads.close()
  }
})
