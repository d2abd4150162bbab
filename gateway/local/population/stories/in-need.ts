/** Jakub: a child in need under section 17, whose family agreed to some checks and not to others. */
import { at, daysBefore } from '../calendar.ts'
import { diagnose, joinCareTeam, see } from '../health-file.ts'
import { pupilNumber } from '../numbers.ts'
import * as police from '../police-records.ts'
import { supportNeed } from '../school-file.ts'
import * as socialCare from '../social-care-records.ts'
import { adultOf, childOf, householdOf, type Story, type Told, told } from './story.ts'

export const childInNeed: Story = {
  id: 's17',
  nhsNumber: '9990000026',
  name: 'Jakub Zieliński',
  dateOfBirth: '2017-06-02',
  sentence:
    'A child in need: what section 17 and the family’s agreement allow, beside what only section 47 would open.',
  neverShown: [],
}

const jakub = childOf({
  serial: 2,
  story: childInNeed.id,
  nhsNumber: childInNeed.nhsNumber,
  upn: pupilNumber(2),
  given: 'Jakub',
  family: 'Zieliński',
  nickname: 'Kuba',
  dateOfBirth: childInNeed.dateOfBirth,
  sex: 'M',
  ethnicity: 'Other White',
  language: 'Polish',
  needs: ['Interpreter'],
})

const household = householdOf({
  serial: 2,
  address: { line: '83 Weavers Row', town: 'Hollybank', postcode: 'NS6 7BD' },
  adults: [
    adultOf({
      relation: 'Mother',
      given: 'Agnieszka',
      family: 'Zielińska',
      sex: 'F',
      dateOfBirth: '1991-03-11',
    }),
    adultOf({ relation: 'Father', given: 'Marek', family: 'Zieliński', sex: 'M', dateOfBirth: '1987-12-19' }),
  ],
  children: [jakub],
})

export const tellChildInNeed = (today: string): Told[] => [
  told(
    jakub,
    household,
    today,
    (desk) => {
      const file = desk.childrensServices()
      socialCare.takeContact(file, {
        on: daysBefore(today, 150),
        stage: 'Referral',
        source: '2A',
        need: 'N4',
        outcome: 'Assessment',
        referrer: 'Marcus Tyne, Hollybank School',
        notes: 'The family lost their tenancy and sleep at a cousin’s; Jakub is tired and late.',
        nature: 'fact',
      })
      socialCare.assess(file, {
        from: daysBefore(today, 147),
        until: daysBefore(today, 95),
        factors: ['2B', '4B'],
        lead: 'Joseph Amadi',
        role: 'FHLP',
        analysis:
          'The parents want help. They agreed to checks with health and school and not with the police.',
      })
      socialCare.supportInNeed(file, {
        from: daysBefore(today, 94),
        lead: 'Joseph Amadi',
        summary: 'Housing, debts, speech therapy.',
        agreedOn: daysBefore(today, 94),
      })
      socialCare.involve(file, {
        worker: 'Joseph Amadi',
        role: 'Family help lead practitioner',
        team: 'Family Help East',
        from: daysBefore(today, 147),
      })
      police.recordDomesticIncident(desk.police(), {
        occurred: at(daysBefore(today, 260), '23:10'),
        dash: 'STD',
        location: police.placeOf(household.address),
        adults: ['Agnieszka Zielińska', 'Marek Zieliński'],
        account: 'Argument about money. Child asleep.',
      })
      const visit = at(daysBefore(today, 120), '10:00')
      see(desk.communityHealth(), {
        class: 'AMB',
        service: 'Speech and language therapy',
        from: visit,
        until: at(daysBefore(today, 120), '10:45'),
        reason: 'Delayed speech in both languages',
        place: 'Hollybank Health Centre',
        cameWith: 'Mother',
      })
      diagnose(desk.communityHealth(), {
        text: 'Delayed speech and language',
        status: 'active',
        onset: daysBefore(today, 500),
      })
      joinCareTeam(desk.communityHealth(), {
        service: 'Speech and language therapy',
        practitioner: 'Colette Ramsden',
        role: 'Speech and language therapist',
        organisation: 'Northshire Community Health',
        telephone: '01632 960223',
        from: daysBefore(today, 480),
      })
      supportNeed(desk.school(), { provision: 'K', need: 'SLCN', from: daysBefore(today, 400) })
    },
    { school: { given: 'Kuba', preferred: null } },
  ),
]
