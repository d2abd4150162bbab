/** Prints how the custodians identify the child, side by side. Never chooses between them: there is no golden record. */
import type { RecordType } from '../../schema/record-type.ts'
import { maskedLines } from './print-record.ts'
import { dayOf, fieldInWords, heading, type Json, label, lower, text, wrapped } from './print-value.ts'

/** Each value once, with those who hold it; where agencies differ, with the day on which each wrote it down. */
function valuesOf(type: RecordType, name: string, details: readonly Json[], dated: boolean) {
  const field = type.fields[name]
  const values = new Map<string, string[]>()
  for (const record of field ? details : []) {
    const words = field ? fieldInWords(field, record[name]) : ''
    if (words === '') continue
    const day = dated && record.recordedTime ? `, recorded ${dayOf(record.recordedTime)}` : ''
    values.set(words, [...(values.get(words) ?? []), `${text(record.custodianName)}${day}`])
  }
  return values
}

/** What is not shown, once for all custodians of whom it is the same. */
function hiddenAlike(details: readonly Json[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const record of details) {
    const lines = maskedLines(record, '    ').join('\n')
    if (lines !== '') groups.set(lines, [...(groups.get(lines) ?? []), text(record.custodianName)])
  }
  return groups
}

/**
 * @param conflicts what the gateway found to differ in more than writing
 * @param unchecked custodians that could not say whether her whereabouts are confidential
 */
export function identityLines(
  type: RecordType,
  details: readonly Json[],
  conflicts: readonly Json[],
  unchecked: readonly Json[],
): string[] {
  const differing = conflicts.map(({ field }) => text(field))
  const fields = Object.keys(type.fields).flatMap((name) => {
    const values = [...valuesOf(type, name, details, differing.includes(name))]
    return values.length === 0 ? [] : [{ name: label(name), values }]
  })
  const column = Math.max(...fields.map(({ name }) => name.length), 0) + 2
  const caution = `Ring before you use or pass on an address or a number: not heard, so that nobody knows whether it is confidential: ${unchecked.map(({ name }) => text(name)).join('; ')}.`
  const warning = `Agencies differ in ${differing.map((field) => lower(label(field))).join(', ')}.`
  return [
    ...heading('Who the child is'),
    ...(differing.length === 0 ? [] : wrapped(warning, '  ')),
    ...(unchecked.length === 0 ? [] : wrapped(caution, '  ')),
    ...fields.flatMap(({ name, values }) =>
      values.flatMap(([words, holders], place) => {
        const agree = values.length === 1 && holders.length > 1
        const who = agree ? `all ${holders.length} that say` : holders.join('; ')
        return wrapped(`${words} (${who})`, `  ${(place === 0 ? name : '').padEnd(column)}`)
      }),
    ),
    ...[...hiddenAlike(details)].flatMap(([lines, holders]) => [
      ...wrapped(holders.join('; '), '  '),
      ...lines.split('\n'),
    ]),
  ]
}
