/** Record types of education. */
import * as codes from './code-sets/education.ts'
import { code, date, decimal, flag, integer, recordType, text } from './record-type.ts'

export const educationTypes = [
  recordType(
    'education.enrolment',
    'Enrolment',
    'enrolments',
    'Enrolment',
    'The child is or was on the roll.',
    {
      status: text('envelope', 'Current, left, elective home education or children missing education'),
      yearGroup: text('envelope', 'Year group'),
      leavingDate: date('envelope', 'Date of leaving'),
      school: text('location', 'School'),
      schoolTelephone: text('professional', 'Telephone of the school'),
      destination: text('location', 'Where the child went'),
    },
  ),
  recordType(
    'education.attendance',
    'Attendance',
    'attendance',
    'Attendance',
    'Attendance over a period. Below 90 % is persistent absence (DfE).',
    {
      periodEnd: date('envelope', 'Last day of the period'),
      sessionsPossible: integer('envelope', 'Possible sessions (half days)'),
      sessionsAttended: integer('envelope', 'Sessions attended'),
      attendancePercentage: decimal('envelope', 'Attendance, per cent'),
      unauthorisedPercentage: decimal('envelope', 'Unauthorised absence, per cent'),
      absenceCodes: code('envelope', codes.attendanceCode, 'Codes recorded for the absences', { list: true }),
    },
  ),
  recordType(
    'education.suspension',
    'Suspension',
    'suspensions',
    'Suspension or exclusion',
    'A suspension or permanent exclusion.',
    {
      category: text('envelope', 'Suspension or permanent exclusion'),
      sessions: integer('envelope', 'Sessions missed'),
      reasons: code('envelope', codes.suspensionReason, 'Up to three reasons', { list: true }),
      otherPupils: text('third-party', 'Other pupils involved', { list: true }),
      account: text('narrative', "The school's account"),
    },
  ),
  recordType(
    'education.sen',
    'SpecialEducationalNeed',
    'specialEducationalNeeds',
    'Special educational needs and EHC plan',
    'Provision for special educational needs or disability.',
    {
      provision: code('envelope', codes.senProvision, 'Provision'),
      need: code('clinical', codes.senNeed, 'Primary need'),
      planReviewDue: date('envelope', 'EHC plan: next annual review'),
    },
  ),
  recordType(
    'education.safeguarding-lead',
    'SafeguardingLead',
    'safeguardingLeads',
    'Designated safeguarding lead',
    'Whom to ring at the school.',
    {
      name: text('professional', 'Name'),
      role: text('professional', 'Designated safeguarding lead or deputy'),
      telephone: text('professional', 'Work telephone'),
      email: text('professional', 'Work e-mail'),
    },
  ),
  recordType(
    'education.summary',
    'EducationSummary',
    'summaries',
    'Education summary',
    'What an education service holds in summary, where its system gives no single events.',
    {
      school: text('location', 'School'),
      telephone: text('professional', 'Telephone of the school'),
      statuses: text('envelope', 'Open statuses and plans', { list: true }),
      hasSafeguardingFile: flag('envelope', 'A child protection file is held'),
    },
  ),
] as const
