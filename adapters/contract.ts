/**
 * How the gateway asks a custodian, whatever kind of system answers.
 * Read-only: nothing in this contract can write to an agency's system.
 */
import type { DecidedGroup } from '../schema/data-group.ts'
import type { NhsNumber } from '../schema/nhs-number.ts'
import type { SourceRecord } from '../schema/record.ts'
import type { Sector } from '../schema/record-type.ts'

/** Whom to ring at the custodian. */
export interface Contact {
  readonly name: string
  readonly telephone: string
  readonly email: string | null
  /** out of hours, where it differs */
  readonly emergencyTelephone: string | null
}

/** One custodian as its YAML describes it, without its connection. */
export interface Custodian {
  readonly id: string
  readonly name: string
  /** the agency that owns the data and is party to the agreements */
  readonly agency: string
  readonly sector: Sector
  readonly contact: Contact
  /** record types that this custodian can give */
  readonly recordTypes: readonly string[]
  /** milliseconds; the gateway's default where null */
  readonly deadlineMs: number | null
  /** how old its data may be at most, in hours, as it promises; null where it promises nothing */
  readonly freshWithinHours: number | null
  /**
   * What verifies an identity here. `demographics`: date of birth and name must agree.
   * `traced-number`: the agency attests that its numbers were traced with PDS, so a number may stand alone,
   * but demographics that it does hold must not clash.
   */
  readonly identityEvidence: 'demographics' | 'traced-number'
  /** it is a place where the child can be found, such as a school: that it knows her tells where she is */
  readonly isPlace: boolean
}

/** What one custodian is asked, once per question. Only what policy could release is named. */
export interface CustodianQuestion {
  readonly nhsNumber: NhsNumber
  readonly recordTypes: readonly { readonly name: string; readonly groups: readonly DecidedGroup[] }[]
  /** the receipt of the access, which the custodian may write into its own log */
  readonly eventId: string
  readonly traceparent: string
  /** aborts at the deadline */
  readonly signal: AbortSignal
}

/** How the custodian identifies a person it holds under the number that was asked for. */
export interface PersonHeld {
  readonly localId: string
  readonly nhsNumber: string
  readonly givenNames: readonly string[]
  readonly familyNames: readonly string[]
  /** ISO date; null where not held */
  readonly dateOfBirth: string | null
  /** labels on the person (adoption, protected-person, address-confidential …): they hold for every record */
  readonly labels: readonly string[]
}

export type FaultKind = 'deadline' | 'unreachable' | 'reset' | 'not-authorised' | 'malformed' | 'failed'

export type CustodianReply =
  | {
      readonly kind: 'held'
      readonly people: readonly [PersonHeld, ...PersonHeld[]]
      readonly records: readonly SourceRecord[]
      /** when the custodian's data was last updated, as far as it says */
      readonly asOf: string | null
      readonly searched: { readonly from: string | null; readonly until: string | null }
    }
  | {
      readonly kind: 'not-held'
      readonly asOf: string | null
      readonly searched: { readonly from: string | null; readonly until: string | null }
    }
  | { readonly kind: 'under-review' }
  | { readonly kind: 'fault'; readonly fault: FaultKind; readonly detail: string }

/** A connected custodian. `ask` never throws and never writes; a fault is a reply. */
export interface Connection {
  readonly custodian: Custodian
  ask(question: CustodianQuestion): Promise<CustodianReply>
  close(): Promise<void>
}
