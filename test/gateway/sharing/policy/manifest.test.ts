/** What widens is approved by two people, for one bundle in place of one other, and once. */
import { describe, expect, test } from 'vitest'
import {
  type Approval,
  approvalsOf,
  approvedPath,
  type Manifest,
  manifestFrom,
  missing,
  unused,
} from '../../../../gateway/sharing/policy/manifest.ts'

const [v1, v2, v3] = ['1', '2', '3'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string, string]
const by = (name: string, on = '2026-11-20'): Approval => ({
  name,
  post: 'information governance lead',
  agency: 'northshire-council',
  on,
})
const two = [by('Samuel Osei'), by('Margaret Lindqvist')]

describe('a path of approvals', () => {
  const manifest: Manifest = [
    { bundle: v1, replaces: null, approved: two },
    { bundle: v2, replaces: v1, approved: two },
    { bundle: v3, replaces: v2, approved: two },
  ]

  test('leads step by step, each bundle in place of the one before', () => {
    expect(approvedPath(manifest, v1, v2)).toBe(true)
    expect(approvedPath(manifest, v1, v3)).toBe(true)
    expect(approvedPath(manifest, v2, v1)).toBe(false)
    expect(approvedPath(manifest.slice(0, 1), v2, v1)).toBe(false)
  })

  test('is broken by a step that is not approved', () => {
    const broken = manifest.map((entry) =>
      entry.bundle === v2 ? { ...entry, approved: [by('Samuel Osei')] } : entry,
    )
    expect(approvedPath(broken, v1, v3)).toBe(false)
    expect(approvedPath(broken, v2, v3)).toBe(true)
  })

  test('begins with any approved bundle where none was live', () => {
    expect(approvedPath(manifest, null, v3)).toBe(true)
    expect(approvedPath([{ bundle: v1, replaces: null, approved: [] }], null, v1)).toBe(false)
    expect(approvedPath([], null, v1)).toBe(false)
  })
})

test("one person's name twice is one approval", () => {
  expect(missing({ approved: [] })).toBe(2)
  expect(missing({ approved: [by('Samuel Osei'), by(' samuel  OSEI', '2026-11-21')] })).toBe(1)
  expect(missing({ approved: two })).toBe(0)
})

test('an approval is used once: what was live by it and was taken back needs new ones', () => {
  const manifest: Manifest = [{ bundle: v1, replaces: v2, approved: two }]
  const used = approvalsOf(manifest, v1)
  expect(used.map(({ name, replaces }) => [name, replaces])).toEqual([
    ['Samuel Osei', v2],
    ['Margaret Lindqvist', v2],
  ])
  expect(approvedPath(unused(manifest, v1, used), v2, v1)).toBe(false)
  const again = [
    ...manifest,
    { bundle: v1, replaces: v2, approved: two.map(({ name }) => by(name, '2026-12-01')) },
  ]
  expect(approvedPath(unused(again, v1, used), v2, v1)).toBe(true)
  // in place of another bundle it is another approval
  const other = [{ bundle: v1, replaces: v3, approved: two }]
  expect(approvedPath(unused(other, v1, used), v3, v1)).toBe(true)
})

describe('a manifest', () => {
  const read = (text: string) => {
    const faults: string[] = []
    return { manifest: manifestFrom(text, faults), faults }
  }

  test('that is missing, or empty but for a comment, approves nothing and has no fault', () => {
    expect(read('')).toEqual({ manifest: [], faults: [] })
    expect(read('# who approved what\n')).toEqual({ manifest: [], faults: [] })
  })

  test('with faults approves nothing, and names each with its entry', () => {
    const { manifest, faults } = read(`
- bundle: sha256:12
  replaces: null
  approved:
    - { name: " ", post: lead, agency: northshire-council, on: 2026-02-30 }
- bundle: ${v1}
  replaces: ${v2}
  approved: []
  approval: yes
`)
    expect(manifest).toEqual([])
    expect(faults.join('\n')).toContain('manifest.yaml: entry 1.bundle: a version such as sha256:')
    expect(faults.join('\n')).toContain('entry 1.approved.0.name: words are needed')
    expect(faults.join('\n')).toContain('entry 1.approved.0.on: a day such as 2026-11-21 is needed')
    expect(faults.join('\n')).toContain('entry 2: Unrecognized key: "approval"')
  })

  test('that is no YAML is told with its line', () => {
    expect(read('- bundle: [').faults.join()).toMatch(/manifest\.yaml:\d+: /)
  })
})
