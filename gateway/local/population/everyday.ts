/** What any child may leave behind at health and school without cause for concern. */
import { academicYear, ageOn, daysAfter, daysBefore, during, hoursAfter, yearGroup } from './calendar.ts'
import type { Desk } from './desk.ts'
import { book, diagnose, immunise, joinCareTeam, see } from './health-file.ts'
import type { Random } from './random.ts'
import { type PupilFile, recordAttendance, schoolFor, supportNeed } from './school-file.ts'

const YEAR = 365

/** UK Health Security Agency, routine childhood immunisation schedule: age in days at which each is due. */
const schedule = [
  { vaccine: '6-in-1, first dose', due: 56 },
  { vaccine: '6-in-1, third dose', due: 112 },
  { vaccine: 'MMR, first dose', due: 366 },
  { vaccine: '4-in-1 pre-school booster', due: 1_225 },
  { vaccine: 'HPV', due: 4_500 },
  { vaccine: '3-in-1 teenage booster', due: 5_100 },
] as const

const visitors = ['Joanna Firth', 'Esther Quaye', 'Colette Ramsden', 'Sunita Rao'] as const
const nurses = ['Beth Holroyd', 'Kemi Balogun', 'Rachel Oduya'] as const
const mishaps = [
  'Fall in the playground',
  'Fever',
  'Wheeze',
  'Cut to the hand',
  'Ankle injury',
  'Vomiting',
] as const
const ailments = [
  { text: 'Asthma', snomed: '195967001' },
  { text: 'Atopic eczema', snomed: '24079001' },
  { text: 'Delayed speech and language', snomed: null },
  { text: 'Nocturnal enuresis', snomed: null },
] as const

/** Health visitor or school nurse, immunisations, now and then an appointment. */
export function communityHealthEveryday(random: Random, { child, today, communityHealth }: Desk): void {
  const file = communityHealth()
  const age = ageOn(child.dateOfBirth, today)
  const young = age < 5
  joinCareTeam(file, {
    service: young ? 'Health visiting' : 'School nursing',
    practitioner: random.pick(young ? visitors : nurses),
    role: young ? 'Health visitor' : 'School nurse',
    organisation: 'Northshire Community Health',
    telephone: '01632 960220',
    from:
      daysAfter(child.dateOfBirth, young ? 10 : 1_900) < today
        ? daysAfter(child.dateOfBirth, young ? 10 : 1_900)
        : today,
  })
  for (const { vaccine, due } of schedule) {
    const on = daysAfter(child.dateOfBirth, due + random.between(0, 40))
    if (on >= today) break
    const done = random.chance(0.93)
    immunise(file, {
      vaccine,
      on,
      status: done ? 'completed' : 'not-done',
      ...(done ? {} : { reasonNotGiven: 'Parent did not attend' }),
    })
  }
  const visit = daysAfter(child.dateOfBirth, random.between(12, 400))
  if (visit < today) {
    const from = during(visit, random, 9, 16)
    see(file, {
      class: 'HH',
      service: 'Health visiting',
      from,
      until: hoursAfter(from, 1),
      reason: 'Developmental review',
      place: 'Family home',
    })
  }
  if (random.chance(0.2))
    diagnose(file, {
      ...random.pick(ailments),
      status: 'active',
      onset: sometime(random, child.dateOfBirth, today),
    })
}

/** Emergency department and outpatients. */
export function hospitalEveryday(random: Random, { child, household, today, hospital }: Desk): void {
  const file = hospital()
  for (let visit = random.between(1, 3); visit > 0; visit--) {
    const from = during(sometime(random, child.dateOfBirth, today), random, 8, 22)
    see(file, {
      class: 'EMER',
      service: 'Emergency department',
      from,
      until: hoursAfter(from, random.between(1, 5)),
      reason: random.pick(mishaps),
      place: 'Northshire General Hospital',
      cameWith: household.adults[0]?.relation ?? null,
    })
  }
  if (random.chance(0.3)) {
    const from = during(sometime(random, child.dateOfBirth, today), random, 9, 16)
    book(file, { status: 'fulfilled', service: 'Paediatric outpatients', from, until: hoursAfter(from, 1) })
  }
}

/** A school, if the child is of age and this is the one: attendance of three terms, sometimes support. */
export function schoolEveryday(random: Random, desk: Desk): void {
  const { child, today } = desk
  const school = schoolFor(child.dateOfBirth, today)
  if (school === null) return
  const file = school.code === 'HB' ? desk.school() : desk.college()
  attend(
    random,
    file,
    today,
    random.between(92, 99),
    ['I', 'M'],
    Math.max(yearGroup(child.dateOfBirth, today), 0),
  )
  if (random.chance(0.14)) {
    const need = random.pick(['SLCN', 'SEMH', 'MLD', 'ASD', 'SPLD'])
    const from = daysBefore(today, random.between(60, 900))
    if (random.chance(0.25))
      supportNeed(file, { provision: 'E', need, from, reviewDue: daysAfter(today, random.between(20, 360)) })
    else supportNeed(file, { provision: 'K', need, from })
  }
}

/** Three terms that end today, at about this attendance. */
export function attend(
  random: Random,
  file: PupilFile,
  today: string,
  percentage: number,
  codes: readonly string[],
  yearsAtSchool: number,
): void {
  const year = academicYear(today)
  const yesterday = daysBefore(today, 1)
  const terms = [
    { term: `${year} Spring`, from: `${year}-01-06`, to: `${year}-03-28`, possible: 112 },
    { term: `${year} Summer`, from: `${year}-04-14`, to: `${year}-07-22`, possible: 126 },
    {
      term: `${year} Autumn`,
      from: `${year}-09-02`,
      to: yesterday < `${year}-12-19` ? yesterday : `${year}-12-19`,
      possible: 108,
    },
  ].filter(({ from, to }) => from < to)
  for (const term of yearsAtSchool > 0 ? terms : terms.slice(2)) {
    const missed = Math.round((term.possible * (100 - percentage)) / 100) + random.between(0, 3)
    recordAttendance(file, {
      ...term,
      attended: Math.max(term.possible - missed, 0),
      unauthorised: codes.includes('O') ? Math.round(missed * 0.6) : 0,
      codes,
    })
  }
}

/** A day between birth and today, later ones likelier. */
export function sometime(random: Random, born: string, today: string): string {
  const span = Math.floor((Date.parse(today) - Date.parse(born)) / 86_400_000) - 1
  return daysBefore(today, 1 + Math.floor(random.fraction() ** 1.5 * Math.min(span, 12 * YEAR)))
}
