/** In which ways a policy is broken: every kind of slip that a person could make in a rule is tried. */
import { resolve } from 'node:path'
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import { beforeAll, expect, test } from 'vitest'
import { mutantsOf } from '../../../gateway/policy-workbench/mutants.ts'
import { isDistinguished } from '../../../gateway/policy-workbench/mutation.ts'
import type { PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'
import { loadBundle } from '../../../gateway/sharing/policy/load.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(resolve(import.meta.dirname, '../../../policies'))
})

const changesOf = (text: string): string[] => {
  const answer = policyToJson(text)
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  return mutantsOf('the.policy', answer.json, bundle.schema).map(({ change }) => change)
}

test('conditions are lost, turned round and mistaken', () => {
  const changes = changesOf(
    'forbid (principal, action == Action::"clinical", resource) when { principal.vetting >= 2 && context.consent } unless { context.threshold == Threshold::"s17" };',
  )
  expect(changes).toEqual(
    expect.arrayContaining([
      'the policy is gone',
      'forbid becomes permit',
      'without when { (principal.vetting >= 2 && context.consent) }',
      'unless { context.threshold == Threshold::"s17" } becomes when',
      '`(principal.vetting >= 2 && context.consent)` becomes `(principal.vetting >= 2 || context.consent)`',
      'without `context.consent`',
      '`principal.vetting >= 2` becomes `principal.vetting < 2`',
      '`principal.vetting >= 2` becomes `principal.vetting > 2`',
      '`2` becomes `1`',
      '`2` becomes `3`',
      '`context.threshold == Threshold::"s17"` becomes `context.threshold != Threshold::"s17"`',
      '`Threshold::"s17"` becomes `Threshold::"s47"`',
      'covers every field as well',
      'covers everything, so that the record is not even known',
      'covers `contact` in place of `clinical`',
    ]),
  )
})

test('lists lose a code, gain each other code, and mistake one for its neighbour', () => {
  const changes = changesOf(
    'forbid (principal, action in [Action::"narrative", Action::"contact"], resource) unless { principal.roles.containsAny([Role::"lcpp", Role::"macpt-health"]) };',
  )
  expect(changes).toEqual(
    expect.arrayContaining([
      'without `Role::"lcpp"` in the list',
      'with `Role::"social-worker"` in the list as well',
      '`Role::"lcpp"` becomes `Role::"macpt-police"`',
      'no longer covers `contact`',
    ]),
  )
  expect(changes.filter((change) => change.endsWith('in the list as well'))).toHaveLength(
    (bundle.schema.codes.get('Role')?.size ?? 0) - 2,
  )
})

test('no two changes of one policy have the same words', () => {
  for (const { text } of bundle.policies.values()) {
    const changes = changesOf(text)
    expect(new Set(changes).size).toBe(changes.length)
  }
})

test('a change with an effect is told from one without', () => {
  const policy = 'sensitivity.legal-privilege'
  expect(isDistinguished(bundle, { policy, change: 'the policy is gone', json: null }, 10_000)).toBe(true)
  const answer = policyToJson(bundle.policies.get(policy)?.text ?? '')
  if (answer.type === 'failure') throw new Error('the policy cannot be read')
  expect(isDistinguished(bundle, { policy, change: 'none', json: answer.json }, 1_000)).toBe(false)
})
