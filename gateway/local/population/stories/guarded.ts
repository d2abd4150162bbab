/** Children whom a record may not betray: in a refuge, adopted, protected, or watched without knowing. */
import { at, daysBefore } from '../calendar.ts'
import type { Desk } from '../desk.ts'
import { immunise, joinCareTeam, see } from '../health-file.ts'
import { pupilNumber } from '../numbers.ts'
import * as police from '../police-records.ts'
import * as socialCare from '../social-care-records.ts'
import { adultOf, childOf, householdOf, type Story, type Told, told } from './story.ts'

export const refuge: Story = {
  id: 'refuge',
  nhsNumber: '9990000034',
  name: 'Aleena Rafiq',
  dateOfBirth: '2019-11-30',
  sentence: 'Lives in a refuge: the address, the telephone, the GP and the school would betray it.',
  neverShown: ['Hartsmoor House', 'NS12 8QX', '01632 960477'],
}

export const adopted: Story = {
  id: 'adopted',
  nhsNumber: '9990000042',
  name: 'Elsie Marsden',
  dateOfBirth: '2016-04-22',
  sentence: 'Adopted: children’s services and the hospital hold what would link her to her birth family.',
  neverShown: ['Pollard', 'Kayleigh', 'placed with the Marsden family'],
}

export const adoptedBefore: Story = {
  id: 'adopted-before',
  nhsNumber: '9990000050',
  name: 'Kayleigh Pollard',
  dateOfBirth: '2016-04-22',
  sentence: 'The adopted child’s number and name from before: never to be linked, never acknowledged.',
  neverShown: ['Marsden', 'Kayleigh', 'Pollard'],
}

export const protectedPerson: Story = {
  id: 'protected',
  nhsNumber: '9990000069',
  name: 'Ryan Dunmore',
  dateOfBirth: '2013-09-09',
  sentence: 'A protected person: police and children’s services hold a file that is not acknowledged.',
  neverShown: ['witness in the Fenwick trial', 'Dunmore'],
}

export const sealed: Story = {
  id: 'sealed',
  nhsNumber: '9990000077',
  name: 'Robin Ashdown',
  dateOfBirth: '2012-05-20',
  sentence: 'The police hold one covert record and nothing else; everyone must read what `no-record` reads.',
  neverShown: ['Operation Tern'],
}

export const noRecord: Story = {
  id: 'no-record',
  nhsNumber: '9990000085',
  name: 'Robin Ashdown',
  dateOfBirth: '2012-05-20',
  sentence: 'The namesake of `sealed`, the same in everything but the number; the police hold nothing.',
  neverShown: [],
}

const aleena = childOf({
  serial: 3,
  story: refuge.id,
  nhsNumber: refuge.nhsNumber,
  upn: pupilNumber(3),
  given: 'Aleena',
  family: 'Rafiq',
  dateOfBirth: refuge.dateOfBirth,
  sex: 'F',
  ethnicity: 'Pakistani',
})

const inRefuge = householdOf({
  serial: 3,
  address: { line: 'Hartsmoor House, 3 Priory Gardens', town: 'Thornley Bridge', postcode: 'NS12 8QX' },
  formerAddress: { line: '52 Tenterfield Road', town: 'Northshire', postcode: 'NS2 5JA' },
  movedOn: '2026-08-04',
  telephone: '01632 960477',
  adults: [
    adultOf({
      relation: 'Mother',
      given: 'Sana',
      family: 'Rafiq',
      sex: 'F',
      dateOfBirth: '1994-02-08',
      telephone: '01632 960477',
    }),
    adultOf({
      relation: 'Father',
      given: 'Haris',
      family: 'Rafiq',
      sex: 'M',
      dateOfBirth: '1989-05-17',
      livesHere: false,
    }),
  ],
  children: [aleena],
})

const hidden = { labels: ['address-confidential'] }

const tellRefuge = (today: string): Told =>
  told(
    aleena,
    inRefuge,
    today,
    (desk) => {
      police.recordDomesticIncident(desk.police(), {
        occurred: at(daysBefore(today, 112), '02:20'),
        dash: 'HIGH',
        marac: true,
        location: '52 Tenterfield Road, Northshire, NS2 5JA',
        adults: ['Sana Rafiq', 'Haris Rafiq'],
        account: 'Ms Rafiq and Aleena were taken to a place of safety.',
        labels: ['adult-victim'],
      })
      const file = desk.childrensServices()
      socialCare.takeContact(file, {
        on: daysBefore(today, 111),
        stage: 'Referral',
        source: '6',
        need: 'N1',
        outcome: 'Assessment',
        notes: 'Mother and child are safe.',
      })
      socialCare.supportInNeed(file, {
        from: daysBefore(today, 80),
        lead: 'Farah Siddiqui',
        summary: 'Safety plan, school place, legal advice.',
        agreedOn: daysBefore(today, 80),
      })
      desk.school()
      const visit = at(daysBefore(today, 20), '16:00')
      see(desk.hospital(), {
        class: 'EMER',
        service: 'Emergency department',
        from: visit,
        until: at(daysBefore(today, 20), '18:10'),
        reason: 'Fever',
        place: 'Northshire General Hospital',
        cameWith: 'Mother',
      })
      immunise(desk.communityHealth(), { vaccine: 'MMR, first dose', status: 'completed', on: '2021-01-14' })
    },
    {
      police: hidden,
      childrensServices: hidden,
      hospital: hidden,
      school: hidden,
      // has not been told of the move, and so has nothing to hide
      communityHealth: { address: inRefuge.formerAddress, telephone: null },
    },
  )

const elsie = childOf({
  serial: 4,
  story: adopted.id,
  nhsNumber: adopted.nhsNumber,
  upn: pupilNumber(4),
  given: 'Elsie',
  family: 'Marsden',
  dateOfBirth: adopted.dateOfBirth,
  sex: 'F',
})

const marsdens = householdOf({
  serial: 4,
  address: { line: '9 Linnet Way', town: 'Castlebeck', postcode: 'NS8 3TR' },
  adults: [
    adultOf({ relation: 'Mother', given: 'Ruth', family: 'Marsden', sex: 'F', dateOfBirth: '1980-10-01' }),
    adultOf({ relation: 'Father', given: 'Alan', family: 'Marsden', sex: 'M', dateOfBirth: '1979-06-23' }),
  ],
  children: [elsie],
})

const adoption = { labels: ['adoption'] }

const tellAdopted = (today: string): Told =>
  told(
    elsie,
    marsdens,
    today,
    (desk) => {
      socialCare.lookAfter(desk.childrensServices(), {
        from: '2017-02-10',
        until: '2019-06-28',
        status: 'E1',
        reason: 'S',
        placement: 'A5, placed with the Marsden family',
        labels: ['adoption'],
      })
      see(desk.hospital(), {
        class: 'EMER',
        service: 'Emergency department',
        from: '2017-02-09T19:00:00Z',
        until: '2017-02-09T23:00:00Z',
        reason: 'Injury',
        place: 'Northshire General Hospital',
        note: 'Seen as Kayleigh Pollard.',
      })
      immunise(desk.communityHealth(), {
        vaccine: 'HPV',
        status: 'not-done',
        reasonNotGiven: 'Not yet of age',
        on: daysBefore(today, 60),
      })
      desk.school()
    },
    {
      childrensServices: { ...adoption, otherNames: ['Kayleigh Pollard'] },
      hospital: { ...adoption, otherNames: ['Kayleigh Pollard'] },
    },
  )

const kayleigh = childOf({
  serial: 5,
  story: adoptedBefore.id,
  nhsNumber: adoptedBefore.nhsNumber,
  given: 'Kayleigh',
  family: 'Pollard',
  dateOfBirth: adoptedBefore.dateOfBirth,
  sex: 'F',
})

const tellAdoptedBefore = (today: string): Told => {
  const pollards = householdOf({
    serial: 5,
    address: { line: 'Flat 6, 12 Tram Street', town: 'Northshire', postcode: 'NS1 1EL' },
    adults: [
      adultOf({
        relation: 'Mother',
        given: 'Stacey',
        family: 'Pollard',
        sex: 'F',
        dateOfBirth: '1997-01-15',
      }),
    ],
    children: [kayleigh],
  })
  return told(
    kayleigh,
    pollards,
    today,
    (desk) => {
      socialCare.protect(desk.childrensServices(), {
        from: '2016-09-01',
        until: '2017-02-10',
        category: 'NEG',
        lead: 'Peter Naylor',
        summary: 'Ended by the care order.',
      })
    },
    { childrensServices: adoption },
  )
}

const ryan = childOf({
  serial: 6,
  story: protectedPerson.id,
  nhsNumber: protectedPerson.nhsNumber,
  given: 'Ryan',
  family: 'Dunmore',
  dateOfBirth: protectedPerson.dateOfBirth,
  sex: 'M',
})

const tellProtected = (today: string): Told => {
  const dunmores = householdOf({
    serial: 6,
    address: { line: '1 Quarry Bank', town: 'Westvale', postcode: 'NS10 2HJ' },
    adults: [
      adultOf({
        relation: 'Mother',
        given: 'Imogen',
        family: 'Dunmore',
        sex: 'F',
        dateOfBirth: '1985-08-30',
      }),
    ],
    children: [ryan],
  })
  const guarded = { labels: ['protected-person'] }
  return told(
    ryan,
    dunmores,
    today,
    (desk) => {
      police.recordCrime(desk.police(), {
        committed: '2024-03-02T18:00:00Z',
        offence: 'Intimidation of a witness',
        role: 'WIT',
        summary: 'Ryan is a witness in the Fenwick trial.',
      })
      socialCare.supportInNeed(desk.childrensServices(), {
        from: '2024-05-01',
        lead: 'Chloe Whitworth',
        summary: 'Moved with his mother.',
        agreedOn: '2024-05-01',
      })
    },
    { police: guarded, childrensServices: guarded },
  )
}

/** The pair is alike to the letter, so that whole answers can be compared. */
const robin = (serial: number, story: Story, today: string, write: (desk: Desk) => void): Told => {
  const child = childOf({
    serial,
    story: story.id,
    nhsNumber: story.nhsNumber,
    given: 'Robin',
    family: 'Ashdown',
    dateOfBirth: story.dateOfBirth,
    sex: 'M',
  })
  const household = householdOf({
    serial,
    address: { line: '27 Bobbin Street', town: 'Northshire', postcode: 'NS4 6LP' },
    adults: [
      adultOf({ relation: 'Mother', given: 'Helen', family: 'Ashdown', sex: 'F', dateOfBirth: '1984-04-04' }),
    ],
    children: [child],
  })
  const labels = story === sealed ? ['covert'] : []
  return told(
    child,
    household,
    today,
    (desk) => {
      socialCare.takeContact(desk.childrensServices(), {
        on: daysBefore(today, 30),
        stage: 'Contact',
        source: '2A',
        need: 'N9',
        outcome: 'Information and advice',
        notes: 'School asked for advice about lateness.',
        nature: 'fact',
      })
      joinCareTeam(desk.communityHealth(), {
        service: 'School nursing',
        practitioner: 'Beth Holroyd',
        role: 'School nurse',
        organisation: 'Northshire Community Health',
        telephone: '01632 960220',
        from: daysBefore(today, 700),
      })
      write(desk)
    },
    { police: { labels } },
  )
}

export const tellGuarded = (today: string): Told[] => [
  tellRefuge(today),
  tellAdopted(today),
  tellAdoptedBefore(today),
  tellProtected(today),
  robin(7, sealed, today, (desk) =>
    police.submitIntelligence(desk.police(), {
      date: daysBefore(today, 14),
      submitted: at(daysBefore(today, 13), '08:00'),
      source: '1',
      assessment: 'A',
      handling: 'P',
      text: 'Operation Tern: present at the observed address.',
      labels: ['covert'],
    }),
  ),
  robin(8, noRecord, today, () => undefined),
]
