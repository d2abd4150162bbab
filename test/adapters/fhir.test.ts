/**
 * A custodian that is a FHIR R4 server: Medplum's router behind a token of a real OpenID provider, and the answers
 * that the NHS publishes as examples of its demographics service (left out where they are not here).
 */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getStatus } from '@medplum/core'
import { FhirRouter } from '@medplum/fhir-router'
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { CustodianReply } from '../../adapters/contract.ts'
import { fhirFile } from '../../adapters/custodian-file.ts'
import {
  isAbout,
  pageIn,
  personOf,
  type Resource,
  recordsOf,
  resourceIn,
} from '../../adapters/fhir/resource.ts'
import { receive } from '../../adapters/receive.ts'
import { ProviderRepository } from '../../gateway/local/agencies/fhir-repository.ts'
import { type IdentityProvider, startIdentityProvider } from '../../gateway/local/identity-provider.ts'
import { type NhsNumber, nhsNumber } from '../../schema/nhs-number.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import { type Partnership, partnershipOf } from './partnership.ts'
import { json, MAYA, question, type Served, serve } from './serve.ts'

const AUDIENCE = 'https://a-hospital.example/fhir'
const SENSITIVITY = 'https://fhir.northshire.example/CodeSystem/record-sensitivity'
const NUMBER = 'https://fhir.nhs.uk/Id/nhs-number'

const FILE = `
preset: uk-core
id: a-hospital
name: A Hospital
agency: a-hospital
sector: health
contact: { name: The desk, telephone: 01632 960001 }
identityEvidence: demographics
connection:
  baseUrl: '\${A_HOSPITAL_URL}'
  pageSize: 5
  credentials:
    kind: private-key-jwt
    tokenUrl: '\${A_HOSPITAL_TOKEN_URL}'
    clientId: sightline
    privateKey: '\${A_HOSPITAL_KEY}'
    scope: system/*.read
    resource: ${AUDIENCE}
currency: { asOf: live, from: '2012-01-01' }
`

/** What the hospital holds. The patient's id is the server's own. */
async function fill(repository: ProviderRepository): Promise<void> {
  const make = (resource: object) => repository.createResource(resource as never) as Promise<Resource>
  const maya = await make({
    resourceType: 'Patient',
    identifier: [{ system: NUMBER, value: MAYA }],
    name: [
      { use: 'official', given: ['Maya', 'Rose'], family: 'Okafor-Reid' },
      { use: 'old', given: ['Maya'], family: 'Reid' },
    ],
    gender: 'female',
    birthDate: '2015-03-14',
    address: [{ use: 'home', line: ['14 Saltmarsh Lane'], city: 'Northshire', postalCode: 'NS3 4QD' }],
    meta: { security: [{ code: 'N' }] },
  })
  const other = await make({ resourceType: 'Patient', identifier: [{ system: NUMBER, value: '9990000026' }] })
  const subject = { reference: `Patient/${maya.id}` }
  for (let day = 1; day <= 12; day++)
    await make({
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'EMER' },
      subject,
      period: { start: `2026-03-${String(day).padStart(2, '0')}T10:00:00Z` },
      text: {
        status: 'generated',
        div: '<div xmlns="http://www.w3.org/1999/xhtml">Seen &amp; sent home.</div>',
      },
      meta: { security: day === 1 ? [{ system: SENSITIVITY, code: 'termination' }] : [{ code: 'R' }] },
    })
  await make({ resourceType: 'Encounter', status: 'entered-in-error', class: { code: 'AMB' }, subject })
  await make({
    resourceType: 'Encounter',
    status: 'finished',
    class: { code: 'AMB' },
    subject: { reference: `Patient/${other.id}` },
  })
  const appointment = (status: string, actor: unknown) =>
    make({
      resourceType: 'Appointment',
      status,
      start: '2026-04-01T09:30:00Z',
      end: '2026-04-01T09:50:00Z',
      serviceType: [{ text: 'Paediatrics' }],
      participant: [{ actor, status: 'accepted' }],
    })
  await appointment('noshow', subject)
  await appointment('fulfilled', subject)
  await make({
    resourceType: 'CareTeam',
    status: 'active',
    name: 'Health visiting',
    subject,
    period: { start: '2024-01-01' },
    telecom: [{ system: 'phone', value: '01632 960440' }],
    participant: [{ role: [{ text: 'Health visitor' }], member: { display: 'Ada Flint' } }],
  })
  await make({
    resourceType: 'Flag',
    status: 'active',
    subject,
    code: { coding: [{ system: 'http://snomed.info/sct', code: '342191000000101' }] },
    period: { start: '2026-05-01' },
  })
}

const heldIn = (reply: CustodianReply) => {
  if (reply.kind !== 'held') throw new Error(JSON.stringify(reply))
  return reply
}

describe('a FHIR server behind a token', () => {
  let folder: string
  let issuer: IdentityProvider
  let server: Served
  let partnership: Partnership
  let tokens = 0
  let key = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hospital-'))
    const pair = await generateKeyPair('RS512', { extractable: true })
    key = JSON.stringify({ ...(await exportJWK(pair.privateKey)), alg: 'RS512', kid: 'one' })
    const publicKey = { ...(await exportJWK(pair.publicKey)), alg: 'RS512', kid: 'one', use: 'sig' }
    issuer = await startIdentityProvider({
      dataDir: folder,
      port: 0,
      services: [
        {
          clientId: 'sightline',
          audience: AUDIENCE,
          scope: 'system/*.read',
          publicKeys: [publicKey as never],
        },
      ],
    })
    const keys = createRemoteJWKSet(new URL(`${issuer.issuer}/jwks`))
    const router = new FhirRouter()
    let repository: ProviderRepository | undefined
    server = await serve(async (request, response) => {
      const token = request.headers.authorization?.slice('Bearer '.length) ?? ''
      tokens += 1
      const valid = await jwtVerify(token, keys, { issuer: issuer.issuer, audience: AUDIENCE }).catch(
        () => null,
      )
      if (valid === null || repository === undefined) return json(response, {}, 401)
      const url = (request.url ?? '').slice('/fhir'.length)
      const [outcome, resource] = await router.handleRequest(
        { method: 'GET', url, pathname: '', query: {}, params: {}, headers: request.headers, body: null },
        repository,
      )
      json(response, resource ?? outcome, getStatus(outcome))
    })
    const filled = new ProviderRepository(`${server.url}/fhir`)
    await fill(filled)
    repository = filled
    partnership = await partnershipOf(
      { 'a.yaml': FILE },
      {
        A_HOSPITAL_URL: `${server.url}/fhir`,
        A_HOSPITAL_TOKEN_URL: `${issuer.issuer}/token`,
        A_HOSPITAL_KEY: key,
      },
    )
  }, 60_000)
  afterAll(async () => {
    await partnership?.close()
    await server?.close()
    await issuer?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const ask = (...types: string[]) => partnership.connection('a-hospital').ask(question(types))

  test('answers with every page of what it holds about the child, and nothing entered in error', async () => {
    const { people, records, asOf, searched } = heldIn(await ask('health.encounter'))
    expect(people).toMatchObject([
      {
        nhsNumber: MAYA,
        givenNames: ['Maya', 'Rose'],
        familyNames: ['Okafor-Reid', 'Reid'],
        dateOfBirth: '2015-03-14',
      },
    ])
    expect(records).toHaveLength(12)
    expect(asOf).toMatch(/^\d{4}-\d{2}-\d{2}T.*Z$/)
    expect(searched.from).toBe('2012-01-01')
    const first = records.find(({ eventTime }) => eventTime === '2026-03-01T10:00:00.000Z')
    expect(first).toMatchObject({
      labels: ['termination'],
      fields: { encounterClass: 'EMER', notes: 'Seen & sent home.' },
    })
  })

  test('a label whose meaning nobody agreed stays as it is, so that policy denies it', async () => {
    const { records } = heldIn(await ask('health.encounter'))
    expect(new Set(records.flatMap(({ labels }) => labels))).toEqual(new Set(['termination', 'R']))
  })

  test('asks only for the kinds of resource that the question needs', async () => {
    const before = server.requests.length
    heldIn(await ask('health.flag', 'person.details'))
    expect(server.requests.slice(before).map(({ url }) => /fhir\/(\w+)\?/.exec(url ?? '')?.[1])).toEqual([
      'Patient',
      'Flag',
    ])
    expect(server.requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  test('was not brought, care team, flag and details', async () => {
    const { records } = heldIn(
      await ask(
        'health.was-not-brought',
        'health.care-team',
        'person.involvement',
        'health.flag',
        'person.details',
      ),
    )
    expect(records.map(({ type, fields }) => [type, fields])).toEqual(
      expect.arrayContaining([
        ['health.was-not-brought', { service: 'Paediatrics', reason: null }],
        [
          'health.care-team',
          {
            practitioner: 'Ada Flint',
            role: 'Health visitor',
            organisation: 'Health visiting',
            telephone: '01632 960440',
            until: null,
          },
        ],
        [
          'person.involvement',
          expect.objectContaining({ service: 'Health visiting', practitioner: 'Ada Flint' }),
        ],
        ['health.flag', expect.objectContaining({ childProtection: '342191000000101' })],
        [
          'person.details',
          expect.objectContaining({
            givenName: 'Maya Rose',
            familyName: 'Okafor-Reid',
            otherNames: ['Maya Reid'],
            address: '14 Saltmarsh Lane, Northshire',
            postcode: 'NS3 4QD',
          }),
        ],
      ]),
    )
    expect(records).toHaveLength(5)
  })

  test('an NHS number that nobody holds is not held', async () => {
    const reply = await partnership
      .connection('a-hospital')
      .ask(question(['health.flag'], 5_000, '9990000077'))
    expect(reply.kind).toBe('not-held')
  })

  test('one token serves many questions at once', async () => {
    const asked: string[] = []
    const counting = await serve(async (request, response) => {
      let form = ''
      for await (const chunk of request) form += String(chunk)
      asked.push(form)
      const answer = await fetch(`${issuer.issuer}/token`, {
        method: 'POST',
        body: form,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
      json(response, await answer.json(), answer.status)
    })
    const through = await partnershipOf(
      { 'a.yaml': FILE },
      {
        A_HOSPITAL_URL: `${server.url}/fhir`,
        A_HOSPITAL_TOKEN_URL: `${counting.url}/token`,
        A_HOSPITAL_KEY: key,
      },
    )
    const replies = await Promise.all(
      [1, 2, 3, 4].map(() => through.connection('a-hospital').ask(question(['health.flag']))),
    )
    // the provider refuses an assertion that was meant for another address: the audience is checked
    expect(replies).toEqual(
      replies.map(() => expect.objectContaining({ kind: 'fault', fault: 'not-authorised' })),
    )
    expect(asked).toHaveLength(1)
    expect(asked[0]).toContain('client_assertion=')
    await through.close()
    await counting.close()

    const before = tokens
    const four = await Promise.all([1, 2, 3, 4].map(() => ask('health.flag')))
    expect(four.map(({ kind }) => kind)).toEqual(['held', 'held', 'held', 'held'])
    expect(tokens - before).toBe(8)
  })

  test('a key that the provider does not know is not authorised', async () => {
    const pair = await generateKeyPair('RS512', { extractable: true })
    const stranger = JSON.stringify({ ...(await exportJWK(pair.privateKey)), alg: 'RS512', kid: 'two' })
    const locked = await partnershipOf(
      { 'a.yaml': FILE },
      {
        A_HOSPITAL_URL: `${server.url}/fhir`,
        A_HOSPITAL_TOKEN_URL: `${issuer.issuer}/token`,
        A_HOSPITAL_KEY: stranger,
      },
    )
    expect(await locked.connection('a-hospital').ask(question(['health.flag']))).toMatchObject({
      kind: 'fault',
      fault: 'not-authorised',
    })
    await locked.close()
  })
})

const PUBLISHED = join(import.meta.dirname, '../../../shared/data/pds-examples')

describe.skipIf(!existsSync(PUBLISHED))('the published examples of the Personal Demographics Service', () => {
  const example = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(PUBLISHED, `${name}.json`), 'utf8'))
  const detailFields = Object.keys(recordTypeNamed('person.details')?.fields ?? {})

  async function preset() {
    const text = await readFile(join(import.meta.dirname, '../../adapters/presets/uk-core.yaml'), 'utf8')
    const own = {
      ...{ id: 'pds', name: 'PDS', agency: 'pds', sector: 'health', identityEvidence: 'traced-number' },
      contact: { name: 'The desk', telephone: '01632 960001' },
      connection: { baseUrl: `\${PDS_URL}` },
    }
    return fhirFile.parse({ ...(parse(text) as object), ...own })
  }

  async function received(patient: Resource, number: NhsNumber) {
    const { person, records } = await preset()
    const [rule] = records['person.details'] ?? []
    if (rule === undefined) throw new Error('the preset has no person.details')
    return receive(
      { system: 'pds', recordTypes: ['person.details'], nhsNumber: number },
      {
        kind: 'unchecked',
        people: [personOf(person, patient)],
        records: recordsOf('person.details', rule, detailFields, patient, patient),
        asOf: null,
        holdsFrom: null,
      },
    )
  }

  test.each([
    ['Patient', '9000000009', ['Jane'], ['Smith'], '2010-10-22', 'LS1 6AE', []],
    ['Minimal_Patient', '9000000033', [], [], null, null, []],
    ['Sensitive_Patient', '9000000025', ['Janet'], ['Smythe'], '2010-10-22', null, ['address-confidential']],
    ['PatientCompoundName', '9000000015', ['John Paul'], ['Smith'], '2010-10-22', 'LS1 6AE', []],
    ['PatientSearch', '9000000009', ['Jane'], ['Smith'], '2010-10-22', 'LS1 6AE', []],
  ])('%s', async (name, number, givenNames, familyNames, dateOfBirth, postcode, labels) => {
    const content = await example(name)
    const isBundle = (content as { resourceType: string }).resourceType === 'Bundle'
    const patient = isBundle ? pageIn(content).found[0] : resourceIn(content)
    const reply = heldIn(await received(resourceIn(patient), number as NhsNumber)) // one example fails the check digit
    expect(reply.people).toEqual([
      { localId: number, nhsNumber: number, givenNames, familyNames, dateOfBirth, labels },
    ])
    expect(reply.records[0]).toMatchObject({ labels, fields: { postcode } })
  })

  test('a restricted patient carries no address, telephone or postcode even where a server sends them', async () => {
    const restricted = resourceIn(await example('Sensitive_Patient'))
    const { address, telecom } = resourceIn(await example('Patient'))
    const reply = heldIn(await received({ ...restricted, address, telecom }, nhsNumber('9000000025')))
    expect(reply.records[0]?.fields).toMatchObject({ address: null, postcode: null, telephone: null })
  })

  test('language, interpreter and preferred format are read', async () => {
    const reply = heldIn(await received(resourceIn(await example('Patient')), nhsNumber('9000000009')))
    expect(reply.records[0]?.fields).toMatchObject({
      firstLanguage: 'French',
      communicationNeeds: ['Interpreter', 'Braille'],
      sex: 'Female',
    })
  })

  test('a related person belongs to the patient whose number it names', async () => {
    const { records } = await preset()
    const [rule] = records['person.relationship'] ?? []
    const [related] = pageIn(await example('RelatedPersonBundle')).found
    if (rule === undefined || related === undefined) throw new Error('nothing to read')
    const patient = resourceIn(await example('Patient'))
    expect(isAbout(related, patient, nhsNumber('9000000009'))).toBe(true)
    expect(isAbout(related, patient, nhsNumber('9000000017'))).toBe(false)
    expect(recordsOf('person.relationship', rule, ['relationship', 'name'], related, patient)).toMatchObject([
      {
        sourceId: '507B7621',
        about: 'adult',
        fields: { relationship: 'Guardian of patient', name: 'Jane Smith' },
      },
    ])
  })
})
