/** Promise 2, silence is never an answer: a custodian that fails says so, in time, and costs no other its answer. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Fault, type FaultProxy, faultProxy } from '../fault-proxy.ts'
import { type GatewayUnderTest, openGateway, type Reply, statesOf } from '../gateway-under-test.ts'

const root = resolve(import.meta.dirname, '../..')

/** Milliseconds, for the custodian that fails and for no other; far shorter than the default so that the test is. */
const DEADLINE = 1_500

const CUSTODIANS: readonly [custodian: string, setting: string, sector: string][] = [
  ['northshire-police', 'NORTHSHIRE_POLICE_DATABASE_URL', 'police'],
  ['northshire-hospital', 'NORTHSHIRE_HOSPITAL_URL', 'health'],
  ['hollybank-school', 'HOLLYBANK_SCHOOL_URL', 'education'],
  ['eastmere-childrens-services', 'EASTMERE_CHILDRENS_SERVICES_URL', 'socialCare'],
]

describe.each(CUSTODIANS)('%s', (custodian, setting) => {
  let folder: string
  let proxy: FaultProxy
  let gateway: GatewayUnderTest

  beforeAll(async () => {
    const own = inject('partners').gatewayEnv[setting]
    if (own === undefined) throw new Error(`${setting} is not set`)
    folder = await mkdtemp(join(tmpdir(), 'sightline-partnership-'))
    for (const part of ['policies', 'adapters/custodians'])
      await cp(join(root, part), join(folder, part.replace('adapters/', '')), { recursive: true })
    const file = join(folder, 'custodians', `${custodian}.yaml`)
    await writeFile(file, `${await readFile(file, 'utf8')}deadlineMs: ${DEADLINE}\n`)
    proxy = await faultProxy(own)
    gateway = await openGateway({ env: { PARTNERSHIP_DIR: folder, [setting]: proxy.through(own) } })
  })
  afterAll(async () => {
    await gateway.close()
    await proxy.close()
    await rm(folder, { recursive: true, force: true })
  })

  test.each<Fault>(['hang', 'reset', 'garbage', 'slow-drip'])(
    'that %ss did not answer; the others did',
    async (fault) => {
      proxy.fail('none')
      const healthy = statesOf(await gateway.ask('lcpp', 'all-four'))
      proxy.fail(fault)
      const began = performance.now()
      const reply = await gateway.ask('lcpp', 'all-four')
      const took = performance.now() - began
      expect(reply.status).toBe(200)
      expect(statesOf(reply)).toEqual({ ...healthy, [custodian]: 'DID_NOT_ANSWER' })
      // bounded by its own deadline, neither by the custodian nor by the twenty seconds that the others have
      expect(took).toBeLessThan(12_000)
      const told = reply.body.data.child.custodians.find(
        (each: { custodian: string }) => each.custodian === custodian,
      )
      expect(told.words).toMatch(/says nothing about what is known/)
      expect(reply.text).not.toMatch(/ECONN|127\.0\.0\.1|garbage|timeout of/i)
    },
  )

  test('that is down did not answer; the others did', async () => {
    proxy.fail('none')
    const healthy = statesOf(await gateway.ask('lcpp', 'all-four'))
    await proxy.close()
    const reply = await gateway.ask('lcpp', 'all-four')
    expect(statesOf(reply)).toEqual({ ...healthy, [custodian]: 'DID_NOT_ANSWER' })
  })
})

describe('below section 47', () => {
  let gateway: GatewayUnderTest
  beforeAll(async () => {
    gateway = await openGateway()
  })
  afterAll(() => gateway.close())

  const s17 = { purpose: 's17-assessment' } as const
  const answerOf = (reply: Reply, custodian: string) =>
    reply.body.data.child.custodians.find((each: { custodian: string }) => each.custodian === custodian)

  test('a hospital that may not be asked for what it holds does not read as one that knows nothing', async () => {
    const hospital = answerOf(await gateway.ask('lcpp', 'all-four', s17), 'northshire-hospital')
    expect(hospital).toMatchObject({ state: 'NOT_ASKED', reason: { code: 'CONSENT_NOT_RECORDED' } })
    expect(hospital.words).toMatch(/says nothing about what is known/)
  })

  test('whatever a custodian was not asked for is named with its reason, in answer and chronology', async () => {
    const reply = await gateway.ask('lcpp', 'all-four', { ...s17, consentRecorded: true })
    for (const answer of reply.body.data.child.custodians) {
      if (answer.state !== 'RECORDS_SHOWN') continue
      for (const { kinds, reason } of answer.notAskedFor) {
        expect(kinds.length).toBeGreaterThan(0)
        expect(reason.code).toMatch(/^[A-Z_]+$/)
      }
    }
    const early = await gateway.ask('lcpp', 'all-four', {
      purpose: 'front-door-triage',
      threshold: 'EARLY_HELP',
      lawfulBasis: { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: 'CA04-10' },
      consentRecorded: true,
    })
    const school = answerOf(early, 'hollybank-school')
    expect(school.notAskedFor.flatMap((each: { kinds: string[] }) => each.kinds)).toContain(
      'Suspension or exclusion',
    )
    const gaps = early.body.data.child.chronology.unsearched.map((gap: { why: string }) => gap.why).join()
    expect(gaps).toMatch(/not asked for: .*Suspension/)
  })
})
