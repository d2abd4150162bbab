/**
 * The invented people of Northshire and what each agency holds about them, as a stream: a million of them pass
 * through a few megabytes. The same seed, count and day give the same bytes. No clock is read, nobody is real.
 */
import { ageOn, DEFAULT_TODAY } from './calendar.ts'
import { missedAppointments } from './consequences.ts'
import { type AgencyName, type Desk, desk, type Files } from './desk.ts'
import { communityHealthEveryday, hospitalEveryday, schoolEveryday } from './everyday.ts'
import { householdByChance } from './household.ts'
import { identityByChance } from './identity-held.ts'
import { nhsNumbers, pupilNumber } from './numbers.ts'
import type { Child, Household } from './person.ts'
import { type Random, random } from './random.ts'
import { storyChildren } from './stories.ts'
import { domesticAbuse, neglect, overTheBorder } from './troubles-at-home.ts'
import { exploitation, missing } from './troubles-outside.ts'

export const DEFAULT_CHILDREN = 600

export interface PopulationOptions {
  readonly seed: number
  /** the stories' children are among them; never fewer than these */
  readonly children?: number
  /** ISO date; every event is on that day or before */
  readonly today?: string
}

export interface KnownChild {
  readonly child: Child
  readonly household: Household
  readonly files: Files
  /** Eastmere's person must decide before anything is said */
  readonly reviewPending: boolean
}

/** Share of its records for which an agency has no NHS number. Schools hold pupil numbers rather. */
const untraced: Readonly<Record<AgencyName, number>> = {
  police: 0.15,
  childrensServices: 0.05,
  hospital: 0.01,
  communityHealth: 0.01,
  school: 0.1,
  college: 0.1,
  educationWelfare: 0.08,
  eastmere: 0.08,
}

export function* population(options: PopulationOptions): Generator<KnownChild, void> {
  const { seed, children = DEFAULT_CHILDREN, today = DEFAULT_TODAY } = options
  const told = storyChildren(today)
  yield* told
  const left = Math.max(children - told.length, 0)
  const numbers = nhsNumbers(left)
  let serial = Math.max(...told.map(({ child }) => child.serial))
  const last = serial + left
  for (let household = 1_001; serial < last; household++) {
    const chance = random(seed, 'household', household)
    const size = Math.min(householdSize(chance), last - serial)
    const made = householdByChance(chance, {
      serial: household,
      firstChild: serial + 1,
      size,
      today,
      numberOf: (child) => ({ nhsNumber: numbers.next().value ?? null, upn: upnFor(chance, child) }),
    })
    serial += size
    yield* knownByChance(chance, made, today)
  }
}

function householdSize(chance: Random): number {
  const place = chance.fraction()
  return place < 0.44 ? 1 : place < 0.83 ? 2 : place < 0.95 ? 3 : 4
}

const upnFor = (chance: Random, child: number) => (chance.chance(0.92) ? pupilNumber(child) : null)

function* knownByChance(chance: Random, household: Household, today: string): Generator<KnownChild, void> {
  const atHome = chance.fraction()
  for (const born of household.children) {
    // A pupil number is given at the first school: a younger child has none.
    const child = ageOn(born.dateOfBirth, today) < 4 ? { ...born, upn: null } : born
    const made = desk(child, household, today, (agency) =>
      identityByChance(chance, child, household, untraced[agency]),
    )
    everyday(chance, made)
    if (atHome < 0.07) neglect(chance, made)
    else if (atHome < 0.16) domesticAbuse(chance, made)
    else if (atHome < 0.22) missedAppointments(chance, made, chance.between(1, 4))
    if (isOverTheBorder(household)) overTheBorder(chance, made)
    const age = ageOn(child.dateOfBirth, today)
    const inTheStreet = chance.fraction()
    if (age >= 11 && inTheStreet < 0.04) exploitation(chance, made)
    else if (age >= 9 && inTheStreet < 0.09) missing(chance, made)
    yield { child, household, files: made.files, reviewPending: false }
  }
}

function everyday(chance: Random, made: Desk): void {
  if (chance.chance(0.82)) communityHealthEveryday(chance, made)
  if (chance.chance(0.5)) hospitalEveryday(chance, made)
  if (chance.chance(0.6)) schoolEveryday(chance, made)
}

const isOverTheBorder = ({ address, formerAddress }: Household) =>
  address.postcode.startsWith('EM') || formerAddress?.postcode.startsWith('EM') === true
