/** The partnership of Northshire as it stands in `adapters/custodians`, asked about the children of the stories. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CustodianReply } from '../../adapters/contract.ts'
import { type Agencies, startAgencies } from '../../gateway/local/agencies/start.ts'
import { type IdentityProvider, startIdentityProvider } from '../../gateway/local/identity-provider.ts'
import { stories, storyOf } from '../../gateway/local/population/stories.ts'
import { someFree } from '../../gateway/local/ports.ts'
import { type LocalPostgres, startPostgres } from '../../gateway/local/postgres.ts'
import {
  CUSTODIANS_WITH_KEYS,
  serviceClientSettings,
  serviceClients,
} from '../../gateway/local/service-clients.ts'
import { newSigningKey, type SigningKey } from '../../gateway/local/signing-keys.ts'
import { type Partnership, partnershipIn } from './partnership.ts'
import { question } from './serve.ts'

const NORTHSHIRE = join(import.meta.dirname, '../../adapters/custodians')
const PUBLISHED = join(import.meta.dirname, '../../../shared/data/dfe-custodians')
const dfeFolders = existsSync(PUBLISHED) ? [PUBLISHED] : []

const connectedIds = [
  'eastmere-childrens-services',
  'hollybank-school',
  'northshire-childrens-services',
  'northshire-community-health',
  'northshire-education-welfare',
  'northshire-hospital',
  'northshire-police',
  'westvale-college',
]

let folder: string
let postgres: LocalPostgres
let issuer: IdentityProvider
let agencies: Agencies
let partnership: Partnership

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northshire-'))
  const keys: Record<string, SigningKey> = {}
  for (const id of CUSTODIANS_WITH_KEYS) keys[id] = await newSigningKey()
  const [port = 0] = await someFree(1)
  ;[postgres, issuer] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres'), port, password: 'owner' }),
    startIdentityProvider({ dataDir: join(folder, 'identity'), port: 0, services: serviceClients(keys) }),
  ])
  agencies = await startAgencies({
    dataDir: join(folder, 'agencies'),
    agenciesPostgres: postgres,
    issuer: issuer.issuer,
    seed: 7,
    children: 30,
    dfeFolders,
  })
  const env = { ...agencies.env, ...serviceClientSettings(issuer.issuer, keys) }
  partnership = await partnershipIn([NORTHSHIRE, ...dfeFolders], env)
}, 120_000)

afterAll(async () => {
  await partnership?.close()
  await agencies?.stop()
  await issuer?.stop()
  await postgres?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function askAll(nhsNumber: string): Promise<Readonly<Record<string, CustodianReply>>> {
  const replies = await Promise.all(
    connectedIds.map(async (id) => {
      const connection = partnership.connection(id)
      return [
        id,
        await connection.ask(question(connection.custodian.recordTypes, 10_000, nhsNumber)),
      ] as const
    }),
  )
  return Object.fromEntries(replies)
}

const heldIn = (reply: CustodianReply | undefined) => {
  if (reply?.kind !== 'held') throw new Error(JSON.stringify(reply))
  return reply
}

test('eight custodians are connected, and the ninth is named with whom to ring', () => {
  const ids = partnership.connections.map(({ custodian }) => custodian.id)
  expect(ids.filter((id) => !id.startsWith('dfe-'))).toEqual(connectedIds)
  expect(partnership.unconnected).toMatchObject([
    { id: 'northshire-youth-justice', contact: { telephone: '01632 960450' }, recordTypes: [] },
  ])
})

test('every custodian answers about every child of the stories, without a fault', async () => {
  for (const { id, nhsNumber } of stories) {
    const replies = await askAll(nhsNumber)
    for (const [custodian, reply] of Object.entries(replies))
      expect({ id, custodian, ...reply }).not.toMatchObject({ kind: 'fault' })
  }
})

test('Maya is known to all four sectors, and every record type that they hold is read', async () => {
  const replies = await askAll(storyOf('all-four').nhsNumber)
  const types = (id: string) => new Set(heldIn(replies[id]).records.map(({ type }) => type))
  expect([...types('northshire-police')]).toEqual(
    expect.arrayContaining([
      'person.details',
      'police.protection-notice',
      'police.domestic-abuse',
      'police.intelligence',
    ]),
  )
  expect([...types('northshire-childrens-services')]).toEqual(
    expect.arrayContaining([
      'social-care.contact',
      'social-care.section47',
      'social-care.strategy-discussion',
    ]),
  )
  expect([...types('northshire-hospital')]).toEqual(
    expect.arrayContaining(['person.details', 'health.encounter']),
  )
  expect([...types('northshire-community-health')]).toEqual(
    expect.arrayContaining(['health.care-team', 'health.was-not-brought']),
  )
  expect([...types('hollybank-school')]).toEqual(
    expect.arrayContaining(['education.attendance', 'education.enrolment', 'education.safeguarding-lead']),
  )
  for (const id of connectedIds) {
    const reply = replies[id]
    if (reply?.kind !== 'held') continue
    expect(reply.people[0].dateOfBirth).toBe(storyOf('all-four').dateOfBirth)
    expect(reply.asOf).not.toBeNull()
    expect(reply.searched.from).not.toBeNull()
  }
})

test('every label and condition that the agencies set is one that the policies know, beside intelligence that is never shown', async () => {
  const schema = await readFile(join(import.meta.dirname, '../../policies/schema.cedarschema'), 'utf8')
  const words = new Set<string>()
  for (const { nhsNumber } of stories)
    for (const reply of Object.values(await askAll(nhsNumber)))
      for (const { labels, handling } of reply.kind === 'held' ? reply.records : [])
        if (!handling.includes('intelligence-c')) for (const word of [...labels, ...handling]) words.add(word)
  expect([...words].filter((word) => !schema.includes(`"${word}"`))).toEqual([])
  expect(words).toContain('address-confidential')
})

test('a child whom nobody knows is held nowhere', async () => {
  const replies = await askAll(storyOf('nobody').nhsNumber)
  expect(Object.values(replies).map(({ kind }) => kind)).toEqual(connectedIds.map(() => 'not-held'))
})

test('a child whose record Eastmere is reviewing is under review there', async () => {
  const replies = await askAll(storyOf('under-review').nhsNumber)
  expect(replies['eastmere-childrens-services']).toEqual({ kind: 'under-review' })
})

test('every agency finds our question in its own log; a school, once for one question', async () => {
  const asked = { ...question([], 10_000, storyOf('all-four').nhsNumber), eventId: '01jd-in-the-log' }
  for (const { custodian, ask } of partnership.connections) {
    if (custodian.id.startsWith('dfe-')) continue
    const recordTypes = question(custodian.recordTypes).recordTypes
    await ask({ ...asked, recordTypes, signal: AbortSignal.timeout(10_000) })
    const found = agencies.log(custodian.id).filter(({ eventId }) => eventId === asked.eventId)
    expect([custodian.id, found.length]).not.toEqual([custodian.id, 0])
    if (custodian.id === 'hollybank-school') expect(found).toMatchObject([{ method: 'GET', status: 200 }])
  }
})

describe.skipIf(dfeFolders.length === 0)('with the DfE custodians of the published folder', () => {
  test.each(['local-authority-01', 'health-01', 'education-01', 'police-01'])(
    '%s holds something',
    async (id) => {
      const connection = partnership.connection(`dfe-${id}`)
      const asked = question(connection.custodian.recordTypes, 10_000, '9691292211')
      expect(heldIn(await connection.ask(asked)).records.length).toBeGreaterThan(0)
    },
  )
})
