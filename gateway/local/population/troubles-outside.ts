/** Stories that cross agencies, by chance: a child who is missing, or exploited by others outside the home. */
import { at, daysAfter, daysBefore, during, hoursAfter } from './calendar.ts'
import { ago, schoolSuffers } from './consequences.ts'
import type { Desk } from './desk.ts'
import { assignOfficer, recordCrime, recordMissing, submitIntelligence } from './police-records.ts'
import type { Random } from './random.ts'
import { schoolFor, suspend } from './school-file.ts'
import * as socialCare from './social-care-records.ts'

/** Missing from home, more than once. */
export function missing(random: Random, desk: Desk): void {
  const police = desk.police()
  for (let episode = random.between(1, 4); episode > 0; episode--) {
    const reported = during(ago(random, desk, 5, 600), random, 18, 24)
    recordMissing(police, {
      reported,
      grade: random.pick(['L', 'M', 'M', 'H']),
      returned: hoursAfter(reported, random.between(3, 40)),
      interviewed: random.chance(0.6),
      found: 'Bus station, Northshire',
      circumstances: 'Did not come home after school; phone off.',
    })
  }
  socialCare.takeContact(desk.childrensServices(), {
    on: ago(random, desk, 5, 60),
    stage: 'Contact',
    source: '6',
    need: 'N5',
    outcome: 'Return interview offered',
    notes: 'Missing overnight; return interview offered.',
    nature: 'fact',
  })
  schoolSuffers(random, desk, random.between(70, 88))
}

/** Criminal exploitation: crime, intelligence, suspensions. */
export function exploitation(random: Random, desk: Desk): void {
  const { today } = desk
  const police = desk.police()
  const committed = during(ago(random, desk, 20, 300), random, 12, 22)
  recordCrime(police, {
    committed,
    offence: 'Possession with intent to supply class B',
    outcome: random.pick([8, 16, 22]),
    outcomeDate: daysAfter(committed.slice(0, 10), 6),
    role: 'SUS',
    info: 'A',
    location: 'Tram Street, Northshire',
    summary: 'Stopped with two phones and small bags; says that an older person gave them.',
  })
  submitIntelligence(police, {
    date: ago(random, desk, 10, 100),
    submitted: at(daysBefore(today, 9), '10:00'),
    source: '2',
    assessment: 'B',
    handling: 'P',
    text: 'Travels by train to a coastal town at weekends with older people.',
  })
  assignOfficer(police, {
    officer: 'DC Hannah Greaves',
    unit: 'Child exploitation team',
    duty: 'Officer in case',
    from: committed.slice(0, 10),
  })
  const school = schoolFor(desk.child.dateOfBirth, today)
  if (school)
    suspend(school.code === 'HB' ? desk.school() : desk.college(), {
      on: ago(random, desk, 15, 200),
      sessions: random.between(2, 8),
      reasons: random.some(['DA', 'OW', 'VP', 'DB'], 2),
      account: 'Brought a prohibited item into school.',
    })
  missing(random, desk)
}
