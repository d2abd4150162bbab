/** What it takes to read the log for an information-governance lead, and what she asked for. */
import type { Pool } from 'pg'
import type { AccessFilter } from '../../schema/read-access.ts'
import type { ChildKeys } from '../access/child-keys.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'

/** What of the policies is looked at. */
export type ReadingPolicies = Pick<
  PolicyBundle,
  'policies' | 'agreements' | 'logReaders' | 'purposes' | 'lawfulBases'
>

export interface ReadingSettings {
  /** holds the reader's tables, and those of register and pseudonyms */
  readonly pool: Pool
  readonly topic: string
  readonly keys: Pick<ChildKeys, 'lookupOf'>
  readonly recordId: (custodian: string, sourceId: string) => string
  /** days for which accesses are kept; null where nobody decided */
  readonly keptDays: number | null
  /** the policies that decide now */
  readonly current: () => ReadingPolicies
  /** those that decided an access; null where they are on no shelf any more */
  readonly bundleOf: (version: string) => Promise<Pick<PolicyBundle, 'policies'> | null>
}

export interface LogReader {
  readonly issuer: string
  readonly subject: string
  readonly agency: string
}

export interface PageAsked {
  readonly filter: AccessFilter
  /** accesses at most; 100 at most */
  readonly first: number
  readonly after: string | null
  readonly now: Date
}

/** Ids of the agreements by which an agency gives. */
export const agreementsOf = ({ agreements }: Pick<ReadingPolicies, 'agreements'>, agency: string) =>
  agreements.filter(({ source }) => source.agency === agency).map(({ id }) => id)
