/** Maya and Theo: known to police, both health providers, school, education welfare and children's services. */
import { at, daysAfter, daysBefore } from '../calendar.ts'
import type { Desk } from '../desk.ts'
import { book, diagnose, flag, immunise, joinCareTeam, see } from '../health-file.ts'
import { pupilNumber } from '../numbers.ts'
import * as police from '../police-records.ts'
import { recordAttendance, supportNeed, suspend } from '../school-file.ts'
import * as socialCare from '../social-care-records.ts'
import { enterWelfare } from '../welfare-file.ts'
import { adultOf, childOf, householdOf, type Story, type Told, told } from './story.ts'

export const allFour: Story = {
  id: 'all-four',
  nhsNumber: '9990000018',
  name: 'Maya Okafor-Reid',
  dateOfBirth: '2014-03-14',
  sentence:
    'The LCPP’s main child, under a section 47 enquiry: rich in all four sectors, with a named referrer, third parties, and police records that must never show.',
  neverShown: [
    'Haworth',
    'lock-up behind Foundry Lane',
    'said to be made up by a rival',
    'Operation Sandpiper',
    'Position statement for the family court',
  ],
}

export const allFourSibling: Story = {
  id: 'all-four-sibling',
  nhsNumber: '9990000220',
  name: 'Theo Okafor-Reid',
  dateOfBirth: '2018-09-05',
  sentence: 'Maya’s younger brother: the same home, far fewer records.',
  neverShown: [],
}

const maya = childOf({
  serial: 1,
  story: allFour.id,
  nhsNumber: allFour.nhsNumber,
  upn: pupilNumber(1),
  given: 'Maya',
  middle: 'Rose',
  family: 'Okafor-Reid',
  nickname: 'May',
  formerFamily: 'Okafor',
  dateOfBirth: allFour.dateOfBirth,
  sex: 'F',
  ethnicity: 'White and Black African',
})

const theo = childOf({
  serial: 22,
  story: allFourSibling.id,
  nhsNumber: allFourSibling.nhsNumber,
  upn: pupilNumber(22),
  given: 'Theo',
  family: 'Okafor-Reid',
  dateOfBirth: allFourSibling.dateOfBirth,
  sex: 'M',
  ethnicity: 'White and Black African',
})

const household = householdOf({
  serial: 1,
  address: { line: '14 Saltmarsh Lane', town: 'Northshire', postcode: 'NS3 4QD' },
  formerAddress: { line: 'Flat 2, 71 Kiln Terrace', town: 'Castlebeck', postcode: 'NS9 1LT' },
  movedOn: '2024-06-17',
  telephone: '01632 960414',
  adults: [
    adultOf({
      relation: 'Mother',
      given: 'Dana',
      family: 'Okafor',
      sex: 'F',
      dateOfBirth: '1990-07-21',
      telephone: '07700 900114',
    }),
    adultOf({
      relation: 'Partner of parent',
      given: 'Lee',
      family: 'Garside',
      sex: 'M',
      dateOfBirth: '1986-01-30',
      telephone: '07700 900115',
      warnings: ['Visit in pairs: threats to staff'],
    }),
    adultOf({
      relation: 'Father',
      given: 'Curtis',
      family: 'Reid',
      sex: 'M',
      dateOfBirth: '1988-11-02',
      telephone: '07700 900116',
      livesHere: false,
    }),
  ],
  children: [maya, theo],
})

export const tellAllFour = (today: string): Told[] => [
  told(
    maya,
    household,
    today,
    (desk) => {
      atPolice(desk)
      atChildrensServices(desk)
      atHospital(desk)
      inCommunityHealth(desk)
      atSchool(desk)
    },
    { hospital: { address: household.formerAddress, preferred: null }, communityHealth: { otherNames: [] } },
  ),
  told(theo, household, today, (desk) => {
    joinCareTeam(desk.communityHealth(), schoolNurse(today))
    socialCare.takeContact(desk.childrensServices(), {
      on: daysBefore(today, 24),
      stage: 'Referral',
      source: '6',
      need: 'N1',
      outcome: 'Assessment, with his sister’s',
      notes: 'Was asleep in the house during the incident.',
    })
  }),
]

const place = police.placeOf(household.address)
const adults = ['Dana Okafor', 'Lee Garside']
const lead = 'Amina Yusuf'

function atPolice({ today, police: open }: Desk): void {
  const file = open()
  const incidents = [
    {
      days: 410,
      dash: 'STD',
      rag: 'G',
      account: 'Shouting heard by a neighbour. Both adults calm on arrival; Maya at a friend’s house.',
    },
    {
      days: 96,
      dash: 'MED',
      rag: 'A',
      account: 'Maya let the officers in. Her mother had a bruise to the arm and gave no account.',
    },
    {
      days: 25,
      dash: 'HIGH',
      rag: 'R',
      account:
        'Maya called 999 from the bathroom. Mr Garside had forced the door; both children were in the house.',
    },
  ] as const
  for (const { days, dash, rag, account } of incidents) {
    const occurred = at(daysBefore(today, days), '21:40')
    police.recordDomesticIncident(file, {
      occurred,
      dash,
      marac: dash === 'HIGH',
      encompass: dash !== 'STD',
      location: place,
      adults,
      account,
    })
    police.raiseProtectionNotice(file, {
      occurred,
      raised: at(daysBefore(today, days - 1), '06:10'),
      kind: 'DOMESTIC - CHILD PRESENT',
      rag,
      location: place,
      present: adults,
      account,
      sharing:
        rag === 'G' ? 'Not shared: threshold not met' : "Shared with children's services and the school",
      role: 'WIT',
    })
  }
  police.recordCrime(file, {
    committed: at(daysBefore(today, 25), '21:35'),
    recorded: at(daysBefore(today, 25), '23:05'),
    offence: 'Assault on a child by a person in a position of care',
    outcome: 16,
    outcomeDate: daysBefore(today, 4),
    location: place,
    others: ['Lee Garside (suspect)', 'Dana Okafor (witness)'],
    info: 'A',
    summary: 'Maya said that Mr Garside pushed her against the banister; red mark to the left shoulder.',
  })
  police.recordMissing(file, {
    reported: at(daysBefore(today, 52), '20:15'),
    grade: 'M',
    returned: at(daysBefore(today, 51), '09:30'),
    interviewed: true,
    found: 'Her father’s flat, Westvale',
    circumstances:
      'Left after an argument at home. Said in the interview that she did not want to go back while Mr Garside was there.',
  })
  police.submitIntelligence(file, {
    date: daysBefore(today, 60),
    submitted: at(daysBefore(today, 58), '11:20'),
    source: '2',
    assessment: 'B',
    handling: 'P',
    conditions: ['Not to be discussed with the family'],
    text: 'Mr Garside is said to keep a knife by the front door.',
  })
  police.submitIntelligence(file, {
    date: daysBefore(today, 40),
    submitted: at(daysBefore(today, 39), '15:00'),
    source: '1',
    assessment: 'A',
    handling: 'C',
    conditions: ['No action without the source handler'],
    text: 'Mr Garside stores goods in a lock-up behind Foundry Lane.',
  })
  police.submitIntelligence(file, {
    date: daysBefore(today, 33),
    submitted: at(daysBefore(today, 32), '09:45'),
    source: '3',
    assessment: 'E',
    handling: 'P',
    text: 'A claim that Maya carries parcels; said to be made up by a rival.',
  })
  police.recordCrime(file, {
    committed: at(daysBefore(today, 12), '13:00'),
    offence: 'Supply of class A (Operation Sandpiper)',
    info: 'U',
    role: 'OTH',
    summary: 'Operation Sandpiper: the address is watched.',
    labels: ['covert'],
  })
  police.assignOfficer(file, {
    officer: 'DC Niall Brennan',
    unit: 'Child abuse investigation',
    duty: 'Officer in case',
    from: daysBefore(today, 25),
  })
}

function atChildrensServices({ today, childrensServices }: Desk): void {
  const file = childrensServices()
  socialCare.takeContact(file, {
    on: daysBefore(today, 400),
    stage: 'Contact',
    source: '1B',
    need: 'N1',
    outcome: 'Information and advice',
    referrer: 'Mrs P. Haworth',
    notes: 'Mrs Haworth hears shouting through the wall most evenings and asks not to be named.',
    labels: ['referrer-identity'],
  })
  socialCare.takeContact(file, {
    on: daysBefore(today, 95),
    stage: 'Early Help',
    source: '2A',
    need: 'N5',
    outcome: 'Family help assessment',
    referrer: 'Marcus Tyne, Hollybank School',
    notes: 'Maya told a teaching assistant that she does not sleep when her mother’s partner is home.',
  })
  socialCare.takeContact(file, {
    on: daysBefore(today, 24),
    stage: 'Referral',
    source: '6',
    need: 'N1',
    outcome: 'Strategy discussion',
    referrer: 'DC Niall Brennan',
    notes: 'High-risk incident with both children at home; Maya has a red mark to the shoulder.',
  })
  socialCare.assess(file, {
    from: daysBefore(today, 90),
    until: daysBefore(today, 34),
    factors: ['3B', '4B'],
    lead: 'Leanne Crossley',
    role: 'FHLP',
    analysis: 'Ms Okafor wants the relationship to end and fears what follows. Maya looks after her brother.',
  })
  socialCare.assess(file, {
    from: daysBefore(today, 22),
    until: null,
    factors: ['3A', '3B', '17A'],
    lead,
    role: 'LCPP',
    analysis: 'In progress.',
  })
  socialCare.plan(file, {
    from: daysBefore(today, 34),
    lead: 'Leanne Crossley',
    role: 'FHLP',
    goals: ['Ms Okafor has a safety plan', 'Maya sleeps and is at school every day'],
  })
  socialCare.discussStrategy(file, {
    on: daysBefore(today, 23),
    chair: 'Margaret Illingworth',
    agencies: ['Northshire Police', 'Northshire Community Health', 'Hollybank School'],
    decision: 'Section 47 enquiry, joint',
    reasons: 'Physical harm to Maya is alleged, and risk to both children is rising.',
  })
  socialCare.enquire(file, { from: daysBefore(today, 23), lead })
  socialCare.confer(file, {
    on: daysBefore(today, 2),
    type: 'Initial',
    outcome: 'Child protection plan',
    chair: 'Margaret Illingworth',
  })
  socialCare.protect(file, {
    from: daysBefore(today, 2),
    category: 'PHY',
    lead,
    summary: 'No contact with Mr Garside; weekly visits; school to ring on the first day of absence.',
  })
  socialCare.offerFamilyGroup(file, {
    offered: daysBefore(today, 20),
    held: daysBefore(today, 9),
    outcome: 'Plan agreed',
    plan: 'Maya and Theo may stay with their grandmother on any night.',
  })
  socialCare.openPreProceedings(file, {
    opened: daysBefore(today, 5),
    outcome: 'Position statement for the family court drafted',
    labels: ['court-papers'],
  })
  socialCare.involve(file, {
    worker: 'Leanne Crossley',
    role: 'Family help lead practitioner',
    team: 'Family Help West',
    from: daysBefore(today, 95),
    until: daysBefore(today, 23),
  })
  socialCare.involve(file, {
    worker: lead,
    role: 'Lead child protection practitioner',
    team: 'Multi-agency child protection team',
    from: daysBefore(today, 23),
    phone: '01632 960105',
  })
}

function atHospital({ today, hospital }: Desk): void {
  const file = hospital()
  const visits = [
    {
      days: 700,
      reason: 'Fracture of the right wrist',
      cameWith: 'Mother',
      note: 'Said to have fallen from a climbing frame. Account consistent.',
    },
    {
      days: 97,
      reason: 'Abdominal pain',
      cameWith: 'Mother’s partner',
      note: 'No cause found. Maya was quiet while Mr Garside was in the room.',
    },
    {
      days: 25,
      reason: 'Bruise to the left shoulder',
      cameWith: 'Police officer',
      note: 'Red mark 6 cm, in keeping with the account of a push.',
    },
  ]
  for (const { days, reason, cameWith, note } of visits)
    see(file, {
      class: 'EMER',
      service: 'Emergency department',
      from: at(daysBefore(today, days), '22:30'),
      until: at(daysAfter(today, 1 - days), '01:10'),
      reason,
      cameWith,
      note,
      place: 'Northshire General Hospital',
    })
  book(file, {
    status: 'noshow',
    service: 'Paediatric outpatients',
    from: at(daysBefore(today, 61), '10:20'),
    until: at(daysBefore(today, 61), '10:40'),
    reason: 'No answer to two telephone calls',
  })
  diagnose(file, {
    text: 'Fracture of distal radius',
    status: 'resolved',
    onset: daysBefore(today, 700),
    abated: daysBefore(today, 650),
  })
  flag(file, {
    snomed: '342191000000101',
    wording: 'Subject to a child protection plan',
    from: daysBefore(today, 2),
  })
  flag(file, {
    wording: 'Do not discharge without speaking to the safeguarding team',
    from: daysBefore(today, 25),
    authority: 'Northshire General Hospital safeguarding team: 01632 960210',
  })
}

function schoolNurse(today: string) {
  return {
    service: 'School nursing',
    practitioner: 'Beth Holroyd',
    role: 'School nurse',
    organisation: 'Northshire Community Health',
    telephone: '01632 960220',
    from: daysBefore(today, 900),
  }
}

function inCommunityHealth({ child, today, communityHealth }: Desk): void {
  const file = communityHealth()
  joinCareTeam(file, schoolNurse(today))
  joinCareTeam(file, {
    service: 'Child and adolescent mental health',
    practitioner: 'Dr Owen Prosser',
    role: 'Psychologist',
    organisation: 'Northshire Community Health',
    telephone: '01632 960222',
    from: daysBefore(today, 80),
  })
  const dropIn = at(daysBefore(today, 88), '12:15')
  see(file, {
    class: 'AMB',
    service: 'School nursing',
    from: dropIn,
    until: at(daysBefore(today, 88), '12:45'),
    reason: 'Trouble sleeping',
    place: 'Hollybank School',
    note: 'Asked whether what she says is told to her mother.',
  })
  for (const days of [75, 47, 19])
    book(file, {
      status: 'noshow',
      service: 'Child and adolescent mental health',
      from: at(daysBefore(today, days), '14:00'),
      until: at(daysBefore(today, days), '15:00'),
    })
  diagnose(file, { text: 'Anxiety', status: 'active', onset: daysBefore(today, 80) })
  for (const vaccine of ['6-in-1, first dose', 'MMR, first dose'])
    immunise(file, {
      vaccine,
      status: 'completed',
      on: daysAfter(child.dateOfBirth, vaccine.startsWith('MMR') ? 372 : 60),
    })
  immunise(file, {
    vaccine: 'HPV',
    status: 'not-done',
    reasonNotGiven: 'Consent form not returned',
    on: daysBefore(today, 40),
  })
}

function atSchool({ today, school, educationWelfare }: Desk): void {
  const file = school()
  const terms = [
    {
      term: '2026 Spring',
      from: '2026-01-06',
      to: '2026-03-28',
      possible: 112,
      attended: 106,
      unauthorised: 0,
      codes: ['I'],
    },
    {
      term: '2026 Summer',
      from: '2026-04-14',
      to: '2026-07-22',
      possible: 126,
      attended: 109,
      unauthorised: 7,
      codes: ['I', 'O'],
    },
    {
      term: '2026 Autumn',
      from: '2026-09-02',
      to: '2026-11-20',
      possible: 104,
      attended: 81,
      unauthorised: 15,
      codes: ['O', 'U', 'I'],
    },
  ]
  for (const term of terms) if (term.to < today) recordAttendance(file, term)
  suspend(file, {
    on: daysBefore(today, 38),
    sessions: 4,
    reasons: ['PP', 'VA'],
    others: ['Kai Brennan'],
    account: 'Hit another pupil who spoke about her family.',
  })
  supportNeed(file, { provision: 'K', need: 'SEMH', from: daysBefore(today, 430) })
  const welfare = educationWelfare()
  enterWelfare(welfare, 'attendance-case', daysBefore(today, 30), {
    to: daysBefore(today, 1),
    possible: 104,
    attended: 81,
    unauthorised: 15,
    codes: ['O', 'U'],
  })
  enterWelfare(welfare, 'officer', daysBefore(today, 30), {
    officer: 'Lorna Tate',
    team: 'Education Welfare Service',
    role: 'Education welfare officer',
    phone: '01632 960330',
    email: 'education.welfare@northshire-council.example',
    endDate: null,
  })
}
