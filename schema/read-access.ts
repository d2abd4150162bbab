/**
 * The accesses as an information-governance lead reads them: who asked about whom, why, on what basis, what was decided
 * and what left. Children are pseudonyms; holds no record and nothing of one.
 */
import type { LawfulBasis } from './access-reason.ts'

export type AccessDecision = 'RELEASED' | 'DENIED' | 'FAILED' | 'NO_OUTCOME' | 'ERASURE'
export type ReadTie = 'SELF' | 'RELATIVE' | 'COLLEAGUE'

/** Somebody who asked, as the access record has her; her name is the register's. */
export interface ReadPerson {
  readonly subject: string
  readonly name: string | null
  readonly role: string | null
  readonly agency: string | null
}

export interface ReadSource {
  readonly custodian: string
  readonly agency: string
  readonly state: string
  /** record types that were asked for */
  readonly recordTypes: readonly string[]
  /** records shown */
  readonly n: number
}

export interface ReadWithheld {
  readonly rule: string
  readonly reason: string
  readonly n: number
}

export interface ReadStep {
  readonly type: string
  readonly at: string
  /** `whole` or `cut-off`: how the answer ended for whoever asked */
  readonly ended: string | null
}

export interface ReadAccess {
  readonly eventId: string
  readonly type: string
  readonly at: string
  readonly decision: AccessDecision
  readonly refusal: string | null
  /** null where it was about no child, or about several */
  readonly child: string | null
  readonly children: number
  /** null where nobody was known */
  readonly by: ReadPerson | null
  readonly purpose: string | null
  /** the same for the same case, and nothing can be read from it */
  readonly caseKey: string | null
  readonly threshold: string | null
  readonly emergency: boolean
  readonly lawfulBasis: LawfulBasis | null
  readonly agreements: readonly string[]
  readonly operation: string | null
  readonly bundle: string | null
  readonly asked: readonly ReadSource[]
  readonly released: readonly string[]
  readonly withheld: readonly ReadWithheld[]
  readonly steps: readonly ReadStep[]
  readonly tie: ReadTie | null
  /** null where that cannot be known any more, or the access was about no child */
  readonly relationshipLive: boolean | null
}

export interface AccessPage {
  readonly accesses: readonly ReadAccess[]
  /** null on the last page */
  readonly next: string | null
  readonly notRead: number
  /** day in UK time; accesses from before it are not kept. Null where all are */
  readonly keptFrom: string | null
  /** of whom all that was on record went; nobody can tell whether this would have been about one of them */
  readonly childrenErased: number
  /** names of the filter's words that are not known today, and may be misspelt */
  readonly unknown: readonly (keyof AccessFilter)[]
  /** null: the whole partnership's */
  readonly ofAgency: string | null
}

export interface AccessFilter {
  readonly child?: string | null
  readonly nhsNumber?: string | null
  readonly practitioner?: string | null
  readonly agency?: string | null
  readonly custodian?: string | null
  readonly recordId?: string | null
  readonly recordType?: string | null
  readonly basis?: string | null
  readonly purpose?: string | null
  readonly agreement?: string | null
  readonly decision?: AccessDecision | null
  readonly from?: string | null
  readonly until?: string | null
}
