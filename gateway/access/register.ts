/**
 * Who may ask, as the partners' own systems state it: practitioners, MACPT nominations, case relationships, and who is
 * tied to a child in her own life. Everything is read at a moment, so that it ends in mid-session.
 */
import type { Pool } from 'pg'
import type { NhsNumber } from '../../schema/nhs-number.ts'
import type { SignedIn } from './authenticate.ts'
import type { ChildKeys } from './child-keys.ts'
import type { RegisterFile } from './register-file.ts'
import { takeOver } from './take-over.ts'

export interface Practitioner {
  readonly issuer: string
  readonly subject: string
  readonly agency: string
  readonly role: string
  readonly organisationKind: string
  /** 0 once it has lapsed */
  readonly vetting: number
  /** her training in information sharing is current */
  readonly trained: boolean
  /** she holds the named right to open emergency access */
  readonly breakGlassRight: boolean
  /** a MACPT nomination for this role is live */
  readonly nominated: boolean
  /** a nomination for this role was live once and has ended */
  readonly nominationLapsed: boolean
}

/** A live tie between a practitioner and the child of a case. */
export interface CaseRelationship {
  readonly kind: string
  /** keyed hash of the child's number and date of birth, as the case system states it */
  readonly born: Buffer
  /** keyed hashes of the child's number and each word of her names */
  readonly givenNames: readonly Buffer[]
  readonly familyNames: readonly Buffer[]
  /** labels that hold for the child in every custodian's records */
  readonly labels: readonly string[]
}

/** What all case systems together state of a child; they may differ about her date of birth. */
export interface StatedChild extends Pick<CaseRelationship, 'givenNames' | 'familyNames' | 'labels'> {
  readonly born: readonly [Buffer, ...Buffer[]]
}

/** How the person asking is tied to the child: she is it, is its relative, or works with somebody who is. */
export type Conflict = 'self' | 'relative' | 'colleague'

export interface Register {
  practitioner(who: SignedIn, now: Date): Promise<Practitioner | null>
  caseRelationship(
    who: SignedIn,
    nhsNumber: NhsNumber,
    caseReference: string,
    now: Date,
  ): Promise<CaseRelationship | null>
  /** the closest tie, where there are several */
  conflict(
    who: SignedIn,
    practitioner: Pick<Practitioner, 'agency'>,
    nhsNumber: NhsNumber,
    now: Date,
  ): Promise<Conflict | null>
  /**
   * Whoever works with her, also where nobody does or does any more: a tie ends, what is true of a child does not.
   * @returns null where no case states her
   */
  statedOf(nhsNumber: NhsNumber): Promise<StatedChild | null>
  /** every agency that the register states a practitioner of, also of before */
  agencies(): Promise<readonly string[]>
  /** Replaces all that this source said before, in one transaction. */
  takeOver(file: RegisterFile, issuer: string): Promise<{ practitioners: number; cases: number }>
}

const live = (now: string) => `starts <= ${now} and (ends is null or ends > ${now})`

const PRACTITIONER = `
  select issuer, subject, agency, role, organisation_kind as "organisationKind",
    case when vetting_until is null or vetting_until > $3 then vetting else 0 end as vetting,
    coalesce(trained_until > $3, false) as trained,
    coalesce(break_glass_from <= $3 and (break_glass_until is null or break_glass_until > $3), false)
      as "breakGlassRight",
    exists (select from nomination n where n.issuer = p.issuer and n.subject = p.subject and n.role = p.role
      and ${live('$3')}) as nominated,
    exists (select from nomination n where n.issuer = p.issuer and n.subject = p.subject and n.role = p.role
      and n.ends <= $3) as "nominationLapsed"
  from practitioner p where issuer = $1 and subject = $2 and ${live('$3')}`

const CASE_RELATIONSHIP = `
  select kind, born, given_names as "givenNames", family_names as "familyNames", labels from case_relationship
  where issuer = $1 and subject = $2 and child = $3 and case_reference = $4 and ${live('$5')}
  order by starts desc limit 1`

/** Her own tie before a colleague's, and `self` before `relative`. */
const CONFLICT = `
  select case when hers then kind else 'colleague' end as conflict from (
    select kind, (c.issuer, c.subject) = ($1, $2) as hers,
      exists (select from practitioner p where p.issuer = c.issuer and p.subject = c.subject and p.agency = $5
        and ${live('$4')}) as colleagues
    from child_connection c where child = $3 and ${live('$4')}
  ) as tie
  where hers or colleagues order by hers desc, kind desc limit 1`

const STATED = `
  select born, given_names as "givenNames", family_names as "familyNames", labels from stated_child
  where child = $1`

export function openRegister(pool: Pool, keys: ChildKeys): Register {
  return {
    async practitioner({ issuer, subject }, now) {
      const { rows } = await pool.query<Practitioner>(PRACTITIONER, [issuer, subject, now])
      return rows[0] ?? null
    },

    async caseRelationship({ issuer, subject }, nhsNumber, caseReference, now) {
      const child = keys.lookupOf(nhsNumber)
      const { rows } = await pool.query<CaseRelationship>(CASE_RELATIONSHIP, [
        issuer,
        subject,
        child,
        caseReference,
        now,
      ])
      return rows[0] ?? null
    },

    async conflict({ issuer, subject }, { agency }, nhsNumber, now) {
      const child = keys.lookupOf(nhsNumber)
      const { rows } = await pool.query<{ conflict: Conflict }>(CONFLICT, [
        issuer,
        subject,
        child,
        now,
        agency,
      ])
      return rows[0]?.conflict ?? null
    },

    async statedOf(nhsNumber) {
      const { rows } = await pool.query<CaseRelationship>(STATED, [keys.lookupOf(nhsNumber)])
      const [first, ...others] = rows
      if (first === undefined) return null
      return {
        born: [first.born, ...others.map(({ born }) => born)],
        givenNames: rows.flatMap(({ givenNames }) => givenNames),
        familyNames: rows.flatMap(({ familyNames }) => familyNames),
        labels: [...new Set(rows.flatMap(({ labels }) => labels))],
      }
    },

    async agencies() {
      const { rows } = await pool.query<{ agency: string }>(
        'select distinct agency from practitioner order by agency',
      )
      return rows.map(({ agency }) => agency)
    },

    takeOver: (file, issuer) => takeOver(pool, keys, file, issuer),
  }
}
