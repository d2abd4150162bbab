import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { placesIn, runningIn } from '../../../gateway/local/data-folder.ts'
import { PROJECT_DIR } from '../../../gateway/local/local-settings.ts'
import { PERSONAS } from '../../../gateway/local/personas.ts'
import { freePorts } from '../../../gateway/local/ports.ts'
import { accessTokenFor } from '../../../gateway/local/sign-in.ts'
import { hasEnded, isRunning } from './processes.ts'

const START = fileURLToPath(new URL('../../../gateway/local/start.ts', import.meta.url))
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-start-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

async function descendantsOf(ancestor: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid='])
  const parents = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const below = (pid: number): number[] =>
    parents.flatMap(([child = 0, parent]) => (parent === pid ? [child, ...below(child)] : []))
  return below(ancestor)
}

test('a newcomer starts it, signs in, and Ctrl-C leaves no process behind; the next start keeps its data', async () => {
  const ports = await freePorts()
  const start = (options: readonly string[]) =>
    spawn(process.execPath, ['--import', 'tsx', START, ...options], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        XDG_CACHE_HOME: process.env.XDG_CACHE_HOME,
        SIGHTLINE_DATA: dir,
        PORT: String(ports.gateway),
        IDENTITY_PROVIDER_PORT: String(ports.identityProvider),
        AGENCIES_PORT: String(ports.agencies[0]),
        POSTGRES_PORT: String(ports.postgres),
        AGENCIES_POSTGRES_PORT: String(ports.agenciesPostgres),
        KAFKA_PORT: String(ports.kafka),
        KAFKA_CONTROLLER_PORT: String(ports.kafkaController),
        WITNESSES_PORT: String(ports.witnesses[0]),
      },
    })
  const signingKeys: unknown[] = []
  for (const [round, options] of [
    ['first', []],
    ['second', ['--shadow', join(PROJECT_DIR, 'policies')]],
  ] as const) {
    const started = start(options)
    const said: string[] = []
    for (const stream of [started.stdout, started.stderr])
      createInterface({ input: stream }).on('line', (line) => said.push(line))
    const ended = once(started, 'exit')
    await expect
      .poll(() => said.join('\n'), { timeout: 120_000, message: `the ${round} start` })
      .toMatch(/^Sightline is ready at http:\/\/127\.0\.0\.1:\d+$|failed|does not start|ended before/m)
    const words = said.join('\n')
    expect(words).toContain(`Sightline is ready at http://127.0.0.1:${ports.gateway}`)
    for (const { id } of PERSONAS) expect(words).toMatch(new RegExp(`^  ${id} `, 'm'))

    const running = await runningIn(dir)
    expect(running).toMatchObject({ gatewayUrl: `http://127.0.0.1:${ports.gateway}`, pid: started.pid })
    const { issuer = '', gatewayUrl = '' } = running ?? {}
    expect((await fetch(`${gatewayUrl}/health/ready`)).status).toBe(200)
    expect(await accessTokenFor({ issuer, persona: 'lcpp' })).toMatch(/^ey/)
    const shadow = await readFile(join(placesIn(dir).logs, 'gateway.log'), 'utf8')
    expect(shadow.includes('policies run in the shadow')).toBe(round === 'second')
    // an access, if only a refused one, is cosigned by two agencies
    await fetch(`${gatewayUrl}/graphql`, { method: 'POST', body: '{}' })
    await expect
      .poll(async () => await (await fetch(`${gatewayUrl}/ledger/checkpoint`)).text(), { timeout: 30_000 })
      .toMatch(/^— \S*police\S* .+\n— \S*council\S* /m)
    signingKeys.push(await (await fetch(`${issuer}/jwks`)).json())

    const pids = await descendantsOf(started.pid ?? Number.NaN)
    expect(pids.length).toBeGreaterThan(4)
    process.kill(-(started.pid ?? Number.NaN), 'SIGINT') // as a terminal does: to the whole group
    expect((await ended)[0]).toBe(130)
    for (const pid of pids) expect(await hasEnded(pid), `process ${pid} remains`).toBe(true)
    expect(await isRunning(started.pid ?? Number.NaN)).toBe(false)
    expect(await runningIn(dir)).toBeUndefined()
  }
  expect(signingKeys[1]).toEqual(signingKeys[0])
}, 300_000)
