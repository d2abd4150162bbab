/** What `policy prove` calls proved is so: its encoding decides as the gateway does, and wrong policies are found out. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCodeOf, verdictInWords } from '../../../gateway/commands/policy-prove.ts'
import { claimsIn, readClaims } from '../../../gateway/policy-workbench/claims.ts'
import { seeded } from '../../../gateway/policy-workbench/draw.ts'
import { prove, replay, type Verdict } from '../../../gateway/policy-workbench/prove.ts'
import { readCondition } from '../../../gateway/policy-workbench/smt-condition.ts'
import { clausesIn, clausesOf, decisionsIn } from '../../../gateway/policy-workbench/smt-decision.ts'
import { numberedTexts } from '../../../gateway/policy-workbench/smt-model.ts'
import { openSolver, type Solver } from '../../../gateway/policy-workbench/smt-solver.ts'
import { fixed, openWorld } from '../../../gateway/policy-workbench/smt-world.ts'
import type { Policy, PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'
import { compilePolicy } from '../../../gateway/sharing/policy/compile.ts'
import { byAction, decide, prepare } from '../../../gateway/sharing/policy/decide.ts'
import { loadBundle } from '../../../gateway/sharing/policy/load.ts'
import { amina, policiesDir, record, s47 } from '../sharing/policy/asked.ts'
import { randomConditions } from '../sharing/policy/random-conditions.ts'
import { randomRequest } from '../sharing/policy/random-request.ts'

/** Milliseconds: the machine may be busy. */
const PATIENCE = 180_000

let bundle: PolicyBundle
let solver: Solver
beforeAll(async () => {
  bundle = await loadBundle(policiesDir)
  solver = await openSolver()
})
afterAll(() => solver.close())

const proveAll = async (policies: PolicyBundle, ids?: readonly string[]) => {
  const claims = await readClaims(policiesDir, policies.schema)
  const chosen = ids ? claims.filter(({ id }) => ids.includes(id)) : claims
  return prove(policies, chosen, solver, () => 0)
}
const kinds = (verdicts: readonly Verdict[]) =>
  Object.fromEntries(verdicts.map(({ claim, kind }) => [claim.id, kind]))

test(
  'every claim of Northshire is proved',
  async () => {
    const verdicts = await proveAll(bundle)
    expect(verdicts.filter(({ kind }) => kind !== 'proved')).toEqual([])
    expect(verdicts.length).toBeGreaterThanOrEqual(25)
    expect(exitCodeOf(verdicts)).toBe(0)
  },
  PATIENCE,
)

describe('the encoding decides as the compiled policies do, for every action', () => {
  /** Fixes each request in Z3, and asserts that some action is decided otherwise: which must be impossible. */
  async function disagreements(policies: PolicyBundle, rounds: number, seed: number) {
    const random = seeded(seed)
    const texts = numberedTexts()
    const world = openWorld(policies.schema, (path) => path)
    const { definitions, allow } = decisionsIn(policies, clausesOf(policies), world, texts, '')
    const cases: string[] = []
    let allowed = 0
    for (let round = 0; round < rounds; round += 1) {
      const prepared = prepare(policies.schema, randomRequest(policies, random))
      if (prepared.kind === 'faults') throw new Error(prepared.faults.join())
      const otherwise = [...allow].map(([action, term]) => {
        const is = decide(policies.byAction, action, prepared).allow
        if (is) allowed += 1
        return is ? `(not ${term})` : term
      })
      cases.push(`(and ${fixed(world, prepared.world, texts)} (or false ${otherwise.join(' ')}))`)
    }
    const declared = [...world.variables].map(([name, sort]) => `(declare-const |${name}| ${sort})`)
    let disagreeing = 0
    // a hundred requests a script: none of them may be decided otherwise
    for (let start = 0; start < cases.length; start += 100) {
      const some = cases.slice(start, start + 100)
      const script = [...declared, ...world.bounds.map((bound) => `(assert ${bound})`), definitions]
      const { kind } = await solver.check(`${script.join('\n')}\n(assert (or ${some.join('\n')}))\n`)
      if (kind === 'sat') disagreeing += 1
    }
    return { disagreeing, allowed }
  }

  /** Random policies in place of those of the bundle, for more of the language than they use. */
  function withPolicies(texts: readonly string[]): PolicyBundle {
    const policies = texts.map((text, index): Policy => {
      const answer = policyToJson(text)
      if (answer.type === 'failure') throw new Error('the policy cannot be parsed')
      const id = `random.p${index}`
      const compiled = compilePolicy(id, answer.json, bundle.schema)
      return {
        id,
        title: id,
        file: '',
        text,
        hash8: '',
        reason: null,
        disclose: null,
        review: false,
        compiled,
      }
    })
    return {
      ...bundle,
      policies: new Map(policies.map((policy) => [policy.id, policy])),
      byAction: byAction(
        bundle.schema,
        policies.map(({ compiled }) => compiled),
      ),
    }
  }

  test(
    'in 600 random requests',
    async () => {
      const { disagreeing, allowed } = await disagreements(bundle, 600, 47)
      expect(disagreeing).toBe(0)
      expect(allowed).toBeGreaterThan(100)
    },
    PATIENCE,
  )

  test(
    'under random policies with every operator, errors included',
    async () => {
      const conditions = randomConditions(bundle.schema, seeded(17), 24)
      for (let group = 0; group < 4; group += 1) {
        const policies = withPolicies(conditions.slice(group * 6, group * 6 + 6))
        expect((await disagreements(policies, 100, group)).disagreeing).toBe(0)
      }
    },
    PATIENCE,
  )

  test(
    'and a wrong encoding would be seen',
    async () => {
      const [first, ...others] = [...bundle.policies.values()]
      const swapped = others.find(({ compiled }) => compiled.effect !== first?.compiled.effect)
      if (!first || !swapped) throw new Error('the policies are missing')
      const wrong = new Map(bundle.policies).set(first.id, { ...first, text: swapped.text })
      expect((await disagreements({ ...bundle, policies: wrong }, 100, 47)).disagreeing).toBeGreaterThan(0)
    },
    PATIENCE,
  )
})

describe('a wrong policy is found out', () => {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'claims-'))
  })
  afterAll(() => rm(dir, { recursive: true }))

  async function seededWith(name: string, file: string, change: (text: string) => string) {
    const folder = join(dir, name)
    await cp(policiesDir, folder, { recursive: true })
    const before = await readFile(join(folder, file), 'utf8')
    const after = change(before)
    expect(after).not.toBe(before)
    await writeFile(join(folder, file), after)
    return loadBundle(folder)
  }

  test(
    'where covert work is no longer sealed: that claim fails, and the others of its kind hold',
    async () => {
      const wrong = await seededWith('covert', 'sealed.cedar', (text) =>
        text.replace('Label::"covert", ', ''),
      )
      const verdicts = await proveAll(wrong, [
        'sealed.covert',
        'sealed.live-investigation',
        'sealed.adoption',
      ])
      expect(kinds(verdicts)).toEqual({
        'sealed.covert': 'refuted',
        'sealed.live-investigation': 'proved',
        'sealed.adoption': 'proved',
      })
      expect(exitCodeOf(verdicts)).toBe(1)
      const refuted = verdicts.find(({ kind }) => kind === 'refuted')
      if (refuted?.kind !== 'refuted') throw new Error('nothing is refuted')
      expect(refuted.counterexample?.before.record.labels).toEqual(['covert'])
      const words = verdictInWords(refuted, wrong).join('\n')
      expect(words).toContain('labelled covert')
      expect(words).toMatch(/is allowed, by (access|break-glass)\./)
      expect(words).toContain('Cedar itself decides the same')
    },
    PATIENCE,
  )

  test(
    'where a permit needs no agreement: every claim about agreements fails',
    async () => {
      const wrong = await seededWith(
        'permit',
        'access.cedar',
        (text) => `${text}
@id("access.shortcut") @title("A team member sees everything")
permit (principal, action in Action::"any", resource)
when { principal.macptMember && context.caseLive };
`,
      )
      const ids = [
        'agreement.present',
        'agreement.live',
        'agreement.suspended',
        'agreement.purpose',
        'who.case',
        'who.conflict',
        'who.training',
      ]
      const verdicts = await proveAll(wrong, ids)
      expect(kinds(verdicts)).toEqual({
        'agreement.present': 'refuted',
        'agreement.live': 'refuted',
        'agreement.suspended': 'refuted',
        'agreement.purpose': 'refuted',
        'who.case': 'proved',
        'who.conflict': 'proved',
        'who.training': 'proved',
      })
    },
    PATIENCE,
  )

  test(
    'where an emergency needs no vital interests, or a shared rule yields to it: the case says that it is one',
    async () => {
      const basis = await seededWith('basis', 'break-glass.cedar', (text) =>
        text.replace('LawfulBasis::"GDPR-6-1-d", ', ''),
      )
      const yields = await seededWith('yields', 'agencies/hollybank-school/suspensions.cedar', (text) =>
        text.replace(
          'unless { resource.reviewed };',
          'unless { resource.reviewed }\nunless { context.breakGlass };',
        ),
      )
      const ids = ['break-glass.article-6', 'break-glass.article-9', 'agencies.hollybank-review']
      expect(kinds(await proveAll(basis, ids))).toEqual({
        'break-glass.article-6': 'refuted',
        'break-glass.article-9': 'proved',
        'agencies.hollybank-review': 'proved',
      })
      const [verdict] = await proveAll(yields, ['agencies.hollybank-review'])
      if (verdict?.kind !== 'refuted') throw new Error('nothing is refuted')
      expect(verdict.counterexample?.before.record).toMatchObject({
        agency: 'hollybank-school',
        recordType: 'education.suspension',
        reviewed: false,
      })
      expect(verdictInWords(verdict, yields).join('\n')).toContain('IN AN EMERGENCY')
    },
    PATIENCE,
  )

  test(
    'where consent takes something away: the case names both questions',
    async () => {
      const wrong = await seededWith('consent', 'fields.cedar', (text) =>
        text.replace('context.purpose == Purpose::"case-oversight"', 'context.consent'),
      )
      const [verdict] = await proveAll(wrong, ['thresholds.consent-widens'])
      if (verdict?.kind !== 'refuted') throw new Error('nothing is refuted')
      expect(verdict.counterexample?.before.context.consent).toBe(false)
      expect(verdict.counterexample?.after?.context.consent).toBe(true)
      expect(verdict.counterexample?.instead?.determining).toContain('fields.oversight')
      expect(verdictInWords(verdict, wrong).join('\n')).toContain(
        'context.consent changes from false to true',
      )
    },
    PATIENCE,
  )
})

describe('what is no proof does not pass for one', () => {
  const one = (yaml: string) => claimsIn(`- id: test.claim\n  claim: A sentence.\n${yaml}`, bundle.schema)

  test('a claim about a question that cannot arise says nothing', async () => {
    const claims = one('  never: know\n  of: { vetting: { below: 1 }, role: lcpp, only-roles: ig-lead }\n')
    const verdicts = await prove(bundle, claims, solver, () => 0)
    expect(verdicts).toMatchObject([{ kind: 'says-nothing' }])
    expect(exitCodeOf(verdicts)).toBe(1)
  })

  test('what should be possible and is not, is refuted', async () => {
    const claims = one('  can: know\n  of: { labels: adoption }\n')
    const verdicts = await prove(bundle, claims, solver, () => 0)
    expect(verdicts).toMatchObject([{ kind: 'refuted', counterexample: null }])
  })

  test('a case that Cedar decides otherwise is an encoding fault, with exit code 2', async () => {
    const [claim] = one('  never: know\n  of: { labels: covert }\n')
    if (!claim) throw new Error('there is no claim')
    const asked = {
      practitioner: amina,
      record: record('police', 'police.crime', { labels: ['covert'] }),
      context: s47,
    }
    expect(replay(claim, bundle, { before: asked, after: null })).toBeNull()
    const fault = {
      kind: 'encoding-fault',
      claim,
      milliseconds: 0,
      found: { before: asked, after: null },
    } as const
    expect(exitCodeOf([fault])).toBe(2)
    expect(verdictInWords(fault, bundle)[0]).toMatch(/^ENCODING FAULT/)
  })

  test.each([
    ['  never: know\n  of: { labels: cover }\n', '`cover` is no Label'],
    ['  never: knows\n', '`knows` is no action'],
    ['  never: know\n  can: read\n', 'one of `never`'],
    ['  whoever-may: read\n', 'go together'],
    ['  never: know\n  of: { colour: red }\n', 'claims.yaml'],
  ])('a claim that cannot be read is refused: %s', (yaml, words) => {
    expect(() => one(yaml)).toThrow(words)
  })

  test('an operator outside the subset is refused by name', () => {
    const [clause] = clausesIn('permit (principal, action, resource) when { principal.vetting + 1 > 2 };')
    const world = openWorld(bundle.schema, (path) => path)
    const read = () =>
      readCondition(
        'the.policy',
        clause?.body as Readonly<Record<string, unknown>>,
        bundle.schema,
        world,
        numberedTexts(),
      )
    expect(read).toThrow('policy `the.policy` uses `+`')
  })
})
