/** What officers write into a person's file: one function per kind of record of the force's own system. */
import { at } from './calendar.ts'
import { type Address, fullName, type Household, oneLine } from './person.ts'
import { type PoliceFile, type PoliceTable, policeMarkers } from './police-file.ts'

/** The home as a place of events. */
export const placeOf = (address: Address): string => `${oneLine(address)}, ${address.postcode}`

interface Entry {
  readonly labels?: readonly string[]
  readonly role?: 'SUS' | 'CVD' | 'VIC' | 'WIT' | 'OTH'
  readonly info?: 'F' | 'O' | 'A' | 'U'
}

/** The columns that every row about the person ends with. */
function rest(file: PoliceFile, entry: Entry, updated: string) {
  return {
    nominal_ref: file.reference,
    role_code: entry.role ?? 'VIC',
    info_type: entry.info ?? 'F',
    markers: policeMarkers(entry.labels ?? []),
    officer_collar_no: '1742',
    last_updated: updated,
  }
}

const reference = (file: PoliceFile, table: PoliceTable, code: string, day: string) =>
  `NP/${code}/${file.reference.slice(3)}-${file.rows[table].length + 1}/${day.slice(2, 4)}`

export function raiseProtectionNotice(
  file: PoliceFile,
  entry: Entry & {
    occurred: string
    raised?: string
    kind: string
    rag: 'R' | 'A' | 'G'
    location?: string
    present?: readonly string[]
    account: string
    sharing?: string
  },
): void {
  const raised = entry.raised ?? entry.occurred
  file.rows.ppn.push({
    ppn_no: reference(file, 'ppn', 'PPN', raised),
    occurred_at: entry.occurred,
    raised_at: raised,
    ppn_kind: entry.kind,
    rag: entry.rag,
    location: entry.location ?? null,
    persons_present: entry.present ?? [],
    officer_account: entry.account,
    share_rationale: entry.sharing ?? null,
    ...rest(file, entry, raised),
  })
}

export function recordCrime(
  file: PoliceFile,
  entry: Entry & {
    committed: string
    recorded?: string
    offence: string
    outcome?: number
    outcomeDate?: string
    location?: string
    others?: readonly string[]
    summary: string
  },
): void {
  const recorded = entry.recorded ?? entry.committed
  file.rows.crime.push({
    crime_ref: reference(file, 'crime', 'CR', recorded),
    committed_at: entry.committed,
    recorded_at: recorded,
    offence_title: entry.offence,
    ho_outcome: entry.outcome ?? null,
    ho_outcome_date: entry.outcomeDate ?? null,
    location: entry.location ?? null,
    other_parties: entry.others ?? [],
    mo_summary: entry.summary,
    ...rest(file, entry, recorded),
  })
}

export function recordMissing(
  file: PoliceFile,
  entry: Entry & {
    reported: string
    grade: 'VL' | 'L' | 'M' | 'H'
    returned: string | null
    interviewed: boolean | null
    found?: string
    circumstances: string
  },
): void {
  file.rows.misper.push({
    misper_ref: reference(file, 'misper', 'MP', entry.reported),
    reported_at: entry.reported,
    risk_grade: entry.grade,
    returned_at: entry.returned,
    rhi_done: entry.interviewed,
    found_at_place: entry.found ?? null,
    circumstances: entry.circumstances,
    ...rest(file, entry, entry.returned ?? entry.reported),
  })
}

export function recordDomesticIncident(
  file: PoliceFile,
  entry: Entry & {
    occurred: string
    dash: 'STD' | 'MED' | 'HIGH'
    marac?: boolean
    encompass?: boolean
    location?: string
    adults?: readonly string[]
    account: string
  },
): void {
  file.rows.dv_incident.push({
    incident_ref: reference(file, 'dv_incident', 'DA', entry.occurred),
    occurred_at: entry.occurred,
    recorded_at: entry.occurred,
    dash_level: entry.dash,
    marac: entry.marac ?? false,
    encompass_sent: entry.encompass ?? false,
    location: entry.location ?? null,
    adults_involved: entry.adults ?? [],
    officer_account: entry.account,
    ...rest(file, { role: 'WIT', ...entry }, entry.occurred),
  })
}

export function submitIntelligence(
  file: PoliceFile,
  entry: Entry & {
    date: string | null
    submitted: string
    source: '1' | '2' | '3'
    assessment: 'A' | 'B' | 'C' | 'D' | 'E'
    handling: 'P' | 'C'
    conditions?: readonly string[]
    text: string
  },
): void {
  file.rows.intel.push({
    intel_ref: reference(file, 'intel', 'IR', entry.submitted),
    event_date: entry.date,
    submitted_at: entry.submitted,
    source_eval: entry.source,
    info_assess: entry.assessment,
    handling: entry.handling,
    handling_conditions: entry.conditions ?? [],
    sanitised_text: entry.text,
    source_identity: 'held apart, never shared',
    ...rest(file, { role: 'OTH', info: 'U', ...entry }, entry.submitted),
  })
}

export function recordCustody(
  file: PoliceFile,
  entry: Entry & { detained: string; released: string; reason: string; appropriateAdult: string | null },
): void {
  file.rows.custody.push({
    custody_ref: reference(file, 'custody', 'CU', entry.detained),
    detained_at: entry.detained,
    released_at: entry.released,
    detention_reason: entry.reason,
    appropriate_adult: entry.appropriateAdult,
    ...rest(file, { role: 'SUS', ...entry }, entry.released),
  })
}

export function assignOfficer(
  file: PoliceFile,
  entry: Entry & { officer: string; unit: string; duty: string; from: string; to?: string },
): void {
  file.rows.officer_in_case.push({
    oic_id: `${file.reference}/O${file.rows.officer_in_case.length + 1}`,
    unit: entry.unit,
    officer: entry.officer,
    duty: entry.duty,
    tel: '01632 960110',
    email: 'child.abuse.investigation@northshire-police.example',
    from_date: entry.from,
    to_date: entry.to ?? null,
    ...rest(file, entry, at(entry.from, '09:00')),
  })
}

export const adultsInvolved = (household: Household): string[] =>
  household.adults.filter((adult) => adult.relation !== 'Grandmother').map(fullName)
