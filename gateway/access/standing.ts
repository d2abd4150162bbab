/** Whether this person may ask about this child at all. Checked before any custodian is asked. */
import { Refusal } from '../../schema/refusal.ts'
import type { ChildQuestion } from '../child-question.ts'
import type { SignedIn } from './authenticate.ts'
import type { Emergencies, OpenEmergency } from './break-glass.ts'
import type { ChildKeys } from './child-keys.ts'
import { refuseConflict } from './conflict.ts'
import { emergencyTie } from './emergency-tie.ts'
import type { CaseRelationship, Conflict, Practitioner, Register } from './register.ts'

/** Roles that hold only while a MACPT nomination is live (Children Act 2004 s.16EA). */
const NOMINATED_ROLES = ['lcpp', 'macpt-police', 'macpt-health', 'macpt-education']

/** Roles that audit or run the service; they never ask about a child. */
const ROLES_WITHOUT_QUESTIONS: Readonly<Record<string, string>> = {
  'ig-lead': 'information-governance leads audit accesses; they do not ask about a child',
  'agency-it': 'agency IT engineers connect systems; they do not ask about a child',
  'agency-reviewer':
    'agency reviewers decide what their agency is asked to share; they do not ask about a child',
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

/** How she stands to this child: by a live tie to the case she names, by an emergency, or by both. */
export interface Standing {
  /** with what records are compared, and which labels hold everywhere */
  readonly tie: CaseRelationship
  readonly caseLive: boolean
  readonly emergency: OpenEmergency | null
}

export interface Approach {
  readonly who: SignedIn
  readonly practitioner: Practitioner
  readonly child: ChildQuestion
  readonly conflict: Conflict | null
  readonly eventId: string
  readonly now: Date
}

/**
 * One wording for every missing tie: it must not tell whether the case, or the child, is known, or is a relative's.
 * @throws Refusal NO_CASE_RELATIONSHIP, CONFLICT_OF_INTEREST, BREAK_GLASS_IDENTITY_NEEDED, and those of an emergency
 */
export async function standingTowards(
  { register, emergencies, keys }: { register: Register; emergencies: Emergencies; keys: ChildKeys },
  { who, practitioner, child, conflict, eventId, now }: Approach,
): Promise<Standing> {
  const { nhsNumber, reason } = child
  const { caseReference, breakGlass } = reason
  const tie =
    caseReference === null ? null : await register.caseRelationship(who, nhsNumber, caseReference, now)
  if (breakGlass !== null) {
    // before anything is opened, so that no emergency is spent on a question that could show nothing
    const stated = tie ?? (await emergencyTie({ register, keys }, child))
    const asked = { who, practitioner, nhsNumber, reason: breakGlass.reason, conflict, eventId, now }
    return { tie: stated, caseLive: tie !== null, emergency: await emergencies.open(asked) }
  }
  if (tie === null)
    throw new Refusal(
      'NO_CASE_RELATIONSHIP',
      'you have no live relationship to this child in the case you named; check the case reference, or ask the lead practitioner to add you',
    )
  refuseConflict(conflict)
  return { tie, caseLive: true, emergency: null }
}
