/** What `policy diff` calls wider is shown by a question, and what it calls no wider is so for every question. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diffExitCode } from '../../../gateway/commands/policy-diff.ts'
import { diff, type Finding, type PolicyDiff } from '../../../gateway/policy-workbench/diff.ts'
import { diffInWords } from '../../../gateway/policy-workbench/diff-in-words.ts'
import { listDiff } from '../../../gateway/policy-workbench/diff-lists.ts'
import { openSolver, type Solver } from '../../../gateway/policy-workbench/smt-solver.ts'
import { unionOf } from '../../../gateway/policy-workbench/smt-union.ts'
import type { PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'
import { readSchema } from '../../../gateway/sharing/policy/policy-schema.ts'
import { Refusal } from '../../../schema/refusal.ts'
import { changedBundle, type Edit, lowerVetting, newForbid } from './changed-bundle.ts'

/** Milliseconds: the machine may be busy. */
const PATIENCE = 180_000

let live: PolicyBundle
let solver: Solver
beforeAll(async () => {
  live = await changedBundle()
  solver = await openSolver()
})
afterAll(() => solver.close())

async function compared(...edits: readonly Edit[]) {
  const candidate = await changedBundle(...edits)
  const found = await diff({ live, candidate }, solver, PATIENCE)
  const lists = listDiff({ live, candidate })
  const words = diffInWords(found, lists, { live, candidate }).join('\n')
  return { found, words, code: diffExitCode(found, lists) }
}
const ofKind = ({ findings }: PolicyDiff, kind: Finding['change']) =>
  findings.filter(({ change }) => change === kind)
const idsOf = ({ because }: Finding) => ('listedBy' in because ? [because.id] : because.map(({ id }) => id))

test(
  'vetting lowered from 2 to 1 is wider, for intelligence alone, and a question shows it',
  async () => {
    const { found, words, code } = await compared(lowerVetting)
    const [wider, ...others] = ofKind(found, 'WIDER')
    expect(others).toEqual([])
    if (!wider) throw new Error('nothing is wider')
    expect([wider.steps, idsOf(wider)]).toEqual([['intelligence'], ['fields.intelligence-vetting']])
    expect(wider.example.asked.practitioner.vetting).toBe(1)
    expect(ofKind(found, 'NARROWER')).toEqual([])
    expect(words).toContain('no narrower')
    expect(words).toMatch(/because of `fields\.intelligence-vetting` \(altered\): Intelligence is shown only/)
    expect(words).toMatch(/who asks: .*police vetting 1/)
    expect(words).toMatch(/live: no, by fields\.intelligence-vetting@[0-9a-f]{8}/)
    expect(words).toMatch(/candidate: yes, by (access|break-glass)\./)
    expect(words).toContain('For no other cause: proved.')
    expect(code).toBe(1)
  },
  PATIENCE,
)

test(
  'a rule put another way, and split in two, is no wider and no narrower, and tells the same reasons',
  async () => {
    const { found, words, code } = await compared(
      [
        'fields.cedar',
        `forbid (principal, action in [Action::"clinical", Action::"intelligence"], resource)
when { context.purpose == Purpose::"case-oversight" };`,
        `forbid (principal, action == Action::"clinical", resource)
unless { context.purpose != Purpose::"case-oversight" };`,
      ],
      [
        'fields.cedar',
        '',
        `@id("fields.oversight-intelligence")
@title("Case oversight needs no intelligence")
@reason("PURPOSE_DOES_NOT_NEED_THIS")
@disclose("subject")
forbid (principal, action == Action::"intelligence", resource)
when { [Purpose::"case-oversight"].contains(context.purpose) };`,
      ],
    )
    expect(found.findings).toEqual([])
    expect(words).toContain('no wider, no narrower and the same reasons are told: proved for every question')
    expect(code).toBe(0)
  },
  PATIENCE,
)

test(
  'a new rule that forbids is narrower, and not wider',
  async () => {
    const { found, words, code } = await compared(newForbid)
    expect(ofKind(found, 'WIDER')).toEqual([])
    expect(ofKind(found, 'NARROWER').map(({ steps }) => steps)).toEqual([['third-party']])
    expect(words).toContain('no wider')
    expect(words).toContain(
      'because of `fields.no-names-in-triage` (new): No names of others at the front door',
    )
    expect(code).toBe(0)
  },
  PATIENCE,
)

test(
  'another reason for the same rule is neither wider nor narrower, and is told',
  async () => {
    const { found, code } = await compared([
      'fields.cedar',
      `police vetting is level 2 or higher")\n@reason("VETTING_TOO_LOW")`,
      `police vetting is level 2 or higher")\n@reason("ROLE_DOES_NOT_NEED_THIS")`,
    ])
    expect(new Set(found.findings.map(({ change }) => change))).toEqual(new Set(['REASON-ONLY']))
    expect(found.findings.map(({ steps }) => steps)).toEqual([['intelligence']])
    expect(code).toBe(0)
  },
  PATIENCE,
)

test(
  'where two seals are broken at once, each is named, with everything that would be seen',
  async () => {
    const { found } = await compared(
      [
        'sealed.cedar',
        'resource.labels.contains(Label::"adoption")',
        'resource.labels.contains(Label::"adoption") && context.consent',
      ],
      [
        'sealed.cedar',
        'resource.labels.contains(Label::"hfea")',
        'resource.labels.contains(Label::"hfea") && context.consent',
      ],
    )
    const wider = ofKind(found, 'WIDER')
    expect(wider.map(idsOf).sort()).toEqual([['sealed.adoption'], ['sealed.hfea']])
    for (const { steps } of wider)
      expect(steps).toEqual(expect.arrayContaining(['know', 'read', 'identity', 'narrative', 'clinical']))
    expect(found.undecided).toEqual([])
  },
  PATIENCE,
)

test(
  'a label that was not listed was denied: to list it is wider, with a question',
  async () => {
    const { found, words, code } = await compared([
      'schema.cedarschema',
      '"adoption", ',
      '"adoption", "brought-home", ',
    ])
    expect(ofKind(found, 'WIDER').map(idsOf)).toEqual([['brought-home']])
    expect(ofKind(found, 'WIDER')[0]?.example.asked.record.labels).toEqual(['brought-home'])
    expect(words).toContain('because Label `brought-home` is listed by the candidate’s schema alone')
    expect(code).toBe(1)
  },
  PATIENCE,
)

test(
  'an agreement that covers another record type is wider, whatever the policies say',
  async () => {
    const { found, words, code } = await compared([
      'agreements/northshire-hospital.yaml',
      'recordTypes:\n',
      'recordTypes:\n  - education.sen\n',
    ])
    expect(found.findings).toEqual([])
    expect(words).toMatch(/AGREEMENTS AND LISTS, WIDER.*\n.*covers more record types: education\.sen/)
    expect(code).toBe(1)
  },
  PATIENCE,
)

describe('what is not known does not pass for no difference', () => {
  const vetting = () => changedBundle(lowerVetting)

  test('where Z3 runs out of time, nothing is decided, and the exit code says so', async () => {
    const candidate = await vetting()
    const slow: Solver = {
      ...solver,
      check: () => Promise.reject(new Refusal('SOLVER_GAVE_UP', 'too slow')),
    }
    const found = await diff({ live, candidate }, slow)
    const lists = listDiff({ live, candidate })
    expect(found.undecided).toContain('WIDER')
    expect(diffInWords(found, lists, { live, candidate }).join('\n')).toContain(
      'NOT DECIDED: whether anything is WIDER is not known',
    )
    expect(diffExitCode(found, lists)).toBe(2)
  })

  test('a case that Cedar decides otherwise is no finding, but a fault of the command', async () => {
    const candidate = await vetting()
    const wrong: Solver = { ...solver, check: async () => ({ kind: 'sat', model: new Map() }) }
    const found = await diff({ live, candidate }, wrong)
    const lists = listDiff({ live, candidate })
    expect(found.findings).toEqual([])
    expect(diffInWords(found, lists, { live, candidate })[0]).toMatch(/^FAULT OF THIS COMMAND/)
    expect(diffExitCode(found, lists)).toBe(2)
  })

  test('attributes of another kind in each schema are not compared, and that is said', async () => {
    const other = { ...live, schema: readSchema(live.schemaText.replace('vetting: Long', 'vetting: Bool')) }
    expect(unionOf(live.schema, other.schema).incomparable).toEqual([
      '`principal.vetting` is a long in the live schema and a boolean in the candidate’s',
    ])
    const found = await diff({ live, candidate: other }, solver)
    const lists = listDiff({ live, candidate: live })
    expect(diffInWords(found, lists, { live, candidate: other })[0]).toMatch(/^POLICIES NOT COMPARED/)
    expect(diffExitCode(found, lists)).toBe(2)
  })
})
