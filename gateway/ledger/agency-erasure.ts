/**
 * That a child was erased from the log, as it is told to an agency that holds copies of her accesses on its own topic.
 * Pure. Refuses to tell how many accesses there were in all, or which other agencies hold copies.
 */
import type { AccessRecord } from './ledger-event.ts'

export const ERASURE_SCHEMA = 'urn:sightline:schema:agency-erasure:1'

/** Of an erasure on record: an agency's topic holds so many copies that name the child. */
export interface HeldCopies {
  readonly agency: string
  readonly copies: number
}

/** As far as it is told; records of before name no agencies. */
export interface RecordedErasure extends Omit<AccessRecord, 'data' | 'dataschema'> {
  readonly data: {
    readonly subjects: readonly object[]
    readonly erasure: { readonly agencies?: readonly HeldCopies[]; readonly processing: readonly string[] }
    readonly gateway: object
  }
}

/**
 * @param sha256 of the whole record, as it is stored
 * @returns null where the agency holds no copy
 */
export function agencyErasure(record: RecordedErasure, sha256: string, agency: string) {
  const { data, ...event } = record
  const { subjects, erasure, gateway } = data
  const held = erasure.agencies?.find((each) => each.agency === agency)
  if (!held) return null
  return {
    ...event,
    dataschema: ERASURE_SCHEMA,
    data: {
      ...{ agency, subjects },
      erasure: { copies: held.copies, processing: erasure.processing },
      whole: { sha256 },
      gateway,
    },
  }
}
