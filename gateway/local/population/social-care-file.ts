/**
 * What children's services hold about one child, in rows of their own case management system.
 * A row's keys are the columns of `agencies/childrens-services.sql`; some of them the authority does not share.
 */
import { at } from './calendar.ts'
import type { IdentityHeld } from './identity-held.ts'
import { fullName, type Household, oneLine } from './person.ts'

type Row = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

export const socialCareTables = [
  'person',
  'relationship',
  'involvement',
  'contact',
  'assessment',
  'single_plan',
  'strategy_discussion',
  'section_47',
  'conference',
  'cp_plan',
  'cin_plan',
  'care_episode',
  'family_group',
  'pre_proceedings',
] as const
export type SocialCareTable = (typeof socialCareTables)[number]

export interface SocialCareFile {
  readonly reference: string
  readonly rows: Record<SocialCareTable, Row[]>
}

export function openSocialCareFile(
  serial: number,
  identity: IdentityHeld,
  household: Household,
  day: string,
): SocialCareFile {
  const file: SocialCareFile = {
    reference: `P${String(serial).padStart(7, '0')}`,
    rows: {
      person: [],
      relationship: [],
      involvement: [],
      contact: [],
      assessment: [],
      single_plan: [],
      strategy_discussion: [],
      section_47: [],
      conference: [],
      cp_plan: [],
      cin_plan: [],
      care_episode: [],
      family_group: [],
      pre_proceedings: [],
    },
  }
  file.rows.person.push({
    person_id: file.reference,
    nhs_number: identity.nhsNumber,
    forenames: identity.middle ? `${identity.given} ${identity.middle}` : identity.given,
    preferred_forename: identity.preferred,
    surname: identity.family,
    former_names: identity.otherNames,
    date_of_birth: identity.dateOfBirth,
    gender: identity.sex === null ? 'Not recorded' : identity.sex === 'F' ? 'Female' : 'Male',
    pronouns: identity.pronouns,
    ethnicity: identity.ethnicity,
    first_language: identity.language,
    communication_needs: identity.needs,
    upn: identity.upn,
    address: identity.address && oneLine(identity.address),
    postcode: identity.address?.postcode ?? null,
    home_phone: identity.telephone,
    case_system_alerts: 'see case notes',
    restrictions: identity.labels,
    updated_on: at(day, '18:00'),
  })
  relate(file, household, serial, day)
  return file
}

/** Numbers a row within the child's own file and closes it with what every row has. */
export function enter(
  file: SocialCareFile,
  table: SocialCareTable,
  code: string,
  day: string,
  entry: Row,
  labels: readonly string[] = [],
): void {
  const rows = file.rows[table]
  rows.push({
    [`${keys[table]}`]: `${code}-${file.reference.slice(1)}-${rows.length + 1}`,
    person_id: file.reference,
    ...entry,
    restrictions: labels,
    updated_on: at(day, '17:30'),
  })
}

const keys: Readonly<Record<SocialCareTable, string>> = {
  person: 'person_id',
  relationship: 'relationship_id',
  involvement: 'involvement_id',
  contact: 'contact_id',
  assessment: 'assessment_id',
  single_plan: 'plan_id',
  strategy_discussion: 'strategy_id',
  section_47: 's47_id',
  conference: 'conference_id',
  cp_plan: 'cp_plan_id',
  cin_plan: 'cin_plan_id',
  care_episode: 'episode_id',
  family_group: 'fgdm_id',
  pre_proceedings: 'pp_id',
}

function relate(file: SocialCareFile, household: Household, child: number, day: string): void {
  for (const adult of household.adults) {
    enter(
      file,
      'relationship',
      'REL',
      day,
      {
        relationship: adult.relation,
        related_name: fullName(adult),
        related_dob: adult.dateOfBirth,
        lives_with_child: adult.livesHere,
        parental_responsibility: adult.parentalResponsibility,
        phone: adult.telephone,
        visit_warnings: adult.warnings,
      },
      adult.staff ? ['staff-record'] : [],
    )
  }
  for (const other of household.children) {
    if (other.serial === child) continue
    enter(file, 'relationship', 'REL', day, {
      relationship: other.sex === 'F' ? 'Sister' : 'Brother',
      related_name: fullName(other),
      related_dob: other.dateOfBirth,
      lives_with_child: true,
      parental_responsibility: null,
      phone: null,
      visit_warnings: [],
    })
  }
}
