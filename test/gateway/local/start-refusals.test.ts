import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  placesIn,
  refuseWhileRunning,
  resetDataFolder,
  runningIn,
  secretsIn,
  writePrivately,
} from '../../../gateway/local/data-folder.ts'
import { portsInUse, readLocalSettings } from '../../../gateway/local/local-settings.ts'
import { freePorts, refuseTakenPorts, someFree } from '../../../gateway/local/ports.ts'

let dir: string
const server = createServer((_, response) => response.end())
let taken: number

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-data-'))
  taken = await new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
})
afterAll(async () => {
  server.close()
  await rm(dir, { recursive: true, force: true })
})

describe('the start is refused', () => {
  test('with every wrong setting named at once', () => {
    expect(() =>
      readLocalSettings({ PORT: 'four thousand', KAFKA_PORT: '70000', POPULATION_CHILDREN: '3' }),
    ).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_WRONG',
        message: expect.stringMatching(
          / PORT must be a number[\s\S]*KAFKA_PORT must be at most 65535[\s\S]*POPULATION_CHILDREN must be at least 500/,
        ),
      }),
    )
  })

  test('with each taken port and the setting that moves it', async () => {
    const { postgres } = await freePorts()
    await expect(
      refuseTakenPorts([
        { port: taken, setting: 'PORT' },
        { port: postgres, setting: 'POSTGRES_PORT' },
      ]),
    ).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringMatching(new RegExp(`port ${taken} is taken; set PORT to another one$`)),
    })
    await expect(refuseTakenPorts([{ port: postgres, setting: 'POSTGRES_PORT' }])).resolves.toBeUndefined()
  })

  test('while a Sightline answers from the same folder, but not when it is long gone', async () => {
    const running = {
      issuer: 'http://127.0.0.1:1',
      audience: 'a',
      pid: 4242,
      startedAt: new Date(0).toISOString(),
    }
    await writePrivately(placesIn(dir).running, { ...running, gatewayUrl: `http://127.0.0.1:${taken}` })
    await expect(refuseWhileRunning(dir)).rejects.toMatchObject({
      code: 'ALREADY_RUNNING',
      message: expect.stringContaining('process 4242'),
    })
    const { gateway } = await freePorts()
    await writePrivately(placesIn(dir).running, { ...running, gatewayUrl: `http://127.0.0.1:${gateway}` })
    expect(await runningIn(dir)).toBeUndefined()
    await expect(refuseWhileRunning(dir)).resolves.toBeUndefined()
  })
})

test('a free port is given once, also while nobody listens there yet', async () => {
  const [first = 0] = (process.env.SIGHTLINE_FREE_PORTS ?? '').split('-').map(Number)
  vi.stubEnv('SIGHTLINE_FREE_PORTS', `${first}-${first + 300}`)
  const given: number[] = []
  for (let asked = 0; asked < 20; asked++) given.push(...(await someFree(4)))
  vi.unstubAllEnvs()
  expect(new Set(given).size).toBe(80)
})

test('ports of parts that run elsewhere are not asked for', () => {
  const settings = readLocalSettings({})
  const all = portsInUse(settings, {}).map(({ setting }) => setting)
  const some = portsInUse(settings, { DATABASE_URL: 'postgres://db', KAFKA_BROKERS: 'k:9092' }).map(
    ({ setting }) => setting,
  )
  expect(all.filter((setting) => !some.includes(setting))).toEqual([
    'POSTGRES_PORT',
    'KAFKA_PORT',
    'KAFKA_CONTROLLER_PORT',
  ])
})

describe('secrets', () => {
  test('are made once, kept, and readable for their owner only', async () => {
    const made = await secretsIn(dir, ['northshire-hospital'])
    expect(Buffer.from(made.pseudonymKey, 'base64')).toHaveLength(32)
    expect(await secretsIn(dir, ['northshire-hospital'])).toEqual(made)
    expect((await stat(placesIn(dir).secrets)).mode & 0o777).toBe(0o600)
  })

  test('for a custodian that is connected later are added without changing the others', async () => {
    const before = await secretsIn(dir, ['northshire-hospital'])
    const after = await secretsIn(dir, ['northshire-hospital', 'northshire-community-health'])
    expect(after.clientKeys['northshire-hospital']).toEqual(before.clientKeys['northshire-hospital'])
    expect(after.clientKeys['northshire-community-health']).toBeDefined()
  })
})

test('a reset removes what Sightline made and nothing else', async () => {
  await mkdir(placesIn(dir).kafka, { recursive: true })
  await writeFile(join(dir, 'my-notes.txt'), 'keep')
  await resetDataFolder(dir)
  await expect(stat(placesIn(dir).secrets)).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(stat(placesIn(dir).kafka)).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await readFile(join(dir, 'my-notes.txt'), 'utf8')).toBe('keep')
})
