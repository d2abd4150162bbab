/**
 * Whether the time of an answer tells that something is hidden: the area under the curve (AUC) of the best threshold on
 * response time, without a defence, on a fixed grid, and at the custodians' pace. `pairs`: random pairs of pictures that
 * differ only in silently withheld records. `attack`: one custodian alone, and a child known only through sealed records
 * beside one who is not held. `cost`: what the defence adds to a whole picture.
 * `npm run bench -- hidden [SECTION…] [--pairs 1000] [--json]`
 */
import { parseArgs } from 'node:util'
import type { House } from '../../gateway/house.ts'
import { seeded } from '../../gateway/policy-workbench/draw.ts'
import type { Pace } from '../../gateway/sharing/pace.ts'
import { type GatewayUnderTest, openGatewayWith, statesOf } from '../gateway-with.ts'
import { type Partners, startPartners } from '../setup/partners.ts'
import { toldApart } from './auc.ts'
import { pairTimes } from './hidden-pairs.ts'
import { type Scenario, scenariosOf } from './hidden-scenarios.ts'
import { timed, WARM_UP, WAYS } from './hidden-ways.ts'
import { wantedSections } from './sections.ts'
import { at, type Row, report } from './table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pairs: { type: 'string', default: '1000' }, json: { type: 'boolean' } },
})
const PAIRS = Number(values.pairs)
/** In each of the ten attacks, and of whole pictures. */
const FEWER = Math.ceil(PAIRS / 5)

const keepIn = (gateway: GatewayUnderTest) => (pace: Pace) => {
  Object.assign(gateway.opened.house, { pace })
}

const QUESTION = `query Q($nhsNumber: String!, $reason: AccessReason!) { child(nhsNumber: $nhsNumber, reason: $reason) {
  custodians { state } police { crimes { recordId } } health { encounters { recordId } }
  education { enrolments { recordId } } socialCare { contacts { recordId } } } }`

async function measure({ name, custodian, hidden, nobody, open }: Scenario): Promise<Row[]> {
  const random = seeded(20261121)
  const { gateway, close } = await open()
  try {
    const { house } = gateway.opened
    const connections = house.connections.filter((each) => each.custodian.id === custodian)
    Object.assign(house, { connections } satisfies Partial<House>)
    const states = new Set<string>()
    const ask = async (pace: Pace, story: string) => {
      const { reply, took } = await timed(pace, keepIn(gateway), () =>
        gateway.ask('lcpp', story, { document: QUESTION }),
      )
      states.add(statesOf(reply)[custodian] ?? 'nothing')
      if (states.size > 1) throw new Error(`${name}: ${custodian} answers ${[...states].join(' and ')}`)
      return took
    }
    const ways = WAYS.map(([way, openWay, share]) => ({
      way,
      pace: openWay(),
      pairs: Math.ceil(FEWER * share),
      quick: [] as number[],
      slow: [] as number[],
    }))
    for (let round = -WARM_UP; round < FEWER; round += 1)
      for (const { pace, pairs, quick, slow } of ways) {
        if (round >= pairs) continue
        const order = random() < 0.5 ? [nobody, hidden] : [hidden, nobody]
        for (const story of order) {
          const took = await ask(pace, story)
          if (round >= 0) (story === hidden ? slow : quick).push(took)
        }
      }
    return ways.map(({ way, quick, slow }) => ({ sealed: name, way, ...toldApart(quick, slow, random) }))
  } finally {
    await close()
  }
}

/** What it costs: the whole picture of a child whom all know, from custodians of this machine. */
async function costOf(partners: Partners): Promise<Row[]> {
  const gateway = await openGatewayWith(partners)
  try {
    const ways = WAYS.map(([way, open]) => ({ way, pace: open(), took: [] as number[] }))
    for (let round = -WARM_UP; round < FEWER; round += 1)
      for (const { pace, took } of ways) {
        const picture = await timed(pace, keepIn(gateway), () => gateway.ask('lcpp', 'all-four'))
        if (round >= 0) took.push(picture.took)
      }
    return ways.map(({ way, took }) => ({ way, 'p50 ms': at(took, 0.5), 'p95 ms': at(took, 0.95) }))
  } finally {
    await gateway.close()
  }
}

async function attackTimes(partners: Partners): Promise<Row[]> {
  const rows: Row[] = []
  for (const scenario of scenariosOf(partners)) rows.push(...(await measure(scenario)))
  return rows
}

const SECTIONS: Readonly<Record<string, (partners: Partners) => Promise<Row[]>>> = {
  pairs: (partners) => pairTimes(partners, PAIRS),
  attack: attackTimes,
  cost: costOf,
}

const wanted = wantedSections(SECTIONS, positionals)
const { partners, stop } = await startPartners()
const tables: Record<string, readonly Row[]> = {}
try {
  for (const name of wanted) tables[name] = (await SECTIONS[name]?.(partners)) ?? []
} finally {
  await stop()
}
report('hidden', tables)
