/**
 * A whole picture over HTTP, from token to receipt, beside its rivals in the same run: the same without keeping the
 * custodians' pace; the custodians asked one after another, and all at once without gateway, policy or ledger.
 * `npm run bench -- picture [--json]`
 */
import { randomUUID } from 'node:crypto'
import type { CustodianQuestion } from '../../adapters/contract.ts'
import { storyOf } from '../../gateway/local/population/stories.ts'
import type { Pace } from '../../gateway/sharing/pace.ts'
import { decidedGroups } from '../../schema/data-group.ts'
import { nhsNumber } from '../../schema/nhs-number.ts'
import { openGatewayWith } from '../gateway-with.ts'
import { startPartners } from '../setup/partners.ts'
import { at, type Row, report } from './table.ts'

const ROUNDS = 60
const { partners, stop } = await startPartners()
const rows: Row[] = []
try {
  const gateway = await openGatewayWith(partners)
  const { house } = gateway.opened
  const { connections, pace } = house
  const askAt = (kept: Pace) => {
    Object.assign(house, { pace: kept })
    return gateway.ask('lcpp', 'all-four')
  }
  const question = (recordTypes: readonly string[]): CustodianQuestion => ({
    nhsNumber: nhsNumber(storyOf('all-four').nhsNumber),
    recordTypes: recordTypes.map((name) => ({ name, groups: decidedGroups })),
    eventId: randomUUID(),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    signal: AbortSignal.timeout(10_000),
  })
  const asked = connections.filter(({ custodian }) => custodian.id !== 'westvale-college')
  const WAYS: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['picture over HTTP, policy, ledger and pace', () => askAt(pace)],
    ['picture over HTTP, without the pace', () => askAt(() => async () => {})],
    [
      'custodians at once, nothing else',
      () => Promise.all(asked.map((each) => each.ask(question(each.custodian.recordTypes)))),
    ],
    [
      'custodians one after another',
      async () => {
        for (const each of asked) await each.ask(question(each.custodian.recordTypes))
      },
    ],
  ]
  const took = WAYS.map((): number[] => [])
  for (let round = -5; round < ROUNDS; round += 1)
    for (const [place, [, way]] of WAYS.entries()) {
      const began = performance.now()
      await way()
      if (round >= 0) took[place]?.push(performance.now() - began)
    }
  const floor = at(took[2] ?? [], 0.5)
  for (const [place, [way]] of WAYS.entries()) {
    const values = took[place] ?? []
    rows.push({
      way,
      'p50 ms': at(values, 0.5),
      'p95 ms': at(values, 0.95),
      'of asking at once': at(values, 0.5) / floor,
    })
  }
  await gateway.close()
} finally {
  await stop()
}
report('picture', { rows })
