/**
 * Which words of a filter nobody knows today: a misspelt agency finds nothing, and that must not read as if nothing had
 * been asked. Refuses no word: what was known once may stand in old accesses. Tells nothing of the log.
 */
import type { AccessFilter } from '../../schema/read-access.ts'
import type { ReadingScope } from './log-readers.ts'
import type { ReadingSettings } from './reading.ts'

/** Of the register an IG lead of one agency is told no more than who is of her own. */
const IN_REGISTER = `select from practitioner
  where (subject = $1 or lower(name) = lower($1)) and ($2::text is null or agency = $2) limit 1`

/** @returns names of the filter's words, in its order; the practitioner's as far as the scope's register goes */
export async function unknownWords(
  { pool, current }: Pick<ReadingSettings, 'pool' | 'current'>,
  scope: ReadingScope,
  { practitioner, agency, custodian, basis, purpose, agreement }: AccessFilter,
): Promise<(keyof AccessFilter)[]> {
  const { agreements, purposes, lawfulBases } = current()
  const register = practitioner != null && [practitioner, scope.kind === 'agency' ? scope.agency : null]
  const unknown: Partial<Record<keyof AccessFilter, boolean>> = {
    practitioner: register && (await pool.query(IN_REGISTER, register)).rowCount === 0,
    agency:
      agency != null &&
      !agreements.some(({ source, recipients }) => source.agency === agency || recipients.includes(agency)),
    custodian: custodian != null && !agreements.some(({ source }) => source.custodians.includes(custodian)),
    basis: basis != null && !lawfulBases.has(basis),
    purpose: purpose != null && !purposes.has(purpose),
    agreement: agreement != null && !agreements.some(({ id }) => id === agreement),
  }
  return (Object.keys(unknown) as (keyof AccessFilter)[]).filter((name) => unknown[name])
}
