/**
 * An access explained to an information-governance lead. Refuses more than the list of accesses tells her: of another
 * agency's access only what her own systems were asked, and nothing about herself or a relative. What she may not read
 * reads like an access that is not there.
 */
import type { Pool } from 'pg'
import type { Explanation } from '../../schema/explanation.ts'
import type { Pseudonym } from '../ledger/pseudonym.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { explain } from '../sharing/policy/explain.ts'
import type { Grounds } from '../sharing/policy/grounds.ts'
import type { PastAccess } from '../sharing/policy/past-access.ts'
import { scopeOf } from './log-readers.ts'
import type { LogReader } from './reading.ts'
import { TIED } from './tied.ts'

export interface ExplainingSettings {
  readonly pool: Pool
  /** the policies that decide now */
  readonly current: () => Pick<PolicyBundle, 'logReaders'>
  /** null where there is no such access, or nothing was decided on it */
  readonly find: (eventId: string) => Promise<PastAccess | null>
  /** null for a bundle that is on no shelf any more */
  readonly bundleOf: (version: string) => Promise<PolicyBundle | null>
}

export interface Explained {
  readonly explanation: Explanation | null
  /** about whom it tells, for the ledger */
  readonly children: readonly Pseudonym[]
}

const NOTHING: Explained = { explanation: null, children: [] }

export async function explanationFor(
  { pool, current, find, bundleOf }: ExplainingSettings,
  reader: LogReader,
  { eventId, now }: { readonly eventId: string; readonly now: Date },
): Promise<Explained> {
  const access = await find(eventId)
  const bundle = access && (await bundleOf(access.grounds.bundle))
  if (!bundle) return NOTHING
  const children = access.child === null ? [] : [access.child as Pseudonym]
  const { rows } = await pool.query<{ tied: boolean }>(
    `select exists (${TIED('$1', '$2', '$3', '$4')}) as tied`,
    [reader.issuer, reader.subject, now, children],
  )
  if (rows[0]?.tied !== false) return NOTHING
  const scope = scopeOf(current().logReaders, reader.agency)
  const whole = scope.kind === 'partnership' || access.grounds.practitioner.agency === scope.agency
  if (whole) return { explanation: explain(bundle, access.grounds), children }
  const own = partOf(access.grounds, scope.agency)
  const explanation = explain(bundle, own)
  // where none of her systems was asked, the access is in no list of hers
  return explanation.notAsked.length < own.kinds.length ? { explanation, children } : NOTHING
}

const partOf = (grounds: Grounds, agency: string): Grounds => ({
  ...grounds,
  kinds: grounds.kinds.filter((kind) => kind.agency === agency),
  classes: grounds.classes.filter(({ record }) => record.agency === agency),
})
