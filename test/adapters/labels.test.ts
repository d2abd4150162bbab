/**
 * Every word by which an agency of Northshire restricts a record reaches the policies as the label that it means. One
 * that nobody knows, or that is left out, never reads like "nothing restricted".
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { CustodianReply } from '../../adapters/contract.ts'
import { fhirFile } from '../../adapters/custodian-file.ts'
import { personOf, type Resource, recordsOf } from '../../adapters/fhir/resource.ts'
import { type Partnership, partnershipOf } from './partnership.ts'
import { json, MAYA, question, type Served, serve } from './serve.ts'

const root = join(import.meta.dirname, '../..')
const text = (path: string) => readFileSync(join(root, path), 'utf8')
const agencies = text('gateway/local/agencies/README.md')
const known = /entity Label enum \[([^\]]+)\]/.exec(text('policies/schema.cedarschema'))?.[1] ?? ''
const labels = new Set(known.match(/[a-z][a-z-]+/g))

const mapped = (custodian: string): Readonly<Record<string, string>> =>
  parse(text(`adapters/custodians/${custodian}.yaml`)).person.labels.codes

describe('every word in the description of the agencies has its label', () => {
  test('the markers of the police', () => {
    expect(mapped('northshire-police')).toEqual({
      ADC: 'address-confidential',
      PPX: 'protected-person',
      CVT: 'covert',
      STF: 'staff-record',
      LIV: 'live-investigation',
      CHS: 'informant',
      ADV: 'adult-victim',
      INF: 'referrer-identity',
      TPY: 'third-party-confidential',
      FCP: 'court-papers',
      LPP: 'legal-privilege',
      ADP: 'adoption',
    })
    const line = /`markers`: (.+)/.exec(agencies)?.[1] ?? ''
    const markers = [...line.matchAll(/`([A-Z]{3})`/g)].map(([, marker]) => marker)
    expect(markers.sort()).toEqual(Object.keys(mapped('northshire-police')).sort())
  })

  test('the protections of Eastmere', () => {
    const schema = text('gateway/local/agencies/eastmere.graphql')
    const protections = /enum Protection \{([^}]+)\}/.exec(schema)?.[1]?.match(/\w+/g)
    expect(protections?.sort()).toEqual(Object.keys(mapped('eastmere-childrens-services')).sort())
  })

  test.each(['northshire-police', 'eastmere-childrens-services'])('%s: policy knows every label', (id) => {
    for (const label of Object.values(mapped(id))) expect(labels).toContain(label)
  })

  test("the restrictions of children's services, schools and education welfare, and the codes of health", () => {
    const words = [/Restrictions are words: (.+)/, /record-sensitivity`: (.+?) `N`/].flatMap((line) =>
      [...(line.exec(agencies)?.[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, word]) => word),
    )
    expect(words.length).toBeGreaterThan(15)
    for (const word of words) expect(labels).toContain(word)
  })

  test.each(readdirSync(join(root, 'adapters/custodians')).filter((file) => file.endsWith('.yaml')))(
    '%s: whatever the custodian holds of a person or a record is read with its labels',
    (file) => {
      const { preset, ...own } = parse(text(`adapters/custodians/${file}`))
      const { person, records = {} } = preset ? parse(text(`adapters/presets/${preset}.yaml`)) : own
      if (own.kind !== 'none') expect(person).toHaveProperty('labels')
      for (const [type, rules] of Object.entries(records))
        for (const rule of [rules].flat()) expect(rule, type).toHaveProperty('labels')
    },
  )
})

const open: (Served | Partnership)[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

async function answering(body: unknown, custodian: string, prefix: string): Promise<CustodianReply> {
  const server = await serve((_, response) => json(response, body))
  open.push(server)
  const partnership = await partnershipOf(
    { 'a.yaml': text(`adapters/custodians/${custodian}.yaml`) },
    { [`${prefix}_URL`]: server.url, [`${prefix}_TOKEN`]: 'a-token', [`${prefix}_KEY`]: 'a-key' },
  )
  open.push(partnership)
  return partnership.connection(custodian).ask(question(['person.details', 'education.enrolment']))
}

const pupil = (more: object, entry: object) => ({
  data: [
    {
      ...{
        id: 'HB-1',
        nhsNumber: MAYA,
        legalForename: 'Maya',
        legalSurname: 'Reid',
        dateOfBirth: '2014-03-14',
      },
      ...more,
      enrolment: [{ id: 'E1', status: 'Current', school: 'A School', ...entry }],
    },
  ],
  meta: {},
})
const child = (more: object, entry: object) => ({
  children: [{ ref: 'E-1', nhs: MAYA, forename: 'Maya', surname: 'Reid', dob: '2014-03-14', ...more }],
  entries: [{ entryId: 'E-1-1', kind: 'register', status: 'Current', ...entry }],
  nextCursor: null,
})

describe.each([
  ['hollybank-school', 'HOLLYBANK_SCHOOL', 'sensitivity', pupil],
  ['northshire-education-welfare', 'NORTHSHIRE_EDUCATION_WELFARE', 'restrictions', child],
] as const)('%s', (custodian, prefix, list, body) => {
  const ask = (person: object, entry: object) => answering(body(person, entry), custodian, prefix)

  test('labels on the child and on a record arrive where they stand', async () => {
    const reply = await ask({ [list]: ['adoption'] }, { [list]: ['adult-victim', 'a-new-word'] })
    expect(reply).toMatchObject({ kind: 'held', people: [{ labels: ['adoption'] }] })
    const enrolment =
      reply.kind === 'held' && reply.records.find(({ type }) => type === 'education.enrolment')
    expect(enrolment).toMatchObject({ labels: ['adult-victim', 'a-new-word'] })
  })

  test.each([
    ['left out on the child', {}, { [list]: [] }],
    ['left out on a record', { [list]: [] }, {}],
    ['null', { [list]: null }, { [list]: [] }],
    ['a text', { [list]: [] }, { [list]: 'adoption' }],
  ])('an answer whose labels are %s is refused as a whole', async (_what, person, entry) => {
    expect(await ask(person, entry)).toMatchObject({ kind: 'fault', fault: 'malformed' })
  })

  test('empty lists mean that nothing is restricted', async () => {
    const reply = await ask({ [list]: [] }, { [list]: [] })
    expect(reply).toMatchObject({
      kind: 'held',
      people: [{ labels: [] }],
      records: [{ labels: [] }, { labels: [] }],
    })
  })
})

describe('a FHIR server of UK Core', () => {
  const { kind: _kind, fieldSelection: _selection, ...preset } = parse(text('adapters/presets/uk-core.yaml'))
  const { person, records } = fhirFile.pick({ person: true, records: true }).parse(preset)
  const labelled = (resourceType: string, security: readonly object[]): Resource => ({
    ...{ resourceType, id: 'x', meta: { security } },
  })

  test.each([
    [[{ code: 'N' }], [null]],
    [[{ code: 'R' }], ['address-confidential']],
    [[{ code: 'V' }], ['protected-person']],
    [[{ code: 'SEX' }], ['sexual-health']],
    [[{ code: 'adoption' }], ['adoption']],
    [
      [{ code: 'N' }, { display: 'Adopted' }],
      [null, 'uncoded'],
    ],
    [[{ display: 'Adopted' }], ['uncoded']],
  ])('a patient marked %j has the labels %j', (security, expected) => {
    const { labels: read } = personOf(person, labelled('Patient', security))
    expect([read].flat()).toEqual(expected)
  })

  test('on a record a label without a code, and one that has no agreed meaning, are none that policy knows', () => {
    const rule = records['health.condition']?.[0]
    const condition = labelled('Condition', [{ code: 'R' }, { display: 'Not for sharing' }])
    if (rule === undefined) throw new Error('the preset has no conditions')
    const [record] = recordsOf('health.condition', rule, [], condition, labelled('Patient', []))
    expect(record?.labels).toEqual(['R', 'uncoded'])
    for (const label of ['R', 'uncoded']) expect(labels).not.toContain(label)
  })
})
