/**
 * With what a custodian's records are compared where the person asking has no tie to the case: with what any case
 * system states of the child, and where none knows her, with what is stated in the question. Refuses half an identity.
 */
import { nameWords } from '../../schema/person-name.ts'
import { Refusal } from '../../schema/refusal.ts'
import type { ChildQuestion } from '../child-question.ts'
import type { ChildKeys } from './child-keys.ts'
import type { CaseRelationship, Register } from './register.ts'

const KIND = 'emergency'

/** @throws Refusal BREAK_GLASS_IDENTITY_NEEDED */
export async function emergencyTie(
  { register, keys }: { register: Pick<Register, 'statedOf'>; keys: ChildKeys },
  { nhsNumber, dateOfBirth, givenName, familyName }: ChildQuestion,
): Promise<CaseRelationship> {
  const given = nameWords(givenName ?? '')
  const family = nameWords(familyName ?? '')
  if (dateOfBirth === null || given.length === 0 || family.length === 0)
    throw new Refusal(
      'BREAK_GLASS_IDENTITY_NEEDED',
      'in an emergency state the child’s date of birth, given name and family name, so that nobody else’s record is shown',
    )
  const born = keys.bornOf(nhsNumber, dateOfBirth)
  const known = await register.statedOf(nhsNumber)
  if (known !== null)
    return { ...known, kind: KIND, born: known.born.find((each) => each.equals(born)) ?? known.born[0] }
  return {
    kind: KIND,
    born,
    givenNames: given.map((word) => keys.nameOf(nhsNumber, 'given', word)),
    familyNames: family.map((word) => keys.nameOf(nhsNumber, 'family', word)),
    labels: [],
  }
}
