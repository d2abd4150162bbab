/** The compiled policies decide as Cedar itself does, determining policies included; and the comparison can see. */
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import { beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../../../../gateway/policy-workbench/draw.ts'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import {
  type CompiledPolicy,
  cedarOperators,
  compilePolicy,
  type Operators,
} from '../../../../gateway/sharing/policy/compile.ts'
import {
  byAction,
  type Decision,
  decide,
  type PolicyRequest,
  prepare,
} from '../../../../gateway/sharing/policy/decide.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { decideByReference } from '../../../../gateway/sharing/policy/reference.ts'
import { policiesDir } from './asked.ts'
import { randomConditions } from './random-conditions.ts'
import { randomRequest } from './random-request.ts'

/** Milliseconds: Cedar itself takes about one for each decision, and the machine may be busy. */
const PATIENCE = 180_000

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(policiesDir)
})

function recompiled(texts: ReadonlyMap<string, string>, operators: Operators): readonly CompiledPolicy[] {
  return [...texts].map(([id, text]) => {
    const answer = policyToJson(text)
    if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
    return compilePolicy(id, answer.json, bundle.schema, operators)
  })
}

test(
  '3,000 random requests are decided as Cedar decides them, and every policy decides some of them',
  () => {
    const random = seeded(47)
    const determined = new Map<string, number>()
    let allowed = 0
    for (let round = 0; round < 3000; round += 1) {
      const request = randomRequest(bundle, random)
      const decision = bundle.decide(request)
      expect(decision, JSON.stringify(request)).toEqual(decideByReference(bundle, request))
      if (decision.allow) allowed += 1
      for (const id of decision.determining) determined.set(id, (determined.get(id) ?? 0) + 1)
    }
    expect(allowed).toBeGreaterThan(150)
    const idle = [...bundle.policies.keys()].filter((id) => !determined.has(id))
    expect(idle).toEqual([])
  },
  PATIENCE,
)

test(
  'policies with every operator of the subset, errors included, are applied as Cedar applies them',
  () => {
    const random = seeded(17)
    const texts = new Map(
      randomConditions(bundle.schema, random, 60).map((text, index) => [`random.p${index}`, text]),
    )
    const compiled = byAction(bundle.schema, recompiled(texts, cedarOperators))
    const policies = new Map([...texts].map(([id, text]) => [id, { text }]))
    const source = { ...bundle, version: 'random conditions', policies }
    let errors = 0
    for (let round = 0; round < 400; round += 1) {
      const request = randomRequest(bundle, random)
      const decision = decide(compiled, request.action, prepare(bundle.schema, request))
      expect(decision).toEqual(decideByReference(source, request, 'candidate'))
      errors += decision.errors.length
    }
    expect(errors).toBeGreaterThan(0)
  },
  PATIENCE,
)

describe('a fault in the evaluator is seen', () => {
  let asked: { request: PolicyRequest; cedar: Decision }[]
  beforeAll(() => {
    const random = seeded(3)
    asked = Array.from({ length: 800 }, () => {
      const request = randomRequest(bundle, random)
      return { request, cedar: decideByReference(bundle, request) }
    })
  }, PATIENCE)

  const differences = (operators: Operators): number => {
    const texts = new Map([...bundle.policies].map(([id, { text }]) => [id, text]))
    const faulty = byAction(bundle.schema, recompiled(texts, operators))
    return asked.filter(({ request, cedar }) => {
      const mine = decide(faulty, request.action, prepare(bundle.schema, request))
      return JSON.stringify(mine) !== JSON.stringify(cedar)
    }).length
  }

  test('where containsAny asks for all', () => {
    const { containsAll, ...others } = cedarOperators
    if (!containsAll) throw new Error('the operator is missing')
    expect(differences({ ...others, containsAll, containsAny: containsAll })).toBeGreaterThan(20)
  })

  test('where an agreement still holds at the instant at which it expires', () => {
    const { '<=': notAfter, ...others } = cedarOperators
    if (!notAfter) throw new Error('the operator is missing')
    expect(differences({ ...others, '<=': notAfter, '<': notAfter })).toBeGreaterThan(0)
  })

  test('and without a fault there is none', () => {
    expect(differences(cedarOperators)).toBe(0)
  })
})
