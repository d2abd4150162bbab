/**
 * A partnership whose custodians are stand-ins: their files, their policies and their HTTP are real, what they hold is
 * what the test says. They bear the ids that the partnership's agreements cover.
 */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Sector } from '../../schema/record-type.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import { json, serve } from '../adapters/serve.ts'

export interface HeldPerson {
  readonly id: string
  readonly nhsNumber: string
  readonly given: readonly string[]
  readonly family: readonly string[]
  readonly born: string | null
  readonly labels: readonly string[]
}

export interface HeldRecord {
  readonly type: string
  readonly id: string
  readonly at: string | null
  readonly about?: string
  readonly labels: readonly string[]
  readonly handling: readonly string[]
  readonly fields: Readonly<Record<string, unknown>>
}

/** What one custodian says of one child. */
export type Holding =
  | { readonly kind: 'not-held' }
  | { readonly kind: 'held'; readonly people: readonly HeldPerson[]; readonly records: readonly HeldRecord[] }
  | { readonly kind: 'under-review' }
  | { readonly kind: 'down' }

/** @param asOf when the custodian's data is from, which a live system words for every answer */
export interface Reply {
  readonly holding: Holding
  readonly asOf: string
  /** milliseconds before it answers */
  readonly after: number
}

export interface StandIn {
  readonly id: string
  readonly agency: string
  readonly sector: Sector
  /** what it holds besides who the child and her relatives are */
  readonly recordTypes: readonly string[]
  /** knowing that it holds the child tells where she is */
  readonly isPlace: boolean
  /** it says with the status 404 that it does not hold a child, and never how fresh its data is */
  readonly absentIs404: boolean
}

const standIn = (
  id: string,
  agency: string,
  sector: Sector,
  kinds: readonly string[],
  more: Partial<StandIn> = {},
): StandIn => ({
  ...{ id, agency, sector, isPlace: false, absentIs404: false },
  recordTypes: kinds.map((kind) => `${sector}.${kind}`),
  ...more,
})

export const STAND_INS: readonly StandIn[] = [
  standIn('northshire-police', 'northshire-police', 'police', ['crime', 'intelligence', 'domestic-abuse'], {
    absentIs404: true,
  }),
  standIn('northshire-hospital', 'northshire-hospital', 'health', ['encounter', 'condition', 'flag']),
  standIn('hollybank-school', 'hollybank-school', 'education', ['attendance', 'suspension', 'sen'], {
    isPlace: true,
  }),
  standIn('northshire-childrens-services', 'northshire-council', 'social-care', ['contact', 'assessment']),
]

export interface Partnership {
  /** settings with which a gateway asks these custodians and no others */
  readonly env: Readonly<Record<string, string>>
  /** how many records were sent that bear the id */
  sent(id: string): number
  close(): Promise<void>
}

const HOLDS_FROM = '2010-01-01'

const ADDRESS = 'STAND_INS_URL'

/** The file of a custodian. JSON is YAML. */
function fileOf({ id, agency, sector, recordTypes, isPlace, absentIs404 }: StandIn): string {
  const records = ['person.details', 'person.relationship', ...recordTypes].map((name) => [
    name,
    {
      from: `child.records[type = '${name}']`,
      sourceId: 'id',
      eventTime: 'at',
      about: 'about',
      labels: 'labels',
      handling: 'handling',
      fields: Object.fromEntries(
        Object.keys(recordTypeNamed(name)?.fields ?? {}).map((field) => [field, `fields.${field}`]),
      ),
    },
  ])
  return JSON.stringify({
    kind: 'rest',
    ...{ id, name: `The stand-in ${id}`, agency, sector, isPlace },
    contact: { name: 'Duty desk', telephone: '01632 960000' },
    identityEvidence: 'demographics',
    freshWithinHours: 24,
    connection: { baseUrl: `\${${ADDRESS}}` },
    requests: [
      {
        name: 'child',
        path: `/${id}/{nhsNumber}`,
        fieldSelection: 'none',
        statuses: absentIs404 ? { 404: 'not-held', 202: 'under-review' } : { 202: 'under-review' },
      },
    ],
    ...(absentIs404 ? {} : { currency: { asOf: 'child.asOf', from: 'child.from' } }),
    person: {
      from: 'child.people',
      ...{ localId: 'id', nhsNumber: 'nhsNumber', givenNames: 'given', familyNames: 'family' },
      ...{ dateOfBirth: 'born', labels: 'labels' },
    },
    records: Object.fromEntries(records),
  })
}

/** @param replyOf what a custodian replies about the child of a number, looked up anew for every question */
export async function standInPartnership(
  replyOf: (custodian: string, nhsNumber: string) => Reply,
): Promise<Partnership> {
  const sent = new Map<string, number>()
  const server = await serve(async (request, response) => {
    const [custodian = '', nhsNumber = ''] = (request.url ?? '').slice(1).split('/')
    const { holding, asOf, after } = replyOf(custodian, nhsNumber)
    if (after > 0) await pause(after)
    const held = { asOf, from: HOLDS_FROM, people: [] as readonly HeldPerson[] }
    const { absentIs404 = false } = STAND_INS.find(({ id }) => id === custodian) ?? {}
    switch (holding.kind) {
      case 'down':
        return json(response, { error: 'down' }, 500)
      case 'under-review':
        return json(response, {}, 202)
      case 'not-held':
        return absentIs404 ? json(response, {}, 404) : json(response, { ...held, records: [] })
      case 'held':
        for (const { id } of holding.records) sent.set(id, (sent.get(id) ?? 0) + 1)
        return json(response, { ...held, people: holding.people, records: holding.records })
    }
  })
  const folder = await mkdtemp(join(tmpdir(), 'stand-ins-'))
  await mkdir(join(folder, 'custodians'))
  await symlink(join(import.meta.dirname, '../../policies'), join(folder, 'policies'))
  for (const each of STAND_INS) await writeFile(join(folder, 'custodians', `${each.id}.yaml`), fileOf(each))
  return {
    env: { PARTNERSHIP_DIR: folder, [ADDRESS]: server.url },
    sent: (id) => sent.get(id) ?? 0,
    async close() {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
