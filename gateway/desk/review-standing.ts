/**
 * How far the agencies' own people have come with what is left to them, for one child in one case. A decision counts
 * once the access that made it is on record, for two weeks, and at the threshold at which it was asked for.
 */
import type { Pool, PoolClient } from 'pg'
import type { AccessReason } from '../../schema/access-reason.ts'
import type { Decision } from '../../schema/desk.ts'
import type { NhsNumber } from '../../schema/nhs-number.ts'
import type { ChildKeys } from '../access/child-keys.ts'
import { keyedHash } from '../ledger/keyed-hash.ts'
import type { SealedBox } from '../ledger/sealed-box.ts'
import type { KindInput, ReviewStanding } from '../sharing/plan-kind.ts'
import type { ReviewReasons } from './review-reasons.ts'

/**
 * Milliseconds for which a decision holds, and after which a review that nobody answered is over. Two weeks: what
 * Lincolnshire gives a task. It is the same for either decision, so that its end betrays none.
 */
export const HOLDS_FOR = 14 * 24 * 60 * 60_000

export interface ReviewSettings {
  /** the ledger's own database, which says whether the access of a decision is on record */
  readonly pool: Pool
  readonly key: Buffer
  readonly keys: Pick<ChildKeys, 'lookupOf'>
  /** for the use `review` */
  readonly box: SealedBox
  readonly reasons: ReviewReasons
  readonly bankHolidays: ReadonlySet<string>
}

/** R (AB & CD) v Haringey [2013]: what may be shared at one threshold says nothing about another. */
export interface ReviewScope {
  readonly nhsNumber: NhsNumber
  readonly reason: Pick<AccessReason, 'caseReference' | 'threshold'>
  readonly now: Date
}

/** For `review_decision d`: the access that made it is on record, and did not fail. */
export const ON_RECORD = `exists (select from access_event e where e.event_id = d.event_id
  and convert_from(e.body, 'utf8')::json ->> 'type' = 'sightline.access.released.v1')`

/** Joins to each `review r` its last decision that counts. */
export const WITH_DECISION = `left join lateral (
  select d.* from review_decision d where d.review = r.id and ${ON_RECORD} order by d.serial desc limit 1) d on true`

/** @param now @param holdsFor places of parameters: an instant, and milliseconds */
export const isOver = (now: string, holdsFor: string) =>
  `coalesce(d.valid_until, r.opened_at + ${holdsFor} * interval '1 millisecond') <= ${now}`

const STANDINGS = `
  select r.custodian, r.record_types as "recordTypes", d.decision, d.valid_until as until, d.reason_class as code,
    d.acknowledged
  from review r ${WITH_DECISION}
  where r.child = $1 and r.case_hash = $2 and r.threshold = $3 and not (${isOver('$4', '$5')})
  order by r.serial`

interface StandingRow {
  readonly custodian: string
  readonly recordTypes: readonly string[]
  readonly decision: Decision | null
  readonly until: Date
  readonly code: string
  readonly acknowledged: boolean
}

/** In an emergency there may be no case; such questions about one child share their reviews. */
export const hashesOf = ({ key, keys }: ReviewSettings, { nhsNumber, reason }: ReviewScope) => ({
  child: keys.lookupOf(nhsNumber),
  caseHash: keyedHash(key, 'case', reason.caseReference ?? ''),
})

export async function standings(
  settings: ReviewSettings,
  scope: ReviewScope,
  db: Pool | PoolClient = settings.pool,
): Promise<KindInput['reviews']> {
  const { child, caseHash } = hashesOf(settings, scope)
  const { threshold } = scope.reason
  const { rows } = await db.query<StandingRow>(STANDINGS, [child, caseHash, threshold, scope.now, HOLDS_FOR])
  const known = new Map<string, ReviewStanding>()
  for (const row of rows)
    for (const type of row.recordTypes)
      known.set(`${row.custodian} ${type}`, standingOf(row, settings.reasons))
  return (custodian, recordType) => known.get(`${custodian} ${recordType}`) ?? { kind: 'none' }
}

function standingOf(row: StandingRow, reasons: ReviewReasons): ReviewStanding {
  const { decision, until, code, acknowledged } = row
  if (decision === null) return { kind: 'open' }
  if (decision === 'SHARE') return { kind: 'share', until }
  const reason = { code, words: wordsOf(reasons, code), policies: [] }
  return { kind: 'not-shared', reason, acknowledged }
}

/** A class that was taken off the list since does not make its decision void. */
export function wordsOf(reasons: ReviewReasons, code: string): string {
  const { words, route } = reasons.get(code) ?? {
    words: "the agency's own person decided not to share this",
    route: "the agency's contact, by telephone",
  }
  return `${words}; turn to ${route}`
}
