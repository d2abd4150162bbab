/** The custodians of the Department for Education, with the payloads that it published. Left out where they are not here. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CustodianReply } from '../../adapters/contract.ts'
import { type Partnership, partnershipIn } from './partnership.ts'
import { json, question, type Served, serve } from './serve.ts'

const PUBLISHED = join(import.meta.dirname, '../../../shared/data/dfe-custodians')
const OCTAVIA = '9691292211' // the person in the published examples

interface Organisation {
  orgId: string
  records: { recordId: string; personId: string; recordType: string; systemId: string }[]
}

describe.skipIf(!existsSync(PUBLISHED))('the published DfE custodians', () => {
  let organisations: Organisation[] = []
  let server: Served
  let partnership: Partnership

  function answer(request: IncomingMessage): { status: number; body: unknown } {
    const [verb, orgId, person, recordId] = new URL(request.url ?? '', 'http://here').pathname
      .split('/')
      .slice(3)
    if (verb === 'Auth') return { status: 200, body: { access_token: 'a-token', expires_in: '3600' } }
    if (request.headers.authorization !== 'Bearer a-token') return { status: 401, body: {} }
    const records = organisations.find((one) => one.orgId === orgId)?.records ?? []
    if (verb === 'Fetch') {
      const record = records.find((one) => one.recordId === recordId)
      return record === undefined
        ? { status: 404, body: {} }
        : { status: 200, body: { ...record, systemId: undefined } } // the published envelope does not hold it
    }
    const found = records.filter(({ personId }) => personId === person)
    return found.length === 0
      ? { status: 404, body: { title: 'Not Found' } }
      : {
          status: 200,
          body: found.map(({ recordId: id, recordType, systemId }) => ({
            recordId: id,
            recordType,
            systemId,
            recordUrl: '',
          })),
        }
  }

  beforeAll(async () => {
    const names = (await readdir(PUBLISHED)).filter((name) => /\d\.json$/.test(name))
    organisations = await Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(PUBLISHED, name), 'utf8')) as Organisation),
    )
    server = await serve((request, response) => {
      const { status, body } = answer(request)
      json(response, body, status)
    })
    partnership = await partnershipIn([PUBLISHED], {
      DFE_CUSTODIANS_URL: server.url,
      DFE_CUSTODIANS_TOKEN_URL: `${server.url}/api/v1/Auth/token`,
      DFE_CUSTODIANS_CLIENT_ID: 'sightline',
      DFE_CUSTODIANS_CLIENT_SECRET: 'secret',
    })
  })
  afterAll(async () => {
    await partnership?.close()
    await server?.close()
  })

  async function ask(id: string, recordTypes?: readonly string[]) {
    const connection = partnership.connection(id)
    return connection.ask(question(recordTypes ?? connection.custodian.recordTypes, 5_000, OCTAVIA))
  }
  const countsOf = (reply: CustodianReply) => {
    if (reply.kind !== 'held') throw new Error(`${reply.kind}`)
    const counts: Record<string, number> = {}
    for (const { type } of reply.records) counts[type] = (counts[type] ?? 0) + 1
    return counts
  }

  test.each([
    [
      'dfe-local-authority-01',
      {
        'person.details': 1,
        'person.relationship': 2,
        'person.involvement': 1,
        'social-care.summary': 1,
        'social-care.contact': 5,
      },
    ],
    [
      'dfe-health-01',
      { 'person.involvement': 1, 'health.summary': 1, 'health.was-not-brought': 2, 'health.encounter': 2 },
    ],
    [
      'dfe-education-01',
      {
        'person.details': 1,
        'person.relationship': 5,
        'person.involvement': 2,
        'education.summary': 1,
        'education.attendance': 2,
        'education.sen': 1,
      },
    ],
    ['dfe-police-01', { 'person.involvement': 1, 'police.summary': 2, 'police.missing-episode': 1 }],
  ])('%s gives what it holds about Octavia, every record under an id of its own', async (id, counts) => {
    const reply = await ask(id)
    expect(countsOf(reply)).toEqual(counts)
  })

  test('two sources of one custodian stay apart, and risk flags come as words', async () => {
    const reply = await ask('dfe-police-01', ['police.summary'])
    if (reply.kind !== 'held') throw new Error(reply.kind)
    expect(reply.records.map(({ system, fields }) => [system, fields.concerns, fields.marker])).toEqual([
      [
        'POLICE-SYSTEM-01',
        ['Criminal exploitation', 'Radicalisation', 'Gangs and youth violence'],
        'Individuals at the address may resort to violent behaviour',
      ],
      [
        'POLICE-SYSTEM-02',
        ['Radicalisation', 'Gangs and youth violence'],
        'Risk of home visits - dangerous dog reported',
      ],
    ])
  })

  test('attendance of a year has its period', async () => {
    const reply = await ask('dfe-education-01', ['education.attendance'])
    if (reply.kind !== 'held') throw new Error(reply.kind)
    expect(
      reply.records.map(({ eventTime, fields }) => [
        eventTime,
        fields.periodEnd,
        fields.attendancePercentage,
      ]),
    ).toEqual([
      ['2025-09-01', '2026-08-31', 75],
      ['2024-09-01', '2025-08-31', 62.7],
    ])
  })

  test('what is not asked for is not fetched', async () => {
    const before = server.requests.length
    const reply = await ask('dfe-local-authority-01', ['person.details'])
    expect(countsOf(reply)).toEqual({ 'person.details': 1 })
    const fetched = server.requests.slice(before).filter(({ url }) => url?.includes('/Fetch/'))
    expect(fetched.map(({ url }) => url)).toEqual([
      '/api/v1/Fetch/LOCAL-AUTHORITY-01/personal.details/CSC-5920-A',
    ])
  })

  test('a person whom a custodian does not know is not held there', async () => {
    expect((await ask('dfe-no-dsa-01')).kind).toBe('not-held')
  })

  test('the number alone stands for the child, as the custodian attests', async () => {
    const connection = partnership.connection('dfe-police-01')
    expect(connection.custodian.identityEvidence).toBe('traced-number')
    const reply = await ask('dfe-police-01')
    if (reply.kind !== 'held') throw new Error(reply.kind)
    expect(reply.people).toMatchObject([{ nhsNumber: OCTAVIA, dateOfBirth: null, givenNames: [] }])
  })
})
