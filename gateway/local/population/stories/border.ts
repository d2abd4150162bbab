/** Children whom the neighbouring authority knows better than Northshire does. */
import { daysBefore } from '../calendar.ts'
import { enterEastmere, takeEastmereContact } from '../eastmere-file.ts'
import { joinCareTeam } from '../health-file.ts'
import * as socialCare from '../social-care-records.ts'
import { adultOf, childOf, householdOf, type Story, type Told, told } from './story.ts'

export const border: Story = {
  id: 'border',
  nhsNumber: '9990000123',
  name: 'Selam Tesfaye',
  dateOfBirth: '2015-01-28',
  sentence:
    'Moved over the border three months ago: the history is in Eastmere, and Northshire holds little.',
  neverShown: [],
}

export const underReview: Story = {
  id: 'under-review',
  nhsNumber: '9990000131',
  name: 'Connor Varley',
  dateOfBirth: '2011-07-07',
  sentence: 'A person at Eastmere must decide before anything is said.',
  neverShown: ['Eastmere’s own enquiry into a member of staff'],
}

const selam = childOf({
  serial: 12,
  story: border.id,
  nhsNumber: border.nhsNumber,
  given: 'Selam',
  family: 'Tesfaye',
  dateOfBirth: border.dateOfBirth,
  sex: 'F',
  ethnicity: 'Black African',
  language: 'Tigrinya',
  needs: ['Interpreter'],
})

const connor = childOf({
  serial: 13,
  story: underReview.id,
  nhsNumber: underReview.nhsNumber,
  given: 'Connor',
  family: 'Varley',
  dateOfBirth: underReview.dateOfBirth,
  sex: 'M',
})

const tesfayes = householdOf({
  serial: 12,
  address: { line: '40 Canal Wharf', town: 'Northshire', postcode: 'NS5 2WB' },
  formerAddress: { line: '8 Reservoir View', town: 'Staithe End', postcode: 'EM4 7NQ' },
  movedOn: '2026-08-20',
  adults: [
    adultOf({ relation: 'Mother', given: 'Hodan', family: 'Tesfaye', sex: 'F', dateOfBirth: '1990-11-11' }),
    adultOf({
      relation: 'Partner of parent',
      given: 'Yonas',
      family: 'Abdi',
      sex: 'M',
      dateOfBirth: '1984-02-27',
    }),
  ],
  children: [selam],
})

const varleys = householdOf({
  serial: 13,
  address: { line: '3 Coalgate', town: 'Eastmere', postcode: 'EM1 1RS' },
  adults: [
    adultOf({ relation: 'Mother', given: 'Megan', family: 'Varley', sex: 'F', dateOfBirth: '1988-06-06' }),
  ],
  children: [connor],
})

const tellBorder = (today: string): Told =>
  told(
    selam,
    tesfayes,
    today,
    (desk) => {
      const file = desk.eastmere()
      for (const [days, stage, outcome, account] of [
        [900, 'Contact', 'Information and advice', 'Neighbour hears crying late at night.'],
        [420, 'Referral', 'Assessment', 'School: bruises to both arms on two Mondays.'],
      ] as const)
        takeEastmereContact(file, {
          on: daysBefore(today, days),
          stage,
          source: stage === 'Contact' ? '1B' : '2A',
          need: 'N1',
          outcome,
          account,
        })
      enterEastmere(file, 'assessments', {
        begun: daysBefore(today, 418),
        finished: daysBefore(today, 370),
        factors: ['16A', '3B'],
        lead: 'Imran Castell',
        leadRole: 'LCPP',
        analysis: 'Selam is hit when her mother is at work. Her mother’s partner does not accept this.',
      })
      enterEastmere(file, 'enquiries', {
        begun: daysBefore(today, 415),
        ended: daysBefore(today, 401),
        outcome: 'Concerns substantiated, continuing risk of harm',
        lead: 'Imran Castell',
        findings: 'Bruising in keeping with being held by the arms.',
      })
      enterEastmere(file, 'plans', {
        kind: 'CHILD_PROTECTION',
        begun: daysBefore(today, 395),
        ended: null,
        category: 'PHY',
        lead: 'Imran Castell',
        telephone: '01632 960140',
        summary: 'Transfer conference with Northshire is outstanding.',
      })
      enterEastmere(file, 'workers', {
        name: 'Imran Castell',
        jobTitle: 'Lead child protection practitioner',
        team: 'Eastmere MACPT',
        telephone: '01632 960140',
        email: 'front.door@eastmere-council.example',
        since: daysBefore(today, 418),
        until: null,
      })
      joinCareTeam(desk.communityHealth(), {
        service: 'School nursing',
        practitioner: 'Rachel Oduya',
        role: 'School nurse',
        organisation: 'Northshire Community Health',
        telephone: '01632 960220',
        from: daysBefore(today, 60),
      })
    },
    { eastmere: { address: tesfayes.formerAddress } },
  )

const tellUnderReview = (today: string): Told => ({
  ...told(connor, varleys, today, (desk) => {
    takeEastmereContact(desk.eastmere(), {
      on: daysBefore(today, 70),
      stage: 'Referral',
      source: '5B',
      need: 'N1',
      outcome: 'Strategy discussion',
      account: 'Eastmere’s own enquiry into a member of staff.',
    })
    socialCare.takeContact(desk.childrensServices(), {
      on: daysBefore(today, 15),
      stage: 'Contact',
      source: '5C',
      need: 'N0',
      outcome: 'No further action',
      notes: 'Eastmere asked for any record; none was held.',
      nature: 'fact',
    })
  }),
  reviewPending: true,
})

export const tellBorderChildren = (today: string): Told[] => [tellBorder(today), tellUnderReview(today)]
