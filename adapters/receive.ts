/**
 * Believes nothing that a custodian sent: every answer is checked here once, before it leaves this folder.
 * Refuses an answer as a whole where any part of it cannot be read: half an answer would look like a whole one.
 */
import type { NhsNumber } from '../schema/nhs-number.ts'
import {
  type Assertion,
  assertions,
  type Relation,
  relations,
  type SourceRecord,
  type SubjectCategory,
  subjectCategories,
} from '../schema/record.ts'
import { recordTypeNamed } from '../schema/record-types.ts'
import type { CustodianReply, PersonHeld } from './contract.ts'
import { Fault } from './fault.ts'
import type { Unchecked, UncheckedRecord } from './mapping.ts'
import { dateIn, fieldIn, listIn, momentIn, wordIn } from './value.ts'

/** One child: the longest chronology in a real case file stays well below. */
const MOST_RECORDS = 2_000
/** Two or more under one number is a question for a person; more than this is not an answer. */
const MOST_PEOPLE = 20

/**
 * A word of ours beside a value that decides who may see a record, where that value is not one that we know.
 * No policy knows this label, and what a policy does not know is denied.
 */
export const UNRECOGNISED = 'unrecognised'

export interface Receiving {
  /** what a record's system is called where it does not say so */
  readonly system: string
  /** the record types that were asked for */
  readonly recordTypes: readonly string[]
  /** the number that was asked for: an answer about another is no answer */
  readonly nhsNumber: NhsNumber
}

export function receive(from: Receiving, answer: Unchecked): CustodianReply {
  const asOf = momentIn(answer.asOf)
  const searched = { from: dateIn(answer.holdsFrom), until: asOf === null ? null : asOf.slice(0, 10) }
  if (answer.people.length > MOST_PEOPLE) throw new Fault('malformed', 'too many people under one number')
  if (answer.records.length > MOST_RECORDS) throw new Fault('malformed', 'too many records')
  const people = distinct(
    answer.people.map((each) => person(from, each)),
    (one) => one.localId,
  )
  const records = distinct(
    answer.records.map((each) => record(from, each)),
    (one) => `${one.type} ${one.sourceId}`,
  )
  const [first, ...others] = people
  if (first !== undefined) return { kind: 'held', people: [first, ...others], records, asOf, searched }
  if (records.length > 0) throw new Fault('malformed', 'records without the person whose they are')
  return { kind: 'not-held', asOf, searched }
}

function person(from: Receiving, unchecked: Unchecked['people'][number]): PersonHeld {
  const nhsNumber = required(wordIn(unchecked.nhsNumber), 'a person without an NHS number').replaceAll(
    /[\s-]/g,
    '',
  )
  if (nhsNumber !== from.nhsNumber) throw new Fault('malformed', 'a person under another NHS number')
  return {
    localId: required(wordIn(unchecked.localId), 'a person without an id'),
    nhsNumber,
    givenNames: [...new Set(listIn(unchecked.givenNames, wordIn))],
    familyNames: [...new Set(listIn(unchecked.familyNames, wordIn))],
    dateOfBirth: dateIn(unchecked.dateOfBirth),
    labels: [...new Set(listIn(unchecked.labels, wordIn))],
  }
}

function record(from: Receiving, unchecked: UncheckedRecord): SourceRecord {
  const type = recordTypeNamed(unchecked.type)
  if (type === undefined || !from.recordTypes.includes(unchecked.type))
    throw new Fault('malformed', 'a record of a type that was not asked for')
  const labels = [...listIn(unchecked.labels, wordIn)]
  const about = oneOf(relations, unchecked.about)
  // whose relationship is not said is not the child herself
  const unsaid = unchecked.type === 'person.relationship' ? 'other' : 'child'
  const subjectCategory = oneOf(subjectCategories, unchecked.subjectCategory)
  if (about === UNRECOGNISED) labels.push(`${UNRECOGNISED}-relation`)
  if (subjectCategory === UNRECOGNISED) labels.push(`${UNRECOGNISED}-subject-category`)
  const assertion = oneOf(assertions, unchecked.assertion)
  return {
    type: unchecked.type,
    sourceId: required(wordIn(unchecked.sourceId), 'a record without an id'),
    system: wordIn(unchecked.system) ?? from.system,
    eventTime: momentIn(unchecked.eventTime),
    recordedTime: momentIn(unchecked.recordedTime),
    assertion:
      assertion === null || assertion === UNRECOGNISED ? 'UNCLASSIFIED' : (assertion satisfies Assertion),
    subjectCategory:
      subjectCategory === UNRECOGNISED ? null : (subjectCategory satisfies SubjectCategory | null),
    about: about === UNRECOGNISED ? 'other' : ((about ?? unsaid) satisfies Relation),
    labels: [...new Set(labels)],
    handling: [...new Set(listIn(unchecked.handling, wordIn))],
    fields: Object.fromEntries(
      Object.entries(type.fields)
        .filter(([name]) => Object.hasOwn(unchecked.fields, name))
        .map(([name, field]) => [name, fieldIn(field, unchecked.fields[name])]),
    ),
  }
}

const oneOf = <T extends string>(known: readonly T[], value: unknown): T | typeof UNRECOGNISED | null => {
  const word = wordIn(Array.isArray(value) ? value[0] : value)
  return word === null ? null : (known.find((each) => each === word) ?? UNRECOGNISED)
}

function required(value: string | null, what: string): string {
  if (value === null) throw new Fault('malformed', what)
  return value
}

/** The same thing sent twice is one thing; two things under one id cannot be told apart. */
function distinct<T>(all: readonly T[], idOf: (one: T) => string): readonly T[] {
  const seen = new Map<string, T>()
  for (const one of all) {
    const before = seen.get(idOf(one))
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(one))
      throw new Fault('malformed', 'one id for two different things')
    seen.set(idOf(one), one)
  }
  return [...seen.values()]
}
