/** A FHIR server is asked for the elements that may be shown, and for those that say whose they are and how sensitive. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseFhirPath } from '@medplum/core'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { fhirFile } from '../../adapters/custodian-file.ts'
import { elementsRead, THE_PATIENT, THE_RESOURCE } from '../../adapters/fhir/elements.ts'
import { isAbout, personOf, type Resource, recordsOf } from '../../adapters/fhir/resource.ts'
import { elementFaults, PATIENT_SEARCH, searchElements } from '../../adapters/fhir/search-elements.ts'
import { fieldsAsked } from '../../adapters/mapping.ts'
import { type DecidedGroup, decidedGroups } from '../../schema/data-group.ts'
import { NHS_NUMBER_SYSTEM, nhsNumber } from '../../schema/nhs-number.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import { askedOf, documentWith } from './documents.ts'
import { type Partnership, partnershipOf } from './partnership.ts'
import { json, MAYA, question, type Served, serve } from './serve.ts'

const preset = parse(readFileSync(join(import.meta.dirname, '../../adapters/presets/uk-core.yaml'), 'utf8'))
const { person, records } = fhirFile.pick({ person: true, records: true }).parse({
  person: preset.person,
  records: preset.records,
})

function readBy(expression: string, from = THE_RESOURCE) {
  const seen = elementsRead(parseFhirPath(expression), from)
  if ('doubt' in seen) throw new Error(seen.doubt)
  return [[...seen.resource].sort(), [...seen.patient].sort()]
}

describe('which elements an expression reads', () => {
  test.each([
    ['birthDate', ['birthDate'], []],
    ['Encounter.status', ['status'], []],
    ["name.where(use = 'official').given.join(' ')", ['name'], []],
    ['(onset as dateTime)', ['onset'], []],
    ['((onset as dateTime) | recordedDate).first()', ['onset', 'recordedDate'], []],
    ["status.empty() or status != 'entered-in-error'", ['status'], []],
    ['iif(meta.security.exists(), {}, address.first().select(line | city))', ['address', 'meta'], []],
    ["extension('https://a.example').value.coding.display", ['extension'], []],
    ["%resource.id & '/' & code.text", ['code', 'id'], []],
    ['subject.reference = %patient.id', ['subject'], ['id']],
    ['participant[0].individual.display', ['participant'], []],
    ['$this.code.text', ['code'], []],
    ["where(status = 'finished').period.start", ['period', 'status'], []],
    ['period is Period', ['period'], []],
    ["'a constant'", [], []],
  ])('%s', (expression, resource, patient) => {
    expect(readBy(expression)).toEqual([resource, patient])
  })

  test('on a patient both are the patient', () => {
    expect(readBy('name.given', THE_PATIENT)).toEqual([['name'], ['name']])
  })

  test.each([
    '%context.id',
    'children().value',
    '$this',
    'Encounter',
    '%patient',
    'resolve().name',
    'name.given.union(contact.name.given)',
    'name[contact.count()].given',
    '$this = %patient',
  ])('nobody can tell of `%s`', (expression) => {
    expect(elementsRead(parseFhirPath(expression), THE_RESOURCE)).toEqual({ doubt: expect.any(String) })
  })
})

const elements = (name: string, groups: readonly DecidedGroup[], search: string) =>
  searchElements({ person, records }, [{ name, groups }]).get(search)

describe('what a server of UK Core is asked for', () => {
  test('of the patient who she is and her labels, and not where she lives', () => {
    const who = ['birthDate', 'id', 'identifier', 'meta', 'name']
    expect(elements('health.flag', decidedGroups, PATIENT_SEARCH)).toEqual(who)
    expect(elements('person.details', ['location'], PATIENT_SEARCH)).toEqual(['address', ...who])
  })

  test("the clinician's note only where accounts may be shown, the reason only where clinical detail may", () => {
    const search = 'Encounter?patient={patient}'
    const envelope = ['class', 'id', 'meta', 'period', 'serviceType', 'status', 'subject']
    const encounter = (...groups: DecidedGroup[]) => elements('health.encounter', groups, search)
    expect(encounter()).toEqual(envelope)
    expect(encounter('narrative')).toEqual([...envelope, 'text'])
    expect(encounter('clinical')).toEqual([...envelope, 'reasonCode'].sort())
  })

  test('two kinds of record from one search are one search, for what either needs', () => {
    const asked = searchElements({ person, records }, [
      { name: 'health.care-team', groups: [] },
      { name: 'person.involvement', groups: ['professional'] },
    ])
    expect([...asked.keys()]).toEqual([PATIENT_SEARCH, 'CareTeam?patient={patient}'])
    expect(asked.get('CareTeam?patient={patient}')).toContain('telecom')
  })

  test('labels also where the file reads none, since a part of a resource is told by where they stand', () => {
    const { labels: _, ...unlabelled } = person
    expect(searchElements({ person: unlabelled, records: {} }, []).get(PATIENT_SEARCH)).toContain('meta')
  })

  test('what a record needs of the patient is asked for of the patient', () => {
    const [rule] = records['health.flag'] ?? []
    if (rule === undefined) throw new Error('the preset has no flags')
    const mapped = { ...rule, fields: { authority: '%patient.managingOrganization.display' } }
    const asked = (groups: readonly DecidedGroup[]) =>
      searchElements({ person, records: { 'health.flag': [mapped] } }, [{ name: 'health.flag', groups }])
    expect(asked(['professional']).get(PATIENT_SEARCH)).toContain('managingOrganization')
    expect(asked([]).get(PATIENT_SEARCH)).not.toContain('managingOrganization')
    expect(asked(['professional']).get('Flag?patient={patient}')).not.toContain('managingOrganization')
  })

  test('every search asks for the labels and for whose the resource is', () => {
    const all = Object.keys(records).map((name) => ({ name, groups: [] }))
    const subjects = ['subject', 'patient', 'participant', 'identifier']
    for (const [search, names] of searchElements({ person, records }, all)) {
      expect(names, search).toContain('meta')
      expect(names.filter((name) => subjects.includes(name)).length, search).toBeGreaterThan(0)
    }
  })
})

/** As a server does that is asked for elements: a choice of types goes by the name that they share. */
const withOnly = (resource: Resource, names: readonly string[]): Resource =>
  Object.fromEntries(
    Object.entries(resource).filter(
      ([key]) =>
        key === 'resourceType' ||
        names.some((name) => key === name || (key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length)))),
    ),
  ) as Resource

test('whatever element is left out changes nothing of what may be shown', async () => {
  const names = [
    ...[
      'status',
      'class',
      'serviceType',
      'period',
      'reasonCode',
      'location',
      'participant',
      'text',
      'code',
      'name',
    ],
    ...[
      'onsetDateTime',
      'recordedDate',
      'abatementDateTime',
      'clinicalStatus',
      'telecom',
      'relationship',
      'birthDate',
    ],
    ...[
      'occurrenceDateTime',
      'recorded',
      'vaccineCode',
      'statusReason',
      'author',
      'start',
      'cancelationReason',
    ],
    ...['address', 'gender', 'extension', 'generalPractitioner', 'contact', 'start', 'note'],
  ]
  const inner = [
    'text',
    'coding',
    'code',
    'display',
    'start',
    'end',
    'div',
    'value',
    'system',
    'use',
    'given',
    'family',
  ]
  const element = documentWith(inner)
  const security = fc.constantFrom({ code: 'N' }, { code: 'R' }, { code: 'adoption' }, {})
  const resource = fc.record({
    elements: fc.dictionary(
      fc.constantFrom(...names),
      fc.oneof(element, fc.array(element, { maxLength: 2 })),
    ),
    meta: fc.record({ security: fc.array(security, { maxLength: 2 }) }),
  })
  const patientId = { system: NHS_NUMBER_SYSTEM, value: MAYA }
  const subject = { reference: 'Patient/p' }
  const outcome = (work: () => unknown) => {
    try {
      return work()
    } catch (error) {
      return String(error)
    }
  }
  await fc.assert(
    fc.asyncProperty(resource, resource, askedOf(Object.keys(records)), async (one, other, asked) => {
      const wanted = searchElements({ person, records }, asked)
      const patient: Resource = {
        ...{ resourceType: 'Patient', id: 'p', identifier: [patientId], meta: one.meta },
        ...one.elements,
      }
      const partial = withOnly(patient, wanted.get(PATIENT_SEARCH) ?? [])
      expect(outcome(() => personOf(person, partial))).toEqual(outcome(() => personOf(person, patient)))
      for (const { name, groups } of asked)
        for (const rule of records[name] ?? []) {
          const type = recordTypeNamed(name)
          const fields = type === undefined ? [] : fieldsAsked(type, groups)
          const resourceType = rule.search?.split('?')[0] ?? 'Patient'
          const whole: Resource =
            rule.search === undefined
              ? patient
              : { resourceType, id: 'r', subject, patient: subject, meta: other.meta, ...other.elements }
          const part = withOnly(whole, wanted.get(rule.search ?? PATIENT_SEARCH) ?? [])
          const read = (from: Resource, by: Resource) =>
            outcome(() => recordsOf(name, rule, fields, from, by))
          expect(read(part, partial)).toEqual(read(whole, patient))
          if (resourceType !== 'Appointment') expect(isAbout(part, patient, nhsNumber(MAYA))).toBe(true)
        }
    }),
    { numRuns: 40 },
  )
})

test('every expression of the preset tells which elements it reads', () => {
  expect(elementFaults({ person, records })).toEqual([])
  const unclear = { ...person, givenNames: ['name.given', 'children().given'] }
  expect(elementFaults({ person: unclear, records: {} })).toEqual([
    {
      key: 'person.givenNames',
      remedy: expect.stringMatching(/^`children\(\).given` does not say beforehand which elements it reads/),
    },
  ])
})

describe('a server', () => {
  const open: (Served | Partnership)[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()))
  })

  async function asking(meta: unknown, fieldSelection = '_elements') {
    const resource = {
      resourceType: 'Patient',
      id: 'p',
      identifier: [{ system: NHS_NUMBER_SYSTEM, value: MAYA }],
    }
    const server = await serve((_, response) =>
      json(response, {
        resourceType: 'Bundle',
        type: 'searchset',
        entry: [{ resource: meta === undefined ? resource : { ...resource, meta } }],
      }),
    )
    const partnership = await partnershipOf(
      {
        'a.yaml': `{ preset: uk-core, id: a-trust, name: A Trust, agency: a-trust, sector: health,
          contact: { name: The desk, telephone: 01632 960001 }, identityEvidence: demographics,
          fieldSelection: ${fieldSelection}, connection: { baseUrl: '\${A_URL}' } }`,
      },
      { A_URL: server.url },
    )
    open.push(server, partnership)
    const reply = await partnership.connection('a-trust').ask(question(['person.details']))
    return { reply, url: new URL(server.requests[0]?.url ?? '', 'http://here') }
  }

  test('is asked for elements by name', async () => {
    const { reply, url } = await asking({ tag: [{ code: 'SUBSETTED' }] })
    expect(reply.kind).toBe('held')
    expect(url.searchParams.get('_elements')?.split(',')).toContain('meta')
    expect(url.searchParams.get('_count')).toBe('200')
  })

  test('that gives a part of a resource without its labels is not believed: it would read like nothing sensitive', async () => {
    expect((await asking(undefined)).reply).toEqual({
      kind: 'fault',
      fault: 'malformed',
      detail: 'a part of a resource without its labels',
    })
  })

  test('that cannot select is asked for whole resources, if its file says so', async () => {
    const { reply, url } = await asking(undefined, 'none')
    expect(reply.kind).toBe('held')
    expect(url.searchParams.has('_elements')).toBe(false)
  })
})
