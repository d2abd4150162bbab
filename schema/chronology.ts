/** The merged chronology: what is shown, by event time, with the source of each row and the gaps. */

import { coded } from './code-set.ts'
import { isPersonal } from './person.ts'
import type { CustodianAnswer, Period, Picture, ShownRecord } from './picture.ts'
import type { Sector } from './record-type.ts'
import { recordTypeNamed } from './record-types.ts'

export interface ChronologyRow {
  readonly cursor: string
  readonly eventTime: string
  readonly title: string
  readonly summary: string | null
  readonly record: ShownRecord
}

/** A period in which a custodian was not searched, or a custodian that was not searched at all. */
export interface UnsearchedPeriod {
  readonly custodian: string
  readonly custodianName: string
  readonly sector: Sector
  readonly from: string | null
  readonly until: string | null
  readonly why: string
}

export interface ChronologyPage {
  readonly rows: readonly ChronologyRow[]
  readonly endCursor: string | null
  readonly hasNextPage: boolean
}

/** The fields that say in one line what happened, in order of preference. */
const TELLING = [
  'offence',
  'noticeType',
  'condition',
  'vaccine',
  'service',
  'category',
  'stage',
  'decision',
  'outcome',
  'status',
  'relationship',
  'wording',
  'reason',
] as const

function summaryOf(record: ShownRecord): string | null {
  const fields = recordTypeNamed(record.type)?.fields ?? {}
  const told = TELLING.flatMap((name) => {
    const value = record.fields[name]
    if (typeof value !== 'string' || value === '') return []
    const set = fields[name]?.codeSet
    return [set ? (coded(set, value).meaning ?? value) : value]
  })
  return told.length === 0 ? null : told.slice(0, 2).join(', ')
}

/** Person details and relationships are no events; involvements are, when they begin. */
const isEvent = (record: ShownRecord) =>
  record.eventTime !== null && !['person.details', 'person.relationship'].includes(record.type)

export interface ChronologyFilter {
  /** ISO dates, both inclusive */
  readonly from?: string | null | undefined
  readonly until?: string | null | undefined
}

/** Rows of one time stand by kind and custodian, else in the custodian's own order: never by a hidden number. */
const placeOf = ({ record }: ChronologyRow) => `${record.type} ${record.custodian}`

/** Newest first. A cursor names the last row seen, never a place in a list that hidden records could shift. */
export function chronologyRows(picture: Picture, filter: ChronologyFilter): ChronologyRow[] {
  return picture.records
    .filter(isEvent)
    .filter(({ eventTime }) => {
      const day = (eventTime ?? '').slice(0, 10)
      return (!filter.from || day >= filter.from) && (!filter.until || day <= filter.until)
    })
    .map((record) => ({
      cursor: record.id,
      eventTime: record.eventTime ?? '',
      title: recordTypeNamed(record.type)?.title ?? record.type,
      summary: summaryOf(record),
      record,
    }))
    .sort((a, b) => b.eventTime.localeCompare(a.eventTime) || placeOf(a).localeCompare(placeOf(b)))
}

/** @param after a cursor of an earlier page; one that is unknown gives an empty page */
export function chronologyPage(
  rows: readonly ChronologyRow[],
  first: number,
  after: string | null,
): ChronologyPage {
  const found = after === null ? -1 : rows.findIndex((row) => row.cursor === after)
  const start = after !== null && found === -1 ? rows.length : found + 1
  const page = rows.slice(start, start + first)
  return {
    rows: page,
    endCursor: page.at(-1)?.cursor ?? null,
    hasNextPage: start + page.length < rows.length,
  }
}

/** Whether an answer lets us say that the custodian searched: it was asked for substance, and its records are hers. */
const hasSearched = ({ state, searched }: CustodianAnswer): boolean =>
  searched !== null && ['RECORDS_SHOWN', 'NO_DISCLOSABLE_RECORD'].includes(state)

/** Every custodian that searched appears with the edges of its search; every other with its state. */
export function unsearchedPeriods(answers: readonly CustodianAnswer[]): UnsearchedPeriod[] {
  return answers.flatMap((answer): UnsearchedPeriod[] => {
    const gap = (why: string, from: string | null = null, until: string | null = null): UnsearchedPeriod => ({
      custodian: answer.custodian,
      custodianName: answer.name,
      sector: answer.sector,
      from,
      until,
      why,
    })
    const kinds = answer.notAskedFor.map((each) => gap(`not asked for: ${each.kinds.join(', ')}`))
    if (!hasSearched(answer) || answer.searched === null) return [gap(answer.words), ...kinds]
    const { from, until } = answer.searched
    if (from === null && until === null) return [gap('does not say which period it searched'), ...kinds]
    const before = from === null ? [] : [gap('before the period searched', null, from)]
    const after = until === null ? [] : [gap('after the period searched', until)]
    return [...before, ...after, ...kinds]
  })
}

/** The periods that no custodian at all is known to have searched. Open ends are null. */
export function nobodySearched(answers: readonly CustodianAnswer[]): Period[] {
  const searched = answers
    .filter(hasSearched)
    .flatMap((answer) => answer.searched ?? [])
    .filter(({ from, until }) => from !== null || until !== null)
    .sort((a, b) => (a.from ?? '').localeCompare(b.from ?? ''))
  const [first] = searched
  if (first === undefined) return [{ from: null, until: null }]
  const gaps: Period[] = first.from === null ? [] : [{ from: null, until: first.from }]
  let reached = first.until
  for (const { from, until } of searched.slice(1)) {
    if (reached === null) return gaps
    if (from !== null && from > reached) gaps.push({ from: reached, until: from })
    if (until === null || until > reached) reached = until
  }
  return reached === null ? gaps : [...gaps, { from: reached, until: null }]
}

/** What is shown and has no time: it stands in no chronology, and is told beside it. */
export const undatedRecords = (picture: Picture): ShownRecord[] =>
  picture.records.filter((record) => record.eventTime === null && !isPersonal(record.type))
