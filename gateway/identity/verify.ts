/**
 * Whether what a custodian holds under the number is this child. Pure. A number alone does not prove it: two people
 * can stand on one number, and twins share family name and date of birth. In doubt nothing is shown.
 */
import { distance } from 'fastest-levenshtein'
import type { Custodian, PersonHeld } from '../../adapters/contract.ts'

export type Verified = { readonly kind: 'verified' } | { readonly kind: 'unconfirmed'; readonly why: Doubt }

export type Doubt =
  | 'SEVERAL_PEOPLE_UNDER_THIS_NUMBER'
  | 'ANOTHER_NUMBER_RETURNED'
  | 'DATE_OF_BIRTH_DIFFERS'
  | 'DATE_OF_BIRTH_MISSING'
  | 'NAME_DIFFERS'
  | 'NAME_MISSING'

export interface Held {
  readonly custodian: Pick<Custodian, 'id' | 'identityEvidence'>
  readonly people: readonly [PersonHeld, ...PersonHeld[]]
}

/** What is known of the child besides the number. */
export interface Evidence {
  readonly nhsNumber: string
  /** compares a date with the one that the case system, or the person asking, stated; null where neither did */
  readonly bornOn: ((date: string) => boolean) | null
  readonly givenName: string | null
  readonly familyName: string | null
}

/** Share of letters that may differ in a name that is still taken for the same: one slip in five letters. */
const SLIP = 0.2

const plain = (name: string) =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9\p{L}]/gu, '')

export function sameName(a: string, b: string): boolean {
  const [one, other] = [plain(a), plain(b)]
  if (one === '' || other === '') return false
  return distance(one, other) <= Math.floor(Math.max(one.length, other.length) * SLIP)
}

/** Compound names: `Amara Joy` and `Amara` agree, `Amara` and `Amira-Rose` do not. */
const words = (names: readonly string[]) => names.flatMap((name) => [name, ...name.split(/[\s-]+/)])

const anyAgrees = (ours: readonly string[], theirs: readonly string[]) =>
  words(ours).some((name) => words(theirs).some((other) => sameName(name, other)))

interface Names {
  readonly given: readonly string[]
  readonly family: readonly string[]
}

/** A given name must agree where both are known; so must a family name, unless the given name is all there is. */
const agree = (a: Names, b: Names) =>
  (a.given.length === 0 || b.given.length === 0 || anyAgrees(a.given, b.given)) &&
  (a.family.length === 0 || b.family.length === 0 || anyAgrees(a.family, b.family))

const namesOf = ({ givenNames, familyNames }: PersonHeld): Names => ({
  given: givenNames,
  family: familyNames,
})
const hasName = ({ given, family }: Names) => given.length > 0 || family.length > 0

/** Doubts that one custodian's answer raises by itself. */
function doubtAlone(held: Held, evidence: Evidence): Doubt | null {
  const [person, ...others] = held.people
  if (others.length > 0) return 'SEVERAL_PEOPLE_UNDER_THIS_NUMBER'
  if (person.nhsNumber !== evidence.nhsNumber) return 'ANOTHER_NUMBER_RETURNED'
  const traced = held.custodian.identityEvidence === 'traced-number'
  if (person.dateOfBirth === null && !traced) return 'DATE_OF_BIRTH_MISSING'
  if (person.dateOfBirth !== null && evidence.bornOn && !evidence.bornOn(person.dateOfBirth))
    return 'DATE_OF_BIRTH_DIFFERS'
  const names = namesOf(person)
  if (!hasName(names) && !traced) return 'NAME_MISSING'
  const stated = {
    given: evidence.givenName === null ? [] : [evidence.givenName],
    family: evidence.familyName === null ? [] : [evidence.familyName],
  }
  return agree(names, stated) ? null : 'NAME_DIFFERS'
}

/**
 * The one value that more custodians hold than any other; null where two are held equally often, for then
 * nobody can tell which child is meant.
 */
function mostHeld<T>(values: readonly T[], same: (a: T, b: T) => boolean): T | null {
  const counts = values.map((value) => values.filter((other) => same(value, other)).length)
  const most = Math.max(...counts)
  const leaders = values.filter((_value, place) => counts[place] === most)
  const [first] = leaders
  return first !== undefined && leaders.every((leader) => same(first, leader)) ? first : null
}

/** @returns one verdict per custodian that holds somebody under the number, by custodian id */
export function verifyIdentities(holding: readonly Held[], evidence: Evidence): Map<string, Verified> {
  const alone = holding.map((held) => ({ held, person: held.people[0], doubt: doubtAlone(held, evidence) }))
  const credible = alone.filter(({ doubt }) => doubt === null)

  const dates = credible.flatMap(({ person }) => person.dateOfBirth ?? [])
  const born = evidence.bornOn === null && dates.length > 0 ? mostHeld(dates, (a, b) => a === b) : undefined

  const stated = evidence.givenName !== null
  const names = credible.map(({ person }) => namesOf(person)).filter(hasName)
  const name = !stated && names.length > 0 ? mostHeld(names, agree) : undefined

  const doubtTogether = (person: PersonHeld): Doubt | null => {
    if (born !== undefined && person.dateOfBirth !== null && person.dateOfBirth !== born)
      return 'DATE_OF_BIRTH_DIFFERS'
    if (name === undefined || !hasName(namesOf(person))) return null
    return name !== null && agree(namesOf(person), name) ? null : 'NAME_DIFFERS'
  }
  return new Map(
    alone.map(({ held, person, doubt }) => {
      const why = doubt ?? doubtTogether(person)
      return [held.custodian.id, why === null ? { kind: 'verified' } : { kind: 'unconfirmed', why }]
    }),
  )
}
