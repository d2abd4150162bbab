/** The compiled policies decide as Cedar itself does, determining policies included; and the comparison can see. */
import { beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../../../../gateway/policy-workbench/draw.ts'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import { cedarOperators, type Operators } from '../../../../gateway/sharing/policy/compile.ts'
import {
  byAction,
  type Decision,
  decide,
  type PolicyRequest,
  prepare,
} from '../../../../gateway/sharing/policy/decide.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { decideByReference } from '../../../../gateway/sharing/policy/reference.ts'
import { sameDecision } from '../../../../gateway/sharing/policy/second-opinion.ts'
import { policiesDir } from './asked.ts'
import { randomConditions } from './random-conditions.ts'
import { randomRequest } from './random-request.ts'
import { recompiled, seededFaults, withOperators } from './seeded-faults.ts'

/** Milliseconds: Cedar itself takes about one for each decision, and the machine may be busy. */
const PATIENCE = 180_000

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(policiesDir)
})

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
    const compiled = byAction(bundle.schema, recompiled(texts, bundle.schema, cedarOperators))
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
    const { schema, byAction: faulty } = withOperators(bundle, operators)
    return asked.filter(
      ({ request, cedar }) => !sameDecision(decide(faulty, request.action, prepare(schema, request)), cedar),
    ).length
  }

  test.each(seededFaults)('where $fault', ({ operators }) => {
    expect(differences(operators)).toBeGreaterThan(0)
  })

  test('and without a fault there is none', () => {
    expect(differences(cedarOperators)).toBe(0)
  })
})
