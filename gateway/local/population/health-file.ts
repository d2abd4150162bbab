/** What a health provider holds about one child, as its patient administration system keeps it. FHIR comes later. */
import type { IdentityHeld } from './identity-held.ts'
import type { Household } from './person.ts'

interface Item {
  readonly recorded: string
  /** sensitivity in plain words */
  readonly labels: readonly string[]
}

export interface EncounterHeld extends Item {
  readonly class: 'AMB' | 'EMER' | 'IMP' | 'HH' | 'VR'
  readonly service: string
  readonly from: string
  readonly until: string
  readonly reason: string | null
  readonly place: string
  readonly cameWith: string | null
  readonly note: string | null
}

export interface AppointmentHeld extends Item {
  readonly status: 'noshow' | 'fulfilled'
  readonly service: string
  readonly from: string
  readonly until: string
  readonly reason: string | null
}

export interface ConditionHeld extends Item {
  readonly text: string
  readonly snomed: string | null
  readonly status: 'active' | 'resolved'
  readonly onset: string
  readonly abated: string | null
}

export interface ImmunisationHeld extends Item {
  readonly vaccine: string
  readonly status: 'completed' | 'not-done'
  readonly reasonNotGiven: string | null
  readonly on: string
}

export interface FlagHeld extends Item {
  readonly snomed: string | null
  readonly wording: string
  readonly from: string
  readonly until: string | null
  readonly authority: string
}

export interface CareTeamHeld extends Item {
  readonly service: string
  readonly practitioner: string
  readonly role: string
  readonly organisation: string
  readonly telephone: string
  readonly from: string
  readonly until: string | null
}

export interface HealthFile {
  /** the provider's own number of the patient */
  readonly patient: string
  readonly identity: IdentityHeld
  readonly household: Household
  readonly child: number
  readonly practice: string
  readonly updated: string
  readonly encounters: EncounterHeld[]
  readonly appointments: AppointmentHeld[]
  readonly conditions: ConditionHeld[]
  readonly immunisations: ImmunisationHeld[]
  readonly flags: FlagHeld[]
  readonly careTeams: CareTeamHeld[]
}

const practices = ['Saltmarsh Surgery', 'Castlebeck Medical Centre', 'Thornley Bridge Practice'] as const

export const openHealthFile = (
  prefix: string,
  serial: number,
  identity: IdentityHeld,
  household: Household,
  updated: string,
): HealthFile => ({
  patient: `${prefix}${String(serial).padStart(7, '0')}`,
  identity,
  household,
  child: serial,
  practice: practiceOf(household),
  updated,
  encounters: [],
  appointments: [],
  conditions: [],
  immunisations: [],
  flags: [],
  careTeams: [],
})

/** The same for every child at one address. */
const practiceOf = ({ address }: Household): string => {
  const sum = [...address.postcode].reduce((total, letter) => total + letter.charCodeAt(0), 0)
  return practices[sum % practices.length] ?? practices[0]
}

type Given<T extends Item, Optional extends keyof T> = Omit<T, Optional | 'recorded' | 'labels'> &
  Partial<Pick<T, Optional | 'recorded' | 'labels'>>

export const see = (file: HealthFile, entry: Given<EncounterHeld, 'reason' | 'cameWith' | 'note'>) =>
  file.encounters.push({
    reason: null,
    cameWith: null,
    note: null,
    recorded: entry.until,
    labels: [],
    ...entry,
  })

export const book = (file: HealthFile, entry: Given<AppointmentHeld, 'reason'>) =>
  file.appointments.push({ reason: null, recorded: entry.until, labels: [], ...entry })

export const diagnose = (file: HealthFile, entry: Given<ConditionHeld, 'snomed' | 'abated'>) =>
  file.conditions.push({
    snomed: null,
    abated: null,
    recorded: `${entry.onset}T12:00:00Z`,
    labels: [],
    ...entry,
  })

export const immunise = (file: HealthFile, entry: Given<ImmunisationHeld, 'reasonNotGiven'>) =>
  file.immunisations.push({
    reasonNotGiven: null,
    recorded: `${entry.on}T12:00:00Z`,
    labels: [],
    ...entry,
  })

export const flag = (file: HealthFile, entry: Given<FlagHeld, 'snomed' | 'until' | 'authority'>) =>
  file.flags.push({
    snomed: null,
    until: null,
    authority: "Northshire Council children's services: 01632 960101 by day, 01632 960102 by night",
    recorded: `${entry.from}T12:00:00Z`,
    labels: [],
    ...entry,
  })

export const joinCareTeam = (file: HealthFile, entry: Given<CareTeamHeld, 'until'>) =>
  file.careTeams.push({ until: null, recorded: `${entry.from}T12:00:00Z`, labels: [], ...entry })
