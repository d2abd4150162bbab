/**
 * How long a whole answer takes past the deadline of a custodian that fails, fault by fault and kind by kind, beside
 * the same question while all are well. `npm run bench -- deadline [--json]`
 */
import { type Fault, faultProxy } from '../fault-proxy.ts'
import { openGatewayWith, statesOf } from '../gateway-with.ts'
import { startPartners } from '../setup/partners.ts'
import { at, type Row, report } from './table.ts'

const DEADLINE = 1_000 // milliseconds
const ROUNDS = 8

const CUSTODIANS = [
  ['northshire-police', 'sql', 'NORTHSHIRE_POLICE_DATABASE_URL'],
  ['northshire-hospital', 'fhir', 'NORTHSHIRE_HOSPITAL_URL'],
  ['hollybank-school', 'rest', 'HOLLYBANK_SCHOOL_URL'],
  ['eastmere-childrens-services', 'graphql', 'EASTMERE_CHILDRENS_SERVICES_URL'],
] as const
const FAULTS: readonly Fault[] = ['none', 'hang', 'slow-drip', 'reset', 'garbage']

const { partners, stop } = await startPartners()
const rows: Row[] = []
try {
  for (const [custodian, kind, setting] of CUSTODIANS) {
    const own = partners.gatewayEnv[setting] ?? ''
    const proxy = await faultProxy(own)
    const gateway = await openGatewayWith(partners, {
      env: { [setting]: proxy.through(own), CUSTODIAN_DEADLINE_MS: String(DEADLINE) },
    })
    for (let warm = 0; warm < 5; warm += 1) await gateway.ask('lcpp', 'all-four')
    for (const fault of FAULTS) {
      const took: number[] = []
      let stated = 0
      for (let round = 0; round < ROUNDS; round += 1) {
        proxy.fail(fault)
        const began = performance.now()
        const reply = await gateway.ask('lcpp', 'all-four')
        took.push(performance.now() - began)
        if (statesOf(reply)[custodian] === (fault === 'none' ? statesOf(reply)[custodian] : 'DID_NOT_ANSWER'))
          stated += 1
      }
      const late = ['hang', 'slow-drip'].includes(fault)
      rows.push({
        kind,
        fault,
        'state given': `${stated}/${ROUNDS}`,
        'p50 ms': at(took, 0.5),
        'max ms': at(took, 1),
        'past the deadline, max ms': late ? at(took, 1) - DEADLINE : '–',
      })
    }
    await gateway.close()
    await proxy.close()
  }
} finally {
  await stop()
}
report('deadline', { rows })
