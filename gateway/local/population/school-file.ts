/** What a school holds about one pupil, in the shape in which its management system answers. */
import { ageOn, at, daysAfter, yearGroup } from './calendar.ts'
import type { IdentityHeld } from './identity-held.ts'
import { fullName, type Household, oneLine } from './person.ts'

type Value = string | number | boolean | null | readonly string[]
export type Entry = Readonly<Record<string, Value>>

export interface School {
  readonly code: 'HB' | 'WV'
  readonly name: string
  readonly telephone: string
  readonly lead: { readonly name: string; readonly email: string }
}

export const hollybank: School = {
  code: 'HB',
  name: 'Hollybank School',
  telephone: '01632 960310',
  lead: { name: 'Marcus Tyne', email: 'dsl@hollybank-school.example' },
}

export const westvale: School = {
  code: 'WV',
  name: 'Westvale College',
  telephone: '01632 960320',
  lead: { name: 'Priscilla Achebe', email: 'safeguarding@westvale-college.example' },
}

export interface PupilFile {
  readonly id: string
  readonly pupil: Entry
  readonly enrolment: Entry[]
  readonly attendance: Entry[]
  readonly suspensions: Entry[]
  readonly sen: Entry[]
  readonly contacts: Entry[]
  readonly safeguarding: Entry[]
}

export function openPupilFile(
  school: School,
  serial: number,
  identity: IdentityHeld,
  household: Household,
  today: string,
): PupilFile {
  const id = `${school.code}-${10_000 + serial}`
  const born = identity.dateOfBirth ?? daysAfter(today, -3650)
  const year = yearGroup(born, today)
  const starts = school.code === 'HB' ? 0 : 12
  const entry = `${Number(today.slice(0, 4)) - Math.max(year - starts, 0) - (today.slice(5) < '09-01' ? 1 : 0)}-09-02`
  return {
    id,
    pupil: {
      id,
      upn: identity.upn,
      nhsNumber: identity.nhsNumber,
      legalForename: identity.given,
      chosenForename: identity.preferred,
      middleNames: identity.middle,
      legalSurname: identity.family,
      formerSurname: identity.otherNames[0]?.split(' ').slice(1).join(' ') ?? null,
      dateOfBirth: identity.dateOfBirth,
      gender: identity.sex,
      ethnicity: identity.ethnicity,
      homeLanguage: identity.language,
      addressLine: identity.address && oneLine(identity.address),
      addressPostcode: identity.address?.postcode ?? null,
      telephone: identity.telephone,
      sensitivity: identity.labels,
      updatedAt: at(today, '07:00'),
    },
    enrolment: [
      {
        id: `${id}-E1`,
        status: 'Current',
        yearGroup: year === 0 ? 'Reception' : String(year),
        entryDate: entry,
        leavingDate: null,
        school: school.name,
        schoolTelephone: school.telephone,
        destination: null,
        sensitivity: [],
      },
    ],
    attendance: [],
    suspensions: [],
    sen: [],
    contacts: contactsOf(id, household),
    safeguarding: [
      {
        id: `${id}-D1`,
        role: 'Designated safeguarding lead',
        name: school.lead.name,
        telephone: school.telephone,
        email: school.lead.email,
        from: '2023-09-01',
        sensitivity: [],
      },
    ],
  }
}

const contactsOf = (id: string, household: Household): Entry[] =>
  household.adults.map((adult, place) => ({
    id: `${id}-C${place + 1}`,
    relationship: adult.relation,
    name: fullName(adult),
    dateOfBirth: null,
    livesWithPupil: adult.livesHere,
    parentalResponsibility: adult.parentalResponsibility,
    telephone: adult.telephone,
    sensitivity: adult.staff ? ['staff-record'] : [],
  }))

export function recordAttendance(
  file: PupilFile,
  entry: {
    term: string
    from: string
    to: string
    possible: number
    attended: number
    unauthorised: number
    codes: readonly string[]
  },
): void {
  file.attendance.push({
    id: `${file.id}-A${file.attendance.length + 1}`,
    term: entry.term,
    from: entry.from,
    to: entry.to,
    possibleSessions: entry.possible,
    attendedSessions: entry.attended,
    unauthorisedSessions: entry.unauthorised,
    codes: entry.codes,
    recordedAt: at(entry.to, '17:05'),
    sensitivity: [],
  })
}

export function suspend(
  file: PupilFile,
  entry: {
    type?: 'Suspension' | 'Permanent exclusion'
    on: string
    sessions: number
    reasons: readonly string[]
    others?: readonly string[]
    account: string
    labels?: readonly string[]
  },
): void {
  file.suspensions.push({
    id: `${file.id}-S${file.suspensions.length + 1}`,
    type: entry.type ?? 'Suspension',
    startDate: entry.on,
    sessions: entry.sessions,
    reasons: entry.reasons,
    otherPupils: entry.others ?? [],
    account: entry.account,
    recordedAt: at(entry.on, '15:30'),
    sensitivity: entry.labels ?? [],
  })
}

export function supportNeed(
  file: PupilFile,
  entry: { provision: 'N' | 'K' | 'E'; need: string; from: string; reviewDue?: string },
): void {
  file.sen.push({
    id: `${file.id}-N${file.sen.length + 1}`,
    provision: entry.provision,
    primaryNeed: entry.need,
    startDate: entry.from,
    ehcpReviewDue: entry.reviewDue ?? null,
    recordedAt: at(entry.from, '12:00'),
    sensitivity: [],
  })
}

/** Hollybank takes children of 4 to 15, Westvale from 16. */
export const schoolFor = (dateOfBirth: string, today: string): School | null => {
  const age = ageOn(dateOfBirth, today)
  const year = yearGroup(dateOfBirth, today)
  if (year >= 0 && year <= 11) return hollybank
  return age >= 16 ? westvale : null
}
