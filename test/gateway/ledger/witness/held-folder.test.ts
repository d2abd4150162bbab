/** Two witnesses never work on one folder: real processes, as an agency starts them, and one that is killed. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { noteSigner, verifierText } from '../../../../gateway/ledger/tree/signed-note.ts'
import { holdFolder } from '../../../../gateway/ledger/witness/held-folder.ts'
import { WITNESS_FILES } from '../../../../gateway/ledger/witness/key.ts'
import { ourProgram, type Part, startPart } from '../../../../gateway/local/part.ts'
import { someFree } from '../../../../gateway/local/ports.ts'

const log = verifierText(noteSigner('log', 'northshire.sightline', randomBytes(32)))

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'witness-'))
})
const running: Part[] = []
afterEach(async () => {
  for (const part of running.splice(0)) await part.stop()
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** `sightline witness`, once it answers. @throws where it ends first, with what it said */
async function start(folder: string): Promise<Part> {
  const [port = 0] = await someFree(1)
  const part = await startPart({
    name: 'the witness',
    ...ourProgram(
      new URL('../../../../gateway/commands/sightline.js', import.meta.url),
      ...['witness', '--folder', folder, '--log', log, '--port', String(port)],
      ...['--name', 'police.northshire.example/witness'],
    ),
    logFile: join(root, `${randomBytes(4).toString('hex')}.log`),
    ready: async () =>
      (await fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(2_000) })).status === 404,
  })
  running.push(part)
  return part
}

const keyIn = (folder: string) => readFile(join(folder, WITNESS_FILES.key), 'utf8')

test('a second witness on the folder of one that runs is refused in plain words, and signs nothing', async () => {
  const folder = join(root, 'twice')
  const first = await start(folder)
  const before = await keyIn(folder)
  await expect(start(folder)).rejects.toThrow(
    /exit code 1[\s\S]*\nWITNESS_FOLDER_HELD: another witness is at work on .*twice; stop it before/,
  )
  expect(first.isRunning()).toBe(true)
  expect(await keyIn(folder)).toBe(before)
})

test('of a witness that was killed nothing stands in the way of the next, which still is the only one', async () => {
  const folder = join(root, 'killed')
  const first = await start(folder)
  const key = await keyIn(folder)
  await first.kill()
  await start(folder)
  expect(await keyIn(folder)).toBe(key)
  await expect(start(folder)).rejects.toThrow(/WITNESS_FOLDER_HELD/)
})

test('a witness that stands still holds its folder all the same', async () => {
  const folder = join(root, 'still')
  const first = await start(folder)
  process.kill(first.pid, 'SIGSTOP')
  try {
    await expect(start(folder)).rejects.toThrow(/WITNESS_FOLDER_HELD/)
  } finally {
    process.kill(first.pid, 'SIGCONT')
  }
})

test('of several that start at once on an empty folder, one at most makes a key and works', async () => {
  const folder = join(root, 'at-once')
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => start(folder)))
  const up = outcomes.filter(({ status }) => status === 'fulfilled')
  expect(up.length).toBeLessThanOrEqual(1)
  for (const each of outcomes)
    if (each.status === 'rejected') expect(String(each.reason)).toMatch(/WITNESS_FOLDER_HELD/)
  if (up.length === 0) await start(folder)
  await expect(start(folder)).rejects.toThrow(/WITNESS_FOLDER_HELD/)
})

test('within one process, too, of many holds at once one at most is given, again and again', async () => {
  const folder = join(root, 'hundred')
  for (let round = 0; round < 20; round++) {
    const held = (await Promise.allSettled(Array.from({ length: 5 }, () => holdFolder(folder)))).flatMap(
      (each) => (each.status === 'fulfilled' ? [each.value] : []),
    )
    expect(held.length).toBeLessThanOrEqual(1)
    for (const each of held) await each.release()
  }
  const alone = await holdFolder(folder)
  expect(await readdir(folder), 'of those before nothing is left').toHaveLength(1)
  await alone.release()
  expect(await readdir(folder)).toEqual([])
})

test('a folder that cannot be held is refused rather than worked on without', async () => {
  await expect(holdFolder(join(root, 'x'.repeat(120)))).rejects.toMatchObject({
    code: 'WITNESS_FOLDER_UNFIT',
    message: expect.stringMatching(/too long a path.*choose a shorter folder/),
  })
})
