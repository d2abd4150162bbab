/** The first gate names every fault of a folder of policies at once: file, line, what is wrong, what to do. */
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkBundle, summary } from '../../../gateway/policy-workbench/check.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'policies-'))
  await cp(resolve(import.meta.dirname, '../../../policies'), dir, { recursive: true })
})
afterEach(() => rm(dir, { recursive: true }))

const edit = async (file: string, before: string, after: string) => {
  const text = await readFile(join(dir, file), 'utf8')
  expect(text, `the text to edit is in ${file}`).toContain(before)
  await writeFile(
    join(dir, file),
    text.replace(before, () => after),
  )
}
const add = async (file: string, more: string) =>
  writeFile(join(dir, file), `${await readFile(join(dir, file), 'utf8')}\n${more}\n`)
const faults = async () => (await checkBundle(dir)).faults

test('the policies of Northshire are whole, and one line says what they hold', async () => {
  const checked = await checkBundle(dir)
  expect(checked.faults).toEqual([])
  expect(summary(checked)).toMatch(
    /^bundle sha256:[0-9a-f]{12} is whole: \d+ policies \(\d+ permits, \d+ forbids\), 10 agreements, /,
  )
})

test('faults of policies, lists, agreements and examples are told together', async () => {
  await edit('sealed.cedar', 'Label::"adoption"', 'Label::"adopted"')
  await edit('sealed.cedar', '@reason("HFEA")\n', '')
  await edit('fields.cedar', 'principal.vetting', 'principal.veting')
  await edit('agreements/northshire-police.yaml', 'police.crime', 'police.crimes')
  await edit('reasons.yaml', 'route: whoever nominates', 'rout: whoever nominates')
  await edit('scenarios/fields.yaml', '  who: [amina, grace]', '  whom: [amina, grace]')
  const told = await faults()
  for (const fault of [
    /^sealed\.cedar:\d+: .*`adopted` is no Label; did you mean `adoption`\?$/,
    /^sealed\.cedar:\d+: policy `sealed\.hfea` forbids without `@reason`; write @reason\("CODE"\) above it/,
    /^fields\.cedar:\d+: .*`veting`.*did you mean `vetting`\?.*spell it as schema\.cedarschema declares it$/,
    /^agreements\/northshire-police\.yaml:\d+: .*`police\.crimes` is not known; spell it as/,
    /^reasons\.yaml:\d+: NOT_A_MACPT_MEMBER.*"rout"; compare the entry with the ones beside it$/,
    /^scenarios\/fields\.yaml:6: `whom` is no key here/,
  ])
    expect(told.filter((line) => fault.test(line))).toHaveLength(1)
})

test("faults of an agency's folder are told with their line, and what to do", async () => {
  await rename(join(dir, 'agencies/northshire-hospital'), join(dir, 'agencies/northshire-hospitals'))
  await edit('agencies/hollybank-school/suspensions.cedar', '@review("agency")\n', '')
  await add(
    'agencies/northshire-police/custody.cedar',
    '@id("police.extra") @title("x") permit (principal, action, resource) when { context.consent };',
  )
  const told = await faults()
  for (const fault of [
    /^agencies\/northshire-hospitals\/oversight\.cedar:\d+: `northshire-hospitals` is no agency .* did you mean `northshire-hospital`\?$/,
    /^agencies\/northshire-hospitals\/oversight\.cedar:3: .*does not begin with `northshire-hospitals\.`; put the name of the folder before it$/,
    /^agencies\/hollybank-school\/suspensions\.cedar:3: .*looks at `resource\.reviewed` without .*; write @review\("agency"\) above it$/,
    /^agencies\/northshire-police\/custody\.cedar:1\d: policy `police\.extra` permits: .*; write forbid; what the agency shares stands in its agreement$/,
  ])
    expect(told.filter((line) => fault.test(line))).toHaveLength(1)
})

test('a policy for which no question is found is named, and nothing more is claimed', async () => {
  await add(
    'fields.cedar',
    `@id("fields.both-at-once")
@title("Holds at two thresholds at once")
@reason("THIRD_PARTY")
@disclose("subject")
forbid (principal, action == Action::"clinical", resource)
when { context.threshold == Threshold::"s17" }
when { context.threshold == Threshold::"s47" };`,
  )
  expect(await faults()).toEqual([
    expect.stringMatching(
      /^fields\.cedar: `fields\.both-at-once`: no question was found that it decides; do /,
    ),
  ])
})

test.each([
  [
    'a person who is not of the cast',
    'who: aminah',
    '`aminah` is not in scenarios/cast.yaml; did you mean `amina`?',
  ],
  [
    'a misspelt change',
    'who: { like: amina, veting: 1 }',
    '`veting` is no key here; did you mean `vetting`?',
  ],
  [
    'a custodian that is not of the cast',
    'about: { type: police.crime, from: the-police }',
    '`the-police` is no custodian',
  ],
  ['a group that does not exist', 'expect: { masked: address }', 'expect.masked: '],
  ['a day that does not exist', 'on: 2026-02-30', 'on: a day such as 2026-11-21 is needed'],
])('an example with %s is refused with its line', async (_, line, fault) => {
  const [key = ''] = line.split(':')
  const plain = ['who: amina', 'about: police.crime', 'expect: shown', 'on: 2026-11-21']
  const keys = plain.map((each) => (each.startsWith(`${key}:`) ? line : each)).join('\n  ')
  await writeFile(
    join(dir, 'scenarios/disclosure.yaml'),
    `\n- example: One plain sentence of an example\n  ${keys}\n`,
  )
  const told = await faults()
  expect(told).toHaveLength(1)
  expect(told[0]).toMatch(/^scenarios\/disclosure\.yaml:[2-6]: /)
  expect(told[0]).toContain(fault)
})

test('examples that explain no file, or say the same twice, are refused', async () => {
  await writeFile(join(dir, 'scenarios/weather.yaml'), '[]')
  const same = '- example: The same sentence twice\n  expect: accepted\n'
  await writeFile(join(dir, 'scenarios/purposes.yaml'), same + same)
  expect(await faults()).toEqual([
    'scenarios/purposes.yaml:3: the same sentence as scenarios/purposes.yaml:1; say what is different',
    'scenarios/weather.yaml:1: there is no `weather.cedar` that it could explain; rename it',
  ])
})
