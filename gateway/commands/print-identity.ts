/** Prints how the custodians identify the child, side by side. Never chooses between them: there is no golden record. */
import type { RecordType } from '../../schema/record-type.ts'
import { maskedLines } from './print-record.ts'
import { fieldInWords, heading, type Json, label, list, lower, text, when, wrapped } from './print-value.ts'

/** Each value once, with those who hold it. */
function valuesOf(type: RecordType, name: string, details: readonly Json[]): ReadonlyMap<string, string[]> {
  const field = type.fields[name]
  const values = new Map<string, string[]>()
  for (const record of field ? details : []) {
    const words = field ? fieldInWords(field, record[name]) : ''
    if (words !== '') values.set(words, [...(values.get(words) ?? []), text(record.custodianName)])
  }
  return values
}

function fieldLines(type: RecordType, name: string, details: readonly Json[], column: number): string[] {
  const values = [...valuesOf(type, name, details)]
  return values.flatMap(([words, custodians], place) => {
    const first = `  ${(place === 0 ? label(name) : '').padEnd(column)}`
    const who =
      values.length === 1 && custodians.length > 1
        ? `all ${custodians.length} that say`
        : custodians.join(', ')
    return wrapped(`${words} (${who})`, first)
  })
}

/** @param conflicts what the gateway found to differ in more than writing */
export function identityLines(
  type: RecordType,
  details: readonly Json[],
  conflicts: readonly Json[],
): string[] {
  const names = Object.keys(type.fields).filter((name) => valuesOf(type, name, details).size > 0)
  const column = Math.max(...names.map((name) => label(name).length), 0) + 2
  const differing = conflicts.map(({ field }) => lower(label(text(field))))
  const recorded = conflicts.flatMap(({ field, values }) =>
    list(values).flatMap(({ custodianName, value, recordedTime }) =>
      recordedTime
        ? [
            `${lower(label(text(field)))} ${text(value)}: ${text(custodianName)}, recorded ${when(recordedTime)}`,
          ]
        : [],
    ),
  )
  return [
    ...heading('Who the child is'),
    ...names.flatMap((name) => fieldLines(type, name, details, column)),
    ...details.flatMap((record) => {
      const masked = maskedLines(record, '    ')
      return masked.length === 0 ? [] : [`  ${text(record.custodianName)}`, ...masked]
    }),
    ...(differing.length === 0 ? [] : ['', ...wrapped(`Agencies differ in ${differing.join(', ')}.`, '  ')]),
    ...recorded.flatMap((words) => wrapped(words, '    ')),
  ]
}
