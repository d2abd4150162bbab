/** The worked examples of Northshire hold, cover every policy from both sides, and notice when a policy is broken. */
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Checked, readAll } from '../../../gateway/policy-workbench/check.ts'
import { seeded } from '../../../gateway/policy-workbench/draw.ts'
import { DRAWS, failures, uncovered } from '../../../gateway/policy-workbench/gate-test.ts'
import { isDistinguished, isNoticed, mutate } from '../../../gateway/policy-workbench/mutation.ts'
import { explains, readSurvivors } from '../../../gateway/policy-workbench/survivors.ts'
import type { PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'

const dir = resolve(import.meta.dirname, '../../../policies')
let checked: Checked
let bundle: PolicyBundle
beforeAll(async () => {
  checked = await readAll(dir)
  if (!checked.bundle) throw new Error(checked.faults.join('\n'))
  bundle = checked.bundle
})

test('every example can be read and holds', () => {
  expect(checked.faults).toEqual([])
  expect(failures(bundle, checked.staged)).toEqual([])
  expect(checked.staged.length).toBeGreaterThanOrEqual(120)
})

test('every policy has an example that it decides, and one where it stops', () => {
  expect(uncovered(bundle, checked.staged)).toEqual([])
})

describe('mutation', () => {
  test('a change drawn from every tenth is noticed, or explained', { timeout: 120_000 }, async () => {
    const explained = await readSurvivors(dir, [])
    const random = seeded(20261121)
    const sample = mutate(bundle).mutants.filter(() => random() < 0.1)
    expect(sample.length).toBeGreaterThan(30)
    const unnoticed = sample.filter(
      (mutant) =>
        !isNoticed(bundle, mutant, checked.staged) &&
        !explained.some((entry) => explains(entry, mutant)) &&
        isDistinguished(bundle, mutant, DRAWS),
    )
    expect(unnoticed.map(({ policy, change }) => `${policy}: ${change}`)).toEqual([])
  })

  test('without the examples of adoption nobody would notice that adoption is no longer sealed', () => {
    const staged = checked.staged.filter(
      ({ records }) => !records.some(({ labels }) => labels.includes('adoption')),
    )
    const gone = { policy: 'sealed.adoption', change: 'the policy is gone', json: null }
    expect(isNoticed(bundle, gone, staged)).toBe(false)
    expect(isNoticed(bundle, gone, checked.staged)).toBe(true)
  })
})

/** What domain.md calls restricted: each label, and each handling code that is never federated, has its example. */
test.each([
  ...[
    'adoption',
    'protected-person',
    'covert',
    'live-investigation',
    'informant',
    'hfea',
    'gender-recognition',
  ],
  ...[
    'sexual-health',
    'termination',
    'address-confidential',
    'third-party-confidential',
    'referrer-identity',
  ],
  ...['young-person-refusal', 'court-papers', 'legal-privilege', 'staff-record', 'adult-victim'],
  ...['intelligence-c', 'assessment-e', 'police-only'],
])('the restricted class %s has an example that is not shown whole', (code) => {
  const about = checked.staged.filter(({ records }) =>
    records.some(({ labels, handling }) => [...labels, ...handling].includes(code)),
  )
  expect(about.some(({ example }) => example.expect !== 'shown')).toBe(true)
})

test('every label of the policy schema is in an example', () => {
  const used = new Set(checked.staged.flatMap(({ records }) => records.flatMap(({ labels }) => labels)))
  expect([...(bundle.schema.codes.get('Label')?.keys() ?? [])].filter((label) => !used.has(label))).toEqual(
    [],
  )
})
