/**
 * Mutation: breaks the policies in every small way, one at a time, and asks whether any worked example notices.
 * A change that the first gate would refuse is not counted; a change that nobody notices is named.
 */
import { type PolicyJson, policyToJson, validate } from '@cedar-policy/cedar-wasm/nodejs'
import { Refusal } from '../../schema/refusal.ts'
import { agreementFor } from '../sharing/policy/agreement.ts'
import type { Policy, PolicyBundle } from '../sharing/policy/bundle.ts'
import { compilePolicy } from '../sharing/policy/compile.ts'
import { byAction, prepare } from '../sharing/policy/decide.ts'
import { effectOf } from '../sharing/policy/effect.ts'
import type { Staged } from './cast.ts'
import { type Drawn, drawQuestion, hintsOf, seeded } from './draw.ts'
import { type Mutant, mutantsOf } from './mutants.ts'
import { differenceOf } from './outcome.ts'

export interface Mutation {
  /** those that the first gate lets through */
  readonly mutants: readonly Mutant[]
  /** how many the first gate refuses, as Cedar's strict validation does not accept them */
  readonly refused: number
}

export const policyJson = (text: string): PolicyJson => {
  const answer = policyToJson(text)
  if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
  return answer.json
}

export function mutate(bundle: PolicyBundle): Mutation {
  const all = [...bundle.policies.values()].flatMap(({ id, text }) =>
    mutantsOf(id, policyJson(text), bundle.schema),
  )
  const staticPolicies = Object.fromEntries(
    all.flatMap(({ json }, index) => (json ? [[`mutant${index}`, json]] : [])),
  )
  const answer = validate({
    validationSettings: { mode: 'strict' },
    schema: bundle.schemaText,
    policies: { staticPolicies },
  })
  if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
  const bad = new Set(
    [...answer.validationErrors, ...answer.validationWarnings].map(({ policyId }) => policyId),
  )
  const mutants = all.filter((_, index) => !bad.has(`mutant${index}`))
  return { mutants, refused: all.length - mutants.length }
}

/** @returns null where Sightline would refuse the change at start-up */
export function withMutant(bundle: PolicyBundle, { policy, json }: Mutant): PolicyBundle | null {
  const policies = new Map(bundle.policies)
  const before = policies.get(policy)
  policies.delete(policy)
  if (json && before) {
    try {
      policies.set(policy, { ...before, compiled: compilePolicy(policy, json, bundle.schema) })
    } catch (error) {
      if (error instanceof Refusal) return null
      throw error
    }
  }
  return {
    ...bundle,
    policies,
    byAction: byAction(
      bundle.schema,
      [...policies.values()].map(({ compiled }) => compiled),
    ),
  }
}

/** The examples of a policy's own file first: they are the likeliest to notice. */
export function isNoticed(bundle: PolicyBundle, mutant: Mutant, staged: readonly Staged[]): boolean {
  const changed = withMutant(bundle, mutant)
  if (!changed) return true
  const file = bundle.policies.get(mutant.policy)?.file ?? ''
  const near = staged.filter(({ example }) => file.startsWith(example.explains))
  const far = staged.filter(({ example }) => !file.startsWith(example.explains))
  return [...near, ...far].some((each) => differenceOf(changed, each) !== null)
}

/**
 * Looks for a question whose answer differs under the mutant.
 * @param draws how many questions are tried
 * @returns true where one was found; false says only that none was found
 */
export function isDistinguished(bundle: PolicyBundle, mutant: Mutant, draws: number, seed = 1): boolean {
  const changed = withMutant(bundle, mutant)
  const policy = bundle.policies.get(mutant.policy)
  if (!changed || !policy) return true
  const other = changed.policies.get(mutant.policy)
  const sameActions = String([...policy.compiled.actions]) === String([...(other?.compiled.actions ?? [])])
  const sameEffect = policy.compiled.effect === other?.compiled.effect
  const random = seeded(seed)
  const hints = hintsOf(mutant.json ?? policyJson(policy.text))
  for (let count = 0; count < draws; count++) {
    const drawn = drawQuestion(bundle, hints, random)
    const { practitioner, record, ask, agreements } = drawn
    const before = outcomeOf(bundle, policy, drawn)
    const after = other ? outcomeOf(bundle, other, drawn) : 'fails'
    if (before === after && (before === 'fails' || (sameActions && sameEffect))) continue
    const [answer, answerChanged] = [bundle, changed].map((each) => {
      const supposed = { ...each, agreements, taken: new WeakMap(), alarm: () => {} }
      return JSON.stringify(effectOf(supposed, practitioner, record, ask))
    })
    if (answer !== answerChanged) return true
  }
  return false
}

/** What one policy says of a drawn question. */
export function outcomeOf(
  { schema }: PolicyBundle,
  { compiled }: Policy,
  { practitioner, record, ask, agreements }: Drawn,
): 'holds' | 'fails' | 'errs' {
  const agreement = agreementFor(
    { agreements },
    record.agency,
    record.custodian,
    practitioner.agency,
    ask.now,
  )
  const prepared = prepare(schema, { practitioner, record: { ...record, agreement }, context: ask })
  if (prepared.kind === 'faults') return 'errs'
  try {
    return compiled.holds(prepared.world) ? 'holds' : 'fails'
  } catch {
    return 'errs'
  }
}
