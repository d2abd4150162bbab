/**
 * Who an agency believes a child to be. Agencies err: a nickname, an old address, day and month swapped, no date of
 * birth, no NHS number. What each of them errs in is decided here by chance, or not at all for a story's child.
 */
import type { Address, Child, Household } from './person.ts'
import type { Random } from './random.ts'

export interface IdentityHeld {
  readonly nhsNumber: string | null
  readonly given: string
  readonly middle: string | null
  readonly family: string
  readonly preferred: string | null
  /** former, swapped and alias names, as `Given Family` */
  readonly otherNames: readonly string[]
  readonly dateOfBirth: string | null
  readonly sex: 'F' | 'M' | null
  readonly pronouns: string | null
  readonly ethnicity: string | null
  readonly language: string | null
  readonly needs: readonly string[]
  readonly upn: string | null
  readonly address: Address | null
  readonly telephone: string | null
  /** sensitivity in plain words; each agency has codes of its own for them */
  readonly labels: readonly string[]
}

/** What a careful agency holds. */
export const identityInFull = (child: Child, household: Household): IdentityHeld => ({
  nhsNumber: child.nhsNumber,
  given: child.given,
  middle: child.middle,
  family: child.family,
  preferred: child.nickname,
  otherNames: child.formerFamily ? [`${child.given} ${child.formerFamily}`] : [],
  dateOfBirth: child.dateOfBirth,
  sex: child.sex,
  pronouns: child.pronouns,
  ethnicity: child.ethnicity,
  language: child.language,
  needs: child.needs,
  upn: child.upn,
  address: household.address,
  telephone: household.telephone,
  labels: [],
})

/** @param untraced share of its records for which the agency has no NHS number */
export function identityByChance(
  random: Random,
  child: Child,
  household: Household,
  untraced: number,
): IdentityHeld {
  const full = identityInFull(child, household)
  const held = random.chance(untraced) ? { ...full, nhsNumber: null } : full
  const slip = random.fraction()
  if (slip < 0.05 && child.nickname) return { ...held, given: child.nickname, preferred: null }
  if (slip < 0.13 && household.formerAddress) return { ...held, address: household.formerAddress }
  if (slip < 0.16) return { ...held, dateOfBirth: null }
  if (slip < 0.18 && child.formerFamily) return { ...held, family: child.formerFamily, otherNames: [] }
  if (slip < 0.19) return { ...held, given: child.family, family: child.given }
  if (slip < 0.2 && child.family.includes('-')) return { ...held, family: child.family.replace('-', ' ') }
  if (slip < 0.21) return { ...held, dateOfBirth: dayAndMonthSwapped(child.dateOfBirth) }
  if (slip < 0.24) return { ...held, middle: null, telephone: null }
  return held
}

/** The same date where the day cannot be a month. */
function dayAndMonthSwapped(date: string): string {
  const [year, month, day] = date.split('-')
  return Number(day) > 12 ? date : `${year}-${day}-${month}`
}
