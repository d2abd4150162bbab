/** What one custodian's answer amounts to. Every connected custodian gives exactly one to every question. */

export const answerStates = {
  RECORDS_SHOWN: 'records are shown below',
  NO_DISCLOSABLE_RECORD:
    'no disclosable record: nothing is held, or nothing that may be acknowledged; ring the contact to ask a person',
  WITHHELD: 'something is held and withheld; the reason is given',
  NOT_ASKED: 'not asked, for the reason given; this says nothing about what is known',
  IDENTITY_UNCONFIRMED: 'a record exists under this number, but it may be another child; nothing is shown',
  UNDER_REVIEW: 'a person at the agency decides; ring the contact',
  DID_NOT_ANSWER: 'did not answer in time or failed; this says nothing about what is known',
  NOT_CONNECTED: 'not connected to Sightline; ring the contact',
} as const

export type AnswerState = keyof typeof answerStates
