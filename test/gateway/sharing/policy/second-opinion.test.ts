/** One decision in a hundred is put to Cedar itself before the answer leaves; where Cedar differs, nothing leaves. */
import { Writable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { pino } from 'pino'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import type { Decision, PolicyRequest } from '../../../../gateway/sharing/policy/decide.ts'
import { effectsFor } from '../../../../gateway/sharing/policy/effect.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { newSamples, type Sample } from '../../../../gateway/sharing/policy/sample.ts'
import { openSecondOpinion, type SecondOpinion } from '../../../../gateway/sharing/policy/second-opinion.ts'
import { Refusal } from '../../../../schema/refusal.ts'
import { amina, policiesDir, record, s47 } from './asked.ts'
import { seededFaults, withOperators } from './seeded-faults.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(policiesDir)
})

let lines: string[]
let opened: SecondOpinion | undefined
beforeEach(() => {
  lines = []
})
afterEach(() => opened?.close())

/** @param start what runs instead of the real thread, one start after another; then the real one */
async function open(deadlineMs: number, start: readonly (() => Worker)[] = []): Promise<SecondOpinion> {
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const left = [...start]
  opened = await openSecondOpinion({
    log: pino(sink),
    deadlineMs,
    ...(start.length > 0 ? { start: () => (left.shift() ?? realThread)() } : {}),
  })
  return opened
}
const realThread = () =>
  new Worker(new URL('../../../../gateway/sharing/policy/cedar-thread-start.js', import.meta.url), {
    execArgv: [],
  })
const threadThat = (does: string) => () =>
  new Worker(
    `const { parentPort } = require('node:worker_threads')
     parentPort.on('message', () => { ${does} })
     parentPort.postMessage({ number: 0, decisions: [] })`,
    { eval: true, execArgv: [] },
  )

/** Every decision about a few records of police and hospital, refuge and court papers among them. */
function decided(by: PolicyBundle, now = s47.now): readonly Sample[] {
  const samples = newSamples(1)
  const effects = effectsFor(by, amina, { ...s47, now }, samples.onDecision)
  effects(record('police', 'police.crime', { labels: ['adult-victim'], subject: 'adult' }))
  effects(record('police', 'police.summary', { labels: ['court-papers'] }))
  effects(record('health', 'health.encounter', { labels: ['sexual-health', 'address-confidential'] }))
  effects(record('education', 'education.enrolment', { labels: ['adoption'] }))
  return samples.chosen
}

const withheld = (code: string) => expect.objectContaining({ code, message: code })
const DIFFERS = withheld('POLICY_SECOND_OPINION_DIFFERS')
const MISSING = withheld('POLICY_SECOND_OPINION_MISSING')
const PATIENCE = 60_000 // milliseconds: the machine may be busy

describe('Cedar itself', { timeout: 2 * PATIENCE }, () => {
  test('agrees with every decision about a picture, and the answer may leave', async () => {
    const samples = decided(bundle)
    expect(samples.length).toBeGreaterThan(20)
    await (await open(PATIENCE)).check(bundle, samples)
    expect(lines).toEqual([])
  })

  test('is not asked about nothing', async () => {
    const { check, close } = await open(PATIENCE)
    await close()
    await check(bundle, [])
  })

  test('follows when the policies change while the gateway runs', async () => {
    const { check } = await open(PATIENCE)
    await check(bundle, decided(bundle))
    const changed = withPolicy(bundle, 'changed.nobody', 'forbid (principal, action, resource);')
    await expect(check(changed, decided(bundle))).rejects.toEqual(DIFFERS)
    await check(bundle, decided(bundle))
  })

  for (const { fault, operators } of seededFaults)
    test(`catches an evaluator in which ${fault}, and nothing leaves`, async () => {
      const faulty = withOperators(bundle, operators)
      const lastInstant = bundle.agreements.find(
        ({ source }) => source.agency === 'northshire-police',
      )?.expires
      const samples = [...decided(faulty), ...decided(faulty, lastInstant ?? s47.now)]
      await expect((await open(PATIENCE)).check(faulty, samples)).rejects.toEqual(DIFFERS)
      const [line = ''] = lines
      expect(JSON.parse(line)).toMatchObject({
        level: 50,
        code: 'POLICY_SECOND_OPINION_DIFFERS',
        bundle: bundle.version,
        differing: expect.arrayContaining([
          { action: expect.any(String), compiled: expect.anything(), cedar: expect.anything() },
        ]),
      })
    })

  test('is told apart by the determining policies alone, and the alarm names policies and no record', async () => {
    const [first, ...rest] = decided(bundle)
    if (!first) throw new Error('nothing was decided')
    const other = { ...first, decision: { ...first.decision, determining: ['access.own-agency'] } }
    await expect((await open(PATIENCE)).check(bundle, [other, ...rest])).rejects.toEqual(DIFFERS)
    const [line = ''] = lines
    expect(JSON.parse(line).differing).toEqual([
      {
        action: first.request.action,
        compiled: { ...other.decision },
        cedar: { allow: true, determining: ['access.macpt-agreement'], errors: [] },
      },
    ])
    for (const { request } of [first, ...rest])
      for (const detail of [request.record.custodian, request.practitioner.agency, ...request.record.labels])
        expect(line).not.toContain(detail)
  })

  test('is not quoted in the alarm where it refuses the question, as its words may hold a label', async () => {
    const [sample] = decided(bundle)
    if (!sample) throw new Error('nothing was decided')
    const request = { ...sample.request, action: 'refuge-secret' }
    await expect((await open(PATIENCE)).check(bundle, [{ ...sample, request }])).rejects.toEqual(DIFFERS)
    expect(JSON.parse(lines[0] ?? '').differing[0].cedar.errors).toEqual(['the request'])
  })
})

describe('the answer is withheld', { timeout: 2 * PATIENCE }, () => {
  test('when the thread hangs; it is replaced, and the next question is answered', async () => {
    const { check } = await open(1_500, [threadThat('for (;;) {}')])
    await expect(check(bundle, decided(bundle))).rejects.toEqual(MISSING)
    await eventually(() => check(bundle, decided(bundle)))
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 50, code: 'POLICY_SECOND_OPINION_MISSING' })
  })

  test('at once when the thread dies, and the next question is answered', async () => {
    const { check } = await open(PATIENCE, [threadThat('process.exit(1)'), threadThat('throw new Error()')])
    await expect(check(bundle, decided(bundle))).rejects.toEqual(MISSING)
    await expect(check(bundle, decided(bundle))).rejects.toEqual(MISSING)
    await check(bundle, decided(bundle))
  })

  test('from the start: a gateway whose thread cannot start does not start either', async () => {
    const dead = () => new Worker('process.exit(1)', { eval: true, execArgv: [] })
    await expect(open(PATIENCE, [dead])).rejects.toThrow('does not start')
  })

  test('when the thread answers fewer decisions than it was asked', async () => {
    const short = threadThat(
      `for (let number = 1; number < 9; number += 1) parentPort.postMessage({ number, decisions: [] })`,
    )
    await expect((await open(PATIENCE, [short])).check(bundle, decided(bundle))).rejects.toEqual(MISSING)
  })

  test('once the house is closed', async () => {
    const { check, close } = await open(PATIENCE)
    const asked = check(bundle, decided(bundle))
    const refused = expect(asked).rejects.toEqual(MISSING)
    await close()
    await refused
    await expect(check(bundle, decided(bundle))).rejects.toEqual(MISSING)
  })
})

describe('which decisions', () => {
  const request = {} as PolicyRequest
  const decision = {} as Decision
  const chosenOf = (share: number, decisions: number, random?: () => number) => {
    const samples = newSamples(share, random)
    for (let count = 0; count < decisions; count += 1)
      samples.onDecision({ ...request, action: String(count) }, decision)
    return samples.chosen.map((sample) => Number(sample.request.action))
  }

  test('about one in a hundred, nobody knows which', () => {
    const [one, other] = [chosenOf(0.01, 100_000), chosenOf(0.01, 100_000)]
    for (const chosen of [one, other]) {
      expect(chosen.length).toBeGreaterThan(800)
      expect(chosen.length).toBeLessThan(1_200)
    }
    expect(one).not.toEqual(other)
  })

  test('the first of a question is as likely as any other, also where questions are short', () => {
    const places = Array.from({ length: 20_000 }, () => chosenOf(0.1, 5)).flat()
    for (const place of [0, 1, 2, 3, 4]) {
      const times = places.filter((each) => each === place).length
      expect(times).toBeGreaterThan(1_700)
      expect(times).toBeLessThan(2_300)
    }
  })

  test('all of them, where all are wanted', () => {
    expect(chosenOf(1, 50)).toHaveLength(50)
  })

  test.each([0, -1, 0.0009, 1.1, Number.NaN])('a share of %s is refused: there is no off switch', (share) => {
    expect(() => newSamples(share)).toThrow(Refusal)
    expect(() => newSamples(share)).toThrow(`\`${share}\``)
  })
})

function withPolicy(from: PolicyBundle, id: string, text: string): PolicyBundle {
  const [first] = from.policies.values()
  if (!first) throw new Error('the bundle is empty')
  const policies = new Map([...from.policies, [id, { ...first, id, text }]])
  return { ...from, version: `${from.version}, changed`, policies }
}

/** Tries again while the new thread is not up yet. */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1)
    try {
      return await check()
    } catch (error) {
      if (tries === 20) throw error
    }
}
