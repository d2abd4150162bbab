/** Reads the accesses of a report as the IG lead who asks for it, and prints what was made of them, as words or as JSON. */
import type { AccessFilter } from '../../schema/read-access.ts'
import type { Reading } from '../reports/reading.ts'
import { type Period, periodOf } from './access-filter.ts'
import { readAccesses } from './read-accesses.ts'

export interface ReportOptions extends Period {
  readonly as: string
  readonly json?: true
}

export async function readingFor(
  { as, from, until }: ReportOptions,
  filter: AccessFilter = {},
): Promise<Reading> {
  const { more: _all, ...read } = await readAccesses(as, { ...filter, ...periodOf({ from, until }) })
  return { ...read, from: from ?? null, until: until ?? null }
}

/** How far the accesses go stands beside the report in JSON as well. */
export function printReport(
  { json }: Pick<ReportOptions, 'json'>,
  reading: Reading | null,
  report: object,
  lines: readonly string[],
): void {
  const { accesses, ...about } = reading ?? { accesses: [] }
  const told = json
    ? JSON.stringify({ madeOf: { accesses: accesses.length, ...about }, report }, null, 2)
    : lines.join('\n')
  process.stdout.write(`${told}\n`)
}
