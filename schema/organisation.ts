/** What kind of organisation an agency is; some lawful bases are closed to some kinds. */

/** Kinds of organisation that may be closed to a basis; the first four are public authorities. */
export const organisationKinds = [
  'local-authority',
  'police',
  'nhs',
  'education',
  'voluntary',
  'independent',
] as const
export type OrganisationKind = (typeof organisationKinds)[number]
