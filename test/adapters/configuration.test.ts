/** An agency's engineer gets her file wrong: every fault of every file is named at once, with what to do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCustodians } from '../../adapters/configuration.ts'
import { Refusal } from '../../schema/refusal.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custodians-'))
})
afterEach(() => rm(folder, { recursive: true }))

const ENV = { A_URL: 'https://records.a-school.example/api', A_TOKEN: 'a-token' }

const GOOD = `
id: a-school
name: A School
agency: a-school
sector: education
kind: rest
contact: { name: The lead, telephone: 01632 960001 }
identityEvidence: demographics
connection: { baseUrl: '\${A_URL}', credentials: { kind: bearer, token: '\${A_TOKEN}' } }
requests: [{ name: all, path: '/pupils?n={nhsNumber}', fieldSelection: none }]
person: { from: all.people, localId: id, nhsNumber: number }
records:
  education.sen: { from: all.sen, sourceId: id, fields: { need: { from: need, codes: { speech: SLCN } } } }
`

async function faultsIn(
  files: Readonly<Record<string, string>>,
  env: Record<string, string> = ENV,
): Promise<string[]> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const refused: unknown = await readCustodians([folder], env).then(
    () => null,
    (error: unknown) => error,
  )
  if (refused === null) return []
  if (!(refused instanceof Refusal)) throw refused
  expect(refused.code).toBe('CUSTODIANS_INVALID')
  return refused.message.split('\n').slice(1)
}

test('a file that is right is read, with its settings filled in', async () => {
  await writeFile(join(folder, 'a-school.yaml'), GOOD)
  const [read] = await readCustodians([folder], ENV)
  expect(read?.file).toMatchObject({
    id: 'a-school',
    deadlineMs: null,
    contact: { email: null },
    connection: { baseUrl: 'https://records.a-school.example/api', credentials: { token: 'a-token' } },
  })
})

test('every fault of every file is named at once', async () => {
  const faults = await faultsIn({
    'a.yaml': GOOD.replace('id: a-school', 'id: A School').replace('kind: rest', 'kind: rest\npassword: x'),
    'b.yaml': 'id: [',
    'c.yaml': GOOD.replace('{ need:', '{ score: risk, need:').replace('education.sen', 'education.senn'),
    'd.yaml': 'preset: no-such-preset',
  })
  expect(faults.map((fault) => fault.split(':')[0])).toEqual(
    expect.arrayContaining(['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml']),
  )
  expect(faults).toEqual(
    expect.arrayContaining([
      'a.yaml: id: use lower-case letters, digits and hyphens',
      'a.yaml: take `password` out; nothing here is called that (see adapters/README.md)',
      expect.stringMatching(
        /^c\.yaml: records\.education\.senn: is no record type of education; use one of .*`education.sen`/,
      ),
      expect.stringMatching(/^d\.yaml: preset: use one of dfe-custodian, /),
    ]),
  )
})

test.each([
  [
    'a field that does not exist',
    ['need: {', 'riskScore: r, need: {'],
    /records\.education\.sen\.fields\.riskScore: is no field/,
  ],
  ['a code that the set does not hold', ['SLCN', 'XYZ'], /`XYZ` is no code of sen-need/],
  ['a record type of another sector', ['education.sen:', 'police.crime:'], /is no record type of education/],
  [
    'an expression that is not JSONata',
    ['from: all.sen', "from: 'all.['"],
    /records\.education\.sen\.from: .*is not JSONata/,
  ],
  ['a value that nothing gives', ['{nhsNumber}', '{upn}'], /nothing gives `\{upn\}`/],
  [
    'a secret that is written out',
    [`'\${A_TOKEN}'`, 'hunter2'],
    /connection\.credentials\.token: never write a secret here/,
  ],
  [
    'an address that is written out',
    [`'\${A_URL}'`, 'https://a.example'],
    /connection\.baseUrl: write the address as/,
  ],
  ['a kind that is unknown', ['kind: rest', 'kind: soap'], /kind must be sql, fhir, rest, graphql or none/],
  ['a missing contact', ['contact: { name: The lead, telephone: 01632 960001 }', ''], /contact: is missing/],
  [
    'an assertion that is none',
    ['sourceId: id,', 'sourceId: id, assertion: { value: RUMOUR },'],
    /`RUMOUR` is not one of FACT/,
  ],
])('%s', async (_, [before, after], expected) => {
  const [fault, ...more] = await faultsIn({ 'a.yaml': GOOD.replace(before ?? '', after ?? '') })
  expect(fault).toMatch(expected)
  expect(more).toEqual([])
})

test('a setting that the environment does not hold is named', async () => {
  expect(await faultsIn({ 'a.yaml': GOOD }, { A_URL: ENV.A_URL })).toEqual([
    'a.yaml: connection: set `A_TOKEN` in the environment',
  ])
})

test('children’s data never travel in clear: http is for this machine only', async () => {
  expect(await faultsIn({ 'a.yaml': GOOD }, { ...ENV, A_URL: 'http://records.a-school.example' })).toEqual([
    'a.yaml: connection.baseUrl: the address must begin with https:// (http:// is for this machine)',
  ])
  expect(await faultsIn({ 'a.yaml': GOOD }, { ...ENV, A_URL: 'http://127.0.0.1:8080' })).toEqual([])
})

test('a database elsewhere is reached over TLS only', async () => {
  const text = `
id: a-force
name: A Force
agency: a-force
sector: police
kind: sql
contact: { name: The desk, telephone: 01632 960001 }
identityEvidence: demographics
connection: { url: '\${A_URL}', schema: shared, nhsNumberColumn: nhs_no }
person: { view: v_nominal, localId: ref, nhsNumber: nhs_no }
records: { police.crime: { view: v_crime, sourceId: ref, fields: { offence: 'offence; DROP TABLE x' } } }`
  expect(await faultsIn({ 'a.yaml': text }, { A_URL: 'postgres://reader@db.a-force.example/rms' })).toEqual([
    'a.yaml: records.police.crime.fields.offence: `offence; DROP TABLE x` is not the name of a column',
    expect.stringContaining('sslmode=verify-full'),
  ])
})

test.each([
  [
    'mutation Close($n: String!) { close(n: $n) }',
    'must hold a query, not a mutation: nothing may be changed at an agency',
  ],
  ['subscription Watch($n: String!) { child(n: $n) { id } }', 'must hold a query, not a subscription'],
  ['query A($n: String!) { a(n: $n) } mutation B { b }', 'must hold exactly one operation'],
  ['query A { a }', 'does not declare `$n`'],
  ['query {', 'is not GraphQL'],
])('the operation `%s` is refused', async (operation, expected) => {
  const text = `
id: a-council
name: A Council
agency: a-council
sector: social-care
kind: graphql
contact: { name: The desk, telephone: 01632 960001 }
identityEvidence: demographics
connection: { url: '\${A_URL}' }
operation: ask.graphql
nhsNumberVariable: n
fieldSelection: none
person: { from: people, localId: id, nhsNumber: number }
records: { social-care.plan: { from: plans, sourceId: id, fields: { leadRole: role } } }`
  const faults = await faultsIn({ 'a.yaml': text, 'ask.graphql': operation })
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(expected)
})

test('two custodians cannot have one id', async () => {
  expect(await faultsIn({ 'a.yaml': GOOD, 'b.yaml': GOOD })).toEqual([
    'b.yaml: id: `a-school` is the id in a.yaml as well; give each its own',
  ])
})

test('a folder that is not there is named', async () => {
  const refused = readCustodians([join(folder, 'none')], ENV)
  await expect(refused).rejects.toMatchObject({ code: 'CUSTODIANS_INVALID' })
})

test('a preset gives what many have in common, and what the file says goes first', async () => {
  const text = `
preset: uk-core
id: a-trust
name: A Trust
agency: a-trust
sector: health
contact: { name: The desk, telephone: 01632 960001 }
identityEvidence: demographics
connection: { baseUrl: '\${A_URL}' }
records:
  health.flag:
  health.condition: { search: 'Condition?patient={patient}', sourceId: id, fields: { condition: code.text } }`
  await writeFile(join(folder, 'a.yaml'), text)
  const [read] = await readCustodians([folder], ENV)
  if (read?.file.kind !== 'fhir') throw new Error('not read')
  expect(Object.keys(read.file.records)).toContain('health.encounter')
  expect(Object.keys(read.file.records)).not.toContain('health.flag')
  expect(read.file.records['health.condition']?.[0]?.fields).toEqual({ condition: 'code.text' })
})
