/**
 * What the policies decide, as terms over an open world: allowed where some permit holds, no forbid holds and none
 * errs, as in `decide.ts`.
 */
import { type PolicyJson, policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { type Condition, readCondition, type Tree } from './smt-condition.ts'
import { and, not, or, symbol, type Term } from './smt-term.ts'
import type { OpenWorld, Texts } from './smt-world.ts'

/** The conditions of each policy of a bundle, read from its text once. */
export type Clauses = ReadonlyMap<string, PolicyJson['conditions']>

export function clausesOf(bundle: PolicyBundle): Clauses {
  return new Map([...bundle.policies].map(([id, { text }]) => [id, clausesIn(text)]))
}

export function clausesIn(text: string): PolicyJson['conditions'] {
  const answer = policyToJson(text)
  if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
  return answer.json.conditions
}

/** All `when` and no `unless`, in order; an error in one that is reached is an error of the whole. */
export function readClauses(
  id: string,
  clauses: PolicyJson['conditions'],
  bundle: PolicyBundle,
  world: OpenWorld,
  texts: Texts,
): Condition {
  let holds: Term = 'true'
  let errs: Term = 'false'
  for (const { kind, body } of clauses) {
    const condition = readCondition(id, body as Tree, bundle.schema, world, texts)
    errs = or(errs, and(holds, condition.errs))
    holds = and(holds, kind === 'when' ? condition.holds : not(condition.holds))
  }
  return { holds, errs }
}

export interface Decisions {
  /** definitions of SMT-LIB that the terms of `allow` need */
  readonly definitions: string
  /** for each action that can be asked, the term that is true where it is allowed */
  readonly allow: ReadonlyMap<string, Term>
}

/** @param prefix tells the definitions of two worlds apart */
export function decisionsIn(
  bundle: PolicyBundle,
  clauses: Clauses,
  world: OpenWorld,
  texts: Texts,
  prefix: string,
): Decisions {
  const lines: string[] = []
  const define = (name: string, term: Term): Term => {
    if (term === 'true' || term === 'false') return term
    lines.push(`(define-fun ${symbol(name)} () Bool ${term})`)
    return symbol(name)
  }
  const policies = [...bundle.policies.values()].map(({ id, compiled }) => {
    const { holds, errs } = readClauses(id, clauses.get(id) ?? [], bundle, world, texts)
    const erring = define(`${prefix}${id} errs`, errs)
    return { ...compiled, errs: erring, holds: define(`${prefix}${id}`, and(holds, not(erring))) }
  })
  const allow = new Map(
    [...bundle.schema.actions].map((action) => {
      const speaking = policies.filter(({ actions }) => actions.has(action))
      const holding = (effect: string) =>
        or(...speaking.filter((policy) => policy.effect === effect).map(({ holds }) => holds))
      const erring = or(...speaking.map(({ errs }) => errs))
      const term = and(holding('permit'), not(holding('forbid')), not(erring))
      return [action, define(`${prefix}allow ${action}`, term)]
    }),
  )
  return { definitions: lines.join('\n'), allow }
}
