/** What waits for an agency's reviewer, what is due first first. Refuses nothing to her but what is not her agency's. */
import type { LawfulBasis } from '../../schema/access-reason.ts'
import type { WaitingReview } from '../../schema/desk.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import type { Pseudonym } from '../ledger/pseudonym.ts'
import { askerIn, numberIn } from './review-box.ts'
import { HOLDS_FOR, isOver, type ReviewSettings, WITH_DECISION } from './review-standing.ts'
import { hers, IS_HERS, type Reviewer } from './reviewer.ts'

/** Reviews in one answer, and children in its access record; the rest follows as these are decided. */
const MOST = 200

const WAITING = `
  select r.id, r.custodian, r.record_types as "recordTypes", r.purpose, r.threshold, r.article6, r.condition,
    r.function, r.opened_at as "openedAt", r.due, r.due <= $4 as overdue, r.asked_by as "askedBy", n.sealed, p.pid
  from review r ${WITH_DECISION}
  left join review_number n on n.review = r.id
  left join child_pseudonym p on p.lookup = r.child
  where ${IS_HERS} and d.decision is null and not (${isOver('$4', '$5')})
  order by r.due, r.serial limit ${MOST}`

interface WaitingRow extends LawfulBasis {
  readonly id: string
  readonly custodian: string
  readonly recordTypes: readonly string[]
  readonly purpose: string
  readonly threshold: string
  readonly openedAt: Date
  readonly due: Date
  readonly overdue: boolean
  readonly askedBy: Buffer
  readonly sealed: Buffer | null
  readonly pid: Pseudonym | null
}

export const titlesOf = (recordTypes: readonly string[]): string[] =>
  recordTypes.map((name) => recordTypeNamed(name)?.title ?? name)

/** @returns with the reviews the children whose numbers they show, for the ledger */
export async function waitingFor(
  { pool, box }: ReviewSettings,
  reviewer: Reviewer,
  now: Date,
): Promise<{ reviews: WaitingReview[]; children: Pseudonym[] }> {
  const { rows } = await pool.query<WaitingRow>(WAITING, [...hers(reviewer, now), HOLDS_FOR])
  const reviews = rows.map((row) => {
    const { name, role, agency } = askerIn(box, row.id, row.askedBy)
    return {
      id: row.id,
      custodian: row.custodian,
      kinds: titlesOf(row.recordTypes),
      purpose: row.purpose,
      threshold: row.threshold,
      lawfulBasis: { article6: row.article6, condition: row.condition, function: row.function },
      askedBy: { name, role, agency },
      askedAt: row.openedAt.toISOString(),
      due: row.due.toISOString(),
      overdue: row.overdue,
      nhsNumber: row.sealed && numberIn(box, row.id, row.sealed),
    }
  })
  return { reviews, children: [...new Set(rows.flatMap(({ pid }) => pid ?? []))] }
}
