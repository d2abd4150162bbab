/** Who may ask, as the partners' own systems state it: practitioners, MACPT nominations, case relationships. */
import type { Pool } from 'pg'
import type { NhsNumber } from '../../schema/nhs-number.ts'
import { nameWords } from '../../schema/person-name.ts'
import type { SignedIn } from './authenticate.ts'
import type { RegisterFile } from './register-file.ts'

export interface Practitioner {
  readonly issuer: string
  readonly subject: string
  readonly agency: string
  readonly role: string
  readonly organisationKind: string
  readonly vetting: number
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

/** The keyed hashes under which a child stands in the register. */
export interface ChildKeys {
  lookupOf(nhsNumber: NhsNumber): Buffer
  bornOf(nhsNumber: NhsNumber, dateOfBirth: string): Buffer
  nameOf(nhsNumber: NhsNumber, part: 'given' | 'family', word: string): Buffer
}

export interface Register {
  practitioner(who: SignedIn, now: Date): Promise<Practitioner | null>
  caseRelationship(
    who: SignedIn,
    nhsNumber: NhsNumber,
    caseReference: string,
    now: Date,
  ): Promise<CaseRelationship | null>
  /** Replaces all that this source said before, in one transaction. */
  takeOver(file: RegisterFile, issuer: string): Promise<{ practitioners: number; cases: number }>
}

const live = (now: string) => `starts <= ${now} and (ends is null or ends > ${now})`

const PRACTITIONER = `
  select agency, role, organisation_kind, vetting,
    exists (select from nomination n where n.issuer = p.issuer and n.subject = p.subject and n.role = p.role
      and ${live('$3')}) as nominated,
    exists (select from nomination n where n.issuer = p.issuer and n.subject = p.subject and n.role = p.role
      and n.ends <= $3) as lapsed
  from practitioner p where issuer = $1 and subject = $2 and ${live('$3')}`

const CASE_RELATIONSHIP = `
  select kind, born, given_names as "givenNames", family_names as "familyNames", labels from case_relationship
  where issuer = $1 and subject = $2 and child = $3 and case_reference = $4 and ${live('$5')}
  order by starts desc limit 1`

/** What the case system states of a child, as it may rest here. */
function statedOf(child: Omit<RegisterFile['cases'][number], 'practitioners'>, keys: ChildKeys) {
  const { nhsNumber, dateOfBirth } = child
  const hashes = (part: 'given' | 'family', names: readonly string[]) =>
    names.flatMap(nameWords).map((word) => keys.nameOf(nhsNumber, part, word))
  return {
    child: keys.lookupOf(nhsNumber),
    born: keys.bornOf(nhsNumber, dateOfBirth),
    givenNames: hashes('given', child.givenNames),
    familyNames: hashes('family', child.familyNames),
    labels: child.labels,
  }
}

export function openRegister(pool: Pool, keys: ChildKeys): Register {
  return {
    async practitioner({ issuer, subject }, now) {
      const { rows } = await pool.query(PRACTITIONER, [issuer, subject, now])
      const row = rows[0]
      if (row === undefined) return null
      const { agency, role, organisation_kind: organisationKind, vetting, nominated, lapsed } = row
      return { issuer, subject, agency, role, organisationKind, vetting, nominated, nominationLapsed: lapsed }
    },

    async caseRelationship({ issuer, subject }, nhsNumber, caseReference, now) {
      const { rows } = await pool.query(CASE_RELATIONSHIP, [
        issuer,
        subject,
        keys.lookupOf(nhsNumber),
        caseReference,
        now,
      ])
      return rows[0] ?? null
    },

    async takeOver({ source, practitioners, nominations, cases }, issuer) {
      const ties = cases.flatMap(({ practitioners: tied, ...child }) => {
        const stated = statedOf(child, keys)
        return tied.map((tie) => ({ ...tie, ...stated, reference: child.reference }))
      })
      const client = await pool.connect()
      try {
        await client.query('begin')
        for (const table of ['practitioner', 'nomination', 'case_relationship'])
          await client.query(`delete from ${table} where source = $1 or starts_with(source, $1 || ': ')`, [
            source,
          ])
        for (const p of practitioners)
          await client.query('insert into practitioner values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)', [
            issuer,
            p.subject,
            p.name,
            p.agency,
            p.role,
            p.organisationKind,
            p.vetting,
            p.from,
            p.until,
            source,
          ])
        for (const n of nominations)
          await client.query('insert into nomination values ($1,$2,$3,$4,$5,$6)', [
            issuer,
            n.subject,
            n.role,
            n.from,
            n.until,
            `${source}: ${n.source}`,
          ])
        for (const tie of ties)
          await client.query(
            'insert into case_relationship values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)',
            [
              tie.reference,
              tie.child,
              tie.born,
              tie.givenNames,
              tie.familyNames,
              tie.labels,
              issuer,
              tie.subject,
              tie.kind,
              tie.from,
              tie.until,
              source,
            ],
          )
        await client.query('commit')
      } catch (error) {
        await client.query('rollback').catch(() => undefined)
        throw error
      } finally {
        client.release()
      }
      return { practitioners: practitioners.length, cases: cases.length }
    },
  }
}
