/** The keyed hashes under which a child stands in register and ledger. The key never leaves the gateway. */
import type { NhsNumber } from '../../schema/nhs-number.ts'
import { keyedHash } from '../ledger/keyed-hash.ts'
import type { ChildPseudonyms } from '../ledger/pseudonym.ts'

export interface ChildKeys {
  lookupOf(nhsNumber: NhsNumber): Buffer
  bornOf(nhsNumber: NhsNumber, dateOfBirth: string): Buffer
  nameOf(nhsNumber: NhsNumber, part: 'given' | 'family', word: string): Buffer
}

export const childKeys = ({ lookupOf }: Pick<ChildPseudonyms, 'lookupOf'>, key: Buffer): ChildKeys => ({
  lookupOf,
  bornOf: (nhsNumber, dateOfBirth) => keyedHash(key, 'child', nhsNumber, 'born', dateOfBirth),
  nameOf: (nhsNumber, part, word) => keyedHash(key, 'child', nhsNumber, part, word),
})
