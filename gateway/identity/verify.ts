/**
 * Whether what a custodian holds under the number is this child. Pure. A number alone does not prove it: two people
 * can stand on one number, and twins share family name and date of birth. In doubt nothing is shown. The verdict on one
 * custodian never depends on another's answer, so that one that is down, or sealed, changes nobody else's.
 */
import type { Custodian, PersonHeld } from '../../adapters/contract.ts'
import { nameWords } from '../../schema/person-name.ts'

export type Verified = { readonly kind: 'verified' } | { readonly kind: 'unconfirmed'; readonly why: Doubt }

export type Doubt =
  | 'SEVERAL_PEOPLE_UNDER_THIS_NUMBER'
  | 'ANOTHER_NUMBER_RETURNED'
  | 'DATE_OF_BIRTH_DIFFERS'
  | 'DATE_OF_BIRTH_MISSING'
  | 'NAME_DIFFERS'
  | 'NAME_MISSING'

/** What the case system, and the person asking, state of the child besides the number. */
export interface Evidence {
  readonly nhsNumber: string
  bornOn(date: string): boolean
  /** takes one word of a name in its plain form */
  hasGivenName(word: string): boolean
  hasFamilyName(word: string): boolean
  /** words that the person asking stated; null where she stated none. They can only narrow. */
  readonly saidGiven: readonly string[] | null
  readonly saidFamily: readonly string[] | null
}

/**
 * Name by name: every word of at least one held name must have been stated. A shared first word is not enough: twins
 * are called Mohammed Yusuf and Mohammed Ibrahim.
 */
const names = (held: readonly string[]) => held.map(nameWords).filter((name) => name.length > 0)

function doubtAbout(
  { identityEvidence }: Pick<Custodian, 'identityEvidence'>,
  people: readonly [PersonHeld, ...PersonHeld[]],
  evidence: Evidence,
): Doubt | null {
  const [person, ...others] = people
  if (others.length > 0) return 'SEVERAL_PEOPLE_UNDER_THIS_NUMBER'
  if (person.nhsNumber !== evidence.nhsNumber) return 'ANOTHER_NUMBER_RETURNED'
  // the agency attests that it traced its numbers: details may be missing, but those held must not clash
  const traced = identityEvidence === 'traced-number'
  if (person.dateOfBirth === null && !traced) return 'DATE_OF_BIRTH_MISSING'
  if (person.dateOfBirth !== null && !evidence.bornOn(person.dateOfBirth)) return 'DATE_OF_BIRTH_DIFFERS'
  const given = names(person.givenNames)
  const family = names(person.familyNames)
  if ((given.length === 0 || family.length === 0) && !traced) return 'NAME_MISSING'
  if (given.length > 0 && !given.some((name) => name.every(evidence.hasGivenName))) return 'NAME_DIFFERS'
  if (family.length > 0 && !family.some((name) => name.every(evidence.hasFamilyName))) return 'NAME_DIFFERS'
  const narrowedOut = (held: readonly (readonly string[])[], said: readonly string[] | null) =>
    said !== null && held.length > 0 && !held.some((name) => said.some((word) => name.includes(word)))
  if (narrowedOut(given, evidence.saidGiven) || narrowedOut(family, evidence.saidFamily))
    return 'NAME_DIFFERS'
  return null
}

export function verifyIdentity(
  custodian: Pick<Custodian, 'identityEvidence'>,
  people: readonly [PersonHeld, ...PersonHeld[]],
  evidence: Evidence,
): Verified {
  const why = doubtAbout(custodian, people, evidence)
  return why === null ? { kind: 'verified' } : { kind: 'unconfirmed', why }
}
