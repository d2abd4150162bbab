/** What children's services of Eastmere, over the border, hold about one child, as their case system words it. */
import { at } from './calendar.ts'
import type { IdentityHeld } from './identity-held.ts'
import { fullName, type Household, oneLine } from './person.ts'

const protections: Readonly<Record<string, string>> = {
  adoption: 'ADOPTION',
  'protected-person': 'PROTECTED_PERSON',
  'address-confidential': 'ADDRESS_CONFIDENTIAL',
  'referrer-identity': 'REFERRER_IDENTITY',
  'third-party-confidential': 'THIRD_PARTY_CONFIDENTIAL',
  'court-papers': 'COURT_PAPERS',
  'adult-victim': 'ADULT_VICTIM',
  'staff-record': 'STAFF',
  'young-person-refusal': 'YOUNG_PERSON_REFUSAL',
  covert: 'COVERT',
}

const protectionsFor = (labels: readonly string[]) => labels.map((label) => protections[label] ?? label)

export type Held = Readonly<Record<string, string | boolean | null | readonly string[]>>

export const eastmereLists = [
  'network',
  'workers',
  'frontDoor',
  'assessments',
  'enquiries',
  'plans',
  'care',
] as const
export type EastmereList = (typeof eastmereLists)[number]

export interface EastmereFile {
  readonly client: Held & { readonly clientId: string; readonly nhsNumber: string | null }
  readonly lists: Record<EastmereList, Held[]>
}

export function openEastmereFile(serial: number, identity: IdentityHeld, household: Household): EastmereFile {
  const file: EastmereFile = {
    client: {
      clientId: `em${String(serial).padStart(7, '0')}`,
      nhsNumber: identity.nhsNumber,
      firstNames: identity.middle ? [identity.given, identity.middle] : [identity.given],
      lastName: identity.family,
      alsoKnownAs: [...identity.otherNames, ...(identity.preferred ? [identity.preferred] : [])],
      born: identity.dateOfBirth,
      sex: identity.sex === null ? null : identity.sex === 'F' ? 'female' : 'male',
      ethnicGroup: identity.ethnicity,
      language: identity.language,
      homeAddress: identity.address && oneLine(identity.address),
      homePostcode: identity.address?.postcode ?? null,
      telephone: identity.telephone,
      protections: protectionsFor(identity.labels),
    },
    lists: { network: [], workers: [], frontDoor: [], assessments: [], enquiries: [], plans: [], care: [] },
  }
  for (const adult of household.adults) {
    enterEastmere(
      file,
      'network',
      {
        relation: adult.relation,
        name: fullName(adult),
        born: adult.dateOfBirth,
        sameHome: adult.livesHere,
        parentalResponsibility: adult.parentalResponsibility,
        telephone: adult.telephone,
        warnings: adult.warnings,
      },
      adult.staff ? ['staff-record'] : [],
    )
  }
  return file
}

/** `entry` holds the fields of the list's type in `agencies/eastmere.graphql`. */
export function enterEastmere(
  file: EastmereFile,
  list: EastmereList,
  entry: Held,
  labels: readonly string[] = [],
): void {
  const id = `${file.client.clientId}-${list}-${file.lists[list].length + 1}`
  file.lists[list].push({ id, ...entry, protections: protectionsFor(labels) })
}

export const takeEastmereContact = (
  file: EastmereFile,
  entry: {
    on: string
    stage: string
    source: string
    need: string
    outcome: string
    account: string
    referrer?: string
    labels?: readonly string[]
  },
) =>
  enterEastmere(
    file,
    'frontDoor',
    {
      on: entry.on,
      enteredAt: at(entry.on, '16:10'),
      stage: entry.stage,
      source: entry.source,
      need: entry.need,
      outcome: entry.outcome,
      referrer: entry.referrer ?? null,
      account: entry.account,
      nature: 'allegation',
    },
    entry.labels,
  )
