/** Makes one household by chance: adults, one to four children, twins, surnames that differ, moves. */
import { daysBefore } from './calendar.ts'
import { type Heritage, heritageByChance, nicknameOf } from './names.ts'
import type { Address, Adult, AdultRelation, Child, Household, Sex } from './person.ts'
import { addressByChance, landlineByChance, mobileByChance } from './places.ts'
import type { Random } from './random.ts'

const YEAR = 365.25 // days
/** Share of children who are twins; about double what the ONS counts, so that small populations hold some. */
const TWINS = 0.03

export interface HouseholdToMake {
  readonly serial: number
  /** serial of the first child */
  readonly firstChild: number
  readonly size: number
  readonly today: string
  /** deals NHS numbers and pupil numbers */
  readonly numberOf: (child: number) => { nhsNumber: string | null; upn: string | null }
}

export function householdByChance(random: Random, make: HouseholdToMake): Household {
  const heritage = heritageByChance(random)
  const family = familyName(random, heritage)
  const births = birthsByChance(random, make)
  const adults = adultsByChance(random, heritage, family, make, births[0]?.dateOfBirth ?? make.today)
  const county = random.chance(0.04) ? 'eastmere' : 'northshire'
  const { formerAddress, movedOn } = move(random, make.today, county)
  return {
    serial: make.serial,
    address: addressByChance(random, county),
    formerAddress,
    movedOn,
    telephone: random.chance(0.4) ? landlineByChance(random) : mobileByChance(random),
    adults,
    children: childrenByChance(random, heritage, family, adults, births, make),
  }
}

function move(random: Random, today: string, county: 'northshire' | 'eastmere') {
  if (!random.chance(0.28)) return { formerAddress: null, movedOn: null }
  const from = random.chance(0.15) ? (county === 'eastmere' ? 'northshire' : 'eastmere') : county
  const formerAddress: Address = addressByChance(random, from)
  return { formerAddress, movedOn: daysBefore(today, random.between(20, 1500)) }
}

function familyName(random: Random, heritage: Heritage): string {
  const one = random.pick(heritage.families)
  if (!random.chance(0.06)) return one
  const other = random.pick(heritageByChance(random).families)
  return other === one || one.includes('-') || other.includes('-') ? one : `${one}-${other}`
}

/** Days between siblings who are not twins. */
const APART = 300
const OLDEST = Math.floor(17.9 * YEAR)

/** Dates of birth, eldest first. */
function birthsByChance(random: Random, make: HouseholdToMake): { dateOfBirth: string; twin: boolean }[] {
  const twins = make.size > 1 && random.chance(TWINS * 0.8) // households of one child cannot hold them
  const births = twins ? make.size - 1 : make.size
  const span = OLDEST - 3 - (births - 1) * APART
  const ages = Array.from({ length: births }, () => Math.floor(random.fraction() * span))
    .sort((a, b) => a - b)
    .map((age, place) => age + 3 + place * APART)
    .reverse()
  const twinBirth = twins ? random.between(0, births - 1) : -1
  return ages.flatMap((age, place) => {
    const twin = place === twinBirth
    const birth = { dateOfBirth: daysBefore(make.today, age), twin }
    return twin ? [birth, birth] : [birth]
  })
}

function adultsByChance(
  random: Random,
  heritage: Heritage,
  family: string,
  make: HouseholdToMake,
  eldest: string,
): Adult[] {
  /** aged between `least` and `most` years when the eldest child was born */
  const adult = (
    relation: AdultRelation,
    sex: Sex,
    least: number,
    most: number,
    livesHere: boolean,
  ): Adult => ({
    serial: `${make.serial}-${relation}`,
    relation,
    given: random.pick(sex === 'F' ? heritage.girls : heritage.boys),
    family: random.chance(0.8) ? family : random.pick(heritage.families),
    sex,
    dateOfBirth: daysBefore(eldest, Math.round(random.between(least, most) * YEAR) + random.between(0, 364)),
    telephone: mobileByChance(random),
    livesHere,
    parentalResponsibility: relation === 'Mother' || relation === 'Father',
    warnings: random.chance(0.02) ? ['Dog at the address: ring ahead'] : [],
    staff: random.chance(0.01),
  })
  const kind = random.fraction()
  if (kind < 0.05) return [adult('Grandmother', 'F', 40, 58, true), adult('Mother', 'F', 17, 30, false)]
  const mother = adult('Mother', 'F', 17, 36, true)
  if (kind < 0.62) return [mother, adult('Father', 'M', 18, 42, true)]
  const father = adult('Father', 'M', 18, 42, false)
  if (kind < 0.76) return [mother, father, adult('Partner of parent', 'M', 18, 40, true)]
  return kind < 0.8 ? [mother, father, adult('Grandmother', 'F', 42, 60, true)] : [mother, father]
}

function childrenByChance(
  random: Random,
  heritage: Heritage,
  family: string,
  adults: readonly Adult[],
  births: readonly { dateOfBirth: string; twin: boolean }[],
  make: HouseholdToMake,
): Child[] {
  const ethnicity = random.pick(heritage.ethnicities)
  const language = random.pick(heritage.languages)
  const children: Child[] = []
  for (const [place, birth] of births.entries()) {
    const sex: Sex = random.chance(0.5) ? 'F' : 'M'
    const names = sex === 'F' ? heritage.girls : heritage.boys
    const given = another(random, names, children)
    const serial = make.firstChild + place
    children.push({
      serial,
      story: null,
      ...make.numberOf(serial),
      given,
      middle: random.chance(0.5) ? another(random, names, [...children, { given }]) : null,
      family: random.chance(0.12) ? (adults.at(-1)?.family ?? family) : family,
      nickname: random.chance(0.4) ? nicknameOf(given) : null,
      formerFamily: random.chance(0.05) ? random.pick(heritage.families) : null,
      ...birth,
      sex,
      pronouns: random.chance(0.02) ? 'They/them' : null,
      ethnicity,
      language,
      needs: random.chance(0.03) ? [random.pick(['Makaton', 'British Sign Language', 'Interpreter'])] : [],
    })
  }
  return children
}

/** A given name that is not taken yet; twins above all must differ. */
function another(
  random: Random,
  names: readonly [string, ...string[]],
  taken: readonly { given: string }[],
): string {
  for (let attempt = 0; attempt < 8; attempt++) {
    const name = random.pick(names)
    if (!taken.some((child) => child.given === name)) return name
  }
  const unused = names.find((name) => !taken.some((child) => child.given === name))
  return unused ?? `${names[0]}-${taken.length}`
}
