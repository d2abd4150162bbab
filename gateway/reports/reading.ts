/**
 * What a report is made of: the accesses that its reader was given, and how far they go. Refuses to let anybody take a
 * part for the whole.
 */
import type { ReadAccess, ReadSource } from '../../schema/read-access.ts'
import { type Gaps, gapsIn } from '../commands/print-accesses.ts'
import { dayOf, wrapped } from '../commands/print-value.ts'

export interface Reading extends Gaps {
  readonly accesses: readonly ReadAccess[]
  /** null: the whole partnership's */
  readonly ofAgency: string | null
  /** days in UK time; null where not narrowed */
  readonly from: string | null
  readonly until: string | null
}

export function readingLines(reading: Reading): string[] {
  const { accesses, ofAgency, from, until } = reading
  const period = `${from ? `from ${dayOf(from)}` : 'from the first'} ${until ? `to ${dayOf(until)}` : 'to today'}`
  const whose = ofAgency === null ? 'of the whole partnership' : `that concern ${ofAgency}`
  const n = `${accesses.length.toLocaleString('en-GB')} ${accesses.length === 1 ? 'access' : 'accesses'}`
  return [
    ...wrapped(`Made of ${n} ${whose}, ${period}.`),
    ...gapsIn(reading, from).flatMap((words) => wrapped(words)),
  ]
}

/** The kind of record of a shown field: `police.crime.offence` is of `police.crime`. */
export const kindOf = (field: string): string => field.split('.').slice(0, 2).join('.')

/** The fields shown that may be this custodian's: of a kind that another gave as well, nobody can tell. */
export const fieldsFrom = ({ released }: ReadAccess, { recordTypes }: ReadSource): string[] =>
  released.filter((field) => recordTypes.includes(kindOf(field)))

/** Custodians of which at least one record was shown. */
export const shown = ({ asked }: ReadAccess): readonly ReadSource[] => asked.filter(({ n }) => n > 0)

/** A question about one child, by somebody who was known; not what was done at the desk. */
export const isQuestion = ({ by, child, purpose }: ReadAccess): boolean =>
  by !== null && child !== null && purpose !== null
