/** Noor, Bilal and Iqra: one household, and a father whose own record is closed because he works for an agency. */
import { at, daysBefore } from '../calendar.ts'
import { joinCareTeam, see } from '../health-file.ts'
import { pupilNumber } from '../numbers.ts'
import * as police from '../police-records.ts'
import * as socialCare from '../social-care-records.ts'
import { adultOf, childOf, householdOf, type Story, type Told, told } from './story.ts'

export const siblings: Story = {
  id: 'siblings',
  nhsNumber: '9990000190',
  name: 'Noor Iqbal',
  dateOfBirth: '2012-10-10',
  sentence: 'The eldest of three, with a grandmother, a mother, and a father whose record is a staff record.',
  neverShown: ['Rashid Iqbal'],
}

export const siblingsSecond: Story = {
  id: 'siblings-second',
  nhsNumber: '9990000204',
  name: 'Bilal Iqbal',
  dateOfBirth: '2015-05-25',
  sentence: 'The second of the three siblings: his sister’s records are not his.',
  neverShown: ['Rashid Iqbal'],
}

export const siblingsThird: Story = {
  id: 'siblings-third',
  nhsNumber: '9990000212',
  name: 'Iqra Iqbal',
  dateOfBirth: '2021-02-14',
  sentence: 'The youngest of the three siblings: only the health visitor knows her.',
  neverShown: ['Rashid Iqbal'],
}

const iqbal = (serial: number, story: Story, given: string, sex: 'F' | 'M', atSchool: boolean) =>
  childOf({
    serial,
    story: story.id,
    nhsNumber: story.nhsNumber,
    upn: atSchool ? pupilNumber(serial) : null,
    given,
    family: 'Iqbal',
    dateOfBirth: story.dateOfBirth,
    sex,
    ethnicity: 'Pakistani',
    language: 'Urdu',
  })

const noor = iqbal(19, siblings, 'Noor', 'F', true)
const bilal = iqbal(20, siblingsSecond, 'Bilal', 'M', true)
const iqra = iqbal(21, siblingsThird, 'Iqra', 'F', false)

const iqbals = householdOf({
  serial: 19,
  address: { line: '31 Millrace Close', town: 'Thornley Bridge', postcode: 'NS13 5ND' },
  adults: [
    adultOf({ relation: 'Mother', given: 'Hafsa', family: 'Iqbal', sex: 'F', dateOfBirth: '1988-04-01' }),
    adultOf({
      relation: 'Father',
      given: 'Rashid',
      family: 'Iqbal',
      sex: 'M',
      dateOfBirth: '1985-09-15',
      staff: true,
    }),
    adultOf({
      relation: 'Grandmother',
      given: 'Zainab',
      family: 'Iqbal',
      sex: 'F',
      dateOfBirth: '1957-01-20',
      telephone: '01632 960455',
    }),
  ],
  children: [noor, bilal, iqra],
})

export const tellFamily = (today: string): Told[] => [
  told(noor, iqbals, today, (desk) => {
    police.raiseProtectionNotice(desk.police(), {
      occurred: at(daysBefore(today, 66), '16:30'),
      kind: 'CHILD CONCERN',
      rag: 'A',
      location: 'Westvale retail park',
      account: 'Noor was with an adult whom she did not know the name of.',
    })
    const file = desk.childrensServices()
    socialCare.takeContact(file, {
      on: daysBefore(today, 65),
      stage: 'Referral',
      source: '6',
      need: 'N1',
      outcome: 'Assessment',
      notes: 'Noor was seen with an adult outside the family late in the afternoon.',
    })
    socialCare.assess(file, {
      from: daysBefore(today, 63),
      until: daysBefore(today, 20),
      factors: ['11A'],
      lead: 'Chloe Whitworth',
      role: 'FHLP',
      analysis: 'Noor met the adult online. Her family acts on the advice that was given.',
    })
    desk.school()
  }),
  told(bilal, iqbals, today, (desk) => {
    desk.school()
    see(desk.hospital(), {
      class: 'EMER',
      service: 'Emergency department',
      from: at(daysBefore(today, 310), '18:00'),
      until: at(daysBefore(today, 310), '20:15'),
      reason: 'Asthma attack',
      place: 'Northshire General Hospital',
      cameWith: 'Grandmother',
    })
  }),
  told(iqra, iqbals, today, (desk) =>
    joinCareTeam(desk.communityHealth(), {
      service: 'Health visiting',
      practitioner: 'Sunita Rao',
      role: 'Health visitor',
      organisation: 'Northshire Community Health',
      telephone: '01632 960220',
      from: '2021-02-24',
    }),
  ),
]
