/** What follows from more than one kind of trouble: missed appointments, a school that notices, a protection plan. */
import { at, daysBefore, daysBetween, during, hoursAfter } from './calendar.ts'
import type { Desk } from './desk.ts'
import { attend } from './everyday.ts'
import { book, flag, joinCareTeam, see } from './health-file.ts'
import type { Random } from './random.ts'
import { schoolFor } from './school-file.ts'
import * as socialCare from './social-care-records.ts'
import { enterWelfare } from './welfare-file.ts'

const chairs = ['Margaret Illingworth', 'Ade Fashola'] as const

/** A day between `least` and `most` days ago, but not before the child was born. */
export function ago(random: Random, desk: Desk, least: number, most: number): string {
  const age = daysBetween(desk.child.dateOfBirth, desk.today) - 1
  return daysBefore(desk.today, random.between(Math.min(least, age), Math.min(most, age)))
}

/** Appointments to which the child was not brought. */
export function missedAppointments(random: Random, desk: Desk, count: number): void {
  for (let missed = count; missed > 0; missed--) {
    const from = during(ago(random, desk, 7, 500), random, 9, 16)
    const atHospital = random.chance(0.5)
    book(atHospital ? desk.hospital() : desk.communityHealth(), {
      status: 'noshow',
      service: atHospital
        ? 'Paediatric outpatients'
        : random.pick(['Speech and language therapy', 'Dental', 'Audiology']),
      from,
      until: hoursAfter(from, 1),
      ...(random.chance(0.3) ? { reason: 'No answer to two telephone calls' } : {}),
    })
  }
}

export function protectionPlan(random: Random, desk: Desk, on: string, category: string, lead: string): void {
  const file = desk.childrensServices()
  const chair = random.pick(chairs)
  socialCare.discussStrategy(file, {
    on: daysBefore(on, 12),
    chair: lead,
    agencies: ['Northshire Police', 'Northshire Community Health'],
    decision: 'Section 47 enquiry, joint',
    reasons: 'Significant harm is likely without a plan.',
  })
  socialCare.enquire(file, {
    from: daysBefore(on, 12),
    until: daysBefore(on, 2),
    outcome: 'Concerns substantiated, continuing risk of harm',
    lead,
  })
  socialCare.confer(file, { on, type: 'Initial', outcome: 'Child protection plan', chair })
  socialCare.protect(file, {
    from: on,
    category,
    lead,
    summary: 'Visits every ten days; core group monthly.',
  })
  flag(desk.hospital(), {
    snomed: '342191000000101',
    wording: 'Subject to a child protection plan',
    from: on,
  })
  joinCareTeam(desk.communityHealth(), {
    service: 'Safeguarding children',
    practitioner: 'Grace Oyelaran',
    role: 'Named nurse for safeguarding',
    organisation: 'Northshire Community Health',
    telephone: '01632 960221',
    from: on,
  })
  const visit = at(daysBefore(on, 10), '11:00')
  see(desk.hospital(), {
    class: 'AMB',
    service: 'Community paediatrics',
    from: visit,
    until: hoursAfter(visit, 1),
    reason: 'Child protection medical',
    place: 'Northshire General Hospital',
    cameWith: 'Social worker',
  })
}

export function schoolSuffers(random: Random, desk: Desk, percentage: number): void {
  const { child, today } = desk
  const school = schoolFor(child.dateOfBirth, today)
  if (school?.code === 'HB' && desk.files.school) {
    desk.files.school.attendance.length = 0
    attend(random, desk.files.school, today, percentage, ['O', 'I', 'U'], 1)
  }
  if (school === null || percentage > 86) return
  const file = desk.educationWelfare()
  enterWelfare(file, 'attendance-case', daysBefore(today, 80), {
    to: today,
    possible: 108,
    attended: Math.round((108 * percentage) / 100),
    unauthorised: Math.round((108 * (100 - percentage)) / 160),
    codes: ['O'],
  })
  enterWelfare(file, 'officer', daysBefore(today, 70), {
    officer: 'Lorna Tate',
    team: 'Education Welfare Service',
    role: 'Education welfare officer',
    phone: '01632 960330',
    email: 'education.welfare@northshire-council.example',
    endDate: null,
  })
}
