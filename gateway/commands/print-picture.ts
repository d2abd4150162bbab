/** Prints a picture so that it can be read on a terminal: first who answered and who did not, then what they show. */

import { type Sector, sectors } from '../../schema/record-type.ts'
import { recordTypesOf } from '../../schema/record-types.ts'
import { sectorNames } from '../../schema/sector-schema.ts'

type Json = Readonly<Record<string, unknown>>

const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : [])
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value))

/** A coded value in its meaning, with the code; a list with commas. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(', ')
  if (typeof value !== 'object' || value === null) return text(value)
  const { code, meaning } = value as Json
  return meaning ? `${text(meaning)} [${text(code)}]` : `${text(code)} (code not recognised)`
}

const heading = (words: string) => `\n${words}\n${'─'.repeat(words.length)}`

function answerLines(answer: Json): string[] {
  const contact = object(answer.contact)
  const reason = object(answer.reason)
  const freshness = answer.fresh === false ? ' (older than promised)' : ''
  return [
    `  ${text(answer.state).padEnd(22)} ${text(answer.name)}`,
    `  ${''.padEnd(22)} ${text(reason.words ?? answer.words)}${reason.code ? ` [${text(reason.code)}]` : ''}`,
    ...(answer.asOf ? [`  ${''.padEnd(22)} data as of ${text(answer.asOf)}${freshness}`] : []),
    ...list(answer.alsoWithheld).map(
      (withheld) => `  ${''.padEnd(22)} also withheld: ${text(withheld.words)} [${text(withheld.code)}]`,
    ),
    `  ${''.padEnd(22)} ring ${text(contact.name)}, ${text(contact.telephone)}`,
  ]
}

const ENVELOPE_FIELDS = new Set([
  'recordId',
  'custodian',
  'custodianName',
  'system',
  'eventTime',
  'recordedTime',
  'assertion',
  'subjectCategory',
  'handling',
  'masked',
  'policies',
])

function recordLines(record: Json): string[] {
  const fields = Object.entries(record).filter(
    ([name, value]) =>
      !ENVELOPE_FIELDS.has(name) && value !== null && !(Array.isArray(value) && value.length === 0),
  )
  const assertion =
    record.assertion === 'UNCLASSIFIED' ? 'unclassified' : text(record.assertion).toLowerCase()
  const handling = list(record.handling).map(text).join(', ')
  return [
    `  • ${text(record.eventTime) || 'no date'}, ${text(record.custodianName)}, ${assertion}${handling ? `, handling: ${handling}` : ''}`,
    ...fields.map(([name, value]) => `      ${name}: ${shown(value)}`),
    ...list(record.masked).map((masked) => {
      const reason = object(masked.reason)
      return `      ${text(masked.field)}: ${text(masked.form)}; ${text(reason.words)} [${text(reason.code)}]`
    }),
  ]
}

const section = (title: string, records: readonly Json[]) =>
  records.length === 0 ? [] : [heading(title), ...records.flatMap(recordLines)]

function sectorLines(child: Json, sector: Sector): string[] {
  const records = object(child[sectorNames[sector].field])
  return recordTypesOf(sector).flatMap((type) => section(type.title, list(records[type.plural])))
}

/** @param child the `child` of an answer to the picture document */
export function printedPicture(child: Json): string {
  const identity = object(child.identity)
  const chronology = object(child.chronology)
  const conflicts = list(identity.conflicts)
  return [
    'OFFICIAL-SENSITIVE. Shown to you for this case only; the access is recorded.',
    `Receipt ${text(child.id)}, ${text(child.askedAt)}`,
    heading('Who answered'),
    ...list(child.custodians).flatMap(answerLines),
    ...section('Who the child is', list(identity.details)),
    ...(conflicts.length === 0 ? [] : [heading('Agencies differ')]),
    ...conflicts.flatMap((conflict) => [
      `  ${text(conflict.field)}`,
      ...list(conflict.values).map((value) => `      ${text(value.custodianName)}: ${text(value.value)}`),
    ]),
    ...section('Household and relatives', list(child.household)),
    ...section('Who is involved, and whom to ring', list(child.involved)),
    ...sectors.flatMap((sector) => sectorLines(child, sector)),
    heading('Chronology, newest first'),
    ...list(chronology.rows).map(
      (row) =>
        `  ${text(row.eventTime).slice(0, 10)}  ${text(row.title)}${row.summary ? `: ${text(row.summary)}` : ''}  (${text(row.custodianName)})`,
    ),
    ...(chronology.hasNextPage ? ['  … there is more; ask for the next page'] : []),
    heading('Not searched'),
    ...list(chronology.unsearched).map((gap) => {
      const period =
        gap.from || gap.until
          ? ` ${gap.from ? `from ${text(gap.from)}` : ''}${gap.until ? ` until ${text(gap.until)}` : ''}`
          : ''
      return `  ${text(gap.custodianName)}${period}: ${text(gap.why)}`
    }),
  ].join('\n')
}
