/** An agency's own folder keeps back its own records, before every permit and in every order, and does nothing else. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkBundle } from '../../../../gateway/policy-workbench/check.ts'
import { drawQuestion, hintsOf, seeded } from '../../../../gateway/policy-workbench/draw.ts'
import { agreementFor } from '../../../../gateway/sharing/policy/agreement.ts'
import type { Policy, PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import { compilePolicy } from '../../../../gateway/sharing/policy/compile.ts'
import { byAction, decide, type Prepared, prepare } from '../../../../gateway/sharing/policy/decide.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { decideByReference } from '../../../../gateway/sharing/policy/reference.ts'
import { Refusal } from '../../../../schema/refusal.ts'
import { policiesDir } from './asked.ts'
import { randomRequest } from './random-request.ts'

/** Milliseconds, on a busy machine. */
const PATIENCE = 120_000

let bundle: PolicyBundle
let agencies: readonly Policy[]
beforeAll(async () => {
  bundle = await loadBundle(policiesDir)
  agencies = [...bundle.policies.values()].filter(({ file }) => file.startsWith('agencies/'))
})

function policyJson(text: string) {
  const answer = policyToJson(text)
  if (answer.type === 'failure') throw new Error('the policy cannot be parsed')
  return answer.json
}

test('agencies of Northshire keep back something of their own', () => {
  expect(agencies.map(({ id }) => id)).toEqual([
    'hollybank-school.suspension',
    'northshire-hospital.oversight-accounts',
    'northshire-police.custody',
  ])
  expect(agencies.map(({ review }) => review)).toEqual([true, false, false])
})

describe('the deny of an agency', () => {
  /** Questions in which it holds, drawn near what it speaks of. */
  function questionsOf(policy: Policy, count: number) {
    const random = seeded(47)
    const hints = hintsOf(policyJson(policy.text))
    const found: { prepared: Prepared; request: Parameters<typeof prepare>[1] }[] = []
    while (found.length < count) {
      const { practitioner, record, ask, agreements } = drawQuestion(bundle, hints, random)
      const agreement = agreementFor(
        { agreements },
        record.agency,
        record.custodian,
        practitioner.agency,
        ask.now,
      )
      const request = { practitioner, record: { ...record, agreement }, context: ask }
      const prepared = prepare(bundle.schema, request)
      if (prepared.kind === 'world' && policy.compiled.holds(prepared.world))
        found.push({ prepared, request })
    }
    return found
  }

  const id = fc.stringMatching(/^[a-z]{1,8}\.[a-z]{1,8}$/)
  const permit = fc.constantFrom(
    'permit (principal, action, resource);',
    'permit (principal, action in Action::"any", resource) when { context.breakGlass };',
    'permit (principal, action in Action::"any", resource) unless { context.breakGlass };',
    'permit (principal, action in Action::"fields", resource);',
    'permit (principal, action, resource) when { resource.reviewed || principal.macptMember };',
  )

  test(
    'beats every permit, whatever it is called and wherever it stands',
    () => {
      for (const policy of agencies) {
        const questions = questionsOf(policy, 40)
        const property = fc.property(
          fc.constantFrom(...questions),
          fc.constantFrom(...policy.compiled.actions),
          fc.uniqueArray(fc.tuple(id, permit), { minLength: 1, maxLength: 6, selector: ([name]) => name }),
          fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
          ({ prepared }, action, permits, chance) => {
            const added = permits.map(([name, text]) => compilePolicy(name, policyJson(text), bundle.schema))
            const shuffled = [...bundle.policies.values()]
              .map(({ compiled }) => compiled)
              .concat(added)
              .map((compiled) => ({ compiled, at: chance.next().value }))
              .sort((one, other) => one.at - other.at)
              .map(({ compiled }) => compiled)
            const decision = decide(byAction(bundle.schema, shuffled), action, prepared)
            expect(decision.allow).toBe(false)
            expect(decision.determining).toContain(policy.id)
          },
        )
        fc.assert(property, { numRuns: 150 })
      }
    },
    PATIENCE,
  )

  test(
    'beats a permit of everything in Cedar itself, too',
    () => {
      const policies = new Map([
        ['a.everything', { text: 'permit (principal, action, resource);' }],
        ...[...bundle.policies].map(([name, { text }]): [string, { text: string }] => [name, { text }]),
        ['z.everything', { text: 'permit (principal, action, resource);' }],
      ])
      const source = { ...bundle, version: 'with permits of everything', policies }
      for (const policy of agencies)
        for (const { request } of questionsOf(policy, 10))
          for (const action of policy.compiled.actions) {
            const decision = decideByReference(source, { ...request, action }, 'candidate')
            expect(decision.allow).toBe(false)
            expect(decision.determining).toContain(policy.id)
          }
    },
    PATIENCE,
  )

  test('changes nothing about another agency', () => {
    const without = byAction(
      bundle.schema,
      [...bundle.policies.values()].flatMap((policy) => (agencies.includes(policy) ? [] : [policy.compiled])),
    )
    const random = seeded(11)
    for (let round = 0; round < 3_000; round += 1) {
      const request = randomRequest(bundle, random)
      if (agencies.some(({ id }) => id.startsWith(`${request.record.agency}.`))) continue
      const prepared = prepare(bundle.schema, request)
      expect(decide(without, request.action, prepared)).toEqual(bundle.decide(request))
    }
  })
})

describe('a folder of an agency', () => {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'agencies-'))
    await cp(policiesDir, dir, { recursive: true })
  })
  afterAll(() => rm(dir, { recursive: true }))

  async function faultsWith(file: string, text: string): Promise<string> {
    const path = join(dir, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `// a comment\n\n${text}\n`)
    try {
      await loadBundle(dir)
      return ''
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      expect(error.code).toBe('POLICY_BUNDLE_INVALID')
      return error.message
    } finally {
      await rm(path)
    }
  }

  const notes = '@title("x")@reason("THIRD_PARTY")@disclose("subject")'
  const forbid = (id: string, conditions: string, more = '') =>
    `@id("${id}")${notes}${more} forbid (principal, action in Action::"any", resource) ${conditions};`
  const own = 'when { resource.agency == "hollybank-school" }'
  const rule = 'agencies/hollybank-school/extra.cedar'

  test('takes a forbid about records of its own', async () => {
    expect(await faultsWith(rule, forbid('hollybank-school.x', `${own} when { context.consent }`))).toBe('')
  })

  test.each([
    [
      'a permit',
      rule,
      `@id("hollybank-school.x")@title("x") permit (principal, action, resource) ${own};`,
      'hollybank-school can keep back its own records here, and open none',
    ],
    [
      "an id without the agency's name",
      rule,
      forbid('school.x', own),
      'does not begin with `hollybank-school.`',
    ],
    [
      'no word about whose records',
      rule,
      forbid('hollybank-school.x', 'when { context.consent }'),
      'does not begin with `when { resource.agency == "hollybank-school" }`',
    ],
    [
      "another agency's records",
      rule,
      forbid('hollybank-school.x', 'when { resource.agency == "northshire-police" }'),
      'it speaks of no other agency',
    ],
    [
      'its own records, turned round',
      rule,
      forbid('hollybank-school.x', 'unless { resource.agency == "hollybank-school" }'),
      'it speaks of no other agency',
    ],
    [
      'its own records and more in one condition',
      rule,
      forbid('hollybank-school.x', 'when { resource.agency == "hollybank-school" || context.consent }'),
      'it speaks of no other agency',
    ],
    [
      'an agency that shares by no agreement',
      'agencies/holybank-school/extra.cedar',
      forbid('holybank-school.x', 'when { resource.agency == "holybank-school" }'),
      '`holybank-school` is no agency that shares by an agreement; did you mean `hollybank-school`?',
    ],
    [
      'no agency at all',
      'agencies/extra.cedar',
      forbid('agencies.x', own),
      'is in no folder of an agency: `agencies/<agency>/` is needed',
    ],
  ])('with %s is refused', async (_, file, text, words) => {
    const told = await faultsWith(file, text)
    expect(told).toContain(words)
    expect(told).toContain(`${file}:`)
  })

  test('keeps its name: no rule elsewhere begins with it', async () => {
    for (const file of ['extra.cedar', 'agencies/northshire-police/extra.cedar']) {
      const told = await faultsWith(file, forbid('hollybank-school.x', own))
      expect(told).toContain('begins with the name of an agency, outside agencies/hollybank-school/')
    }
  })

  test('is known to the first gate: a rule that never decides, and examples without a rule, are named', async () => {
    await writeFile(
      join(dir, rule),
      forbid('hollybank-school.never', `${own} when { resource.agency == "northshire-police" }`),
    )
    await mkdir(join(dir, 'agencies/eastmere-council'))
    await writeFile(join(dir, 'agencies/eastmere-council/examples.yaml'), '[]')
    const { faults } = await checkBundle(dir)
    await rm(join(dir, rule))
    expect(faults).toEqual([
      'agencies/eastmere-council/examples.yaml:1: there is no rule in `agencies/eastmere-council/` that it could explain; remove it',
      expect.stringContaining('`hollybank-school.never`: no question was found that it decides'),
    ])
  })

  describe('a rule that its own person may lift', () => {
    const review = '@review("agency")'
    const lifted = 'unless { resource.reviewed }'

    test('is taken where nothing of it hangs on what a record holds', async () => {
      const kind = 'when { resource.recordType == RecordType::"education.sen" }'
      expect(await faultsWith(rule, forbid('hollybank-school.x', `${own} ${kind} ${lifted}`, review))).toBe(
        '',
      )
    })

    test.each([
      [
        'without a line that lifts it',
        forbid('hollybank-school.x', own, review),
        'has `@review` without a line `unless { resource.reviewed }`',
      ],
      [
        'that is lifted by something else as well',
        forbid('hollybank-school.x', `${own} unless { resource.reviewed || context.consent }`, review),
        'has `@review` without a line',
      ],
      [
        'that looks at labels',
        forbid('hollybank-school.x', `${own} when { resource.labels.isEmpty() } ${lifted}`, review),
        'asking would betray what is held',
      ],
      [
        'that looks at handling',
        forbid('hollybank-school.x', `${own} when { resource.handling.isEmpty() } ${lifted}`, review),
        'asking would betray what is held',
      ],
      [
        'that looks at whom the record is about',
        forbid(
          'hollybank-school.x',
          `${own} when { resource.subject == Relation::"adult" } ${lifted}`,
          review,
        ),
        'asking would betray what is held',
      ],
      [
        'that is told to the IG lead alone',
        forbid('hollybank-school.x', `${own} ${lifted}`, review).replace('subject', 'ig'),
        'without `@disclose("subject")`',
      ],
      [
        'that forbids one group of fields only',
        forbid('hollybank-school.x', `${own} ${lifted}`, review).replace(
          'action in Action::"any"',
          'action == Action::"narrative"',
        ),
        'forbids less than `Action::"any"`',
      ],
      [
        'that somebody else would lift',
        forbid('hollybank-school.x', `${own} ${lifted}`, '@review("court")'),
        'somebody else than `("agency")`',
      ],
      [
        'that does not say so',
        forbid('hollybank-school.x', `${own} ${lifted}`),
        'looks at `resource.reviewed` without `@review("agency")`',
      ],
    ])('%s is refused', async (_, text, words) => {
      expect(await faultsWith(rule, text)).toContain(words)
    })

    test('permits nothing by itself', async () => {
      const permit = `@id("access.x")@title("x")${review} permit (principal, action, resource) when { context.consent } ${lifted};`
      expect(await faultsWith('extra.cedar', permit)).toContain('has `@review`, and yet permits')
      const opened =
        '@id("access.x")@title("x") permit (principal, action, resource) when { resource.reviewed };'
      expect(await faultsWith('extra.cedar', opened)).toContain('looks at `resource.reviewed` without')
    })
  })
})
