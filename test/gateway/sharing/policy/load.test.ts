/** A bundle with anything wrong in it is refused whole, and every fault is named at once, with its file. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { Refusal } from '../../../../schema/refusal.ts'
import { amina, policiesDir, record, s47 } from './asked.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'policies-'))
  await cp(policiesDir, dir, { recursive: true })
})
afterEach(() => rm(dir, { recursive: true }))

const edit = async (file: string, change: (text: string) => string) => {
  const before = await readFile(join(dir, file), 'utf8')
  const after = change(before)
  expect(after, `the edit of ${file} changes nothing`).not.toBe(before)
  await writeFile(join(dir, file), after)
}
const add = (file: string, text: string) => edit(file, (before) => `${before}\n${text}\n`)

async function faults(): Promise<string[]> {
  try {
    await loadBundle(dir)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    expect(error.code).toBe('POLICY_BUNDLE_INVALID')
    return error.message.split('\n- ').slice(1)
  }
  return []
}

const sealed = (id: string, annotations: string) =>
  `${id}${annotations} forbid (principal, action in Action::"any", resource) when { resource.labels.contains(Label::"hfea") };`

test('the policies of Northshire are whole', async () => {
  expect(await faults()).toEqual([])
  const bundle = await loadBundle(dir)
  expect(bundle.policies.size).toBeGreaterThanOrEqual(46)
  for (const policy of bundle.policies.values()) {
    expect(policy.title).not.toBe('')
    expect(policy.disclose === null).toBe(policy.compiled.effect === 'permit')
  }
})

describe('a policy', () => {
  test.each([
    ['without an id', sealed('@title("x")', '@reason("HFEA")@disclose("never")'), ['without `@id`']],
    ['without a title', sealed('@id("a.b")', '@reason("HFEA")@disclose("never")'), ['`a.b` has no `@title`']],
    [
      'without a reason',
      sealed('@id("a.b")@title("x")', '@disclose("never")'),
      ['forbids without `@reason`'],
    ],
    [
      'without @disclose',
      sealed('@id("a.b")@title("x")', '@reason("HFEA")'),
      ['forbids without `@disclose('],
    ],
    [
      'with a reason that nobody worded',
      sealed('@id("a.b")@title("x")', '@reason("BECAUSE")@disclose("never")'),
      ['`BECAUSE`, which reasons.yaml lacks'],
    ],
    [
      'that tells a reason without words',
      '@id("a.b")@title("x")@reason("HFEA")@disclose("subject") forbid (principal, action == Action::"clinical", resource) when { context.consent };',
      ['tells the reason `HFEA`, which has no words'],
    ],
    [
      'with a misspelt annotation',
      sealed('@id("a.b")@title("x")', '@reson("HFEA")@reason("HFEA")@disclose("never")'),
      ['an annotation `@reson` that nothing reads'],
    ],
    [
      'that is never to be disclosed and lets the record be known',
      '@id("a.b")@title("x")@reason("HFEA")@disclose("never") forbid (principal, action == Action::"clinical", resource) when { context.consent };',
      ['lets the record be known'],
    ],
    [
      'that hides by label and would tell why',
      sealed('@id("a.b")@title("x")', '@reason("THIRD_PARTY")@disclose("subject")'),
      ['cannot tell the subject why'],
    ],
    [
      'with an id that is taken',
      sealed('@id("access.own-agency")@title("x")', '@reason("HFEA")@disclose("never")'),
      ['the id `access.own-agency` is taken by access.cedar:'],
    ],
    [
      'with a misspelt attribute',
      '@id("a.b")@title("x") permit (principal, action, resource) when { resource.lables.isEmpty() };',
      ['attribute `lables`'],
    ],
    [
      'with a misspelt label',
      '@id("a.b")@title("x") permit (principal, action, resource) when { resource.labels.contains(Label::"adopted") };',
      ['"adopted"'],
    ],
    [
      'with a misspelt action',
      '@id("a.b")@title("x") permit (principal, action == Action::"raed", resource);',
      ['raed'],
    ],
    [
      'that looks at an agreement without asking whether there is one',
      '@id("a.b")@title("x") permit (principal, action, resource) when { resource.agreement.suspended };',
      ['optional attribute `agreement`'],
    ],
    [
      'that can never hold',
      '@id("a.b")@title("x") permit (principal, action, resource) when { resource has labels && false };',
      ['impossible'],
    ],
    [
      'with an operator that is not evaluated',
      '@id("a.b")@title("x") permit (principal, action, resource) when { principal.agency like "north*" };',
      ['`a.b` uses `like`'],
    ],
    ['that does not parse', 'permit (principal, action resource);', ['unexpected token `resource`']],
    ['that is a template', '@id("a.b") permit (principal == ?principal, action, resource);', ['a template']],
  ])('%s is refused', async (_, text, named) => {
    await writeFile(join(dir, 'extra.cedar'), `// a comment\n\n${text}\n`)
    const found = (await faults()).join('\n')
    for (const words of named) expect(found).toContain(words)
    expect(found).toContain('extra.cedar:3: ')
  })
})

describe('a list', () => {
  test.each<[string, string, (text: string) => string, string]>([
    [
      'agreement with an unknown record type',
      'agreements/hollybank-school.yaml',
      (text) => text.replace('education.sen', 'education.sin'),
      'agreements/hollybank-school.yaml: recordTypes: `education.sin` is not known',
    ],
    [
      'agreement with an unknown purpose',
      'agreements/hollybank-school.yaml',
      (text) => text.replace('case-oversight', 'research'),
      'agreements/hollybank-school.yaml: purposes: `research` is not known',
    ],
    [
      'agreement with a day that is none',
      'agreements/hollybank-school.yaml',
      (text) => text.replace('2028-03-31', '2028-02-30'),
      'agreements/hollybank-school.yaml: ends: a day',
    ],
    [
      'agreement that ends before it starts',
      'agreements/hollybank-school.yaml',
      (text) => text.replace('2028-03-31', '2026-01-31'),
      'agreements/hollybank-school.yaml: ends: it ends before it starts',
    ],
    [
      'agreement with a misspelt key',
      'agreements/hollybank-school.yaml',
      (text) => text.replace('suspended:', 'suspend:'),
      'agreements/hollybank-school.yaml: suspended:',
    ],
    [
      'agreement without words',
      'agreements/hollybank-school.yaml',
      () => '',
      'agreements/hollybank-school.yaml: the whole:',
    ],
    [
      'basis with an unknown kind',
      'lawful-bases.yaml',
      (text) => text.replace('kind: article6', 'kind: article7'),
      'lawful-bases.yaml: GDPR-6-1-c.kind:',
    ],
    [
      'basis that the schema lacks',
      'lawful-bases.yaml',
      (text) => text.replace('code: CLDC', 'code: CLDCX'),
      '`CLDCX` of lawful-bases.yaml is missing',
    ],
    [
      'basis that is there twice',
      'lawful-bases.yaml',
      (text) => text.replace('code: CLDC', 'code: CDA-115'),
      'lawful-bases.yaml: `CDA-115` is there twice',
    ],
    [
      'purpose with a function that is none',
      'purposes.yaml',
      (text) => text.replace('[CA89-47,', '[GDPR-6-1-e,'),
      'purposes.yaml: s47-enquiry.functions: `GDPR-6-1-e` is not known',
    ],
    [
      'purpose with an unknown role',
      'purposes.yaml',
      (text) => text.replace('[lcpp]', '[boss]'),
      'purposes.yaml: case-oversight.roles: `boss` is not known',
    ],
    [
      'reason of the gateway without words',
      'reasons.yaml',
      (text) =>
        text.replace('words: there is no sharing agreement between this agency and yours', 'words: null'),
      'the gateway gives `NO_AGREEMENT`, which has no words',
    ],
    [
      'record type that the ground floor lacks',
      'schema.cedarschema',
      (text) => text.replace('"police.custody"', '"police.custodian"'),
      'RecordType: `police.custody` of schema/record-types.ts is missing',
    ],
    ['list that is no YAML', 'reasons.yaml', (text) => `${text}\n  - : [`, 'reasons.yaml:'],
    [
      'schema that is none',
      'schema.cedarschema',
      (text) => text.replace('roles: Set<Role>', 'roles: Set<Roll>'),
      'schema.cedarschema: ',
    ],
  ])('%s is refused', async (_, file, change, named) => {
    await edit(file, change)
    expect((await faults()).join('\n')).toContain(named)
  })

  test('what reads the log without a word of why is refused, and so is half a rule', async () => {
    await writeFile(join(dir, 'log-readers.yaml'), '- agency: northshire-police\n  reads: partnership\n')
    await edit('subject-access.yaml', (text) => text.replace('{ sources: [police] }', '{}'))
    await edit('signals.yaml', (text) => text.replace('childrenADay: 12', 'childrenADay: none'))
    const told = (await faults()).join('\n')
    for (const named of [
      'log-readers.yaml: entry 1.because',
      'subject-access.yaml: ',
      'signals.yaml: volume.childrenADay',
    ])
      expect(told).toContain(named)
  })

  test('a bundle of before, without the lists of who reads the log and how, can still be read', async () => {
    for (const file of ['log-readers.yaml', 'signals.yaml', 'subject-access.yaml']) await rm(join(dir, file))
    const { logReaders, signals, subjectAccess } = await loadBundle(dir)
    expect([logReaders.size, signals, subjectAccess]).toEqual([0, null, null])
  })

  test('a file that is missing is named', async () => {
    await rm(join(dir, 'purposes.yaml'))
    expect(await faults()).toContain('purposes.yaml: the file is missing')
  })

  test('a second agreement for the same days is refused', async () => {
    const text = await readFile(join(dir, 'agreements/northshire-police.yaml'), 'utf8')
    const later = text
      .replace('NS-POL-2026', 'NS-POL-2028')
      .replace('starts: 2026-04-13', 'starts: 2028-03-31')
      .replace('ends: 2028-03-31', 'ends: 2030-03-31')
    await writeFile(join(dir, 'agreements/northshire-police-2028.yaml'), later)
    expect(await faults()).toEqual([
      'agreements/: `NS-POL-2028` and `NS-POL-2026` overlap: same source, recipient and days',
    ])
    await edit('agreements/northshire-police-2028.yaml', (now) => now.replace('2028-03-31', '2028-04-01'))
    expect(await faults()).toEqual([])
  })
})

test('every fault is named at once', async () => {
  await add('access.cedar', 'permit (principal, action, resource);')
  await add(
    'fields.cedar',
    '@id("fields.x")@title("x") forbid (principal, action, resource) when { resource.lables.isEmpty() };',
  )
  await edit('agreements/eastmere-council.yaml', (text) =>
    text.replace('version: 1', 'version: one').replace('case-oversight', 'research'),
  )
  await edit('purposes.yaml', (text) =>
    text.replace('title: Strategy discussion', 'heading: Strategy discussion'),
  )
  const found = await faults()
  const all = found.join('\n')
  for (const words of [
    'access.cedar:',
    'without `@id`',
    'policy `fields.x` forbids without `@reason`',
    'policy `fields.x` forbids without `@disclose(',
    'attribute `lables`',
    'agreements/eastmere-council.yaml: version:',
    'purposes.yaml: strategy-discussion.title:',
    'purposes.yaml: strategy-discussion: Unrecognized key',
  ])
    expect(all).toContain(words)
  // what could not be read is not held against the rest
  expect(all).not.toContain('is not in purposes.yaml')
})

describe('the version of a bundle', () => {
  test('is the same for the same files, and another for any change', async () => {
    const { version } = await loadBundle(policiesDir)
    expect((await loadBundle(dir)).version).toBe(version)
    expect(version).toMatch(/^sha256:[0-9a-f]{64}$/)
    await edit('agreements/hollybank-school.yaml', (text) =>
      text.replace('suspended: false', 'suspended: true'),
    )
    expect((await loadBundle(dir)).version).not.toBe(version)
  })

  test('the hash of a policy follows its meaning, not its layout', async () => {
    const before = await loadBundle(dir)
    await edit('sealed.cedar', (text) => text.replaceAll('\nwhen {', '\n\n    when   {'))
    const after = await loadBundle(dir)
    const hash = (bundle: typeof before) => bundle.policies.get('sealed.adoption')?.hash8
    expect(hash(after)).toBe(hash(before))
    await edit('sealed.cedar', (text) => text.replace('Label::"adoption"', 'Label::"covert"'))
    expect(hash(await loadBundle(dir))).not.toBe(hash(before))
  })
})

test("a partnership's own folder decides: a changed rule, a changed answer", async () => {
  const request = {
    practitioner: amina,
    action: 'know',
    record: record('social-care', 'social-care.plan', { agency: 'northshire-council' }),
    context: s47,
  }
  expect((await loadBundle(dir)).decide(request).allow).toBe(true)
  await add(
    'access.cedar',
    '@id("access.closed")@title("Nothing")@reason("ASK_IG_LEAD")@disclose("subject") forbid (principal, action, resource);',
  )
  expect((await loadBundle(dir)).decide(request)).toEqual({
    allow: false,
    determining: ['access.closed'],
    errors: [],
  })
})
