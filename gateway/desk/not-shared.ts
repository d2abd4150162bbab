/**
 * The decisions not to share: who decided, when, of which reason class, and how the test of s.16LA came out. For those
 * who audit them; names no child, no case and no question.
 */
import type { DecisionNotToShare } from '../../schema/desk.ts'
import { ON_RECORD, type ReviewSettings, wordsOf } from './review-standing.ts'
import { REVIEWER } from './reviewer.ts'
import { titlesOf } from './waiting.ts'

/** Decisions in one answer, the newest first. */
const MOST = 500

const NOT_SHARED = `
  select r.id, r.custodian, r.agency, r.record_types as "recordTypes", d.by_name as name, d.by_agency as by,
    d.decided_at as "decidedAt", d.valid_until as "validUntil", d.reason_class as "reasonClass",
    d.more_detrimental as "moreDetrimental", d.recorded_in as "recordedIn", d.acknowledged
  from review_decision d join review r on r.id = d.review
  where d.decision = 'DO_NOT_SHARE' and ($1::text is null or r.agency = $1)
    and ${ON_RECORD}
  order by d.serial desc limit ${MOST}`

interface NotSharedRow {
  readonly id: string
  readonly custodian: string
  readonly agency: string
  readonly recordTypes: readonly string[]
  readonly name: string
  readonly by: string
  readonly decidedAt: Date
  readonly validUntil: Date
  readonly reasonClass: string
  readonly moreDetrimental: boolean
  readonly recordedIn: string
  readonly acknowledged: boolean
}

/** @param agency whose own decisions; null for those of all */
export async function decisionsNotToShare(
  { pool, reasons }: ReviewSettings,
  agency: string | null,
): Promise<DecisionNotToShare[]> {
  const { rows } = await pool.query<NotSharedRow>(NOT_SHARED, [agency])
  return rows.map(({ recordTypes, name, by, moreDetrimental, recordedIn, ...row }) => ({
    ...row,
    kinds: titlesOf(recordTypes),
    decidedBy: { name, role: REVIEWER, agency: by },
    decidedAt: row.decidedAt.toISOString(),
    validUntil: row.validUntil.toISOString(),
    words: wordsOf(reasons, row.reasonClass),
    detriment: { moreDetrimental, recordedIn },
  }))
}
