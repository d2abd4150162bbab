/**
 * Stories that cross agencies, by chance: what happened at home, and which agency came to hear of it. The same event is
 * in the files of several, each in its own words.
 */
import { daysAfter, daysBefore, daysBetween, during } from './calendar.ts'
import { ago, missedAppointments, protectionPlan, schoolSuffers } from './consequences.ts'
import type { Desk } from './desk.ts'
import { enterEastmere, takeEastmereContact } from './eastmere-file.ts'
import { adultsInvolved, placeOf, raiseProtectionNotice, recordDomesticIncident } from './police-records.ts'
import type { Random } from './random.ts'
import * as socialCare from './social-care-records.ts'

const workers = [
  'Leanne Crossley',
  'Joseph Amadi',
  'Farah Siddiqui',
  'Peter Naylor',
  'Chloe Whitworth',
] as const

/** Neglect: the school and the health visitor see it first; sometimes a plan follows. */
export function neglect(random: Random, desk: Desk): void {
  const { child, today } = desk
  missedAppointments(random, desk, random.between(1, 3))
  if (daysBetween(child.dateOfBirth, today) < 120) return
  const begun = ago(random, desk, 90, 700)
  const lead = random.pick(workers)
  const file = desk.childrensServices()
  socialCare.takeContact(file, {
    on: begun,
    stage: 'Referral',
    source: random.pick(['2A', '3B', '1D', '4']),
    need: 'N1',
    outcome: 'Assessment',
    notes: 'Hungry and in unwashed clothes on several days; the home was cold at the last visit.',
  })
  socialCare.assess(file, {
    from: daysAfter(begun, 3),
    until: daysAfter(begun, 48),
    factors: random.some(['1B', '2B', '4B', '16A'], 2),
    lead,
    role: 'FHLP',
    analysis: 'Care is inconsistent; the parents accept help with routines and debts.',
  })
  socialCare.involve(file, { worker: lead, role: 'Social worker', team: 'Family Help East', from: begun })
  const plan = random.fraction()
  if (plan < 0.5) {
    socialCare.supportInNeed(file, {
      from: daysAfter(begun, 50),
      lead,
      summary: 'Routines, food and school every day.',
      agreedOn: daysAfter(begun, 50),
    })
  } else if (plan < 0.75) protectionPlan(random, desk, daysAfter(begun, 60), 'NEG', lead)
  schoolSuffers(random, desk, random.between(78, 90))
}

/** Domestic abuse: police first, then the school by Operation Encompass and the front door. */
export function domesticAbuse(random: Random, desk: Desk): void {
  const { child, household } = desk
  const police = desk.police()
  const place = placeOf(household.address)
  const adults = adultsInvolved(household)
  for (let incident = random.between(1, 3); incident > 0; incident--) {
    const occurred = during(ago(random, desk, 10, 900), random, 17, 24)
    const dash = random.pick(['STD', 'MED', 'MED', 'HIGH'])
    recordDomesticIncident(police, {
      occurred,
      dash,
      marac: dash === 'HIGH',
      encompass: random.chance(0.8),
      location: place,
      adults,
      account: 'Neighbours heard shouting. Child was upstairs and awake; no injury seen.',
    })
    raiseProtectionNotice(police, {
      occurred,
      kind: 'DOMESTIC - CHILD PRESENT',
      rag: dash === 'HIGH' ? 'R' : 'A',
      location: place,
      present: adults,
      account: 'Child was in the house during an argument between the adults.',
      sharing: "Shared with children's services",
    })
    socialCare.takeContact(desk.childrensServices(), {
      on: daysAfter(occurred.slice(0, 10), 1),
      stage: dash === 'HIGH' ? 'Referral' : 'Contact',
      source: '6',
      need: 'N1',
      outcome: dash === 'HIGH' ? 'Assessment' : 'Information and advice',
      notes: 'Police notice after an incident at home.',
    })
  }
  const plan = ago(random, desk, 30, 200)
  if (random.chance(0.2) && daysBefore(plan, 20) > child.dateOfBirth)
    protectionPlan(random, desk, plan, 'EMO', random.pick(workers))
}

/** The family came over the border, or went: most of what is known is in Eastmere. */
export function overTheBorder(random: Random, desk: Desk): void {
  const { child, household } = desk
  const until = household.movedOn ?? ago(random, desk, 60, 400)
  const on = daysBefore(until, random.between(60, 500))
  if (on < child.dateOfBirth) return
  const file = desk.eastmere()
  takeEastmereContact(file, {
    on,
    stage: 'Referral',
    source: '2A',
    need: 'N5',
    outcome: 'Assessment',
    account: 'School worried about tiredness and late collection.',
  })
  enterEastmere(file, 'plans', {
    kind: 'CHILD_IN_NEED',
    begun: daysAfter(on, 45),
    ended: until > daysAfter(on, 46) ? until : null,
    category: null,
    lead: 'Imran Castell',
    telephone: '01632 960140',
    summary: 'Support with housing; ended when the family moved.',
  })
}
