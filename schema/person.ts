/** What any sector may say of the child as a person: details, relationships, and who is involved. */
import { date, flag, recordType, text } from './record-type.ts'

export const personDetails = recordType(
  'person.details',
  'PersonDetails',
  'details',
  'Identity details',
  'How one custodian identifies the child. Shown side by side: there is no golden record.',
  {
    givenName: text('identity', 'Given names, as held'),
    familyName: text('identity', 'Family name, as held'),
    otherNames: text('identity', 'Former, preferred and alias names', { list: true }),
    dateOfBirth: date('identity', 'Date of birth; its year where only part may be shown', {
      partial: 'year',
    }),
    sex: text('identity', 'Sex as recorded by the custodian'),
    pronouns: text('identity', 'Pronouns the child uses, where recorded'),
    ethnicity: text('identity', 'Ethnicity as recorded by the custodian'),
    firstLanguage: text('identity', 'First language'),
    communicationNeeds: text('identity', 'Interpreter, Makaton, Braille or sign language, where recorded', {
      list: true,
    }),
    upn: text('identity', 'Unique pupil number'),
    address: text('location', 'Home address in one line'),
    postcode: text('location', 'Postcode of the home address; its district where only part may be shown', {
      partial: 'outward-postcode',
    }),
    telephone: text('contact', "Telephone number of the child's home"),
  },
)

export const personRelationship = recordType(
  'person.relationship',
  'RelatedPerson',
  'relationships',
  'Person related to the child',
  'A member of the household or a relative. Each is decided under policy as a person of their own.',
  {
    relationship: text('envelope', 'Relationship to the child, as the custodian words it'),
    name: text('third-party', 'Name of the related person'),
    dateOfBirth: date('third-party', 'Date of birth of the related person'),
    sameHousehold: flag('third-party', 'Lives in the same household as the child'),
    parentalResponsibility: flag('third-party', 'Holds parental responsibility, where recorded'),
    telephone: text('contact', 'Telephone number of the related person'),
    warning: text('narrative', 'Warning for visiting practitioners, as the custodian words it', {
      list: true,
    }),
  },
)

export const personInvolvement = recordType(
  'person.involvement',
  'Involvement',
  'involvements',
  'Who is involved, and whom to ring',
  'A service or practitioner that works with the child or did so.',
  {
    service: text('professional', 'Service or team'),
    role: text('professional', 'What they do for the child'),
    practitioner: text('professional', 'Name of the practitioner'),
    telephone: text('professional', 'Work telephone'),
    email: text('professional', 'Work e-mail'),
    from: date('envelope', 'Involved from'),
    until: date('envelope', 'Involved until; empty while open'),
  },
)

/**
 * Says who the child is or who is involved, not what happened. A health summary is one of them: it is read off every
 * patient's master record, and so says no more than that the child is registered.
 */
export const isPersonal = (recordType: string): boolean =>
  recordType.startsWith('person.') || recordType === 'health.summary'

export const personTypes = [personDetails, personRelationship, personInvolvement] as const
