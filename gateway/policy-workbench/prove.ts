/**
 * Proves claims about the policies, for every question that there could ever be. A case against a claim is reported
 * only after Cedar itself and the compiled policies have decided it the same way; where they do not, the proof is wrong
 * and says so.
 */
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { Decision } from '../sharing/policy/decide.ts'
import { decideByReference } from '../sharing/policy/reference.ts'
import { type Case, type Decide, readingOf } from './claim-case.ts'
import type { Claim } from './claims.ts'
import { plainest } from './plainest-case.ts'
import { claimQuestion } from './smt-claim.ts'
import { type Clauses, clausesOf } from './smt-decision.ts'
import type { Solver } from './smt-solver.ts'

/** One case of a claim, replayed: the action, and what decided it before and after. */
export interface Replayed extends Case {
  readonly action: string
  readonly decision: Decision
  /** of the other action that should be allowed too, or of the same action after the change */
  readonly instead: Decision | null
}

export type Verdict = {
  readonly claim: Claim
  readonly milliseconds: number
} /** `example` for a claim that something can be allowed */ & (
  | { readonly kind: 'proved'; readonly example: Replayed | null }
  /** no counterexample where what should be possible is impossible */
  | { readonly kind: 'refuted'; readonly counterexample: Replayed | null }
  /** its circumstances cannot arise, so that it would be true of any policies */
  | { readonly kind: 'says-nothing' }
  /** Z3's case is none for Cedar or for the compiled policies: a fault of ours, and nothing is known */
  | { readonly kind: 'encoding-fault'; readonly found: Case }
)

/**
 * @param clock milliseconds, for the time that each claim took
 * @param told each verdict as soon as it is there
 */
export async function prove(
  bundle: PolicyBundle,
  claims: readonly Claim[],
  solver: Solver,
  clock: () => number,
  told: (verdict: Verdict) => void = () => {},
): Promise<readonly Verdict[]> {
  const clauses = clausesOf(bundle)
  const verdicts: Verdict[] = []
  for (const claim of claims) {
    const start = clock()
    const finding = await verdictOn(claim, bundle, clauses, solver)
    const verdict = { ...finding, claim, milliseconds: clock() - start } as Verdict
    told(verdict)
    verdicts.push(verdict)
  }
  return verdicts
}

/** A verdict without the claim and its time, for each of the kinds. */
type Finding = Verdict extends infer Each
  ? Each extends Verdict
    ? Omit<Each, 'claim' | 'milliseconds'>
    : never
  : never

async function verdictOn(
  claim: Claim,
  bundle: PolicyBundle,
  clauses: Clauses,
  solver: Solver,
): Promise<Finding> {
  const question = claimQuestion(claim, bundle, clauses)
  const answer = await solver.check(question.against, question.constants)
  if (answer.kind === 'unsat') {
    if (claim.kind === 'can') return { kind: 'refuted', counterexample: null }
    const speaks = await solver.check(question.speaks)
    return speaks.kind === 'sat' ? { kind: 'proved', example: null } : { kind: 'says-nothing' }
  }
  const raw = question.caseIn(answer.model)
  const replayed = replay(claim, bundle, raw)
  if (!replayed) return { kind: 'encoding-fault', found: raw }
  return claim.kind === 'can'
    ? { kind: 'proved', example: replayed }
    : { kind: 'refuted', counterexample: replayed }
}

/** @returns the case in its plainest form; null where Cedar or the compiled policies decide it otherwise */
export function replay(claim: Claim, bundle: PolicyBundle, found: Case): Replayed | null {
  const reading = readingOf(claim, bundle)
  const byReference: Decide = (request) => decideByReference(bundle, request, 'candidate')
  const isCase = (candidate: Case, decide: Decide, among: readonly string[]) =>
    reading.actionsOf(candidate, decide).some((action) => among.includes(action))
  const [action] = reading.actionsOf(found, bundle.decide)
  if (action === undefined || !isCase(found, byReference, [action])) return null
  const plain = plainest(found, bundle.schema, (candidate) => isCase(candidate, bundle.decide, [action]))
  if (!isCase(plain, byReference, [action])) return null
  const instead =
    claim.kind === 'implies'
      ? bundle.decide({ ...plain.before, action: claim.also })
      : plain.after && bundle.decide({ ...plain.after, action })
  return { ...plain, action, decision: bundle.decide({ ...plain.before, action }), instead }
}
