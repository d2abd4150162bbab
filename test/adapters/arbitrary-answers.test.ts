/** Whatever a custodian sends: asking never throws, and what comes out is a record that the schema knows, or a fault. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { documentReader } from '../../adapters/answer-document.ts'
import { type ReadCustodian, readCustodians } from '../../adapters/configuration.ts'
import type { CustodianReply } from '../../adapters/contract.ts'
import type { ConnectedFile } from '../../adapters/custodian-file.ts'
import { pageIn, personOf, recordsOf } from '../../adapters/fhir/resource.ts'
import { connectionTo } from '../../adapters/index.ts'
import { statementFor } from '../../adapters/sql/statement.ts'
import { decidedGroups } from '../../schema/data-group.ts'
import { isNhsNumber } from '../../schema/nhs-number.ts'
import { assertions, relations, type SourceRecord, subjectCategories } from '../../schema/record.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import { MAYA, question } from './serve.ts'

const RUNS = 300
const FOLDER = join(import.meta.dirname, '../../adapters/custodians')

/** Fills every setting, so that the files can be read without their systems. */
async function settings(): Promise<Record<string, string>> {
  const names = custodianIds.map((id) => join(FOLDER, `${id}.yaml`))
  const texts = await Promise.all(names.map((name) => readFile(name, 'utf8')))
  const found = texts.flatMap((text) =>
    [...text.matchAll(/\$\{([A-Z0-9_]+)\}/g)].map(([, name]) => name ?? ''),
  )
  return Object.fromEntries(
    found.map((name) => [
      name,
      name.includes('DATABASE')
        ? 'postgres://a:b@127.0.0.1:1/a'
        : name.endsWith('URL')
          ? 'http://127.0.0.1:1/a'
          : 'a',
    ]),
  )
}
const custodianIds = [
  'northshire-police',
  'northshire-childrens-services',
  'northshire-hospital',
  'northshire-community-health',
  'hollybank-school',
  'northshire-education-welfare',
  'eastmere-childrens-services',
  'westvale-college',
]

let read: readonly ReadCustodian[] = []
beforeAll(async () => {
  const env = await settings()
  read = await readCustodians([FOLDER], env)
})

function fileOf<K extends ConnectedFile['kind']>(id: string, kind: K): Extract<ConnectedFile, { kind: K }> {
  const file = read.find((one) => one.file.id === id)?.file
  if (file?.kind !== kind) throw new Error(`${id} is not of kind ${kind}`)
  return file as Extract<ConnectedFile, { kind: K }>
}

const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}\.\d{3}Z)?$/
const CONTROL = /(?![\t\n])\p{Cc}/u

function expectValid(record: SourceRecord): void {
  const type = recordTypeNamed(record.type)
  if (type === undefined) throw new Error(`${record.type} is unknown`)
  expect(record.sourceId).toMatch(/^.{1,200}$/s)
  for (const moment of [record.eventTime, record.recordedTime])
    if (moment !== null) expect(moment).toMatch(MOMENT)
  expect(assertions).toContain(record.assertion)
  expect(relations).toContain(record.about)
  if (record.subjectCategory !== null) expect(subjectCategories).toContain(record.subjectCategory)
  for (const word of [...record.labels, ...record.handling])
    expect(typeof word === 'string' && word !== '').toBe(true)
  for (const [name, value] of Object.entries(record.fields)) {
    const field = type.fields[name]
    if (field === undefined) throw new Error(`${name} is no field of ${record.type}`)
    if (value === null) continue
    expect(Array.isArray(value)).toBe(field.list)
    const one = Array.isArray(value) ? value[0] : value
    const expected =
      { integer: 'number', decimal: 'number', flag: 'boolean' }[field.kind as string] ?? 'string'
    expect(typeof one).toBe(expected)
    if (field.kind === 'date') expect(one).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    expect(CONTROL.test(JSON.stringify(value))).toBe(false)
  }
}

const expectValidReply = (reply: CustodianReply) => {
  if (reply.kind === 'held') {
    reply.records.forEach(expectValid)
    expect(reply.people.every((person) => person.nhsNumber === MAYA)).toBe(true)
  } else if (reply.kind === 'fault') expect(['malformed', 'failed']).toContain(reply.fault)
}

/** Words that the mappings look for, so that arbitrary answers reach into them. */
const keys = [
  ...[
    'data',
    'pupils',
    'meta',
    'id',
    'nhsNumber',
    'attendance',
    'from',
    'to',
    'sensitivity',
    'possibleSessions',
  ],
  ...[
    'children',
    'entries',
    'ref',
    'nhs',
    'kind',
    'entryId',
    'date',
    'restrictions',
    'lookup',
    'clients',
    'plans',
  ],
  ...[
    'contacts',
    'relationship',
    'name',
    'dateOfBirth',
    'livesWithPupil',
    'attendedSessions',
    'codes',
    '__proto__',
  ],
]
const leaf = fc.oneof(
  fc.constantFrom(
    MAYA,
    '2026-03-14',
    '2026-02-30',
    'register',
    'FAMILY_HELP',
    'Mother',
    '',
    null,
    true,
    -1,
    1e300,
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.double(),
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 8 }),
  ),
}))
/** A plausible answer in which anything may stand anywhere. */
const pupil = fc.record(
  {
    id: fc.constant('HB-1'),
    nhsNumber: fc.constant(MAYA),
    dateOfBirth: leaf,
    sensitivity: tree,
    attendance: fc.array(
      fc.dictionary(fc.constantFrom('id', 'from', 'to', 'codes', 'possibleSessions'), leaf),
    ),
    contacts: fc.array(fc.record({ id: fc.string(), relationship: leaf, name: leaf, sensitivity: tree })),
  },
  { requiredKeys: ['id', 'nhsNumber'] },
)

describe('an arbitrary answer', () => {
  test.each(['hollybank-school', 'northshire-education-welfare'])('%s', async (id) => {
    const file = fileOf(id, 'rest')
    const reader = documentReader(file)
    const about = question(Object.keys(file.records), 30_000)
    const plausible = fc.record({
      pupils: fc.record({ data: fc.array(pupil, { maxLength: 3 }), meta: tree }),
    })
    await fc.assert(
      fc.asyncProperty(fc.oneof(tree, plausible, fc.jsonValue()), async (answer) => {
        const system = {
          ask: () => reader(answer, about),
          proveReadOnly: async () => null,
          close: async () => {},
        }
        expectValidReply(await connectionTo(file, system).ask(about))
      }),
      { numRuns: RUNS },
    )
  })

  test('eastmere-childrens-services', async () => {
    const file = fileOf('eastmere-childrens-services', 'graphql')
    const reader = documentReader(file)
    const about = question(Object.keys(file.records), 30_000)
    await fc.assert(
      fc.asyncProperty(fc.oneof(tree, fc.jsonValue()), async (answer) => {
        const system = {
          ask: () => reader(answer, about),
          proveReadOnly: async () => null,
          close: async () => {},
        }
        expectValidReply(await connectionTo(file, system).ask(about))
      }),
      { numRuns: RUNS },
    )
  })

  test('northshire-hospital', async () => {
    const file = fileOf('northshire-hospital', 'fhir')
    const about = question(Object.keys(file.records), 30_000)
    const patient = {
      resourceType: 'Patient',
      id: 'p',
      identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: MAYA }],
    }
    const element = fc.constantFrom(
      'status',
      'period',
      'class',
      'text',
      'code',
      'participant',
      'meta',
      'name',
      'subject',
      'start',
      'onsetDateTime',
    )
    const kinds = fc.constantFrom('Encounter', 'CareTeam', 'Condition', 'Patient')
    const resource = fc.record({ elements: fc.dictionary(element, tree), resourceType: kinds })
    await fc.assert(
      fc.asyncProperty(fc.array(resource), async (resources) => {
        const entries = resources.map(({ elements, resourceType }, place) => ({
          resource: { ...patient, ...elements, resourceType, id: `r${place}` },
        }))
        const system = {
          ask: async () => {
            const { found } = pageIn({ resourceType: 'Bundle', type: 'searchset', entry: entries })
            const records = found.flatMap((each) =>
              Object.entries(file.records).flatMap(([type, rules]) =>
                rules.flatMap((rule) =>
                  recordsOf(type, rule, Object.keys(recordTypeNamed(type)?.fields ?? {}), each, patient),
                ),
              ),
            )
            return {
              kind: 'unchecked' as const,
              people: found.map((each) => personOf(file.person, each)),
              records,
              asOf: null,
              holdsFrom: null,
            }
          },
          proveReadOnly: async () => null,
          close: async () => {},
        }
        expectValidReply(await connectionTo(file, system).ask(about))
      }),
      { numRuns: RUNS / 4 },
    )
  })

  test('northshire-police, whose columns may hold anything', async () => {
    const file = fileOf('northshire-police', 'sql')
    const about = question(Object.keys(file.records), 30_000)
    const statement = statementFor(file, about.recordTypes)
    const column = fc.constantFrom(
      'nominal_ref',
      'nhs_no',
      'crime_ref',
      'markers',
      'committed_at',
      'role_code',
      'dob',
      'ppn_no',
    )
    const row = fc.record({
      part: fc.constantFrom('person', 'currency', 'records 0', 'records 3', 'records 4', 'records 99'),
      columns: fc
        .dictionary(column, tree)
        .map((columns) => ({ nhs_no: MAYA, nominal_ref: 'N/1', ...columns })),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 6 }), async (rows) => {
        const system = {
          ask: async () => statement.read(rows),
          proveReadOnly: async () => null,
          close: async () => {},
        }
        expectValidReply(await connectionTo(file, system).ask(about))
      }),
      { numRuns: RUNS },
    )
  })
})

describe('an NHS number cannot carry anything else', () => {
  test('only ten digits are ever one', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom("9990000018' OR '1'='1", '999000001８', '9990000018\n')),
        (text) => {
          if (isNhsNumber(text)) expect(text).toMatch(/^[0-9]{10}$/)
        },
      ),
    )
    expect(isNhsNumber("9990000018' OR '1'='1")).toBe(false)
    expect(isNhsNumber('9990000018\n')).toBe(false)
  })

  test('the statement for a database holds no value at all', () => {
    const { text } = statementFor(
      fileOf('northshire-police', 'sql'),
      custodianTypes('northshire-police').map((name) => ({ name, groups: decidedGroups })),
    )
    expect(text).toContain('WHERE "nhs_no" = $1')
    expect(text.replaceAll(/'(person|currency|records \d+)'/g, '')).not.toMatch(/'|;|--|\d{10}/)
    expect(text).not.toMatch(/\b(INSERT|UPDATE|DELETE|INTO|FOR)\b/i)
  })
})

const custodianTypes = (id: string): readonly string[] => Object.keys(fileOf(id, 'sql').records)
