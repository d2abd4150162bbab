/**
 * Draws pairs of pictures of one child that differ only in records that are silently withheld: what her custodians hold
 * openly, and the same with sealed records among it, or in a place where otherwise nothing is held.
 */
import { pick, type Random } from '../../gateway/policy-workbench/draw.ts'
import type { NhsNumber } from '../../schema/nhs-number.ts'
import type { Field } from '../../schema/record-type.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import { type HeldPerson, type HeldRecord, type Holding, STAND_INS, type StandIn } from './stand-ins.ts'

export interface Child {
  readonly nhsNumber: NhsNumber
  readonly dateOfBirth: string
  readonly givenNames: string[]
  readonly familyNames: string[]
  readonly labels: 'address-confidential'[]
  readonly reference: string
}

/** What each custodian holds of the child, by its id. */
export type Held = Readonly<Record<string, Holding>>

export interface Pair {
  readonly child: Child
  readonly persona: string
  /** asked below section 47, with the family's consent */
  readonly below: boolean
  readonly open: Held
  readonly sealed: Held
  readonly seals: readonly { readonly seal: string; readonly ids: readonly string[] }[]
}

/** What makes that a record is not acknowledged, and where. */
export interface Seal {
  readonly name: string
  /** of whose records; everybody's where left out */
  readonly sector?: string
  /** on this type of record alone */
  readonly recordType?: string
  /** below section 47 only */
  readonly below?: true
  /** for a child at a confidential address only */
  readonly refuge?: true
  /** only beside what is shown */
  readonly beside?: true
  /** a label, which may stand on the person as well and then holds for all that is held of her */
  readonly label?: string
  put(record: HeldRecord): HeldRecord
}

const labelled = (label: string, more: Partial<Seal> = {}): Seal => ({
  ...{ name: label, label },
  put: (record) => ({ ...record, labels: [...record.labels, label] }),
  ...more,
})
const graded = (name: string, fields: Readonly<Record<string, string>>): Seal => ({
  ...{ name, sector: 'police', recordType: 'police.intelligence' },
  put: (record) => ({ ...record, fields: { ...record.fields, ...fields } }),
})

export const SEALS: readonly Seal[] = [
  labelled('adoption'),
  labelled('protected-person'),
  labelled('covert'),
  labelled('live-investigation'),
  labelled('informant'),
  labelled('hfea'),
  labelled('gender-recognition'),
  labelled('staff-record'),
  labelled('sexual-health', { sector: 'health', below: true }),
  labelled('young-person-refusal', { below: true }),
  graded('handling code C', { handlingCode: 'C' }),
  graded('assessment E', { assessment: 'E' }),
  graded('no handling code', { handlingCode: '' }),
  {
    name: 'a school while the address is confidential',
    sector: 'education',
    refuge: true,
    put: (record) => record,
  },
  labelled('a-label-of-tomorrow'),
  {
    name: 'a condition of tomorrow',
    put: (record) => ({ ...record, handling: [...record.handling, 'a-condition-of-tomorrow'] }),
  },
  { name: 'a relation of tomorrow', put: (record) => ({ ...record, about: 'neighbour' }) },
  {
    name: 'a kind of tomorrow',
    // no mapping reads it, and so it hides nobody of whom nothing else is held
    beside: true,
    put: (record) => ({ ...record, type: `${record.type}-of-tomorrow` }),
  },
]

/** Labels whose effect may be told. */
const TOLD = [
  'third-party-confidential',
  'referrer-identity',
  'legal-privilege',
  'court-papers',
  'adult-victim',
]

function valueFor({ kind, codeSet, list }: Field, random: Random): unknown {
  if (random() < 0.15) return null
  const one = (): unknown => {
    if (codeSet !== null) return pick(random, Object.keys(codeSet.codes))
    switch (kind) {
      case 'date':
        return `2026-0${1 + Math.floor(random() * 9)}-11`
      case 'instant':
        return '2026-05-11T09:30:00Z'
      case 'integer':
      case 'decimal':
        return Math.floor(random() * 90)
      case 'flag':
        return random() < 0.5
      default:
        return pick(random, ['Seen at school', 'Came with an aunt', 'Nothing further', 'Rang twice'])
    }
  }
  return list ? [one()] : one()
}

let serial = 0

/** A record that bears no label. Many have the same time, so that their order could be shifted. */
export function plainRecord(type: string, random: Random): HeldRecord {
  serial += 1
  const fields = Object.entries(recordTypeNamed(type)?.fields ?? {})
  const grades = type === 'police.intelligence' ? { handlingCode: 'P', assessment: 'A' } : {}
  return {
    type,
    id: `r-${serial}`,
    at: random() < 0.1 ? null : `2026-0${1 + Math.floor(random() * 9)}-01T10:00:00Z`,
    labels: [],
    handling: [],
    fields: {
      ...Object.fromEntries(fields.map(([name, field]) => [name, valueFor(field, random)])),
      ...grades,
    },
  }
}

const openRecord = (type: string, random: Random): HeldRecord => ({
  ...plainRecord(type, random),
  labels: random() < 0.25 ? [pick(random, TOLD)] : [],
  handling: random() < 0.25 ? [pick(random, ['no-onward-share', 'not-with-family'])] : [],
})

/** The child as her custodian identifies her, now and then as somebody else: then nothing is shown. */
export const personOf = (child: Child, isOther = false): HeldPerson => ({
  ...{ id: 'p-1', nhsNumber: child.nhsNumber, given: child.givenNames, born: child.dateOfBirth, labels: [] },
  family: isOther ? ['Somebody-Else'] : child.familyNames,
})

const oneTo = <Item>(most: number, random: Random, make: () => Item): Item[] =>
  Array.from({ length: 1 + Math.floor(random() * most) }, make)

/** Of what is held, one record at least is acknowledged: who is known only through sealed records is not known. */
function openHolding({ recordTypes, isPlace }: StandIn, child: Child, random: Random): Holding {
  const chance = random()
  if (chance < 0.3 || (isPlace && child.labels.length > 0)) return { kind: 'not-held' }
  if (chance < 0.36) return { kind: 'down' }
  if (chance < 0.42) return { kind: 'under-review' }
  const [acknowledged = ''] = recordTypes
  const types = [...recordTypes, 'person.relationship']
  const more = oneTo(5, random, () => openRecord(pick(random, types), random))
  const records = [plainRecord('person.details', random), plainRecord(acknowledged, random), ...more]
  return { kind: 'held', people: [personOf(child, random() < 0.1)], records }
}

/** Puts sealed records at random places among the others. */
function among(before: Extract<Holding, { kind: 'held' }>, sealed: readonly HeldRecord[], random: Random) {
  const records = [...before.records]
  for (const record of sealed) records.splice(Math.floor(random() * (records.length + 1)), 0, record)
  return { ...before, records }
}

/** A child of whom nothing is held but what is sealed, record by record or as a person. */
function onlySealed(child: Child, seal: Seal, plain: readonly HeldRecord[], random: Random): Holding {
  const isOnPerson = seal.label !== undefined && random() < 0.4
  const person = { ...personOf(child, random() < 0.2), labels: isOnPerson ? [seal.label] : [] }
  const people = random() < 0.1 ? [person, { ...person, id: 'p-2', given: ['Another'] }] : [person]
  const details = random() < 0.7 ? [plainRecord('person.details', random)] : []
  return { kind: 'held', people, records: [...details, ...(isOnPerson ? plain : plain.map(seal.put))] }
}

function fits(
  seal: Seal,
  { sector, isPlace }: StandIn,
  pair: Pick<Pair, 'child' | 'below'>,
  before: Holding,
) {
  const isRefuge = pair.child.labels.length > 0
  if (before.kind === 'down' || before.kind === 'under-review') return false
  if (seal.beside && before.kind === 'not-held') return false
  if (seal.below && !pair.below) return false
  if (sector === 'police' && pair.below) return false // not asked
  if (seal.sector !== undefined && seal.sector !== sector) return false
  return isPlace && isRefuge ? seal.refuge === true : !seal.refuge
}

export function drawPair(child: Child, random: Random): Pair {
  const persona = pick(random, ['lcpp', 'macpt-police', 'macpt-health', 'macpt-education'])
  const below = random() < 0.4
  const open = Object.fromEntries(STAND_INS.map((each) => [each.id, openHolding(each, child, random)]))
  const sealed: Record<string, Holding> = { ...open }
  const seals: { seal: string; ids: readonly string[] }[] = []
  while (seals.length === 0 || random() < 0.4) {
    const before = (custodian: StandIn): Holding => sealed[custodian.id] ?? { kind: 'not-held' }
    const places = (seal: Seal) =>
      STAND_INS.filter((each) => fits(seal, each, { child, below }, before(each)))
    const fitting = SEALS.filter((seal) => places(seal).length > 0)
    if (fitting.length === 0) break
    const seal = pick(random, fitting)
    const custodian = pick(random, places(seal))
    const known = before(custodian)
    const relatives = known.kind === 'held' ? ['person.relationship'] : []
    const types = seal.recordType ? [seal.recordType] : [...custodian.recordTypes, ...relatives]
    const [asked = ''] = types
    // what is not asked for is not sealed either: where nothing else is held, one record at least is asked for
    const plain = [
      plainRecord(known.kind === 'held' ? pick(random, types) : asked, random),
      ...(random() < 0.5 ? oneTo(2, random, () => plainRecord(pick(random, types), random)) : []),
    ]
    sealed[custodian.id] =
      known.kind === 'held'
        ? among(known, plain.map(seal.put), random)
        : onlySealed(child, seal, plain, random)
    seals.push({ seal: seal.name, ids: plain.map(({ id }) => id) })
  }
  return seals.length > 0 ? { child, persona, below, open, sealed, seals } : drawPair(child, random)
}
