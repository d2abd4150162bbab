/** The story of a request, top to bottom: attempt, record, respond. Nothing leaves that is not on record. */
import type { Picture } from '../schema/picture.ts'
import { Refusal } from '../schema/refusal.ts'
import type { SignedIn } from './access/authenticate.ts'
import { alertConflict } from './access/conflict.ts'
import type { Practitioner } from './access/register.ts'
import { mayAskAtAll, practitionerWho, standingTowards } from './access/standing.ts'
import { type AccessNotes, accessOf, completionOf, newNotes } from './access-notes.ts'
import { type ChildQuestion, childQuestion } from './child-question.ts'
import { answerDesk } from './desk/desk.ts'
import { openReviews } from './desk/review.ts'
import { standings } from './desk/review-standing.ts'
import { refusalOf } from './fault.ts'
import type { House } from './house.ts'
import { evidenceFor } from './identity/evidence.ts'
import type { Delivery } from './ledger/completion-record.ts'
import { readQuestion } from './question.ts'
import { type HttpAnswer, type Outcome, respond, withhold } from './respond.ts'
import { askCustodians } from './sharing/ask.ts'
import { disclose } from './sharing/disclose.ts'
import { planQuestion } from './sharing/plan.ts'
import { effectsFor } from './sharing/policy/effect.ts'
import { checkReason } from './sharing/policy/lawful-basis.ts'
import { newSamples } from './sharing/policy/sample.ts'

/** What came over HTTP. */
export interface Asked {
  readonly authorization: string | undefined
  readonly traceparent: string | undefined
  /** the body as text, whatever it is; null where it was too large to be read */
  readonly body: string | null
  /** what became of the answer, once its response ended */
  readonly delivered: Promise<Delivery>
}

export async function answer(asked: Asked, house: House): Promise<HttpAnswer> {
  const notes = newNotes(house.clock(), asked.traceparent)
  const outcome = await attempt(asked, house, notes)
  try {
    await notes.requested
    const receipt = await house.ledger.append(
      house.accessRecord(accessOf(notes, outcome)),
      notes.sealedGrounds,
    )
    if (notes.grounds) house.shadow?.compare(notes.grounds, notes.eventId)
    if (outcome.kind === 'released') void recordCompletion(asked, house, notes)
    return respond(receipt, outcome)
  } catch (error) {
    refusalOf(error, house.log)
    return withhold(error)
  }
}

/** Notes what is learnt on the way, so that a refused or failed attempt is recorded as fully as an answered one. */
async function attempt(asked: Asked, house: House, notes: AccessNotes): Promise<Outcome> {
  try {
    return { kind: 'released', body: await bodyFor(asked, house, notes) }
  } catch (error) {
    const refusal = refusalOf(error, house.log)
    return { kind: error instanceof Refusal ? 'denied' : 'failed', refusal }
  }
}

/** While custodians are asked: that they were is on record even where the gateway dies before it answers. */
function recordRequest(house: House, notes: AccessNotes): void {
  if (notes.plan?.asks.length === 0) return
  notes.requested = house.ledger.append(house.accessRecord(accessOf(notes, { kind: 'requested' })))
  notes.requested.catch(() => undefined) // the answer waits for it, and is withheld without it
}

/** After the response has ended, so that no answer waits for it. */
async function recordCompletion(asked: Asked, house: House, notes: AccessNotes): Promise<void> {
  const delivery = await asked.delivered
  try {
    await house.ledger.append(house.completionRecord(completionOf(notes, house.clock(), delivery)))
  } catch (error) {
    refusalOf(error, house.log)
  }
}

async function bodyFor(asked: Asked, house: House, notes: AccessNotes): Promise<string> {
  notes.bundle = house.policies.current()
  const who = await house.authenticate(asked.authorization)
  notes.who = who
  const question = readQuestion(asked.body, house.schema)
  notes.question = question
  const child = childQuestion(question, house.schema)
  if (child !== null) {
    notes.reason = child.reason
    notes.children = [await house.pseudonyms.pidOf(child.nhsNumber)]
  }
  const practitioner = await practitionerWho(house.register, who, notes.at)
  notes.practitioner = practitioner
  if (child === null) return await answerDesk(question, { who, practitioner }, house.desk, notes)
  const picture = await pictureOf(child, { who, practitioner }, house, notes)
  return await house.compose(question, picture)
}

async function pictureOf(
  child: ChildQuestion,
  { who, practitioner }: { who: SignedIn; practitioner: Practitioner },
  house: House,
  notes: AccessNotes,
): Promise<Picture> {
  const { nhsNumber, reason } = child
  const { eventId, at: now, bundle } = notes
  if (bundle === null) throw new Error('no policies decide')

  const approach = { who, practitioner, nhsNumber, eventId, now }
  const conflict = await alertConflict(house, approach)
  mayAskAtAll(practitioner)
  const { role, organisationKind } = practitioner
  const bases = checkReason(bundle, { ...reason, role, organisationKind, on: now })
  const standing = await standingTowards(house, { ...approach, child, conflict })
  notes.emergency = standing.emergency

  const asking = {
    agency: practitioner.agency,
    roles: [role],
    macptMember: practitioner.nominated,
    vetting: practitioner.vetting,
    trained: practitioner.trained,
    conflict: conflict !== null,
  }
  const context = {
    purpose: reason.purpose,
    threshold: reason.threshold,
    bases,
    consent: reason.consentRecorded,
    caseLive: standing.caseLive,
    breakGlass: standing.emergency !== null,
    now,
  }
  const samples = newSamples(house.sampleShare)
  const effect = effectsFor(bundle, asking, context, samples.onDecision)
  const plan = planQuestion({
    bundle,
    connections: house.connections,
    unconnected: house.unconnected,
    practitioner: asking,
    context,
    effect,
    sectors: child.sectors,
    reviews: await standings(house.desk.reviews, { nhsNumber, reason, now }),
  })
  notes.plan = plan
  await openReviews(house.desk.reviews, plan.underReview, { ...approach, reason })

  recordRequest(house, notes)
  const settled = house.pace()
  const replies = await askCustodians(plan.asks, {
    nhsNumber,
    eventId,
    traceparent: notes.traceparent,
    defaultDeadlineMs: house.custodianDeadlineMs,
  })
  const disclosure = disclose({
    bundle,
    plan,
    asked: replies,
    effect,
    evidence: evidenceFor(child, standing.tie, house.keys),
    caseLabels: standing.tie.labels,
    recordId: house.recordId,
    now,
  })
  notes.disclosure = disclosure
  const { kinds } = plan
  const { classes, answers, records } = disclosure
  notes.grounds = { bundle: bundle.version, practitioner: asking, context, kinds, classes }
  notes.sealedGrounds = house.pastAccesses.seal(notes.grounds)
  await house.secondOpinion.check(bundle, samples.chosen)
  // all that takes longer where something is hidden is done; what follows sees only what is shown
  await settled(replies)
  return { eventId, askedAt: now.toISOString(), bundle: bundle.version, answers, records }
}
