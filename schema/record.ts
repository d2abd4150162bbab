/** A record as a custodian sends it, and what every item carries with it. */

/** DPA 2018 s.38(2): fact and opinion are told apart so far as possible; what is not labelled is unclassified. */
export const assertions = ['FACT', 'OPINION', 'ALLEGATION', 'UNCLASSIFIED'] as const
export type Assertion = (typeof assertions)[number]

/** DPA 2018 s.38(3): the categories of person that the police tell apart. */
export const subjectCategories = ['SUSPECT', 'CONVICTED', 'VICTIM', 'WITNESS', 'OTHER'] as const
export type SubjectCategory = (typeof subjectCategories)[number]

/** Whom a record is about, seen from the child that the question names. */
export const relations = ['child', 'sibling', 'adult', 'other'] as const
export type Relation = (typeof relations)[number]

export type FieldValue = string | number | boolean | readonly string[] | null

export interface SourceRecord {
  /** name of a record type, such as `police.crime` */
  readonly type: string
  /** the custodian's own id of the record; never shown, never logged in clear */
  readonly sourceId: string
  readonly system: string
  /** ISO date (`2026-03-14`) or instant with zone; null where the custodian gives none */
  readonly eventTime: string | null
  readonly recordedTime: string | null
  readonly assertion: Assertion
  readonly subjectCategory: SubjectCategory | null
  readonly about: Relation
  /** sensitivity labels, as the source set them; one that policy does not know is denied */
  readonly labels: readonly string[]
  /** handling conditions; they travel with the record */
  readonly handling: readonly string[]
  readonly fields: Readonly<Record<string, FieldValue>>
}
