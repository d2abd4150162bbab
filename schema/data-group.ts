/** The field groups in which policy decides. Every field of every record type carries exactly one. */

/**
 * `envelope` is released by `read` itself: what kind of record, its dates and its status codes.
 * Each other group is an action of its own in `policies/schema.cedarschema`.
 */
export const decidedGroups = [
  'identity',
  'location',
  'contact',
  'narrative',
  'clinical',
  'intelligence',
  'third-party',
  'professional',
] as const

export type DecidedGroup = (typeof decidedGroups)[number]
export type DataGroup = DecidedGroup | 'envelope'

/** Groups that policy may release in part: a postcode as its district, a date of birth as its year. */
export const partialGroups = ['identity', 'location'] as const
