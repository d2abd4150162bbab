/** Two faults in the evaluator, seeded on purpose: whatever compares it with Cedar must notice both. */
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import {
  type CompiledPolicy,
  cedarOperators,
  compilePolicy,
  type Operators,
} from '../../../../gateway/sharing/policy/compile.ts'
import { byAction } from '../../../../gateway/sharing/policy/decide.ts'
import type { PolicySchema } from '../../../../gateway/sharing/policy/policy-schema.ts'

const operator = (name: string) => {
  const found = cedarOperators[name]
  if (!found) throw new Error(`the operator \`${name}\` is missing`)
  return found
}

export const seededFaults: readonly { readonly fault: string; readonly operators: Operators }[] = [
  {
    fault: 'containsAny asks for all',
    operators: { ...cedarOperators, containsAny: operator('containsAll') },
  },
  {
    fault: 'an agreement still holds at the instant at which it expires',
    operators: { ...cedarOperators, '<': operator('<=') },
  },
]

export function recompiled(
  texts: ReadonlyMap<string, string>,
  schema: PolicySchema,
  operators: Operators,
): readonly CompiledPolicy[] {
  return [...texts].map(([id, text]) => {
    const answer = policyToJson(text)
    if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
    return compilePolicy(id, answer.json, schema, operators)
  })
}

/** The bundle as an evaluator with these operators would apply it. */
export function withOperators(bundle: PolicyBundle, operators: Operators): PolicyBundle {
  const texts = new Map([...bundle.policies].map(([id, { text }]) => [id, text]))
  return {
    ...bundle,
    taken: new WeakMap(),
    byAction: byAction(bundle.schema, recompiled(texts, bundle.schema, operators)),
  }
}
