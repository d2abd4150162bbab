/** Every record type that Sightline knows. A custodian can send no other. */
import { educationTypes } from './education.ts'
import { healthTypes } from './health.ts'
import { personTypes } from './person.ts'
import { policeTypes } from './police.ts'
import type { RecordType, Sector } from './record-type.ts'
import { socialCareTypes } from './social-care.ts'

export const recordTypes: readonly RecordType[] = [
  ...personTypes,
  ...policeTypes,
  ...healthTypes,
  ...educationTypes,
  ...socialCareTypes,
]

const byName = new Map(recordTypes.map((type) => [type.name, type]))

export const recordTypeNamed = (name: string): RecordType | undefined => byName.get(name)

export const recordTypesOf = (sector: Sector | 'person'): readonly RecordType[] =>
  recordTypes.filter((type) => type.sector === sector)
