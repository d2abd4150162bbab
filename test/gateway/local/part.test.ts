import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPart } from '../../../gateway/local/part.ts'
import { hasEnded, isRunning } from './processes.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-part-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const PART = new URL('../../../gateway/local/part.ts', import.meta.url).href
/** Ignores the polite signals, as a hung program does. */
const STUBBORN = `process.on('SIGTERM',()=>{});process.on('SIGINT',()=>{});console.log('up');setInterval(()=>{},1000)`

/** Runs an owner in a process of its own; it starts a stubborn part, prints the part's id and does `then`. */
async function ownerWithPart(then: string) {
  const program = `
    import { startPart } from '${PART}'
    import { readFileSync } from 'node:fs'
    const logFile = ${JSON.stringify(join(dir, 'owned.log'))}
    const part = await startPart({ name: 'a part', command: process.execPath, args: ['-e', ${JSON.stringify(STUBBORN)}],
      logFile, ready: async () => readFileSync(logFile, 'utf8').includes('up'), stopWithin: 200 })
    console.log(part.pid)
    ${then}`
  const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  const [line] = await once(createInterface({ input: owner.stdout }), 'line')
  return { owner, partPid: Number(line) }
}

describe('nothing remains of a part', () => {
  test('when its owner is killed with SIGKILL, even if the part ignores polite signals', async () => {
    const { owner, partPid } = await ownerWithPart('')
    expect(await isRunning(partPid)).toBe(true)
    owner.kill('SIGKILL')
    expect(await hasEnded(partPid)).toBe(true)
  }, 30_000)

  test('when its owner dies of an uncaught error', async () => {
    const { partPid } = await ownerWithPart(`throw new Error('unforeseen')`)
    expect(await hasEnded(partPid)).toBe(true)
  }, 30_000)

  test('when Ctrl-C reaches the whole process group of an owner that has no handler', async () => {
    const { owner, partPid } = await ownerWithPart('')
    process.kill(-(owner.pid ?? Number.NaN), 'SIGINT')
    expect(await hasEnded(partPid)).toBe(true)
  }, 30_000)

  test('when it is stopped, with what it started itself', async () => {
    const logFile = join(dir, 'family.log')
    const part = await startPart({
      name: 'a family',
      command: 'sh',
      args: ['-c', 'sleep 600 & echo "grandchild $!"; wait'],
      logFile,
      ready: async () => (await readFile(logFile, 'utf8')).includes('grandchild'),
    })
    const grandchild = Number(/grandchild (\d+)/.exec(await readFile(logFile, 'utf8'))?.[1])
    expect(await isRunning(grandchild)).toBe(true)
    await part.stop()
    expect(part.isRunning()).toBe(false)
    expect(await hasEnded(grandchild)).toBe(true)
  }, 30_000)
})

describe('a part that does not come up', () => {
  const failing = (script: string, readyWithin: number) =>
    startPart({
      name: 'a part',
      command: 'sh',
      args: ['-c', script],
      logFile: join(dir, 'failing.log'),
      ready: async () => false,
      readyWithin,
      stopWithin: 200,
    })

  test('says so with the end of its log when it ends early', async () => {
    await expect(failing('echo "no space on the disk"; exit 3', 20_000)).rejects.toThrow(
      /a part ended before it was ready \(exit code 3\)[\s\S]*no space on the disk/,
    )
  })

  test('is not left running when it is not ready in time', async () => {
    await expect(failing('echo "pid $$"; exec sleep 600', 300)).rejects.toThrow(/was not ready in time/)
    const pid = Number(/pid (\d+)/.exec(await readFile(join(dir, 'failing.log'), 'utf8'))?.[1])
    expect(await hasEnded(pid)).toBe(true)
  })
})
