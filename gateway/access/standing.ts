/** Whether this person may ask about this child at all. Checked before any custodian is asked. */
import type { AccessReason } from '../../schema/access-reason.ts'
import type { NhsNumber } from '../../schema/nhs-number.ts'
import { Refusal } from '../../schema/refusal.ts'
import type { SignedIn } from './authenticate.ts'
import type { CaseRelationship, Practitioner, Register } from './register.ts'

/** Roles that hold only while a MACPT nomination is live (Children Act 2004 s.16EA). */
const NOMINATED_ROLES = ['lcpp', 'macpt-police', 'macpt-health', 'macpt-education']

/** Roles that audit or run the service; they never ask about a child. */
const ROLES_WITHOUT_QUESTIONS: Readonly<Record<string, string>> = {
  'ig-lead': 'information-governance leads audit accesses; they do not ask about a child',
  'agency-it': 'agency IT engineers connect systems; they do not ask about a child',
}

export async function practitionerWho(register: Register, who: SignedIn, now: Date): Promise<Practitioner> {
  const practitioner = await register.practitioner(who, now)
  if (practitioner === null)
    throw new Refusal(
      'PRACTITIONER_UNKNOWN',
      'you are signed in, but no partner has entered you in the register; ask your MACPT coordinator',
    )
  return practitioner
}

export function mayAskAtAll({ role, nominated, nominationLapsed }: Practitioner): void {
  const without = ROLES_WITHOUT_QUESTIONS[role]
  if (without !== undefined) throw new Refusal('ROLE_MAY_NOT_ASK', without)
  if (!NOMINATED_ROLES.includes(role) || nominated) return
  throw nominationLapsed
    ? new Refusal('NOMINATION_LAPSED', 'your nomination to the MACPT has ended; ask your agency to renew it')
    : new Refusal('NOT_NOMINATED', 'you have no nomination to the MACPT; ask your agency to nominate you')
}

/** One wording for every missing tie: it must not tell whether the case, or the child, is known. */
export async function caseRelationship(
  register: Register,
  who: SignedIn,
  child: NhsNumber,
  { caseReference }: AccessReason,
  now: Date,
): Promise<CaseRelationship> {
  const tie = await register.caseRelationship(who, child, caseReference, now)
  if (tie === null)
    throw new Refusal(
      'NO_CASE_RELATIONSHIP',
      'you have no live relationship to this child in the case you named; check the case reference, or ask the lead practitioner to add you',
    )
  return tie
}
