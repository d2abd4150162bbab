/** The invented people as they are. What an agency believes about them is in `identity-held.ts`. */

export type Sex = 'F' | 'M'

/** How an adult is related to the children of the household, as children's services word it. */
export type AdultRelation =
  | 'Mother'
  | 'Father'
  | 'Stepfather'
  | 'Stepmother'
  | 'Grandmother'
  | 'Grandfather'
  | 'Partner of parent'
  | 'Carer'

export interface Address {
  readonly line: string
  readonly town: string
  readonly postcode: string
}

export interface Adult {
  readonly serial: string
  readonly relation: AdultRelation
  readonly given: string
  readonly family: string
  readonly sex: Sex
  readonly dateOfBirth: string
  readonly telephone: string
  readonly livesHere: boolean
  readonly parentalResponsibility: boolean
  readonly warnings: readonly string[]
  /** works for one of the agencies: their records about the adult are closed to colleagues */
  readonly staff: boolean
}

export interface Child {
  /** counts from 1; the stories come first */
  readonly serial: number
  readonly story: string | null
  readonly nhsNumber: string | null
  readonly upn: string | null
  readonly given: string
  readonly middle: string | null
  readonly family: string
  readonly nickname: string | null
  readonly formerFamily: string | null
  readonly dateOfBirth: string
  readonly sex: Sex
  readonly pronouns: string | null
  readonly ethnicity: string
  readonly language: string
  readonly needs: readonly string[]
  readonly twin: boolean
}

export interface Household {
  readonly serial: number
  readonly address: Address
  readonly formerAddress: Address | null
  /** when the household came to `address` */
  readonly movedOn: string | null
  readonly telephone: string
  readonly adults: readonly Adult[]
  readonly children: readonly Child[]
}

export const fullName = (person: { given: string; family: string }): string =>
  `${person.given} ${person.family}`

export const oneLine = (address: Address): string => `${address.line}, ${address.town}`
