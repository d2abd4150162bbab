/**
 * What the custodians of Northshire hold, class of record by class, as policy sees it: each is asked everything about
 * every child of the invented population, and the parts are stopped again before anything is measured.
 */
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Connection } from '../../adapters/contract.ts'
import { connectCustodians } from '../../adapters/index.ts'
import { population } from '../../gateway/local/population/population.ts'
import { pick, type Random } from '../../gateway/policy-workbench/draw.ts'
import type { RecordClass } from '../../gateway/sharing/policy/decide.ts'
import type { RecordKind } from '../../gateway/sharing/policy/may-ask.ts'
import { labelsEverywhere, recordClass } from '../../gateway/sharing/record-class.ts'
import { decidedGroups } from '../../schema/data-group.ts'
import { type NhsNumber, nhsNumber } from '../../schema/nhs-number.ts'
import { startPartners } from '../setup/partners.ts'

export interface Held {
  /** every kind of record of every connected custodian */
  readonly kinds: readonly RecordKind[]
  /** the records about each child about whom anything is held */
  readonly children: readonly (readonly RecordClass[])[]
}

/** As `startPartners` has it. */
const POPULATION = { children: 200, today: '2026-11-21', seed: 20261121 }
const AT_ONCE = 8

export async function heldClasses(): Promise<Held> {
  const { partners, stop } = await startPartners()
  try {
    const { connections } = await connectCustodians({
      folders: [fileURLToPath(new URL('../../adapters/custodians', import.meta.url))],
      deadlineMs: 30_000,
      env: { ...partners.gatewayEnv },
    })
    const numbers = [...population(POPULATION)].flatMap(({ child }) =>
      child.nhsNumber ? [nhsNumber(child.nhsNumber)] : [],
    )
    const children: RecordClass[][] = []
    while (numbers.length > 0)
      children.push(
        ...(await Promise.all(numbers.splice(0, AT_ONCE).map((number) => classesOf(number, connections)))),
      )
    await Promise.all(connections.map((connection) => connection.close()))
    const kinds = connections.flatMap(({ custodian: { id, agency, sector, recordTypes } }) =>
      recordTypes.map((recordType) => ({ custodian: id, agency, sector, recordType })),
    )
    return { kinds, children: children.filter((records) => records.length > 0) }
  } finally {
    await stop()
  }
}

async function classesOf(number: NhsNumber, connections: readonly Connection[]): Promise<RecordClass[]> {
  const asked = await Promise.all(
    connections.map(async ({ custodian, ask }) => ({
      custodian,
      reply: await ask({
        nhsNumber: number,
        recordTypes: custodian.recordTypes.map((name) => ({ name, groups: decidedGroups })),
        eventId: randomUUID(),
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        signal: AbortSignal.timeout(30_000),
      }),
    })),
  )
  const everywhere = labelsEverywhere(
    asked.map(({ reply }) => reply),
    [],
  )
  return asked.flatMap(({ custodian, reply }) =>
    reply.kind === 'held'
      ? reply.records.map((record) => recordClass(custodian, reply.people, record, everywhere, []))
      : [],
  )
}

/**
 * A picture larger than any of the population's: each of so many classes at least once, the frequent ones more often.
 * Every record is an object of its own, as in service.
 */
export function drawPicture(
  { children }: Held,
  size: { readonly records: number; readonly classes: number },
  random: Random,
): readonly RecordClass[] {
  const all = children.flat()
  const met = new Map<string, RecordClass>()
  while (met.size < size.classes) {
    const record = pick(random, all)
    met.set(JSON.stringify(record), record)
  }
  const drawn = [...met.values()]
  while (drawn.length < size.records) {
    const record = pick(random, all)
    if (met.has(JSON.stringify(record))) drawn.push(record)
  }
  return drawn
    .map((record) => ({ record: structuredClone(record), place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ record }) => record)
}
