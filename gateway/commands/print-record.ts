/** Prints the records of one kind, custodian by custodian and newest first, each with what travels with it. */
import type { RecordType } from '../../schema/record-type.ts'
import {
  dayOf,
  fieldInWords,
  heading,
  type Json,
  label,
  list,
  lower,
  object,
  text,
  when,
  wrapped,
} from './print-value.ts'

const ASSERTIONS: Readonly<Record<string, string>> = {
  FACT: 'fact',
  OPINION: 'opinion',
  ALLEGATION: 'allegation',
  UNCLASSIFIED: 'not marked as fact or opinion',
}

const WHOM: Readonly<Record<string, string>> = {
  sibling: 'a brother or sister',
  adult: 'an adult',
  other: 'another person',
}

/** Conditions as the source set them: `no-onward-share` is `no onward share`. */
export const handlingOf = ({ handling }: Json): string =>
  list(handling)
    .map((condition) => text(condition).replaceAll('-', ' '))
    .join(', ')

export const assertionOf = ({ assertion }: Json): string => ASSERTIONS[text(assertion)] ?? text(assertion)

/** When it happened, what kind of statement it is, the child's part in it, how it must be handled. */
function headOf(record: Json): string {
  const { eventTime, recordedTime, subjectCategory, about } = record
  const handling = handlingOf(record)
  return [
    eventTime ? when(eventTime) : 'undated',
    assertionOf(record),
    ...(about === 'child' || !about ? [] : [`about ${WHOM[text(about)] ?? text(about)}, not the child`]),
    ...(subjectCategory ? [`subject: ${text(subjectCategory).toLowerCase()}`] : []),
    ...(recordedTime && dayOf(recordedTime) !== dayOf(eventTime) ? [`recorded ${when(recordedTime)}`] : []),
    ...(handling ? [`handling: ${handling}`] : []),
  ].join(' · ')
}

/**
 * What is not shown, or in part only, once for each reason. It may be empty at its source: not shown is all it says.
 * @param where follows `not shown`, such as ` in each of these`
 */
export function maskedLines({ masked }: Json, indent: string, where = ''): string[] {
  const reasons = new Map<string, { readonly how: string; readonly why: string; readonly fields: string[] }>()
  for (const { field, form, reason } of list(masked)) {
    const { code, words } = object(reason)
    const how = form === 'partial' ? 'Shown in part' : 'Not shown'
    const why = `(${text(words)}) [${text(code)}]`
    const entry = reasons.get(`${how} ${why}`) ?? { how, why, fields: [] }
    entry.fields.push(lower(label(text(field))))
    reasons.set(`${how} ${why}`, entry)
  }
  return [...reasons.values()].flatMap(({ how, why, fields }) =>
    wrapped(`${how}${where}: ${fields.join(', ')} ${why}`, indent),
  )
}

/** One line for each field that holds something. */
function fieldLines(type: RecordType, record: Json, indent: string): string[] {
  const shown = Object.entries(type.fields).flatMap(([name, field]) => {
    const words = fieldInWords(field, record[name])
    return words === '' ? [] : [{ name: label(name), words }]
  })
  const column = Math.max(...shown.map(({ name }) => name.length), 0) + 2
  return shown.flatMap(({ name, words }) => wrapped(words, `${indent}${name.padEnd(column)}`))
}

/** All fields in one run, for relatives and practitioners, of whom there are many. */
function inOneRun(type: RecordType, record: Json): string {
  return Object.entries(type.fields)
    .flatMap(([name, field]) => {
      const words = fieldInWords(field, record[name])
      if (words === '') return []
      if (field.kind === 'date') return [`${lower(label(name))} ${words}`]
      return [field.kind === 'flag' || field.list ? `${lower(label(name))}: ${words}` : words]
    })
    .join(' · ')
}

const newestFirst = (one: Json, other: Json) => text(other.eventTime).localeCompare(text(one.eventTime))

function byCustodian(records: readonly Json[]): ReadonlyMap<string, readonly Json[]> {
  const groups = new Map<string, Json[]>()
  for (const record of [...records].sort(newestFirst)) {
    const name = text(record.custodianName)
    const group = groups.get(name)
    if (group) group.push(record)
    else groups.set(name, [record])
  }
  return new Map([...groups].sort(([one], [other]) => one.localeCompare(other)))
}

type Form = 'fields' | 'run'

/** What all of a custodian's records hide alike is said once, after them. */
function groupLines(type: RecordType, group: readonly Json[], form: Form): string[] {
  const [first = {}] = group
  const ofFirst = maskedLines(first, '')
  const alike = group.length > 1 && group.every((each) => maskedLines(each, '').join() === ofFirst.join())
  return [
    ...group.flatMap((record) => [
      ...wrapped(form === 'run' ? inOneRun(type, record) : headOf(record), '    • '),
      ...(form === 'run' ? [] : fieldLines(type, record, '      ')),
      ...(alike ? [] : maskedLines(record, '      ')),
    ]),
    ...(alike ? maskedLines(first, '    ', ' in each of these') : []),
  ]
}

/** @param form `fields`: a line for each field; `run`: a line for each record */
export const recordLines = (
  type: RecordType,
  title: string,
  records: readonly Json[],
  form: Form = 'fields',
): string[] =>
  records.length === 0
    ? []
    : [
        ...heading(title),
        ...[...byCustodian(records)].flatMap(([custodian, group]) => [
          `  ${custodian}`,
          ...groupLines(type, group, form),
        ]),
      ]
