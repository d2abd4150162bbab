/**
 * Conflict of interest: nobody asks about herself, a relative, or a colleague's relative. Every such attempt raises an
 * alert. Only who works on the case reads why she is refused; to anybody else the number alone betrays nothing.
 */
import type { NhsNumber } from '../../schema/nhs-number.ts'
import { Refusal } from '../../schema/refusal.ts'
import type { Alerts } from './alert.ts'
import type { SignedIn } from './authenticate.ts'
import type { Conflict, Practitioner, Register } from './register.ts'

export interface AttemptAtChild {
  readonly who: SignedIn
  readonly practitioner: Practitioner
  readonly nhsNumber: NhsNumber
  readonly eventId: string
  readonly now: Date
}

/** Looks her ties up and raises the alert. Comes before anything that could refuse her for another reason. */
export async function alertConflict(
  { register, alerts }: { register: Pick<Register, 'conflict'>; alerts: Pick<Alerts, 'raise'> },
  { who, practitioner, nhsNumber, eventId, now }: AttemptAtChild,
): Promise<Conflict | null> {
  const conflict = await register.conflict(who, practitioner, nhsNumber, now)
  const { agency, role } = practitioner
  if (conflict !== null) await alerts.raise({ kind: 'CONFLICT_OF_INTEREST', eventId, agency, role, at: now })
  return conflict
}

/** One wording for all three: it must not tell whose relative the child is. */
export function refuseConflict(conflict: Conflict | null): void {
  if (conflict === null) return
  throw new Refusal(
    'CONFLICT_OF_INTEREST',
    'this child may have a personal tie to you or to somebody at your agency, so somebody else must ask; speak with your team manager, and if the child is in danger now ring 999; this attempt was reported',
  )
}
