/**
 * The names that the ledger knows children and records by. A child's pseudonym is random and tied to the child by one
 * row of a map, so that deleting the row makes one child's accesses anonymous and nobody else's. Keeps no NHS number,
 * in the map or in memory: nothing is cached, so a deleted row is forgotten at once.
 */
import { randomBytes } from 'node:crypto'
import type { Pool } from 'pg'
import type { NhsNumber } from '../../schema/nhs-number.ts'
import { keyedHash, refuseWeakKey } from './keyed-hash.ts'

/** `p-` and 128 random bits */
export type Pseudonym = string & { readonly __brand: 'Pseudonym' }
/** 128 bits of a keyed hash over custodian and the custodian's own record id */
export type OpaqueRecordId = string & { readonly __brand: 'OpaqueRecordId' }

const OPAQUE_BYTES = 16 // 128 bits: as many as a UUID, so that no two records ever meet

/** Whether a text is written like one; of whom, if of anybody, only the map knows. */
export const isPseudonym = (text: string): text is Pseudonym => /^p-[A-Za-z0-9_-]{22}$/.test(text)

export interface ChildPseudonyms {
  /** reads the child's pseudonym, or draws one for a child who is asked about for the first time */
  pidOf(nhsNumber: NhsNumber): Promise<Pseudonym>
  /** the keyed hash under which the map, and the register of case relationships, know the child */
  lookupOf(nhsNumber: NhsNumber): Buffer
}

/**
 * @param pool the ledger's own database: a pseudonym that is committed there before an access record is as durable
 *   as the record, because both go through one write-ahead log
 */
export function childPseudonyms({ pool, key }: { pool: Pool; key: Buffer }): ChildPseudonyms {
  refuseWeakKey(key)
  const lookupOf = (nhsNumber: NhsNumber) => keyedHash(key, 'child', nhsNumber)
  const known = async (lookup: Buffer) => {
    const { rows } = await pool.query<{ pid: Pseudonym }>(
      'SELECT pid FROM child_pseudonym WHERE lookup = $1',
      [lookup],
    )
    return rows[0]?.pid
  }
  return {
    lookupOf,
    async pidOf(nhsNumber) {
      const lookup = lookupOf(nhsNumber)
      const before = await known(lookup)
      if (before) return before
      const drawn = `p-${randomBytes(OPAQUE_BYTES).toString('base64url')}`
      await pool.query(
        'INSERT INTO child_pseudonym (lookup, pid) VALUES ($1, $2) ON CONFLICT (lookup) DO NOTHING',
        [lookup, drawn],
      )
      const now = await known(lookup)
      if (!now) throw new Error('the pseudonym map gave no pseudonym after one was written')
      return now
    },
  }
}

/** Names a custodian's record in the ledger. The custodian's own id, which may say something, stays out of it. */
export function recordIds({ key }: { key: Buffer }): (custodian: string, sourceId: string) => OpaqueRecordId {
  refuseWeakKey(key)
  return (custodian, sourceId) =>
    keyedHash(key, 'record', custodian, sourceId)
      .subarray(0, OPAQUE_BYTES)
      .toString('base64url') as OpaqueRecordId
}
