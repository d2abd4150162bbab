/**
 * What the police hold about one person, in rows of their own records management system.
 * A row's keys are the columns of `agencies/police.sql`; what the force does not share is here, too.
 */
import type { IdentityHeld } from './identity-held.ts'
import { type Household, oneLine } from './person.ts'

/** The marking that the force puts on a row for each plain word. */
const markings: Readonly<Record<string, string>> = {
  'address-confidential': 'ADC',
  'protected-person': 'PPX',
  covert: 'CVT',
  'live-investigation': 'LIV',
  informant: 'CHS',
  'adult-victim': 'ADV',
  'staff-record': 'STF',
  'referrer-identity': 'INF',
  'third-party-confidential': 'TPY',
  'court-papers': 'FCP',
  'legal-privilege': 'LPP',
  adoption: 'ADP',
}

export const policeMarkers = (labels: readonly string[]): string[] =>
  labels.map((label) => markings[label] ?? label)

type Row = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

export const policeTables = [
  'nominal',
  'association',
  'ppn',
  'crime',
  'misper',
  'dv_incident',
  'intel',
  'custody',
  'officer_in_case',
] as const
export type PoliceTable = (typeof policeTables)[number]

export interface PoliceFile {
  readonly reference: string
  readonly rows: Record<PoliceTable, Row[]>
}

export function openPoliceFile(serial: number, identity: IdentityHeld, updated: string): PoliceFile {
  const reference = `NR/${700_000 + serial}`
  const nominal: Row = {
    nominal_ref: reference,
    nhs_no: identity.nhsNumber,
    surname: identity.family.toUpperCase(),
    forename1: identity.given,
    forename2: identity.middle,
    alias_names: [
      ...identity.otherNames.map(surnameFirst),
      ...(identity.preferred ? [`${identity.family.toUpperCase()}, ${identity.preferred}`] : []),
    ],
    dob: identity.dateOfBirth,
    sex_code: identity.sex ?? 'U',
    self_defined_eth: identity.ethnicity,
    home_addr: identity.address && oneLine(identity.address),
    home_pcode: identity.address?.postcode ?? null,
    home_tel: identity.telephone,
    markers: policeMarkers(identity.labels),
    internal_remarks: 'Created from incident log',
    last_updated: updated,
  }
  const rows: PoliceFile['rows'] = {
    nominal: [nominal],
    association: [],
    ppn: [],
    crime: [],
    misper: [],
    dv_incident: [],
    intel: [],
    custody: [],
    officer_in_case: [],
  }
  return { reference, rows }
}

function surnameFirst(name: string): string {
  const [given, ...family] = name.split(' ')
  return `${family.join(' ').toUpperCase()}, ${given}`
}

/** Links the adults and the other children of the household, as officers met them. */
export function associate(file: PoliceFile, household: Household, child: number, updated: string): void {
  const link = (
    type: string,
    person: { given: string; family: string; dateOfBirth: string },
    more: { same: boolean; telephone: string | null; warnings: readonly string[]; labels: readonly string[] },
  ) =>
    file.rows.association.push({
      assoc_id: `${file.reference}/A${file.rows.association.length + 1}`,
      nominal_ref: file.reference,
      assoc_type: type,
      assoc_surname: person.family.toUpperCase(),
      assoc_forename: person.given,
      assoc_dob: person.dateOfBirth,
      same_address: more.same,
      assoc_tel: more.telephone,
      warning_signals: more.warnings,
      markers: policeMarkers(more.labels),
      last_updated: updated,
    })
  for (const adult of household.adults) {
    link(adult.relation.toUpperCase(), adult, {
      same: adult.livesHere,
      telephone: adult.telephone,
      warnings: adult.warnings,
      labels: adult.staff ? ['staff-record'] : [],
    })
  }
  for (const other of household.children) {
    if (other.serial === child) continue
    link(other.sex === 'F' ? 'SISTER' : 'BROTHER', other, {
      same: true,
      telephone: null,
      warnings: [],
      labels: [],
    })
  }
}
