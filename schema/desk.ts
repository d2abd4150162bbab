/**
 * What the desk shows to an agency's reviewer and to an IG lead: what waits for them, and what was decided. Holds no
 * case content; a child's number only where her agency must look her up.
 */
import type { LawfulBasis } from './access-reason.ts'
import type { Explanation } from './explanation.ts'
import type { AccessPage } from './read-access.ts'

export type Decision = 'SHARE' | 'DO_NOT_SHARE'
/** Of the review of an emergency access. */
export type Finding = 'JUSTIFIED' | 'NOT_JUSTIFIED' | 'REFERRED'

export interface DeskPerson {
  readonly name: string
  readonly role: string
  readonly agency: string
}

/** The test of Children Act 2004 s.16LA, and where the agency keeps its reasoning. */
export interface DetrimentTest {
  /** disclosure would be more detrimental to the child than not disclosing */
  readonly moreDetrimental: boolean
  readonly recordedIn: string
}

/** What an agency's own person is asked to decide. */
export interface WaitingReview {
  readonly id: string
  readonly custodian: string
  /** titles of record types */
  readonly kinds: readonly string[]
  readonly purpose: string
  readonly threshold: string
  readonly lawfulBasis: LawfulBasis
  readonly askedBy: DeskPerson
  readonly askedAt: string
  readonly due: string
  readonly overdue: boolean
  /** null once somebody decided whose decision could not be recorded */
  readonly nhsNumber: string | null
}

export interface DecidedReview {
  readonly id: string
  readonly decision: Decision
  readonly decidedAt: string
  readonly validUntil: string
}

export interface DecisionNotToShare {
  /** of the review */
  readonly id: string
  readonly custodian: string
  readonly agency: string
  readonly kinds: readonly string[]
  readonly decidedBy: DeskPerson
  readonly decidedAt: string
  readonly validUntil: string
  readonly reasonClass: string
  readonly words: string
  readonly detriment: DetrimentTest
  readonly acknowledged: boolean
}

/** An emergency access that an IG lead has to review. */
export interface EmergencyToReview {
  readonly eventId: string
  readonly openedAt: string
  readonly expires: string
  readonly due: string
  readonly overdue: boolean
  readonly by: DeskPerson
  readonly reason: string
}

export interface ClosedEmergency {
  readonly eventId: string
  readonly finding: Finding
}

/** What each operation of the desk gives. A document asks for one of them. */
export interface DeskAnswers {
  readonly reviews: readonly WaitingReview[]
  readonly decideReview: DecidedReview
  readonly decisionsNotToShare: readonly DecisionNotToShare[]
  readonly emergencyReviews: readonly EmergencyToReview[]
  readonly closeEmergencyReview: ClosedEmergency
  /** null where there is no such access, or nothing was decided on it */
  readonly explanation: Explanation | null
  readonly accesses: AccessPage
}
export type DeskField = keyof DeskAnswers

/** The only mutations there are. They write at the desk, and nothing at any agency. */
export const deskMutations: readonly string[] = ['decideReview', 'closeEmergencyReview'] satisfies DeskField[]
