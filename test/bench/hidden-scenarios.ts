/** Children of whom one custodian holds nothing but what is sealed, beside children of whom it holds nothing. */
import type { Connection, CustodianReply } from '../../adapters/contract.ts'
import type { House } from '../../gateway/house.ts'
import { storyOf } from '../../gateway/local/population/stories.ts'
import { type GatewayUnderTest, openGatewayWith } from '../gateway-with.ts'
import { type Reply, standInPartnership } from '../hidden/stand-ins.ts'
import type { Partners } from '../setup/partners.ts'

/** One custodian alone is asked, as in the best attack; of `hidden` it holds sealed records, and of `nobody` none. */
export interface Scenario {
  readonly name: string
  readonly custodian: string
  readonly hidden: string
  readonly nobody: string
  open(): Promise<{ gateway: GatewayUnderTest; close(): Promise<void> }>
}

interface StandIn {
  /** records that are shown, of both children */
  readonly shown: number
  /** records that are not, of one */
  readonly sealed: number
  /** milliseconds that it takes for the one and for the other */
  readonly takes: readonly [without: number, withSealed: number]
}

/** A custodian of our own, which takes as long as it is told. */
function standIn(partners: Partners, name: string, { shown, sealed, takes }: StandIn): Scenario {
  const [hidden, nobody] = ['sealed', 'no-record'] as const // alike in all but their numbers
  const crime = (labels: readonly string[]) => (_: unknown, place: number) => ({
    ...{
      type: 'police.crime',
      id: `${labels.join()} ${place}`,
      at: '2026-03-01T10:00:00Z',
      labels,
      handling: [],
    },
    fields: { reference: `CR/${place}`, offence: 'Theft', summary: 'An account of some length. '.repeat(20) },
  })
  const replyOf = (nhsNumber: string): Reply => {
    const isSealed = nhsNumber === storyOf(hidden).nhsNumber
    const records = [
      ...Array.from({ length: shown }, crime([])),
      ...Array.from({ length: isSealed ? sealed : 0 }, crime(['covert'])),
    ]
    const robin = { given: ['Robin'], family: ['Ashdown'], born: '2012-05-20', labels: [] }
    return {
      asOf: '2026-11-21T06:00:00Z',
      after: isSealed ? takes[1] : takes[0],
      holding:
        records.length > 0
          ? { kind: 'held', people: [{ id: 'p-1', nhsNumber, ...robin }], records }
          : { kind: 'not-held' },
    }
  }
  return {
    name,
    custodian: 'northshire-police',
    ...{ hidden, nobody },
    async open() {
      const partnership = await standInPartnership((_custodian, nhsNumber) => replyOf(nhsNumber))
      const gateway = await openGatewayWith(partners, { env: partnership.env })
      return {
        gateway,
        async close() {
          await gateway.close()
          await partnership.close()
        },
      }
    },
  }
}

/** The custodian's own answer about a child whom it holds in full, sealed on its way in. */
const sealing = (connection: Connection): Connection => ({
  ...connection,
  async ask(question): Promise<CustodianReply> {
    const reply = await connection.ask(question)
    if (reply.kind !== 'held') return reply
    const [first, ...others] = reply.people
    return { ...reply, people: [{ ...first, labels: [...first.labels, 'adoption'] }, ...others] }
  },
})

const local = (partners: Partners, name: string, custodian: string, hidden: string): Scenario => ({
  name,
  custodian,
  hidden,
  nobody: 'nobody',
  async open() {
    const gateway = await openGatewayWith(partners)
    const { house } = gateway.opened
    Object.assign(house, { connections: house.connections.map(sealing) } satisfies Partial<House>)
    return { gateway, close: () => gateway.close() }
  },
})

export function scenariosOf(partners: Partners): readonly Scenario[] {
  const alike = [20, 20] as const
  return [
    standIn(partners, '1 record, where nothing else is', { shown: 0, sealed: 1, takes: alike }),
    standIn(partners, '5 records, where nothing else is', { shown: 0, sealed: 5, takes: alike }),
    standIn(partners, '50 records, where nothing else is', { shown: 0, sealed: 50, takes: alike }),
    standIn(partners, '5 records among 10 that are shown', { shown: 10, sealed: 5, takes: alike }),
    standIn(partners, '1 record, for which it takes 105 ms, not 85', {
      shown: 0,
      sealed: 1,
      takes: [85, 105],
    }),
    standIn(partners, '1 record, for which it takes 350 ms, not 150', {
      ...{ shown: 0, sealed: 1, takes: [150, 350] },
    }),
    local(partners, 'all at the police (sql)', 'northshire-police', 'all-four'),
    local(partners, 'all at the hospital (fhir)', 'northshire-hospital', 'all-four'),
    local(partners, 'all at the school (rest)', 'hollybank-school', 'all-four'),
    local(partners, 'all at Eastmere (graphql)', 'eastmere-childrens-services', 'border'),
  ]
}
