/** Whether a policy ever decides anything: a cheap search, which can find that it does and never that it cannot. */
import type { Policy, PolicyBundle } from '../sharing/policy/bundle.ts'
import { type Drawn, drawQuestion, hintsOf, seeded } from './draw.ts'
import { outcomeOf, policyJson } from './mutation.ts'

/** Questions tried for a policy before it is given up; most are found within a hundred. */
const DRAWS = 20_000

/** @returns the ids of the policies for which no question was found that they decide */
export function notFoundDeciding(bundle: PolicyBundle, draws = DRAWS): readonly string[] {
  return [...bundle.policies.values()]
    .filter((policy) => {
      const hints = hintsOf(policyJson(policy.text))
      const random = seeded(1)
      for (let count = 0; count < draws; count++) {
        const drawn = drawQuestion(bundle, hints, random)
        if (outcomeOf(bundle, policy, drawn) === 'holds' && decides(bundle, policy, drawn)) return false
      }
      return true
    })
    .map(({ id }) => id)
}

/** A forbid that holds decides; a permit only an action that no forbid denies at the same time. */
function decides(bundle: PolicyBundle, { compiled }: Policy, drawn: Drawn): boolean {
  if (compiled.effect === 'forbid') return compiled.actions.size > 0
  const forbidden = [...bundle.policies.values()]
    .filter((other) => other.compiled.effect === 'forbid' && outcomeOf(bundle, other, drawn) !== 'fails')
    .flatMap((other) => [...other.compiled.actions])
  return [...compiled.actions].some((action) => !forbidden.includes(action))
}
