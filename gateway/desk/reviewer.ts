/**
 * Whose review it is: a reviewer's of the agency that holds the record, who is neither the child nor her relative. Of
 * any other review nobody is told whether there is one.
 */
import { Refusal } from '../../schema/refusal.ts'
import type { SignedIn } from '../access/authenticate.ts'
import type { Practitioner } from '../access/register.ts'

/** Nobody else decides. */
export const REVIEWER = 'agency-reviewer'

export interface Reviewer {
  readonly who: SignedIn
  readonly practitioner: Practitioner
}

/** For `review r`. Places: $1 her agency, $2 issuer, $3 subject, $4 now. */
export const IS_HERS = `r.agency = $1 and not exists (
  select from child_connection c where c.child = r.child and (c.issuer, c.subject) = ($2, $3)
    and c.starts <= $4 and (c.ends is null or c.ends > $4))`

export const hers = ({ who, practitioner }: Reviewer, now: Date) => [
  practitioner.agency,
  who.issuer,
  who.subject,
  now,
]

export const unknownReview = () =>
  new Refusal(
    'REVIEW_UNKNOWN',
    'no such review waits for your agency; see `sightline reviews` for those that do',
  )

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @throws Refusal REVIEW_UNKNOWN for what can be the id of none */
export function reviewId(typed: string): string {
  if (UUID.test(typed)) return typed.toLowerCase()
  throw unknownReview()
}
