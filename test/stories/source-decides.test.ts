/** Promise 5, the source decides last; and an agreement that has ended shares nothing. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { approve } from '../approved.ts'
import { codeOf, type GatewayUnderTest, openGateway, type Reply, statesOf } from '../gateway-under-test.ts'

const root = resolve(import.meta.dirname, '../..')
let folder: string
const opened: GatewayUnderTest[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-partnership-'))
})
afterAll(async () => {
  for (const gateway of opened) await gateway.close()
  await rm(folder, { recursive: true, force: true })
})

/** A partnership like Northshire's with one thing changed. */
async function partnershipWith(
  name: string,
  change: (dir: string) => Promise<void>,
): Promise<GatewayUnderTest> {
  const dir = join(folder, name)
  await cp(join(root, 'policies'), join(dir, 'policies'), { recursive: true })
  await cp(join(root, 'adapters/custodians'), join(dir, 'custodians'), { recursive: true })
  await change(dir)
  await approve(join(dir, 'policies'))
  const gateway = await openGateway({ env: { PARTNERSHIP_DIR: dir } })
  opened.push(gateway)
  return gateway
}

const answerOf = (reply: Reply, custodian: string) =>
  reply.body.data.child.custodians.find((each: { custodian: string }) => each.custodian === custodian)

test("an agency's own deny beats every permit of the gateway", async () => {
  const gateway = await partnershipWith('deny', (dir) =>
    writeFile(
      join(dir, 'policies/agencies/northshire-hospital/conditions.cedar'),
      `@id("northshire-hospital.conditions")
@title("The hospital keeps its diagnoses to itself")
@reason("ASK_IG_LEAD")
@disclose("subject")
forbid (principal, action in Action::"any", resource)
when { resource.agency == "northshire-hospital" }
when { resource.recordType == RecordType::"health.condition" };
`,
    ),
  )
  const reply = await gateway.ask('lcpp', 'all-four')
  const fromHospital = reply.body.data.child.health.conditions.filter(
    (each: { custodian: string }) => each.custodian === 'northshire-hospital',
  )
  expect(fromHospital).toEqual([])
  expect(statesOf(reply)['northshire-hospital']).toBe('RECORDS_SHOWN')
})

test('an agreement that has ended shares nothing, and says so', async () => {
  const gateway = await partnershipWith('ended', async (dir) => {
    const file = join(dir, 'policies/agreements/northshire-police.yaml')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace(/^ends: .*$/m, 'ends: 2026-11-20'))
  })
  const police = answerOf(await gateway.ask('lcpp', 'all-four'), 'northshire-police')
  expect(police).toMatchObject({ state: 'NOT_ASKED', reason: { code: 'AGREEMENT_EXPIRED' } })
  expect(police.contact.telephone).toBeTruthy()
})

test('a suspended agreement shares nothing, and says so', async () => {
  const gateway = await partnershipWith('suspended', async (dir) => {
    const file = join(dir, 'policies/agreements/northshire-hospital.yaml')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace(/^suspended: .*$/m, 'suspended: true'))
  })
  const reply = await gateway.ask('lcpp', 'all-four')
  expect(answerOf(reply, 'northshire-hospital')).toMatchObject({
    state: 'NOT_ASKED',
    reason: { code: 'AGREEMENT_SUSPENDED' },
  })
  expect(statesOf(reply)['northshire-community-health']).toBe('RECORDS_SHOWN')
})

test('an agreement that is suspended in mid-session stops within seconds, and going on needs two names', async () => {
  const gateway = await partnershipWith('in-session', async () => undefined)
  const dir = join(folder, 'in-session/policies')
  const file = join(dir, 'agreements/northshire-hospital.yaml')
  const agreed = await readFile(file, 'utf8')
  const state = async () => answerOf(await gateway.ask('lcpp', 'all-four'), 'northshire-hospital').state
  const held = async () => (await gateway.opened.readiness()).policies.held
  expect(await state()).toBe('RECORDS_SHOWN')

  await writeFile(file, agreed.replace(/^suspended: .*$/m, 'suspended: true'))
  await expect.poll(state, { timeout: 20_000, interval: 500 }).toBe('NOT_ASKED')
  expect(await held()).toBeNull()

  await writeFile(file, agreed)
  await expect.poll(held, { timeout: 20_000, interval: 200 }).toBe('POLICY_CHANGE_NOT_APPROVED')
  const told = await (await fetch(`${gateway.url}/health/ready`)).json()
  expect(told).toEqual({ ready: true, attention: ['POLICY_CHANGE_HELD'] })
  expect(await state()).toBe('NOT_ASKED')
}, 90_000)

test('policies with a fault stop the start; every fault is named with its file', async () => {
  const start = partnershipWith('faulty', async (dir) => {
    await writeFile(
      join(dir, 'policies/broken.cedar'),
      'permit (principal, action, resource) when { resource.lables };',
    )
    await writeFile(join(dir, 'policies/agreements/broken.yaml'), 'id: X')
  })
  await expect(start).rejects.toMatchObject({
    code: 'POLICY_BUNDLE_INVALID',
    message: expect.stringMatching(/broken\.cedar[\s\S]*broken\.yaml|broken\.yaml[\s\S]*broken\.cedar/),
  })
})

test('a refused question never reads as an empty answer', async () => {
  const gateway = await partnershipWith('plain', async () => undefined)
  const reply = await gateway.ask('social-worker', 'all-four')
  expect(codeOf(reply)).toBe('NO_CASE_RELATIONSHIP')
  expect(reply.body).not.toHaveProperty('data')
})
