/**
 * Holds a custodian's mapping against what Sightline knows: its record types, fields, code sets and the language of
 * its expressions. Pure. Finds every fault there is, each with what to write instead.
 */
import { parseFhirPath } from '@medplum/core'
import { assertions, relations, subjectCategories } from '../schema/record.ts'
import type { Field, RecordType } from '../schema/record-type.ts'
import { recordTypeNamed, recordTypesOf } from '../schema/record-types.ts'
import type { ConnectedFile } from './custodian-file.ts'
import { expressionFault } from './expression.ts'
import { elementFaults } from './fhir/search-elements.ts'
import { expressionsIn, type Readings } from './mapping.ts'
import type { FileFault } from './preset.ts'
import { requestFaults } from './rest/request-faults.ts'

type Rule = ConnectedFile['records'][string][number]

/** How an expression is checked, by the kind's language. */
const languages: Readonly<Record<ConnectedFile['kind'], (text: string) => string | null>> = {
  sql: (text) => (/^[A-Za-z_][A-Za-z0-9_$]{0,62}$/.test(text) ? null : 'is not the name of a column'),
  fhir: fhirPathFault,
  rest: expressionFault,
  graphql: expressionFault,
}

export function mappingFaults(file: ConnectedFile): readonly FileFault[] {
  const check = languages[file.kind]
  const expressionFaults = (key: string, values: readonly (Readings | undefined)[]) =>
    expressionsIn(values).flatMap((text) => {
      const fault = check(text)
      return fault === null ? [] : [{ key, remedy: `\`${text}\` ${fault}` }]
    })
  const rulesOf: Readonly<Record<string, readonly Rule[]>> = file.records
  const records = Object.entries(rulesOf).flatMap(([name, rules]) => {
    const type = recordTypeNamed(name)
    if (type === undefined || ![file.sector, 'person'].includes(type.sector))
      return [
        {
          key: `records.${name}`,
          remedy: `is no record type of ${file.sector}; use one of ${namesFor(file)}`,
        },
      ]
    return rules.flatMap((rule, place) => {
      const key = rules.length === 1 ? `records.${name}` : `records.${name}.${place}`
      const { fields, ...envelope }: Rule = rule
      return [
        ...fieldFaults(key, type, fields),
        ...constantFaults(key, rule),
        ...Object.entries(fields).flatMap(([field, value]) =>
          expressionFaults(`${key}.fields.${field}`, [value]),
        ),
        ...Object.entries<Readings | undefined>(envelope).flatMap(([part, value]) =>
          ['view', 'search'].includes(part) ? [] : expressionFaults(`${key}.${part}`, [value]),
        ),
      ]
    })
  })
  const person = Object.entries<Readings | undefined>(file.person).flatMap(([part, value]) =>
    part === 'view' ? [] : expressionFaults(`person.${part}`, [value]),
  )
  const around = [file.currency?.asOf, file.currency?.from, 'review' in file ? file.review : undefined]
  return [
    ...records,
    ...person,
    ...(file.kind === 'rest' || file.kind === 'graphql' ? expressionFaults('currency', around) : []),
    ...(file.kind === 'rest' ? requestFaults(file) : []),
    ...(file.kind === 'fhir' && file.fieldSelection !== 'none' ? elementFaults(file) : []),
    ...namedTypeFaults(file),
  ]
}

const namesFor = ({ sector }: ConnectedFile) =>
  [...recordTypesOf('person'), ...recordTypesOf(sector)].map((type) => `\`${type.name}\``).join(', ')

function fieldFaults(key: string, type: RecordType, fields: Rule['fields']): readonly FileFault[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
    if (field === undefined)
      return [
        {
          key: `${key}.fields.${name}`,
          remedy: `is no field; use one of ${Object.keys(type.fields).join(', ')}`,
        },
      ]
    return codeFaults(`${key}.fields.${name}`, field, value)
  })
}

function codeFaults(key: string, { codeSet }: Field, value: Readings): readonly FileFault[] {
  if (codeSet === null) return []
  return publishedIn(value)
    .filter((code) => code !== '' && !Object.hasOwn(codeSet.codes, code))
    .map((code) => ({ key, remedy: `\`${code}\` is no code of ${codeSet.id}` }))
}

/** Values that the mapping itself gives must be ours; what a custodian sends is judged when it comes. */
function constantFaults(key: string, { assertion, subjectCategory, about }: Rule): readonly FileFault[] {
  const known: readonly (readonly [string, readonly string[], Readings | undefined])[] = [
    ['assertion', assertions, assertion],
    ['subjectCategory', subjectCategories, subjectCategory],
    ['about', relations, about],
  ]
  return known.flatMap(([part, words, value]) =>
    publishedIn(value)
      .filter((word) => word !== '' && !words.includes(word))
      .map((word) => ({ key: `${key}.${part}`, remedy: `\`${word}\` is not one of ${words.join(', ')}` })),
  )
}

const publishedIn = (value: Readings | undefined): readonly string[] =>
  [value].flat().flatMap((one) => {
    if (one === undefined || typeof one === 'string') return []
    if ('value' in one) return [one.value].flat().map(String)
    return 'codes' in one ? Object.values(one.codes ?? {}) : []
  })

/** Record types named outside `records` (what is asked for only where it is needed). */
function namedTypeFaults(file: ConnectedFile): readonly FileFault[] {
  const named: readonly (readonly [string, readonly string[]])[] =
    file.kind === 'rest'
      ? file.requests.flatMap(({ name, serves = [], include }) => [
          [`requests.${name}.serves`, serves] as const,
          [`requests.${name}.include`, Object.values(include?.of ?? {}).flat()] as const,
        ])
      : []
  return named.flatMap(([key, types]) =>
    types
      .filter((type) => recordTypeNamed(type) === undefined)
      .map((type) => ({ key, remedy: `\`${type}\` is no record type` })),
  )
}

function fhirPathFault(text: string): string | null {
  try {
    parseFhirPath(text)
    return null
  } catch (error) {
    return `is not FHIRPath: ${error instanceof Error ? error.message : 'it cannot be parsed'}`
  }
}
