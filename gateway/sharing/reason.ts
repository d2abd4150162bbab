/** Puts a reason code into the words that a practitioner reads, with the route to a person. */
import type { Reason } from '../../schema/picture.ts'
import type { PolicyBundle } from './policy/bundle.ts'

/** Reasons that follow from the question or the identity, not from a policy; policies/reasons.yaml holds the rest. */
const WITHOUT_POLICY: Readonly<Record<string, string>> = {
  NOT_CONNECTED: 'this agency is not connected to Sightline; ring the contact',
  NOT_IN_QUESTION: 'the question did not ask this sector; ask again for the whole picture',
  SEVERAL_PEOPLE_UNDER_THIS_NUMBER:
    'the agency holds more than one person under this number; ring the contact',
  ANOTHER_NUMBER_RETURNED: 'the agency returned a person with another number; ring the contact',
  DATE_OF_BIRTH_DIFFERS: 'the date of birth held there differs; confirm the child with the contact',
  DATE_OF_BIRTH_MISSING: 'no date of birth is held there; confirm the child with the contact',
  NAME_DIFFERS: 'the name held there differs; confirm the child with the contact',
  NAME_MISSING: 'no name is held there; confirm the child with the contact',
}

/** @throws a fault for a reason that nobody may read: it has no words, and telling its code would betray it */
export function reasonInWords(bundle: PolicyBundle, code: string, policies: readonly string[]): Reason {
  const reason = bundle.reasons.get(code)
  const words = reason?.words ? `${reason.words}; turn to ${reason.route}` : WITHOUT_POLICY[code]
  if (words === undefined) throw new Error(`reason \`${code}\` has no words`)
  return { code, words, policies }
}
