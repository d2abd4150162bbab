/** A hand-written child: who it is, and what each agency came to write. */
import { type AgencyName, type Desk, desk, type Files } from '../desk.ts'
import { type IdentityHeld, identityInFull } from '../identity-held.ts'
import type { Adult, Child, Household } from '../person.ts'

export interface Story {
  readonly id: string
  readonly nhsNumber: string
  readonly name: string
  /** ISO date */
  readonly dateOfBirth: string
  /** one sentence: what this child is here to show */
  readonly sentence: string
  /** words that stand in an agency's record and that no answer of the gateway may hold, whoever asks */
  readonly neverShown: readonly string[]
}

export interface Told {
  readonly child: Child
  readonly household: Household
  readonly files: Files
  readonly reviewPending: boolean
}

type Given = Pick<Child, 'serial' | 'nhsNumber' | 'given' | 'family' | 'dateOfBirth' | 'sex'> & Partial<Child>

export const childOf = (given: Given): Child => ({
  story: null,
  upn: null,
  middle: null,
  nickname: null,
  formerFamily: null,
  pronouns: null,
  ethnicity: 'White British',
  language: 'English',
  needs: [],
  twin: false,
  ...given,
})

export const adultOf = (
  given: Pick<Adult, 'relation' | 'given' | 'family' | 'sex' | 'dateOfBirth'> & Partial<Adult>,
): Adult => ({
  serial: `${given.relation} ${given.given}`,
  telephone: '07700 900100',
  livesHere: true,
  parentalResponsibility: given.relation === 'Mother' || given.relation === 'Father',
  warnings: [],
  staff: false,
  ...given,
})

export const householdOf = (
  given: Pick<Household, 'serial' | 'address' | 'adults' | 'children'> & Partial<Household>,
): Household => ({ formerAddress: null, movedOn: null, telephone: '01632 960400', ...given })

/**
 * @param held where an agency believes otherwise than what is so
 * @param write fills the files of the agencies that know the child
 */
export function told(
  child: Child,
  household: Household,
  today: string,
  write: (desk: Desk) => void,
  held: Partial<Record<AgencyName, Partial<IdentityHeld>>> = {},
): Told {
  const made = desk(child, household, today, (agency) => ({
    ...identityInFull(child, household),
    ...held[agency],
  }))
  write(made)
  return { child, household, files: made.files, reviewPending: false }
}
