/**
 * The decision of an agency's own person. Refuses one without the test of Children Act 2004 s.16LA and a reason class
 * where nothing is shared, one that contradicts itself, and one on her own question. What was decided before stays.
 */
import type { DecidedReview, Decision, DetrimentTest } from '../../schema/desk.ts'
import { Refusal } from '../../schema/refusal.ts'
import { inTransaction } from '../access/transaction.ts'
import { holdsNhsNumber } from '../ledger/nhs-number-scan.ts'
import type { Pseudonym } from '../ledger/pseudonym.ts'
import { askerIn } from './review-box.ts'
import type { ReviewReasons } from './review-reasons.ts'
import { HOLDS_FOR, isOver, type ReviewSettings, WITH_DECISION } from './review-standing.ts'
import { hers, IS_HERS, type Reviewer, reviewId, unknownReview } from './reviewer.ts'

/** As it was sent. */
export interface StatedDecision {
  readonly id: string
  readonly decision: Decision
  readonly reasonClass: string | null
  readonly detriment: DetrimentTest | null
  /** the practitioner may read that something is withheld, and why */
  readonly acknowledge: boolean | null
}

/** A reference, no account: nothing about a child may be written here. */
const RECORDED_IN = /^[A-Z0-9][A-Z0-9/-]{2,39}$/

const refuse = (code: string, words: string): never => {
  throw new Refusal(code, words)
}

/**
 * @throws Refusal REASON_CLASS_MISSING, REASON_CLASS_UNKNOWN, DETRIMENT_TEST_MISSING, DETRIMENT_TEST_CONTRADICTS,
 *   RECORDED_IN_INVALID, ACKNOWLEDGEMENT_MISSING, SHARE_TAKES_NO_REASON: the first that applies, in this order
 */
export function checkDecision(stated: StatedDecision, reasons: ReviewReasons): void {
  const { decision, reasonClass, detriment, acknowledge } = stated
  const codes = [...reasons.keys()].join(', ')
  const reason = reasons.get(reasonClass ?? '')
  if (decision === 'DO_NOT_SHARE') {
    if (reasonClass === null) refuse('REASON_CLASS_MISSING', `say why it is not shared; give one of ${codes}`)
    if (reason === undefined) refuse('REASON_CLASS_UNKNOWN', `the reason class is none of ${codes}`)
    if (detriment === null)
      refuse(
        'DETRIMENT_TEST_MISSING',
        'say whether sharing would be more detrimental to the child than not sharing (Children Act 2004 s.16LA), and under which reference your agency keeps its reasoning',
      )
  }
  const expected = decision === 'SHARE' ? false : reason?.moreDetrimental
  if (detriment !== null && expected !== undefined && detriment.moreDetrimental !== expected)
    refuse(
      'DETRIMENT_TEST_CONTRADICTS',
      `your decision does not fit your test: you found sharing ${detriment.moreDetrimental ? 'more' : 'not more'} detrimental to the child; look at both again`,
    )
  if (
    detriment !== null &&
    !(RECORDED_IN.test(detriment.recordedIn) && !holdsNhsNumber(detriment.recordedIn))
  )
    refuse(
      'RECORDED_IN_INVALID',
      'give the reference under which your agency keeps its reasoning, such as `HB-2026/0142`: capital letters, digits, hyphens and strokes, no number of a child',
    )
  if (decision === 'DO_NOT_SHARE' && acknowledge === null)
    refuse('ACKNOWLEDGEMENT_MISSING', 'say whether the practitioner may know that something is withheld')
  if (decision === 'SHARE' && (reasonClass !== null || acknowledge !== null))
    refuse('SHARE_TAKES_NO_REASON', 'a reason class and an acknowledgement belong to a decision not to share')
}

const REVIEW = `
  select r.asked_by as "askedBy", ${isOver('$4', '$5')} as over, p.pid
  from review r ${WITH_DECISION} left join child_pseudonym p on p.lookup = r.child
  where ${IS_HERS} and r.id = $6 for update of r`

const DECIDE = `
  insert into review_decision (review, event_id, decision, decided_at, valid_until, by_issuer, by_subject, by_name,
    by_agency, reason_class, more_detrimental, recorded_in, acknowledged)
  select $1, $2, $3, $4, $5, issuer, subject, name, agency, $8, $9, $10, $11
  from practitioner where issuer = $6 and subject = $7`

/**
 * It counts once its access is on record, with the next question; a later one takes its place.
 * @throws Refusal as `checkDecision`, then REVIEW_UNKNOWN, OWN_QUESTION, REVIEW_OVER
 * @returns with the decision the child it was about, for the ledger
 */
export async function decideReview(
  { pool, box, reasons }: ReviewSettings,
  stated: StatedDecision,
  { reviewer, eventId, now }: { reviewer: Reviewer; eventId: string; now: Date },
): Promise<{ decided: DecidedReview; child: Pseudonym | null }> {
  checkDecision(stated, reasons)
  const id = reviewId(stated.id)
  const { decision, reasonClass, detriment, acknowledge } = stated
  const { issuer, subject } = reviewer.who
  const validUntil = new Date(now.getTime() + HOLDS_FOR)
  return inTransaction(pool, async (client) => {
    await client.query('set local synchronous_commit = on')
    const { rows } = await client.query<{ askedBy: Buffer; over: boolean; pid: Pseudonym | null }>(REVIEW, [
      ...hers(reviewer, now),
      HOLDS_FOR,
      id,
    ])
    const review = rows[0]
    if (review === undefined) throw unknownReview()
    const asker = askerIn(box, id, review.askedBy)
    if (asker.issuer === issuer && asker.subject === subject)
      refuse('OWN_QUESTION', 'you asked this question yourself; another reviewer of your agency decides')
    if (review.over)
      refuse('REVIEW_OVER', 'this review has ended; the next question about the child opens another')
    const { rowCount } = await client.query(DECIDE, [
      id,
      eventId,
      decision,
      now,
      validUntil,
      issuer,
      subject,
      reasonClass,
      detriment?.moreDetrimental ?? null,
      detriment?.recordedIn ?? null,
      acknowledge,
    ])
    if (rowCount !== 1) throw new Error('a decision was not written: who decided is not in the register')
    await client.query('delete from review_number where review = $1', [id])
    const decided = { id, decision, decidedAt: now.toISOString(), validUntil: validUntil.toISOString() }
    return { decided, child: review.pid }
  })
}
