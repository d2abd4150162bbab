/**
 * Reads people and records out of the JSON answer of a custodian (`rest`, `graphql`) as its mapping says.
 * Reads only the record types and field groups that the question names.
 */
import { recordTypeNamed } from '../schema/record-types.ts'
import type { CustodianQuestion } from './contract.ts'
import type { GraphqlFile, RestFile } from './custodian-file.ts'
import { compile, compileRows, readingEnds } from './expression.ts'
import {
  assemble,
  assemblePerson,
  expressionsIn,
  expressionsOf,
  fieldsAsked,
  type Unchecked,
} from './mapping.ts'

export type Asked = Pick<CustodianQuestion, 'nhsNumber' | 'recordTypes'>
export type ReadDocument = (document: unknown, asked: Asked) => Promise<Unchecked | { kind: 'under-review' }>

type Rules = Pick<RestFile | GraphqlFile, 'currency' | 'review' | 'person' | 'records'>

export function documentReader({ currency, review, person, records }: Rules): ReadDocument {
  const compiled = new Map<string, ReturnType<typeof compileRows>>()
  /** what policy allows comes in few combinations: each is compiled once */
  const rows = (from: string, wanted: readonly string[]) => {
    const key = JSON.stringify([from, wanted])
    const known = compiled.get(key) ?? compileRows(from, wanted)
    compiled.set(key, known)
    return known
  }
  const { from, ...personMapping } = person
  const readPeople = compileRows(from, expressionsIn(Object.values(personMapping)))
  const asOf = currency?.asOf === undefined ? undefined : compile(currency.asOf)
  const holdsFrom = currency?.from === undefined ? undefined : compile(currency.from)
  const underReview = review === undefined ? undefined : compile(review)

  return async (document, asked) => {
    const until = readingEnds()
    const bindings = { asked: asked.recordTypes.map((type) => type.name), nhsNumber: asked.nhsNumber }
    if ((await underReview?.(document, bindings, until)) === true) return { kind: 'under-review' }
    const people = await readPeople(document, bindings, until)
    const found = asked.recordTypes.flatMap(({ name, groups }) => {
      const type = recordTypeNamed(name)
      return (type === undefined ? [] : (records[name] ?? [])).map(async ({ from: rowsFrom, ...rule }) => {
        const fields = type === undefined ? [] : fieldsAsked(type, groups)
        const read = await rows(rowsFrom, expressionsOf(rule, fields))(document, bindings, until)
        return read.map((row) => assemble(name, rule, fields, row))
      })
    })
    const read = (await Promise.all(found)).flat()
    return {
      kind: 'unchecked',
      people: people.map((row) => assemblePerson(personMapping, row)),
      records: read,
      asOf: await asOf?.(document, bindings, until),
      holdsFrom: await holdsFrom?.(document, bindings, until),
    }
  }
}
