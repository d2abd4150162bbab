/** Record types of health, after FHIR R4 UK Core. */
import * as codes from './code-sets/health.ts'
import { code, date, instant, recordType, text } from './record-type.ts'

export const healthTypes = [
  recordType(
    'health.encounter',
    'Encounter',
    'encounters',
    'Encounter',
    'The child was seen by a health service.',
    {
      encounterClass: code('envelope', codes.encounterClass, 'Class of encounter'),
      service: text('envelope', 'Service that saw the child'),
      endedAt: instant('envelope', 'When it ended'),
      place: text('location', 'Where the child was seen'),
      reason: text('clinical', 'Reason for the encounter'),
      accompaniedBy: text('third-party', 'Who came with the child'),
      notes: text('narrative', "The clinician's note, where shared"),
    },
  ),
  recordType(
    'health.was-not-brought',
    'WasNotBrought',
    'wasNotBrought',
    'Was not brought',
    'An appointment to which the child was not brought.',
    {
      service: text('envelope', 'Service that expected the child'),
      reason: text('narrative', 'Reason, where one was given'),
    },
  ),
  recordType(
    'health.condition',
    'Condition',
    'conditions',
    'Condition',
    'A diagnosis or problem of the child.',
    {
      condition: text('clinical', 'Condition, as recorded'),
      snomed: text('clinical', 'SNOMED CT code as the source sent it (not interpreted here)'),
      status: text('clinical', 'Clinical status'),
      resolved: date('clinical', 'Date resolved'),
    },
  ),
  recordType(
    'health.immunisation',
    'Immunisation',
    'immunisations',
    'Immunisation',
    'A vaccine given, refused or not done.',
    {
      vaccine: text('clinical', 'Vaccine'),
      status: text('clinical', 'completed or not done'),
      reasonNotGiven: text('clinical', 'Why it was not given'),
    },
  ),
  recordType(
    'health.flag',
    'HealthFlag',
    'flags',
    'Flag',
    'A flag that health systems show to their staff.',
    {
      childProtection: code('envelope', codes.childProtectionFlag, 'Child protection flag, where it is one'),
      wording: text('envelope', 'Wording of the flag'),
      until: date('envelope', 'In force until'),
      authority: text(
        'professional',
        'Local authority that set it, with its telephone numbers by day and night',
      ),
    },
  ),
  recordType(
    'health.care-team',
    'CareTeamMember',
    'careTeam',
    'Care team',
    'Who cares for the child in health.',
    {
      practitioner: text('professional', 'Name of the practitioner'),
      role: text('professional', 'Role'),
      organisation: text('professional', 'Organisation'),
      telephone: text('professional', 'Work telephone'),
      until: date('envelope', 'In the team until; empty while current'),
    },
  ),
  recordType(
    'health.summary',
    'HealthSummary',
    'summaries',
    'Health summary',
    'What a health service holds in summary, where its system gives no single events.',
    {
      generalPractice: text('professional', 'GP practice with which the child is registered'),
      generalPractitioner: text('professional', 'Named GP'),
      telephone: text('professional', 'Telephone of the practice'),
      teams: text('professional', 'Specialist teams involved', { list: true }),
      statuses: text('clinical', 'Open statuses and plans', { list: true }),
    },
  ),
] as const
