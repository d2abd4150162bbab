/** Children whom an agency takes for another, or whose particulars it has wrong. */
import { at, daysBefore } from '../calendar.ts'
import { diagnose, joinCareTeam, see } from '../health-file.ts'
import { pupilNumber } from '../numbers.ts'
import { suspend } from '../school-file.ts'
import * as socialCare from '../social-care-records.ts'
import { adultOf, childOf, householdOf, type Story, type Told, told } from './story.ts'

export const twinA: Story = {
  id: 'twin-a',
  nhsNumber: '9990000093',
  name: 'Amara Gayle',
  dateOfBirth: '2015-08-17',
  sentence:
    'The school holds her NHS number on her twin’s record: the twin’s suspensions must not become hers.',
  neverShown: ['Pulled a chair from under another pupil'],
}

export const twinB: Story = {
  id: 'twin-b',
  nhsNumber: '9990000107',
  name: 'Jada Gayle',
  dateOfBirth: '2015-08-17',
  sentence: 'The other twin: the school does not hold her own number.',
  neverShown: [],
}

export const dobClash: Story = {
  id: 'dob-clash',
  nhsNumber: '9990000115',
  name: 'Oliver Tordoff',
  dateOfBirth: '2014-02-03',
  sentence: 'The hospital holds another date of birth under his number: it may be another child.',
  neverShown: ['Ingestion of tablets'],
}

const twin = (serial: number, story: Story, given: string) =>
  childOf({
    serial,
    story: story.id,
    nhsNumber: story.nhsNumber,
    upn: pupilNumber(serial),
    given,
    family: 'Gayle',
    dateOfBirth: story.dateOfBirth,
    sex: 'F',
    ethnicity: 'Black Caribbean',
    twin: true,
  })

const amara = twin(9, twinA, 'Amara')
const jada = twin(10, twinB, 'Jada')

const gayles = householdOf({
  serial: 9,
  address: { line: '110 Beacon Rise', town: 'Hollybank', postcode: 'NS6 4GU' },
  adults: [
    adultOf({ relation: 'Mother', given: 'Shanice', family: 'Gayle', sex: 'F', dateOfBirth: '1989-09-29' }),
    adultOf({ relation: 'Father', given: 'Marlon', family: 'Gayle', sex: 'M', dateOfBirth: '1987-03-13' }),
  ],
  children: [amara, jada],
})

const oliver = childOf({
  serial: 11,
  story: dobClash.id,
  nhsNumber: dobClash.nhsNumber,
  upn: pupilNumber(11),
  given: 'Oliver',
  family: 'Tordoff',
  dateOfBirth: dobClash.dateOfBirth,
  sex: 'M',
})

const tordoffs = householdOf({
  serial: 11,
  address: { line: '6 Moorside Crescent', town: 'Westvale', postcode: 'NS11 9DA' },
  adults: [
    adultOf({ relation: 'Father', given: 'Henry', family: 'Tordoff', sex: 'M', dateOfBirth: '1983-12-12' }),
  ],
  children: [oliver],
})

const nurse = (today: string) => ({
  service: 'School nursing',
  practitioner: 'Kemi Balogun',
  role: 'School nurse',
  organisation: 'Northshire Community Health',
  telephone: '01632 960220',
  from: daysBefore(today, 1200),
})

export const tellMistaken = (today: string): Told[] => [
  told(
    amara,
    gayles,
    today,
    (desk) => {
      joinCareTeam(desk.communityHealth(), nurse(today))
      desk.school()
    },
    { school: { nhsNumber: null } },
  ),
  told(
    jada,
    gayles,
    today,
    (desk) => {
      joinCareTeam(desk.communityHealth(), nurse(today))
      for (const days of [30, 120])
        suspend(desk.school(), {
          on: daysBefore(today, days),
          sessions: 3,
          reasons: ['PP'],
          others: ['Kai Brennan'],
          account: 'Pulled a chair from under another pupil.',
        })
    },
    { school: { nhsNumber: amara.nhsNumber } },
  ),
  told(
    oliver,
    tordoffs,
    today,
    (desk) => {
      joinCareTeam(desk.communityHealth(), nurse(today))
      desk.school()
      socialCare.takeContact(desk.childrensServices(), {
        on: daysBefore(today, 200),
        stage: 'Contact',
        source: '3A',
        need: 'N3',
        outcome: 'Early help offered',
        notes: 'GP: father is ill and alone with Oliver.',
        nature: 'opinion',
      })
      see(desk.hospital(), {
        class: 'EMER',
        service: 'Emergency department',
        from: at(daysBefore(today, 45), '19:00'),
        until: at(daysBefore(today, 45), '23:30'),
        reason: 'Ingestion of tablets',
        place: 'Northshire General Hospital',
      })
      diagnose(desk.hospital(), {
        text: 'Ingestion of tablets',
        status: 'resolved',
        onset: daysBefore(today, 45),
        abated: daysBefore(today, 44),
      })
    },
    { hospital: { dateOfBirth: '2013-10-27', given: 'Oliver', address: null } },
  ),
]
