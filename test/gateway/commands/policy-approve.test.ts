/** `sightline policy approve`: a person says that the folder may go live as it is, and only as herself. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { approve, policyApproveCommand } from '../../../gateway/commands/policy-approve.ts'
import { loadBundle } from '../../../gateway/sharing/policy/load.ts'
import { approvedPath, manifestFrom } from '../../../gateway/sharing/policy/manifest.ts'

const policies = resolve(import.meta.dirname, '../../../policies')
/** Milliseconds, on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'approve-'))
  await cp(policies, dir, { recursive: true })
  await rm(join(dir, 'manifest.yaml'), { force: true })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(dir, { recursive: true })
})

const manifest = async () => manifestFrom(await readFile(join(dir, 'manifest.yaml'), 'utf8'), [])
const versionNow = async () => (await loadBundle(dir)).version
const edit = (text: string) => writeFile(join(dir, 'sealed.cedar'), text, { flag: 'a' })
const samuel = { name: 'Samuel Osei', post: 'information governance lead', agency: 'northshire-council' }
const margaret = { name: 'Margaret Lindqvist', post: 'Caldicott guardian', agency: 'northshire-hospital' }
const by = (who: typeof samuel, more: { replaces?: string; because?: string } = {}, on = '2026-11-21') =>
  approve({ dir, ...who, ...more }, on)

test('two people approve one bundle, in place of the newest one before it', async () => {
  const first = await versionNow()
  await by(samuel)
  expect(approvedPath(await manifest(), null, first)).toBe(false)
  await by(margaret, { because: 'the board agreed on it' })
  expect(approvedPath(await manifest(), null, first)).toBe(true)
  expect(await manifest()).toEqual([
    {
      bundle: first,
      replaces: null,
      approved: [
        { ...samuel, on: '2026-11-21' },
        { ...margaret, on: '2026-11-21', because: 'the board agreed on it' },
      ],
    },
  ])
  // the manifest is no part of what it approves
  expect(await versionNow()).toBe(first)

  await edit('// changed\n')
  await by(samuel)
  expect((await manifest()).at(-1)).toMatchObject({ bundle: await versionNow(), replaces: first })
})

test("one person's name twice is one approval, and the second is refused", async () => {
  await by(samuel)
  await expect(by({ ...samuel, name: ' samuel osei' })).rejects.toMatchObject({
    code: 'POLICY_APPROVED_ALREADY',
    message: expect.stringContaining('`Samuel Osei` approved this bundle on 2026-11-21 already'),
  })
  expect((await manifest())[0]?.approved).toHaveLength(1)
})

test('the same bundle in place of another is another approval; in place of the same, on a later day', async () => {
  const version = await versionNow()
  const suspended = `sha256:${'5'.repeat(64)}`
  await by(samuel)
  await by(margaret)
  await by(samuel, { replaces: suspended })
  await by(margaret, { replaces: suspended })
  expect(approvedPath(await manifest(), suspended, version)).toBe(true)
  await expect(by(samuel, { replaces: suspended })).rejects.toMatchObject({ code: 'POLICY_APPROVED_ALREADY' })
  await by(samuel, { replaces: suspended }, '2026-11-22')
  expect((await manifest()).map(({ approved }) => approved.length)).toEqual([2, 2, 1])
})

test('comments in the file stay', async () => {
  await by(samuel)
  const path = join(dir, 'manifest.yaml')
  const text = await readFile(path, 'utf8')
  await writeFile(
    path,
    `# who approved what\n${text.replace('name: Samuel Osei', 'name: Samuel Osei # by letter')}`,
  )
  await by(margaret)
  const after = await readFile(path, 'utf8')
  expect(after).toContain('# who approved what')
  expect(after).toContain('Samuel Osei # by letter')
  expect((await manifest())[0]?.approved).toHaveLength(2)
})

test.each<[string, () => Promise<unknown>, string]>([
  [
    'a bundle that could not be loaded',
    () => edit('permit (').then(() => by(samuel)),
    'POLICY_BUNDLE_INVALID',
  ],
  ['a version that is none', () => by(samuel, { replaces: 'v1' }), 'POLICY_VERSION_UNKNOWN'],
  ['nobody', () => by({ ...samuel, name: ' ' }), 'POLICY_APPROVAL_INCOMPLETE'],
  [
    'a manifest with faults',
    () => writeFile(join(dir, 'manifest.yaml'), '- bundle: 1').then(() => by(samuel)),
    'POLICY_MANIFEST_INVALID',
  ],
])('%s is refused, and nothing is written', async (_, trying, code) => {
  const before = await readFile(join(dir, 'manifest.yaml'), 'utf8').catch(() => null)
  await expect(trying()).rejects.toMatchObject({ code })
  const after = await readFile(join(dir, 'manifest.yaml'), 'utf8').catch(() => null)
  expect(after === before || code === 'POLICY_MANIFEST_INVALID').toBe(true)
})

test('the command says the version, and how many approvals are still needed', async () => {
  const said: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  const run = ({ name, post, agency }: typeof samuel) =>
    policyApproveCommand().parseAsync(['--dir', dir, '--name', name, '--post', post, '--agency', agency], {
      from: 'user',
    })
  await run(samuel)
  const version = await versionNow()
  expect(said.join('')).toBe(
    `${version}, in place of none, is approved by Samuel Osei\n1 more is needed, under another name\n`,
  )
  said.length = 0
  await run(margaret)
  expect(said.join('')).toBe(
    `${version}, in place of none, is approved by Samuel Osei, Margaret Lindqvist\nno more approvals are needed\n`,
  )
})
