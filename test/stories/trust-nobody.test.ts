/** An agency that trusts neither the operator nor us: its own witness, its own check, from outside. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { ledgerCommand } from '../../gateway/commands/ledger.ts'
import { noteSigner, verifierText } from '../../gateway/ledger/tree/signed-note.ts'
import { originHash } from '../../gateway/ledger/witness/memory.ts'
import { metricsServer } from '../../gateway/metrics-server.ts'
import { printed } from '../gateway/commands/printed.ts'
import { type RunningWitness, runningWitness } from '../gateway/ledger/witness/running-witness.ts'
import { type GatewayUnderTest, openGateway } from '../gateway-under-test.ts'

const SIGHTLINE = fileURLToPath(new URL('../../gateway/commands/sightline.js', import.meta.url))
const signingKey = Buffer.alloc(32, 11)
const log = noteSigner('log', 'northshire.sightline', signingKey)
const key = verifierText(log)

let folder: string
let police: RunningWitness
let council: RunningWitness
let gateway: GatewayUnderTest
let metrics: FastifyInstance
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-trust-'))
  police = await runningWitness(join(folder, 'police'), 'police.example/witness', log)
  council = await runningWitness(join(folder, 'council'), 'council.example/witness', log)
  gateway = await openGateway({
    env: {
      LEDGER_SIGNING_KEY: signingKey.toString('base64'),
      LEDGER_WITNESSES: [police, council]
        .map((each) => `${each.url} ${verifierText(each.verifier)}`)
        .join(', '),
    },
  })
  metrics = metricsServer(gateway.opened.metrics, gateway.opened.readiness)
  await metrics.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await metrics.close()
  await gateway.close()
  await Promise.all([police.close(), council.close()])
  await rm(folder, { recursive: true, force: true })
})

/** What the command says to somebody who has the keys and nothing else of ours. */
async function verify(...words: string[]): Promise<{ code: number; said: string }> {
  const { PATH, HOME } = process.env
  const run = promisify(execFile)(process.execPath, [SIGHTLINE, 'ledger', 'verify', ...words], {
    env: { PATH, HOME, SIGHTLINE_DATA: folder },
  })
  return await run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error) => ({ code: error.code, said: error.stdout + error.stderr }),
  )
}

const metric = async (name: string) => {
  const { port } = metrics.server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/)
  const lines = (await response.text())
    .split('\n')
    .filter((line) => line.startsWith(`sightline_ledger_${name}`))
  return lines.map((line) => line.split(' ').at(-1))
}

test('what was asked is signed, seen by two agencies, and checked from outside with their keys alone', async () => {
  for (const persona of ['lcpp', 'social-worker']) await gateway.ask(persona, 'all-four')
  const behind = async () => [
    ...(await metric('unsigned_records')),
    ...(await metric('witness_behind_records')),
  ]
  await expect.poll(behind, { timeout: 15_000 }).toEqual(['0', '0', '0'])
  expect(Number(await metric('signed_records'))).toBeGreaterThan(1)

  const seen = [police, council].map(({ verifier }) => verifierText(verifier))
  const published = `${gateway.url}/ledger/`
  const kept = `${police.url}${originHash(log.name)}/checkpoint`
  const whole = await verify(published, '--key', key, '--witness', ...seen, '--kept', kept)
  expect(whole).toEqual({
    code: 0,
    said: expect.stringMatching(
      /^WHOLE: \d+ records of `northshire.sightline` are what was signed; seen by police\S+ at 20\S+ and council\S+ at 20\S+\n$/,
    ),
  })
})

test.each<[string, string, () => Promise<unknown>]>([
  ['LOG_UNREACHABLE', 'nothing', async () => undefined],
  ['EXPORT_MALFORMED', 'a folder of something else', () => mkdir(join(folder, 'odd'))],
  ['PROOF_RECORD_MISSING', 'a proof without its record', () => writeFile(join(folder, 'odd'), 'hello')],
  [
    'PROOF_MALFORMED',
    'a proof that is larger than any',
    async () => {
      await writeFile(join(folder, 'odd'), Buffer.alloc(10 ** 7, 'a'))
      await writeFile(join(folder, 'odd.json'), '{"id":"x"}')
    },
  ],
  [
    'PROOF_MALFORMED',
    'a proof and a record that are none',
    async () => {
      await writeFile(join(folder, 'odd'), 'hello')
      await writeFile(join(folder, 'odd.json'), 'hello')
    },
  ],
])('%s is said in words of %s that was handed over to be checked', async (code, _what, make) => {
  await make()
  const { said } = await verify(join(folder, 'odd'), '--key', key)
  await rm(join(folder, 'odd'), { recursive: true, force: true })
  expect(said).toMatch(new RegExp(`^${code}: [^\\n]*\\n$`))
})

test('an access is proved to somebody outside by two files of exact bytes, until it is erased', async () => {
  const { eventId } = (await gateway.ask('lcpp', 'all-four')).body.extensions.sightline
  const { rows } = await gateway.pool.query('select body from access_event where event_id = $1', [eventId])
  const covered = 'select 1 from access_leaf where event_id = $1 and idx < (select size from log_published)'
  await expect
    .poll(async () => (await gateway.pool.query(covered, [eventId])).rowCount, { timeout: 15_000 })
    .toBe(1)
  const settings = { ...inject('partners').gatewayEnv, DATABASE_URL: gateway.databaseUrl }
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
  const out = join(folder, 'access.proof')
  const shown = () => printed(ledgerCommand(), 'show', eventId)
  expect(await shown()).toBe(rows[0].body.toString())
  await printed(ledgerCommand(), 'proof', eventId, '--out', out)
  expect((await verify(out, '--key', key)).said).toMatch(/^PROVED: access /)

  await gateway.pool.query('delete from access_event where event_id = $1', [eventId])
  await rm(out)
  await expect(shown()).rejects.toMatchObject({ code: 'ACCESS_ERASED' })
  const again = printed(ledgerCommand(), 'proof', eventId, '--out', out)
  await expect(again).rejects.toMatchObject({ code: 'ACCESS_ERASED' })
  await expect(stat(out)).rejects.toMatchObject({ code: 'ENOENT' })
  vi.unstubAllEnvs()
})

test('a witness that has not signed is missed, unless the reader asks for fewer', async () => {
  const stranger = verifierText(noteSigner('witness', 'hospital.example/witness', Buffer.alloc(32, 12)))
  const asking = ['--key', key, '--witness', verifierText(police.verifier), stranger]
  const published = `${gateway.url}/ledger/`
  // a checkpoint is handed out after a second, with those who had signed by then; the others are asked again
  await expect
    .poll(() => verify(published, ...asking), { timeout: 60_000 })
    .toEqual({
      code: 1,
      said: expect.stringMatching(
        /^CHECKPOINT_UNWITNESSED: 1 of the 2 witnesses that were named have signed/,
      ),
    })
  expect((await verify(published, ...asking, '--at-least', '1')).code).toBe(0)
  expect((await verify(published, ...asking, '--at-least', '3')).said).toMatch(/^WITNESSES_WRONG: /)
}, 90_000)

test('what it cannot reach, and a key that is not the log’s, is said in words and is never called whole', async () => {
  const nowhere = await verify('http://127.0.0.1:9/ledger/', '--key', key)
  expect(nowhere).toEqual({ code: 1, said: expect.stringMatching(/^LOG_UNREACHABLE: /) })
  const other = verifierText(noteSigner('log', log.name, Buffer.alloc(32, 13)))
  expect((await verify(`${gateway.url}/ledger/`, '--key', other)).said).toMatch(/^CHECKPOINT_UNSIGNED: /)
  await writeFile(join(folder, 'no-checkpoint'), 'hello')
  const kept = await verify(`${gateway.url}/ledger/`, '--key', key, '--kept', join(folder, 'no-checkpoint'))
  expect(kept).toEqual({ code: 1, said: expect.stringMatching(/^NOTE_MALFORMED: /) })
  const gone = await verify(`${gateway.url}/ledger/`, '--key', key, '--kept', join(folder, 'gone'))
  expect(gone).toEqual({ code: 1, said: expect.stringMatching(/^CHECKPOINT_UNREACHABLE: [^\n]*\n$/) })
})
