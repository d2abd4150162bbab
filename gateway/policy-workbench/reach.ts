/** Whether a policy ever decides anything: a cheap search, which can find that it does and never that it cannot. */
import { agreementFor } from '../sharing/policy/agreement.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { CompiledPolicy, World } from '../sharing/policy/compile.ts'
import { decide, prepare } from '../sharing/policy/decide.ts'
import { drawQuestion, hintsOf, seeded } from './draw.ts'
import { policyJson } from './mutation.ts'

/** Questions tried for a policy before it is given up; most are found within a hundred. */
const DRAWS = 20_000

/** @returns the ids of the policies for which no question was found that they decide */
export function notFoundDeciding(bundle: PolicyBundle, draws = DRAWS): readonly string[] {
  return [...bundle.policies.values()]
    .filter(({ id, text, compiled }) => {
      const hints = hintsOf(policyJson(text))
      const random = seeded(1)
      for (let count = 0; count < draws; count++) {
        const { practitioner, record, ask, agreements } = drawQuestion(bundle, hints, random)
        const agreement = agreementFor(
          { agreements },
          record.agency,
          record.custodian,
          practitioner.agency,
          ask.now,
        )
        const prepared = prepare(bundle.schema, {
          practitioner,
          record: { ...record, agreement },
          context: ask,
        })
        if (prepared.kind === 'faults' || !holds(compiled, prepared.world)) continue
        for (const action of compiled.actions)
          if (decide(bundle.byAction, action, prepared).determining.includes(id)) return false
      }
      return true
    })
    .map(({ id }) => id)
}

function holds(policy: CompiledPolicy, world: World): boolean {
  try {
    return policy.holds(world)
  } catch {
    return false
  }
}
