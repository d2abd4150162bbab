/** Compares what a custodian holds with what the case system stated, of which the register keeps only keyed hashes. */
import { nameWords } from '../../schema/person-name.ts'
import type { ChildKeys } from '../access/child-keys.ts'
import type { CaseRelationship } from '../access/register.ts'
import type { ChildQuestion } from '../child-question.ts'
import type { Evidence } from './verify.ts'

/** What the person asking states besides can only narrow: it never confirms what the case system did not state. */
export function evidenceFor(
  { nhsNumber, dateOfBirth, givenName, familyName }: ChildQuestion,
  stated: CaseRelationship,
  keys: ChildKeys,
): Evidence {
  const among = (hashes: readonly Buffer[], hash: Buffer) => hashes.some((each) => each.equals(hash))
  return {
    nhsNumber,
    bornOn: (date) =>
      (dateOfBirth === null || date === dateOfBirth) && keys.bornOf(nhsNumber, date).equals(stated.born),
    hasGivenName: (word) => among(stated.givenNames, keys.nameOf(nhsNumber, 'given', word)),
    hasFamilyName: (word) => among(stated.familyNames, keys.nameOf(nhsNumber, 'family', word)),
    saidGiven: givenName === null ? null : nameWords(givenName),
    saidFamily: familyName === null ? null : nameWords(familyName),
  }
}
