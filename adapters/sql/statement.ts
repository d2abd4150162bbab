/**
 * One statement for one question: everything that may be shown, in one round trip and one snapshot.
 * Built from the names in the mapping, quoted; the NHS number is its only parameter. It can only select.
 */
import { escapeIdentifier } from 'pg'
import { recordTypeNamed } from '../../schema/record-types.ts'
import type { CustodianQuestion } from '../contract.ts'
import type { SqlFile } from '../custodian-file.ts'
import {
  assemble,
  assemblePerson,
  expressionsIn,
  expressionsOf,
  fieldsAsked,
  type Unchecked,
} from '../mapping.ts'

/** Rows of one view; one more than `receive.ts` accepts, so that nothing is cut off in silence. */
const MOST_ROWS = 2_001

/** One row of the answer: which part of the statement it is of, and its columns by name. */
export interface PartRow {
  readonly part: string
  readonly columns: Readonly<Record<string, unknown>>
}

export interface Statement {
  readonly text: string
  read(rows: readonly PartRow[]): Unchecked
}

type Part = { readonly name: string; readonly select: string }
type SqlRule = SqlFile['records'][string][number]

export function statementFor(
  { connection, currency, person, records }: Pick<SqlFile, 'connection' | 'currency' | 'person' | 'records'>,
  recordTypes: CustodianQuestion['recordTypes'],
): Statement {
  const { view: personView, ...personMapping } = person
  const number = escapeIdentifier(connection.nhsNumberColumn)
  const part = (name: string, view: string, columns: readonly string[], condition: string): Part => ({
    name,
    select: `SELECT '${name}' AS part, to_jsonb(r) AS columns FROM (SELECT ${columns.map((column) => escapeIdentifier(column)).join(', ')} FROM ${escapeIdentifier(connection.schema)}.${escapeIdentifier(view)} ${condition} LIMIT ${MOST_ROWS}) AS r`,
  })
  const ofChild = `WHERE ${number} = $1`
  const asked = recordTypes.flatMap(({ name, groups }) => {
    const type = recordTypeNamed(name)
    if (type === undefined) return []
    const fields = fieldsAsked(type, groups)
    return (records[name] ?? []).map(({ view, ...rule }: SqlRule) => ({ name, view, rule, fields }))
  })
  const currencyColumns = [currency?.asOf, currency?.from].filter((column) => column !== undefined)
  const parts = [
    part('person', personView, expressionsIn(Object.values(personMapping)), ofChild),
    ...(currency === undefined || currencyColumns.length === 0
      ? []
      : [part('currency', currency.view, currencyColumns, '')]),
    ...asked.map(({ view, rule, fields }, place) =>
      part(`records ${place}`, view, expressionsOf(rule, fields), ofChild),
    ),
  ]
  return {
    text: parts.map(({ select }) => select).join('\nUNION ALL '),
    read(rows) {
      const of = (name: string) =>
        rows
          .filter((row) => row.part === name)
          .map(
            ({ columns }) =>
              (column: string) =>
                columns[column],
          )
      const [current] = of('currency')
      return {
        kind: 'unchecked',
        people: of('person').map((read) => assemblePerson(personMapping, read)),
        records: asked.flatMap(({ name, rule, fields }, place) =>
          of(`records ${place}`).map((read) => assemble(name, rule, fields, read)),
        ),
        asOf: currency?.asOf === undefined ? null : current?.(currency.asOf),
        holdsFrom: currency?.from === undefined ? null : current?.(currency.from),
      }
    },
  }
}
