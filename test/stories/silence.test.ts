/** Promise 2, silence is never an answer: a custodian that fails says so, in time, and costs no other its answer. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Fault, type FaultProxy, faultProxy } from '../fault-proxy.ts'
import { type GatewayUnderTest, openGateway, statesOf } from '../gateway-under-test.ts'

/** Milliseconds; far shorter than the default so that the test is. */
const DEADLINE = 800

const CUSTODIANS: readonly [custodian: string, setting: string, sector: string][] = [
  ['northshire-police', 'NORTHSHIRE_POLICE_DATABASE_URL', 'police'],
  ['northshire-hospital', 'NORTHSHIRE_HOSPITAL_URL', 'health'],
  ['hollybank-school', 'HOLLYBANK_SCHOOL_URL', 'education'],
  ['eastmere-childrens-services', 'EASTMERE_CHILDRENS_SERVICES_URL', 'socialCare'],
]

describe.each(CUSTODIANS)('%s', (custodian, setting) => {
  let proxy: FaultProxy
  let gateway: GatewayUnderTest

  beforeAll(async () => {
    const own = inject('partners').gatewayEnv[setting]
    if (own === undefined) throw new Error(`${setting} is not set`)
    proxy = await faultProxy(own)
    gateway = await openGateway({
      env: { [setting]: proxy.through(own), CUSTODIAN_DEADLINE_MS: String(DEADLINE) },
    })
  })
  afterAll(async () => {
    await gateway.close()
    await proxy.close()
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
      // an answer of the slow kind is bounded by the deadline, not by the custodian; the rest is this machine
      expect(took).toBeLessThan(DEADLINE + 3_000)
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
