/**
 * Whether one concrete question, or two that differ in one attribute, is a case of a claim: its counterexample, or for
 * a claim that something can be allowed, its example. Asks whoever decides; knows nothing of Z3.
 */
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { type CompiledPolicy, compilePolicy, type World } from '../sharing/policy/compile.ts'
import { type Decision, type PolicyRequest, prepare } from '../sharing/policy/decide.ts'
import type { Change, Claim } from './claims.ts'
import type { Asked } from './smt-model.ts'

export interface Case {
  readonly before: Asked
  /** the question after the change; null where the claim speaks of one question only */
  readonly after: Asked | null
}

/** Who decides: the compiled policies, or Cedar itself. */
export type Decide = (request: PolicyRequest) => Decision

export interface Reading {
  /** the actions for which this is a case of the claim */
  actionsOf(case_: Case, decide: Decide): readonly string[]
}

export function readingOf(claim: Claim, bundle: PolicyBundle): Reading {
  const guard = conditionOf(claim.guard, bundle)
  const provided = claim.kind === 'keeps' ? conditionOf(claim.provided, bundle) : null
  const worldOf = (asked: Asked): World | null => {
    const prepared = prepare(bundle.schema, asked)
    return prepared.kind === 'world' ? prepared.world : null
  }
  return {
    actionsOf({ before, after }, decide) {
      const world = worldOf(before)
      if (!world || !guard.holds(world)) return []
      const allowed = (asked: Asked, action: string) => decide({ ...asked, action }).allow
      const done = claim.actions.filter((action) => allowed(before, action))
      switch (claim.kind) {
        case 'never':
        case 'can':
          return done
        case 'implies':
          return done.length > 0 && !allowed(before, claim.also) ? done : []
        case 'keeps': {
          const changed = after && worldOf(after)
          if (!changed || !provided?.holds(changed) || !differs(claim.change, world, changed)) return []
          return done.filter((action) => !allowed(after, action))
        }
      }
    },
  }
}

/** A condition in Cedar as a policy that holds where it does: parsed by Cedar, applied as every policy is. */
export const asPolicy = (condition: string): string =>
  `permit (principal, action, resource) when { ${condition} };`

function conditionOf(condition: string, bundle: PolicyBundle): CompiledPolicy {
  const answer = policyToJson(asPolicy(condition))
  if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
  return compilePolicy('claim', answer.json, bundle.schema)
}

/** True where nothing but the attribute differs, and that in the way the claim says. */
function differs({ attribute, difference }: Change, before: World, after: World): boolean {
  const [part = '', name = ''] = attribute.split('.')
  const at = (world: World) => world[part as keyof World][name]
  const rest = (world: World) =>
    JSON.stringify({ ...world, [part]: { ...world[part as keyof World], [name]: null } }, (_, value) =>
      value instanceof Set ? [...value] : value,
    )
  if (rest(before) !== rest(after)) return false
  const [one, other] = [at(before), at(after)]
  switch (difference) {
    case 'any':
      return true
    case 'fewer':
      return one instanceof Set && other instanceof Set && [...other].every((code) => one.has(code))
    case 'more':
      return one instanceof Set && other instanceof Set && [...one].every((code) => other.has(code))
    case 'lower':
      return Number(other) <= Number(one)
    case 'higher':
      return Number(other) >= Number(one)
  }
}
