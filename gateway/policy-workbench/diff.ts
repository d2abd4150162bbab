/**
 * The exact difference of two bundles: for every question that could be asked, under any agreement, what the candidate
 * lets be seen and the live one does not, the other way round, and where only another reason is told. Proved with Z3; an
 * example is reported only where the gateway and Cedar itself decide it so under both bundles.
 */
import { Refusal } from '../../schema/refusal.ts'
import { type ChangeKind, changeKinds } from '../sharing/policy/compare-effects.ts'
import { type Culprit, culpritsOf, differs, differsAt, type Sides } from './diff-cause.ts'
import { type DiffWorld, diffWorld } from './diff-world.ts'
import { plainest } from './plainest-case.ts'
import { byCedar, byPolicies, seenByGateway, sees } from './seen-case.ts'
import type { Asked } from './smt-model.ts'
import { steps } from './smt-shown.ts'
import type { Solver } from './smt-solver.ts'
import { and, not, type Term } from './smt-term.ts'
import { type LoneCode, type SchemaUnion, unionOf } from './smt-union.ts'

/** One cause of a difference, with the plainest question in which it shows. */
export interface Finding {
  readonly change: ChangeKind
  /** what is seen otherwise for this cause, in some question */
  readonly steps: readonly string[]
  readonly because: readonly Culprit[] | LoneCode
  readonly example: { readonly asked: Asked; readonly step: string }
}

export interface PolicyDiff {
  readonly findings: readonly Finding[]
  /** of which it is not known whether there are more: Z3 took too long, or there are too many */
  readonly undecided: readonly ChangeKind[]
  /** Z3's cases that the gateway or Cedar decide otherwise: a fault of ours, and nothing is known */
  readonly faults: readonly Asked[]
  readonly union: SchemaUnion
  /** questions that Z3 answered */
  readonly asked: number
}

/** Milliseconds for one question; today's take a few hundred at most. */
const PATIENCE = 10_000
/** Causes of one change that are told apart; more are no change to be decided at once. */
const MOST = 40

export async function diff(sides: Sides, solver: Solver, patience = PATIENCE): Promise<PolicyDiff> {
  const union = unionOf(sides.live.schema, sides.candidate.schema)
  const findings: Finding[] = []
  const undecided = new Set<ChangeKind>()
  const faults: Asked[] = []
  let asked = 0
  if (union.incomparable.length > 0) return { findings, undecided: [], faults, union, asked }
  const world = diffWorld(sides.live, sides.candidate, union)

  /** @returns a case of the goal, null where there is none: a proof; undefined where Z3 gave up */
  async function caseOf(goal: Term): Promise<Asked | null | undefined> {
    if (goal === 'false') return null
    asked += 1
    try {
      const answer = await solver.check(world.script(goal, patience), world.constants)
      return answer.kind === 'sat' ? world.caseIn(answer.model) : null
    } catch (error) {
      if (error instanceof Refusal && error.code === 'SOLVER_GAVE_UP') return undefined
      throw error
    }
  }

  async function likelyCaseOf(goal: Term): Promise<Asked | null> {
    for (const likely of world.likely) {
      const found = await caseOf(and(goal, likely))
      if (found) return found
    }
    return null
  }

  /** Cause after cause, step after step, until Z3 proves that there is no other. */
  async function findAll(change: ChangeKind): Promise<void> {
    const met = new Map<string, (readonly Culprit[])[]>(steps.map((step) => [step, []]))
    const found = new Map<string, Finding>()
    const isNew = (step: string, asked: Asked) => {
      const culprits = culpritsOf(change, step, sides, asked)
      return !met.get(step)?.some((cause) => includes(culprits, cause))
    }
    const isCase = (asked: Asked, step: string) => differsAt(change, step, sides, asked) && isNew(step, asked)

    for (const step of steps) {
      for (let count = 0; ; count += 1) {
        const others = (met.get(step) ?? []).map((cause) => not(allHold(world, cause)))
        const goal = and(world.differs(change, step), ...others)
        const any = count < MOST ? await caseOf(goal) : undefined
        if (any === undefined) undecided.add(change)
        if (!any) break
        const raw = (await likelyCaseOf(goal)) ?? any
        if (!isCase(raw, step) || !isConfirmed(change, step, sides, raw)) {
          faults.push(raw)
          return
        }
        const asked = plainer(raw, step, (each) => isCase(each, step))
        // what shows in the same question need not be looked for again
        const shows = steps.filter((each) => isCase(asked, each))
        for (const each of shows) {
          const because = culpritsOf(change, each, sides, asked)
          if (because.length > 0) met.get(each)?.push(because)
          const key = JSON.stringify(because)
          const before = found.get(key) ?? { change, steps: [], because, example: { asked, step: each } }
          found.set(key, { ...before, steps: [...before.steps, each] })
        }
        if (culpritsOf(change, step, sides, asked).length > 0) continue
        // nobody can be named, so that there is no asking for another cause
        undecided.add(change)
        break
      }
    }
    findings.push(...found.values())
  }

  async function findLone(code: LoneCode): Promise<void> {
    const change = code.listedBy === 'candidate' ? 'WIDER' : 'NARROWER'
    const any = await caseOf(world.known(code))
    if (any === undefined) undecided.add(change)
    if (!any) return
    const raw = (await likelyCaseOf(world.known(code))) ?? any
    const isCase = (asked: Asked) =>
      differsAt(change, 'know', sides, asked) && JSON.stringify(asked).includes(JSON.stringify(code.id))
    if (!isCase(raw) || !isConfirmed(change, 'know', sides, raw)) {
      faults.push(raw)
      return
    }
    const asked = plainer(raw, 'know', isCase)
    const seen = steps.filter((step) => differsAt(change, step, sides, asked))
    findings.push({ change, steps: seen, because: code, example: { asked, step: 'know' } })
  }

  /** As plain as can be, where Cedar agrees. */
  function plainer(raw: Asked, step: string, isCase: (asked: Asked) => boolean): Asked {
    const { before } = plainest({ before: raw, after: null }, union.schema, (each) => isCase(each.before))
    return changeKinds.some((kind) => isConfirmed(kind, step, sides, before)) ? before : raw
  }

  for (const change of changeKinds) await findAll(change)
  for (const code of union.loneCodes) await findLone(code)
  return { findings, undecided: [...undecided], faults, union, asked }
}

const allHold = (world: DiffWorld, cause: readonly Culprit[]): Term =>
  and(...cause.map(({ side, id }) => world.holds(side, id)))

const includes = (culprits: readonly Culprit[], cause: readonly Culprit[]): boolean =>
  cause.every(({ side, id }) => culprits.some((each) => each.side === side && each.id === id))

/** Cedar itself decides it so, and so does the gateway as a whole. */
function isConfirmed(change: ChangeKind, step: string, { live, candidate }: Sides, asked: Asked): boolean {
  if (!differs(change, step, byCedar(live, asked, 'live'), byCedar(candidate, asked, 'candidate')))
    return false
  return [live, candidate].every((bundle) => {
    const seen = seenByGateway(bundle, asked)
    const decider = byPolicies(bundle, asked)
    return steps.every((each) => seen.has(each) === sees(decider, each))
  })
}
