/** Young people: sexual health, a refusal that counts, and a history of two hundred entries. */
import { at, daysAfter, daysBefore } from '../calendar.ts'
import type { Desk } from '../desk.ts'
import { book, diagnose, joinCareTeam, see } from '../health-file.ts'
import { pupilNumber } from '../numbers.ts'
import * as police from '../police-records.ts'
import { recordAttendance, suspend } from '../school-file.ts'
import * as socialCare from '../social-care-records.ts'
import { adultOf, childOf, householdOf, type Story, type Told, told } from './story.ts'

export const sensitiveHealth: Story = {
  id: 'sensitive-health',
  nhsNumber: '9990000166',
  name: 'Phoebe Kershaw',
  dateOfBirth: '2010-02-11',
  sentence: 'Hospital records of sexual health and of a termination, among others that are plain.',
  neverShown: [],
}

export const youngPersonRefusal: Story = {
  id: 'young-person-refusal',
  nhsNumber: '9990000174',
  name: 'Tyler Grant',
  dateOfBirth: '2010-09-01',
  sentence: 'A competent young person said no to sharing what he told the mental health team.',
  neverShown: ['Tyler asked that nobody be told'],
}

export const longChronology: Story = {
  id: 'long-chronology',
  nhsNumber: '9990000182',
  name: 'Ellie Naylor',
  dateOfBirth: '2011-12-05',
  sentence: 'About two hundred entries over ten years, from every agency.',
  neverShown: [],
}

const phoebe = childOf({
  serial: 16,
  story: sensitiveHealth.id,
  nhsNumber: sensitiveHealth.nhsNumber,
  upn: pupilNumber(16),
  given: 'Phoebe',
  family: 'Kershaw',
  dateOfBirth: sensitiveHealth.dateOfBirth,
  sex: 'F',
  pronouns: 'She/her',
})

const tyler = childOf({
  serial: 17,
  story: youngPersonRefusal.id,
  nhsNumber: youngPersonRefusal.nhsNumber,
  upn: pupilNumber(17),
  given: 'Tyler',
  family: 'Grant',
  dateOfBirth: youngPersonRefusal.dateOfBirth,
  sex: 'M',
  ethnicity: 'White and Black Caribbean',
})

const ellie = childOf({
  serial: 18,
  story: longChronology.id,
  nhsNumber: longChronology.nhsNumber,
  upn: pupilNumber(18),
  given: 'Ellie',
  family: 'Naylor',
  formerFamily: 'Birch',
  dateOfBirth: longChronology.dateOfBirth,
  sex: 'F',
})

const home = (serial: number, line: string, postcode: string, mother: string, child: typeof phoebe) =>
  householdOf({
    serial,
    address: { line, town: 'Northshire', postcode },
    adults: [
      adultOf({
        relation: 'Mother',
        given: mother,
        family: child.family,
        sex: 'F',
        dateOfBirth: '1985-05-05',
      }),
    ],
    children: [child],
  })

const tellSensitive = (today: string): Told =>
  told(phoebe, home(16, '18 Larkspur Avenue', 'NS2 9FE', 'Joanne', phoebe), today, (desk) => {
    const file = desk.hospital()
    const visit = (days: number, service: string, reason: string, labels: readonly string[]) =>
      see(file, {
        class: 'AMB',
        service,
        from: at(daysBefore(today, days), '13:00'),
        until: at(daysBefore(today, days), '13:40'),
        reason,
        place: 'Northshire General Hospital',
        labels,
      })
    visit(210, 'Sexual health clinic', 'Contraception', ['sexual-health'])
    visit(130, 'Gynaecology', 'Termination of pregnancy', ['termination'])
    visit(40, 'Emergency department', 'Sprained ankle', [])
    diagnose(file, {
      text: 'Chlamydial infection',
      status: 'resolved',
      onset: daysBefore(today, 208),
      abated: daysBefore(today, 190),
      labels: ['sexual-health'],
    })
    socialCare.takeContact(desk.childrensServices(), {
      on: daysBefore(today, 35),
      stage: 'Referral',
      source: '2A',
      need: 'N1',
      outcome: 'Strategy discussion',
      notes: 'College: an adult waits for Phoebe by car most days.',
    })
    desk.college()
  })

const tellRefusal = (today: string): Told =>
  told(tyler, home(17, '64 Orchard Croft', 'NS7 1VN', 'Renée', tyler), today, (desk) => {
    const file = desk.communityHealth()
    joinCareTeam(file, {
      service: 'Child and adolescent mental health',
      practitioner: 'Dr Owen Prosser',
      role: 'Psychologist',
      organisation: 'Northshire Community Health',
      telephone: '01632 960222',
      from: daysBefore(today, 160),
    })
    for (const days of [150, 120, 60])
      see(file, {
        class: 'AMB',
        service: 'Child and adolescent mental health',
        from: at(daysBefore(today, days), '15:00'),
        until: at(daysBefore(today, days), '15:50'),
        reason: 'Low mood',
        place: 'Castlebeck Clinic',
        note: 'Tyler asked that nobody be told what he says here.',
        labels: ['young-person-refusal'],
      })
    book(file, {
      status: 'noshow',
      service: 'Dental',
      from: at(daysBefore(today, 33), '09:30'),
      until: at(daysBefore(today, 33), '10:00'),
    })
    desk.school()
  })

function tellLong(today: string): Told {
  const household = {
    ...home(18, '5 Stonebeck Drive', 'NS3 8RA', 'Karen', ellie),
    formerAddress: { line: '22 Chapel Fold', town: 'Castlebeck', postcode: 'NS9 4SU' },
    movedOn: '2022-01-10',
  }
  return told(ellie, household, today, writeTenYears)
}

/** Something happens about every eighteen days for ten years; who hears of it goes round. */
function writeTenYears(desk: Desk): void {
  const { today, household } = desk
  const place = police.placeOf(household.address)
  for (let entry = 0; entry < 190; entry++) {
    const on = daysBefore(today, 3 + entry * 18)
    const from = at(on, entry % 2 ? '10:15' : '19:45')
    const until = at(on, entry % 2 ? '11:00' : '21:20')
    if (entry % 7 === 0)
      police.recordMissing(desk.police(), {
        reported: from,
        grade: 'M',
        returned: until,
        interviewed: entry % 2 === 0,
        circumstances: 'Left after school and came back by herself.',
      })
    else if (entry % 7 === 1)
      police.raiseProtectionNotice(desk.police(), {
        occurred: from,
        kind: 'CHILD CONCERN',
        rag: entry % 3 ? 'A' : 'G',
        location: place,
        account: 'Officer spoke to Ellie in the street late in the evening.',
      })
    else if (entry % 7 === 2)
      see(desk.hospital(), {
        class: 'EMER',
        service: 'Emergency department',
        from,
        until,
        reason: 'Minor injury',
        place: 'Northshire General Hospital',
        cameWith: 'Mother',
      })
    else if (entry % 7 === 3)
      book(desk.communityHealth(), { status: 'noshow', service: 'School nursing', from, until })
    else if (entry % 7 === 4)
      socialCare.takeContact(desk.childrensServices(), {
        on,
        stage: entry % 3 ? 'Contact' : 'Referral',
        source: '6',
        need: 'N1',
        outcome: entry % 3 ? 'No further action' : 'Assessment',
        notes: 'Notice from the police.',
      })
    else if (entry % 7 === 5)
      suspend(desk.school(), {
        on,
        sessions: 2,
        reasons: ['DB'],
        account: 'Left the lesson and did not come back.',
      })
    else
      see(desk.communityHealth(), {
        class: 'VR',
        service: 'School nursing',
        from,
        until,
        reason: 'Call to the family',
        place: 'By telephone',
      })
  }
  for (let term = 0; term < 12; term++) {
    const to = daysBefore(today, 1 + term * 121)
    recordAttendance(desk.school(), {
      term: `Term ${12 - term}`,
      from: daysAfter(to, -80),
      to,
      possible: 110,
      attended: 90 - term,
      unauthorised: 9,
      codes: ['O', 'I'],
    })
  }
}

export const tellYoungPeople = (today: string): Told[] => [
  tellSensitive(today),
  tellRefusal(today),
  tellLong(today),
]
