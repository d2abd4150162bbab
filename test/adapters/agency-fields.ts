/**
 * What each field of Northshire's agencies is, written by hand in the agencies' own words, as their access logs have
 * them: the other side's reading of the mapping, from which nothing in `adapters/` is derived.
 */
import type { DataGroup } from '../../schema/data-group.ts'

/** `always`: who the child is, her labels, how fresh the data are. Else the record type and the group it belongs to. */
export type Belonging = 'always' | { readonly type: string; readonly group: DataGroup }
export type AgencyFields = ReadonlyMap<string, readonly Belonging[]>

/** Names of fields, apart from each other by a space, of one list of one agency. */
type Names = Readonly<Partial<Record<DataGroup, string>>>
type List = { readonly always?: string } & Readonly<Record<string, string | Names>>

function tableOf(lists: Readonly<Record<string, List>>): AgencyFields {
  const table = new Map<string, Belonging[]>()
  const add = (list: string, names: string, belonging: Belonging) => {
    for (const name of names.split(' ')) {
      const field = `${list}.${name}`
      table.set(field, [...(table.get(field) ?? []), belonging])
    }
  }
  for (const [list, { always, ...types }] of Object.entries(lists)) {
    if (always !== undefined) add(list, always, 'always')
    for (const [type, groups] of Object.entries(types) as [string, Names][])
      for (const [group, names] of Object.entries(groups) as [DataGroup, string][])
        add(list, names, { type, group })
  }
  return table
}

const police = tableOf({
  v_data_currency: { always: 'as_of covers_from' },
  v_nominal: {
    always: 'nominal_ref nhs_no forename1 forename2 surname dob markers',
    'person.details': {
      envelope: 'last_updated',
      identity: 'alias_names sex_code self_defined_eth',
      location: 'home_addr home_pcode',
      contact: 'home_tel',
    },
  },
  v_association: {
    'person.relationship': {
      envelope: 'assoc_id last_updated assoc_type markers',
      'third-party': 'assoc_forename assoc_surname assoc_dob same_address',
      contact: 'assoc_tel',
      narrative: 'warning_signals',
    },
  },
  v_officer_in_case: {
    'person.involvement': {
      envelope: 'oic_id from_date to_date last_updated markers',
      professional: 'unit duty officer tel email',
    },
  },
  v_ppn: {
    'police.protection-notice': {
      envelope: 'ppn_no occurred_at raised_at info_type role_code markers ppn_kind rag',
      location: 'location',
      'third-party': 'persons_present',
      narrative: 'officer_account share_rationale',
    },
  },
  v_crime: {
    'police.crime': {
      envelope:
        'crime_ref committed_at recorded_at info_type role_code markers offence_title ho_outcome ho_outcome_date',
      location: 'location',
      'third-party': 'other_parties',
      narrative: 'mo_summary',
    },
  },
  v_misper: {
    'police.missing-episode': {
      envelope: 'misper_ref reported_at markers risk_grade returned_at rhi_done',
      location: 'found_at_place',
      narrative: 'circumstances',
    },
  },
  v_dv_incident: {
    'police.domestic-abuse': {
      envelope:
        'incident_ref occurred_at recorded_at info_type role_code markers dash_level marac encompass_sent',
      location: 'location',
      'third-party': 'adults_involved',
      narrative: 'officer_account',
    },
  },
  v_intel: {
    'police.intelligence': {
      // how a report is handled decides who may know of it
      envelope: 'intel_ref event_date submitted_at markers handling info_assess handling_conditions',
      intelligence: 'source_eval sanitised_text',
    },
  },
  v_custody: {
    'police.custody': {
      envelope: 'custody_ref detained_at role_code markers released_at',
      'third-party': 'appropriate_adult',
      narrative: 'detention_reason',
    },
  },
})

const childrensServices = tableOf({
  data_currency: { always: 'as_of covers_from' },
  person: {
    always: 'person_id nhs_number forenames preferred_forename surname date_of_birth restrictions',
    'person.details': {
      envelope: 'updated_on',
      identity: 'former_names gender pronouns ethnicity first_language communication_needs upn',
      location: 'address postcode',
      contact: 'home_phone',
    },
  },
  relationship: {
    'person.relationship': {
      envelope: 'relationship_id updated_on relationship restrictions',
      'third-party': 'related_name related_dob lives_with_child parental_responsibility',
      contact: 'phone',
      narrative: 'visit_warnings',
    },
  },
  involvement: {
    'person.involvement': {
      envelope: 'involvement_id start_date end_date updated_on restrictions',
      professional: 'team worker_role worker_name phone email',
    },
  },
  contact: {
    'social-care.contact': {
      envelope:
        'contact_id contact_date recorded_on info_type restrictions stage source_code primary_need outcome',
      'third-party': 'referrer_name',
      narrative: 'notes',
    },
  },
  assessment: {
    'social-care.assessment': {
      envelope: 'assessment_id start_date updated_on restrictions completed_date factor_codes',
      professional: 'lead_name lead_role',
      narrative: 'analysis',
    },
  },
  single_plan: {
    'social-care.plan': {
      envelope: 'plan_id start_date updated_on restrictions end_date',
      professional: 'lead_name lead_role lead_phone',
      narrative: 'goals',
    },
  },
  strategy_discussion: {
    'social-care.strategy-discussion': {
      envelope: 'strategy_id held_on updated_on restrictions agencies decision',
      professional: 'chair',
      narrative: 'reasons',
    },
  },
  section_47: {
    'social-care.section47': {
      envelope: 's47_id start_date updated_on restrictions end_date outcome',
      professional: 'lead_name',
      narrative: 'findings',
    },
  },
  conference: {
    'social-care.conference': {
      envelope: 'conference_id held_on updated_on restrictions conference_type outcome',
      professional: 'chair',
    },
  },
  cp_plan: {
    'social-care.child-protection-plan': {
      envelope: 'cp_plan_id start_date updated_on restrictions category end_date',
      professional: 'lead_name lead_phone',
      narrative: 'summary',
    },
  },
  cin_plan: {
    'social-care.child-in-need-plan': {
      envelope: 'cin_plan_id start_date updated_on restrictions end_date',
      professional: 'lead_name',
      narrative: 'summary',
    },
  },
  care_episode: {
    'social-care.looked-after-episode': {
      envelope: 'episode_id start_date updated_on restrictions legal_status reason_new_episode end_date',
      location: 'placement',
    },
  },
  family_group: {
    'social-care.family-group': {
      envelope: 'fgdm_id offered_on updated_on restrictions held_on outcome',
      narrative: 'family_plan',
    },
  },
  pre_proceedings: {
    'social-care.pre-proceedings': {
      envelope:
        'pp_id opened_on updated_on restrictions letter_sent_on meeting_on fgdm_offered court_date outcome',
    },
  },
})

/** A FHIR server gives an element whole: what stands beside the field within it comes along. */
const health = tableOf({
  Patient: {
    always: 'id identifier name birthDate meta',
    'person.details': { identity: 'gender extension', location: 'address', contact: 'telecom' },
    // whether there is a summary at all is read off it
    'health.summary': { envelope: 'generalPractitioner' },
  },
  RelatedPerson: {
    'person.relationship': {
      envelope: 'id meta patient relationship',
      'third-party': 'name birthDate',
      contact: 'telecom',
    },
  },
  CareTeam: {
    // each participant is a record, and known by who it is
    'person.involvement': {
      envelope: 'id meta subject status participant period',
      professional: 'name telecom',
    },
    'health.care-team': {
      envelope: 'id meta subject status participant period',
      professional: 'name telecom',
    },
  },
  Encounter: {
    'health.encounter': {
      envelope: 'id meta subject status period class serviceType',
      location: 'location',
      clinical: 'reasonCode',
      'third-party': 'participant',
      narrative: 'text',
    },
  },
  Appointment: {
    'health.was-not-brought': {
      envelope: 'id meta status participant start serviceType',
      narrative: 'cancelationReason',
    },
  },
  Condition: {
    'health.condition': {
      envelope: 'id meta subject verificationStatus onset recordedDate',
      clinical: 'code clinicalStatus abatement',
    },
  },
  Immunization: {
    'health.immunisation': {
      envelope: 'id meta patient status occurrence recorded',
      clinical: 'vaccineCode statusReason',
    },
  },
  Flag: {
    'health.flag': { envelope: 'id meta subject status period code', professional: 'author' },
  },
})

const school = tableOf({
  pupils: {
    always: 'id nhsNumber legalForename chosenForename middleNames legalSurname dateOfBirth sensitivity',
    'person.details': {
      envelope: 'updatedAt',
      identity: 'formerSurname gender ethnicity homeLanguage upn',
      location: 'address',
      contact: 'telephone',
    },
  },
  contacts: {
    'person.relationship': {
      envelope: 'id relationship sensitivity',
      'third-party': 'name dateOfBirth livesWithPupil parentalResponsibility',
      contact: 'telephone',
    },
  },
  safeguarding: {
    'person.involvement': { envelope: 'id from sensitivity', professional: 'role name telephone email' },
    'education.safeguarding-lead': {
      envelope: 'id from sensitivity',
      professional: 'role name telephone email',
    },
  },
  enrolment: {
    'education.enrolment': {
      envelope: 'id entryDate sensitivity status yearGroup leavingDate',
      location: 'school destination',
      professional: 'schoolTelephone',
    },
  },
  attendance: {
    'education.attendance': {
      envelope:
        'id from to recordedAt sensitivity possibleSessions attendedSessions unauthorisedSessions codes',
    },
  },
  suspensions: {
    'education.suspension': {
      envelope: 'id startDate recordedAt sensitivity type sessions reasons',
      'third-party': 'otherPupils',
      narrative: 'account',
    },
  },
  sen: {
    'education.sen': {
      envelope: 'id startDate recordedAt sensitivity provision ehcpReviewDue',
      clinical: 'primaryNeed',
    },
  },
})

const entry = 'entryId kind date enteredAt restrictions'
const welfare = tableOf({
  children: {
    always: 'ref nhs forename surname dob restrictions',
    'person.details': { identity: 'otherNames upn' },
  },
  entries: {
    'person.involvement': {
      envelope: `${entry} endDate`,
      professional: 'team role officer phone email',
    },
    'education.enrolment': {
      envelope: `${entry} status yearGroup endDate`,
      location: 'school destination',
      professional: 'schoolPhone',
    },
    'education.attendance': { envelope: `${entry} to possible attended unauthorised codes` },
    'education.sen': { envelope: `${entry} provision reviewDue`, clinical: 'need' },
  },
})

const eastmere = tableOf({
  lookup: { always: '__typename asOf recordsSince' },
  'lookup.clients': {
    always: 'clientId nhsNumber firstNames lastName born protections',
    'person.details': {
      identity: 'alsoKnownAs sex ethnicGroup language',
      location: 'homeAddress homePostcode',
      contact: 'telephone',
    },
  },
  'lookup.clients.network': {
    'person.relationship': {
      envelope: 'id relation protections',
      'third-party': 'name born sameHome parentalResponsibility',
      contact: 'telephone',
      narrative: 'warnings',
    },
  },
  'lookup.clients.workers': {
    'person.involvement': {
      envelope: 'id since until protections',
      professional: 'name jobTitle team telephone email',
    },
  },
  'lookup.clients.frontDoor': {
    'social-care.contact': {
      envelope: 'id on enteredAt nature protections stage source need outcome',
      'third-party': 'referrer',
      narrative: 'account',
    },
  },
  'lookup.clients.assessments': {
    'social-care.assessment': {
      envelope: 'id begun protections finished factors',
      professional: 'lead leadRole',
      narrative: 'analysis',
    },
  },
  'lookup.clients.enquiries': {
    'social-care.section47': {
      envelope: 'id begun protections ended outcome',
      professional: 'lead',
      narrative: 'findings',
    },
  },
  'lookup.clients.plans(FAMILY_HELP)': {
    'social-care.plan': {
      envelope: 'id begun protections ended',
      professional: 'lead telephone',
      narrative: 'summary',
    },
  },
  'lookup.clients.plans(CHILD_PROTECTION)': {
    'social-care.child-protection-plan': {
      envelope: 'id begun protections category ended',
      professional: 'lead telephone',
      narrative: 'summary',
    },
  },
  'lookup.clients.plans(CHILD_IN_NEED)': {
    'social-care.child-in-need-plan': {
      envelope: 'id begun protections ended',
      professional: 'lead',
      narrative: 'summary',
    },
  },
  'lookup.clients.care': {
    'social-care.looked-after-episode': {
      envelope: 'id begun protections legalStatus reason ended',
      location: 'placement',
    },
  },
})

/** By custodian. */
export const agencyFields: Readonly<Record<string, AgencyFields>> = {
  'northshire-police': police,
  'northshire-childrens-services': childrensServices,
  'northshire-hospital': health,
  'northshire-community-health': health,
  'hollybank-school': school,
  'westvale-college': school,
  'northshire-education-welfare': welfare,
  'eastmere-childrens-services': eastmere,
}

/** Kinds of entry of education welfare, whose fields do not tell them apart. */
export const welfareKinds: Readonly<Record<string, string>> = {
  register: 'education.enrolment',
  'attendance-case': 'education.attendance',
  ehcp: 'education.sen',
  officer: 'person.involvement',
}
