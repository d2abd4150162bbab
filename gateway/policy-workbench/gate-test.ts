/** The second gate: every worked example holds, every policy has one, and no change of a policy goes unnoticed. */
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { Staged } from './cast.ts'
import { examplesOf } from './example-file.ts'
import type { Mutant } from './mutants.ts'
import { isDistinguished, isNoticed, type Mutation, mutate, policyJson } from './mutation.ts'
import { differenceOf } from './outcome.ts'
import { type Explained, explains, type Survivor } from './survivors.ts'

/** Questions drawn to tell a surviving change from one without effect. */
export const DRAWS = 10_000

/** Each example that does not hold: where it is, its sentence, what comes out instead. */
export function failures(bundle: PolicyBundle, staged: readonly Staged[]): string[] {
  return staged.flatMap((each) => {
    const difference = differenceOf(bundle, each)
    return difference === null
      ? []
      : [`${each.example.place}: ${each.example.example}\n    but ${difference}`]
  })
}

/** Policies that could go without any example noticing, and those that could hold always. */
export function uncovered(bundle: PolicyBundle, staged: readonly Staged[]): string[] {
  return [...bundle.policies.values()].flatMap(({ id, file, text }) => {
    const place = examplesOf(file)
    const gone: Mutant = { policy: id, change: 'the policy is gone', json: null }
    if (!isNoticed(bundle, gone, staged))
      return [`${place}: no example shows \`${id}\` deciding; add one with because: ${id}`]
    const always: Mutant = { ...gone, json: { ...policyJson(text), conditions: [] } }
    return isNoticed(bundle, always, staged)
      ? []
      : [`${place}: no example shows where \`${id}\` stops; add one with nearly the same question`]
  })
}

export interface MutationResult extends Mutation {
  readonly survivors: readonly Survivor[]
  /** explanations of changes that an example does notice, or that no longer exist */
  readonly stale: readonly Explained[]
}

export function runMutation(
  bundle: PolicyBundle,
  staged: readonly Staged[],
  explained: readonly Explained[],
): MutationResult {
  const mutation = mutate(bundle)
  const alive = mutation.mutants.filter((mutant) => !isNoticed(bundle, mutant, staged))
  const survivors = alive.map((mutant) => {
    const why = explained.find((entry) => explains(entry, mutant))?.why ?? null
    return { mutant, why, distinguished: why !== null || isDistinguished(bundle, mutant, DRAWS) }
  })
  const stale = explained.filter((entry) => !alive.some((mutant) => explains(entry, mutant)))
  return { ...mutation, survivors, stale }
}
