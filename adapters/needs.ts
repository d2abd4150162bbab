/**
 * Says which places of a JSON answer each part of a custodian's mapping needs, and so which of them one question needs
 * (`rest`, `graphql`). Identity, labels, handling, times and the envelope are needed with every record.
 */
import { recordTypeNamed } from '../schema/record-types.ts'
import type { Asked } from './answer-document.ts'
import type { GraphqlFile, RestFile } from './custodian-file.ts'
import { expressionFault } from './expression.ts'
import { expressionsIn, fieldsAsked, type Readings } from './mapping.ts'
import { isWithin, type Place, placesRead } from './places.ts'
import type { FileFault } from './preset.ts'

export interface Need {
  /** where in the file it stands */
  readonly key: string
  /** the record type that needs it; null where every question does */
  readonly type: string | null
  /** the field that needs it; null where every record of the type does */
  readonly field: string | null
  readonly places: readonly Place[]
}

export interface Needs {
  readonly needs: readonly Need[]
  /** expressions of which nobody can tell beforehand what they read */
  readonly faults: readonly FileFault[]
}

type Rules = Pick<RestFile | GraphqlFile, 'currency' | 'review' | 'person' | 'records'>

/** @param more expressions outside the mapping, each with its key and with what it is seen from */
export function needsOf(
  { currency, review, person, records }: Rules,
  more: readonly (readonly [key: string, expression: string | undefined, from?: readonly Place[]])[] = [],
): Needs {
  const needs: Need[] = []
  const faults: FileFault[] = []
  type For = Pick<Need, 'type' | 'field'>
  const every: For = { type: null, field: null }

  /** @returns what the expressions found, for those that go on from there */
  const note = (key: string, wanted: readonly string[], from: readonly Place[], to: For, shown = true) =>
    wanted.flatMap((expression) => {
      if (expressionFault(expression) !== null) return [] // told by mapping-faults.ts
      const seen = placesRead(expression, from)
      if ('doubt' in seen) {
        const remedy = `\`${expression}\` does not say beforehand what it reads (${seen.doubt}); write it with plain paths, or fieldSelection: none`
        faults.push({ key, remedy })
        return []
      }
      needs.push({ key, ...to, places: shown ? [...seen.read, ...seen.found] : seen.read })
      return seen.found
    })
  const reads = (key: string, value: Readings | undefined, from: readonly Place[], to: For) =>
    note(key, expressionsIn([value]), from, to)
  const rowsOf = (key: string, from: string, to: For) => note(`${key}.from`, [from], TOP, to, false)
  /** A row of which nothing else is asked must still come, and comes by its id. */
  const readsItsId = (key: string, value: Readings, rows: readonly Place[], to: For) => {
    const before = faults.length
    const read = needs.length
    reads(key, value, rows, to)
    const places = needs.slice(read).flatMap((need) => need.places)
    if (faults.length === before && !rows.every((row) => places.some((place) => isWithin(place, row))))
      faults.push({ key, remedy: "reads nothing of its own row; name the row's own id" })
  }

  reads('currency.asOf', currency?.asOf, TOP, every)
  reads('currency.from', currency?.from, TOP, every)
  reads('review', review, TOP, every)
  for (const [key, expression, from = TOP] of more) reads(key, expression, from, every)
  const { from, localId, ...identity } = person
  const people = rowsOf('person', from, every)
  readsItsId('person.localId', localId, people, every)
  for (const [part, value] of Object.entries(identity)) reads(`person.${part}`, value, people, every)
  for (const [type, rules] of Object.entries(records))
    for (const [place, { from: rowsFrom, sourceId, fields, ...envelope }] of rules.entries()) {
      const key = rules.length === 1 ? `records.${type}` : `records.${type}.${place}`
      const always = { type, field: null }
      const rows = rowsOf(key, rowsFrom, always)
      readsItsId(`${key}.sourceId`, sourceId, rows, always)
      for (const [part, value] of Object.entries(envelope)) reads(`${key}.${part}`, value, rows, always)
      for (const [field, value] of Object.entries(fields))
        reads(`${key}.fields.${field}`, value, rows, { type, field })
    }
  return { needs, faults }
}

const TOP: readonly Place[] = [[]]

/** The places that this question needs: of the groups that it names, and what goes with every record. */
export function placesFor(needs: readonly Need[], recordTypes: Asked['recordTypes']): readonly Place[] {
  const fields = new Map(
    recordTypes.map(({ name, groups }) => {
      const type = recordTypeNamed(name)
      return [name, new Set(type === undefined ? [] : fieldsAsked(type, groups))]
    }),
  )
  return needs
    .filter(({ type, field }) => {
      if (type === null) return true
      const wanted = fields.get(type)
      return wanted !== undefined && (field === null || wanted.has(field))
    })
    .flatMap(({ places }) => places)
}
