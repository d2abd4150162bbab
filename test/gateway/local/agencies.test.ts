import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { childrenIn, readDfeFolders } from '../../../gateway/local/agencies/dfe.ts'
import { storyOf } from '../../../gateway/local/population/stories.ts'
import { type AgenciesUnderTest, agenciesUnderTest } from './agencies-under-test.ts'

const PUBLISHED = join(import.meta.dirname, '../../../../shared/data/dfe-custodians')
const published = existsSync(PUBLISHED)
const NHS = 'https://fhir.nhs.uk/Id/nhs-number'

let house: AgenciesUnderTest
let agencies: Awaited<ReturnType<AgenciesUnderTest['start']>>

beforeAll(async () => {
  house = await agenciesUnderTest()
  agencies = await house.start({ dfeFolders: published ? [PUBLISHED] : [] })
}, 90_000)

afterAll(async () => {
  await agencies.stop()
  await house.stop()
}, 60_000)

interface Given {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}
// biome-ignore lint/suspicious/noExplicitAny: an agency's answer is whatever its system sends
type Body = any

async function get(
  url: string,
  { method = 'GET', headers = {}, body }: Given = {},
): Promise<{ status: number; body: Body }> {
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

describe('each server refuses who does not show its credential', () => {
  const doors = [
    ['HOLLYBANK_SCHOOL_URL', '/api/v3/pupils?nhsNumber=9990000018', 'authorization', 'Bearer ', 401],
    ['WESTVALE_COLLEGE_URL', '/api/v3/pupils?nhsNumber=9990000018', 'authorization', 'Bearer ', 401],
    ['NORTHSHIRE_EDUCATION_WELFARE_URL', '/ews/v1/children?nhs=9990000018', 'x-api-key', '', 403],
    ['NORTHSHIRE_HOSPITAL_URL', '/Patient?_count=1', 'authorization', 'Bearer ', 401],
    ['NORTHSHIRE_COMMUNITY_HEALTH_URL', '/Patient?_count=1', 'authorization', 'Bearer ', 401],
    ['EASTMERE_CHILDRENS_SERVICES_URL', '?query={__typename}', 'x-eastmere-token', '', 401],
  ] as const

  test.each(doors)('%s', async (setting, path, header, prefix, status) => {
    const url = `${agencies.setting(setting)}${path}`
    expect((await get(url)).status).toBe(status)
    for (const wrong of ['', 'guess', agencies.setting('HOLLYBANK_SCHOOL_TOKEN').slice(0, -1)])
      expect((await get(url, { headers: { [header]: `${prefix}${wrong}` } })).status).toBe(status)
  })

  test('one school’s token does not open the other', async () => {
    const url = `${agencies.setting('WESTVALE_COLLEGE_URL')}/api/v3/pupils?nhsNumber=9990000018`
    const headers = { authorization: `Bearer ${agencies.setting('HOLLYBANK_SCHOOL_TOKEN')}` }
    expect((await get(url, { headers })).status).toBe(401)
  })

  test('a health provider refuses a token for the other one, a forged one and an unsigned one', async () => {
    const url = `${agencies.setting('NORTHSHIRE_HOSPITAL_URL')}/Patient?identifier=${NHS}|9990000018`
    const using = async (token: string) =>
      (await get(url, { headers: { authorization: `Bearer ${token}` } })).status
    const good = await house.token('northshire-hospital')
    expect(await using(good)).toBe(200)
    expect(await using(await house.token('northshire-community-health'))).toBe(401)
    const [, claims = '', signature = ''] = good.split('.')
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
    expect(await using(`${none}.${claims}.`)).toBe(401)
    expect(await using(`${none}.${claims}.${signature}`)).toBe(401)
    const { privateKey } = await generateKeyPair('ES256')
    const forged = new SignJWT(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')))
    expect(await using(await forged.setProtectedHeader({ alg: 'ES256' }).sign(privateKey))).toBe(401)
  })
})

describe('the hospital’s FHIR server', () => {
  const base = () => agencies.setting('NORTHSHIRE_HOSPITAL_URL')
  const ask = async (path: string, more: Given = {}) =>
    get(path.startsWith('http') ? path : `${base()}${path}`, {
      ...more,
      headers: { ...more.headers, authorization: `Bearer ${await house.token('northshire-hospital')}` },
    })
  const patientOf = async (story: string): Promise<string> => {
    const { body } = await ask(
      `/Patient?identifier=${encodeURIComponent(`${NHS}|${storyOf(story).nhsNumber}`)}`,
    )
    return body.entry[0].resource.id
  }

  test('finds a patient by NHS number, and nobody under a number that it does not hold', async () => {
    const { body } = await ask(`/Patient?identifier=${NHS}|${storyOf('all-four').nhsNumber}`)
    expect(body.total).toBe(1)
    expect(body.entry[0].resource).toMatchObject({
      resourceType: 'Patient',
      birthDate: storyOf('all-four').dateOfBirth,
      name: [
        { use: 'official', given: ['Maya', 'Rose'], family: 'Okafor-Reid' },
        { use: 'old', family: 'Okafor' },
      ],
    })
    const none = await ask(`/Patient?identifier=${NHS}|${storyOf('nobody').nhsNumber}`)
    expect(none.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 0 })
    expect(none.body.entry).toBeUndefined()
  })

  test.each(['patient=', 'patient=Patient/', 'subject=Patient/'])(
    'finds what is about a patient by %s',
    async (parameter) => {
      const { body } = await ask(`/Encounter?${parameter}${await patientOf('all-four')}`)
      expect(body.total).toBe(3)
      expect(body.entry.map((entry: Body) => entry.resource.reasonCode[0].text)).toContain(
        'Bruise to the left shoulder',
      )
    },
  )

  test('other filters narrow what is about a patient', async () => {
    const patient = await patientOf('all-four')
    expect((await ask(`/Appointment?patient=${patient}&status=noshow`)).body.total).toBe(1)
    expect((await ask(`/Appointment?patient=${patient}&status=fulfilled`)).body.total).toBe(0)
  })

  test('gives long answers in pages, each with a link to the next', async () => {
    let next: string | undefined = `/Encounter?patient=${await patientOf('long-chronology')}&_count=10`
    const seen: string[] = []
    while (next !== undefined) {
      const { body }: { body: Body } = await ask(next)
      expect(body.entry.length).toBeLessThanOrEqual(10)
      seen.push(...body.entry.map((entry: Body) => entry.resource.id))
      next = body.link.find(({ relation }: Body) => relation === 'next')?.url
    }
    expect(new Set(seen).size).toBe(27)
    expect(seen).toHaveLength(27)
  })

  test('gives patient and records in one answer, and says which were asked for and which come with it', async () => {
    const { body } = await ask(
      `/Patient?identifier=${NHS}|${storyOf('all-four').nhsNumber}&_revinclude=Encounter:patient&_revinclude=Flag:patient`,
    )
    const kinds = body.entry.map((entry: Body) => `${entry.resource.resourceType} ${entry.search.mode}`)
    expect(kinds).toEqual([
      'Patient match',
      ...Array(3).fill('Encounter include'),
      ...Array(2).fill('Flag include'),
    ])
  })

  test('gives only the elements that are asked for, and with them id and labels; on every page', async () => {
    const encounters = `/Encounter?patient=${await patientOf('long-chronology')}&_count=10&_elements=period,status`
    const { body } = await ask(encounters)
    for (const { resource } of body.entry) {
      expect(Object.keys(resource).sort()).toEqual(['id', 'meta', 'period', 'resourceType', 'status'])
      expect(resource.meta.security).toHaveLength(1)
      expect(resource.meta.tag).toEqual([expect.objectContaining({ code: 'SUBSETTED' })])
    }
    const next = body.link.find(({ relation }: Body) => relation === 'next')?.url
    expect((await ask(next)).body.entry[0].resource).not.toHaveProperty('class')
    expect(
      (await ask(encounters.replace('&_elements=period,status', ''))).body.entry[0].resource,
    ).toMatchObject({
      class: expect.any(Object),
    })
    const fields = agencies.log('northshire-hospital').map((entry) => entry.fields)
    expect(fields.slice(-3)).toEqual([
      ['Encounter.period', 'Encounter.status'],
      ['Encounter.period', 'Encounter.status'],
      ['Encounter.*'],
    ])
  })

  test('a choice of types is asked for by the name that the types share', async () => {
    const { body } = await ask(`/Condition?patient=${await patientOf('sensitive-health')}&_elements=onset`)
    const elements = body.entry.flatMap(({ resource }: Body) => Object.keys(resource))
    expect(new Set(elements)).toEqual(new Set(['resourceType', 'id', 'meta', 'onsetDateTime']))
  })

  test('marks what is sensitive, record by record and on the patient', async () => {
    const { body } = await ask(`/Encounter?patient=${await patientOf('sensitive-health')}`)
    const marks = body.entry.map((entry: Body) => entry.resource.meta.security[0].code)
    expect(marks.sort()).toEqual(['N', 'SEX', 'termination'])
    const refuge = await ask(`/Patient/${await patientOf('refuge')}`)
    expect(refuge.body.meta.security).toEqual([expect.objectContaining({ code: 'R' })])
    const adopted = await ask(`/Patient/${await patientOf('adopted')}`)
    expect(adopted.body.meta.security).toEqual([expect.objectContaining({ code: 'adoption' })])
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('nothing can be written by %s', async (method) => {
    const patient = await patientOf('all-four')
    const before = await ask(`/Patient/${patient}`)
    expect((await ask(`/Patient/${patient}`, { method })).status).toBe(405)
    expect(await ask(`/Patient/${patient}`)).toEqual(before)
  })

  test('says what it can do without a token', async () => {
    const { status, body } = await get(`${base()}/metadata`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' })
  })

  test('its log says what it was asked and for which event, and names no patient', async () => {
    const before = agencies.log('northshire-hospital').length
    await ask(`/Encounter?patient=${await patientOf('all-four')}`, {
      headers: { 'sightline-event-id': 'event-5' },
    })
    const entries = agencies.log('northshire-hospital').slice(before)
    expect(entries.at(-1)).toMatchObject({
      method: 'GET',
      path: '/Encounter?patient',
      eventId: 'event-5',
      kinds: ['Encounter'],
      status: 200,
    })
    expect(JSON.stringify(entries)).not.toMatch(/999\d{7}|RNS\d/)
  })
})

describe('the schools', () => {
  const headers = (name = 'HOLLYBANK_SCHOOL_TOKEN') => ({ authorization: `Bearer ${agencies.setting(name)}` })
  const pupils = (query: string) =>
    get(`${agencies.setting('HOLLYBANK_SCHOOL_URL')}/api/v3/pupils?${query}`, { headers: headers() })

  test('find a pupil by NHS number or by pupil number, with what was asked for and no more', async () => {
    const { body } = await pupils(`nhsNumber=${storyOf('all-four').nhsNumber}&include=attendance,suspensions`)
    expect(body.data).toHaveLength(1)
    expect(body.data[0]).toMatchObject({
      legalForename: 'Maya',
      chosenForename: 'May',
      suspensions: [{ reasons: ['PP', 'VA'] }],
    })
    expect(body.data[0]).not.toHaveProperty('sen')
    expect(body.meta.dataAsOf).toBe('2026-11-20T17:05:00Z')
    expect((await pupils(`upn=${body.data[0].upn}`)).body.data[0].id).toBe(body.data[0].id)
    expect(agencies.log('hollybank-school').at(-2)?.kinds).toEqual(['attendance', 'suspensions'])
  })

  test('give of each list the fields that are asked for, its id and its sensitivity; another list comes whole', async () => {
    const { body } = await pupils(
      `nhsNumber=${storyOf('all-four').nhsNumber}&include=suspensions,contacts&fields[pupils]=legalForename,address&fields[suspensions]=type`,
    )
    const [pupil] = body.data
    expect(Object.keys(pupil).sort()).toEqual([
      ...['address', 'contacts', 'id', 'legalForename', 'sensitivity', 'suspensions'],
    ])
    expect(Object.keys(pupil.suspensions[0]).sort()).toEqual(['id', 'sensitivity', 'type'])
    expect(pupil.contacts[0]).toHaveProperty('telephone')
    expect(agencies.log('hollybank-school').at(-1)?.fields).toEqual([
      ...['pupils.legalForename', 'pupils.address', 'suspensions.type', 'contacts.*'],
    ])
  })

  test.each(['fields[marks]=id', 'fields[pupils]=marks', 'fields[sen]=account'])(
    'refuse %s',
    async (fields) => {
      expect((await pupils(`nhsNumber=9990000018&${fields}`)).status).toBe(400)
    },
  )

  test('answer plainly where nobody is held, and refuse what they do not understand', async () => {
    expect((await pupils(`nhsNumber=${storyOf('nobody').nhsNumber}`)).body.data).toEqual([])
    expect((await pupils('surname=Reid')).status).toBe(400)
    expect((await pupils('nhsNumber=9990000018&include=marks')).status).toBe(400)
  })

  test('under twin A’s number the school holds twin B', async () => {
    const { body } = await pupils(`nhsNumber=${storyOf('twin-a').nhsNumber}&include=suspensions`)
    expect(body.data.map(({ legalForename }: Body) => legalForename)).toEqual(['Jada'])
    expect((await pupils(`nhsNumber=${storyOf('twin-b').nhsNumber}`)).body.data).toEqual([])
  })
})

describe('education welfare', () => {
  const ask = (path: string) =>
    get(`${agencies.setting('NORTHSHIRE_EDUCATION_WELFARE_URL')}${path}`, {
      headers: { 'x-api-key': agencies.setting('NORTHSHIRE_EDUCATION_WELFARE_KEY') },
    })

  test('answers in pages that a cursor joins', async () => {
    const path = `/ews/v1/entries?nhs=${storyOf('all-four').nhsNumber}&limit=1`
    const first = await ask(path)
    const second = await ask(`${path}&cursor=${first.body.nextCursor}`)
    expect([...first.body.entries, ...second.body.entries].map(({ kind }: Body) => kind)).toEqual([
      'attendance-case',
      'officer',
    ])
    expect(second.body.nextCursor).toBeNull()
    expect(second.body.children[0]).toMatchObject({ forename: 'Maya', dob: storyOf('all-four').dateOfBirth })
    expect((await ask(`${path}&cursor=elsewhere`)).status).toBe(400)
  })

  test('gives the kinds of entry and the fields that are asked for; all, where nothing is said', async () => {
    const path = `/ews/v1/entries?nhs=${storyOf('all-four').nhsNumber}`
    const some = await ask(`${path}&kinds=officer&childFields=ref,nhs&entryFields=entryId,team`)
    expect(some.body.children.map(Object.keys)).toEqual([['ref', 'nhs']])
    expect(some.body.entries.map(Object.keys)).toEqual([['entryId', 'team']])
    const none = await ask(`${path}&kinds=none&childFields=ref`)
    expect(none.body.entries).toEqual([])
    await ask(path)
    const log = agencies.log('northshire-education-welfare').slice(-3)
    expect(log.map(({ kinds, fields }) => [kinds, fields])).toEqual([
      [['officer'], ['children.ref', 'children.nhs', 'entries.entryId', 'entries.team']],
      [[], ['children.ref']],
      [
        ['register', 'attendance-case', 'ehcp', 'officer'],
        ['children.*', 'entries.*'],
      ],
    ])
  })

  test.each(['kinds=marks', 'childFields=marks', 'entryFields=forename'])('refuses %s', async (selection) => {
    expect((await ask(`/ews/v1/entries?nhs=9990000018&${selection}`)).status).toBe(400)
  })
})

describe('Eastmere', () => {
  const ask = async (query: string, variables: Record<string, string> = {}) =>
    get(agencies.setting('EASTMERE_CHILDRENS_SERVICES_URL'), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-eastmere-token': agencies.setting('EASTMERE_CHILDRENS_SERVICES_TOKEN'),
      },
      body: JSON.stringify({ query, variables }),
    })
  const lookup = (story: string) =>
    ask(
      `query ($n: String!) { lookup(nhsNumber: $n) { __typename ... on Held { asOf clients { lastName born plans { kind category } frontDoor { stage } } } ... on ReviewPending { dutyTelephone } } }`,
      { n: storyOf(story).nhsNumber },
    )

  test('gives person and records in one answer', async () => {
    const { body } = await lookup('border')
    expect(body.data.lookup).toMatchObject({
      __typename: 'Held',
      clients: [
        {
          lastName: 'Tesfaye',
          born: storyOf('border').dateOfBirth,
          plans: [{ kind: 'CHILD_PROTECTION', category: 'PHY' }],
        },
      ],
    })
    expect(agencies.log('eastmere-childrens-services').at(-1)?.kinds).toEqual(['plans', 'frontDoor'])
  })

  test('gives one kind of plan without the others, and its log says which fields of which', async () => {
    const { body } = await ask(
      `query ($n: String!) { lookup(nhsNumber: $n) { ... on Held { clients { family: plans(kind: FAMILY_HELP) { kind } protection: plans(kind: CHILD_PROTECTION) { kind summary } } } } }`,
      { n: storyOf('border').nhsNumber },
    )
    expect(body.data.lookup.clients).toEqual([
      { family: [], protection: [{ kind: 'CHILD_PROTECTION', summary: expect.any(String) }] },
    ])
    expect(agencies.log('eastmere-childrens-services').at(-1)?.fields).toEqual([
      'lookup.clients.plans(FAMILY_HELP).kind',
      'lookup.clients.plans(CHILD_PROTECTION).kind',
      'lookup.clients.plans(CHILD_PROTECTION).summary',
    ])
  })

  test('its log holds no value, also where a client writes one into its query', async () => {
    await ask(`{ lookup(nhsNumber: "${storyOf('border').nhsNumber}") { ... on Held { asOf } } }`)
    const entry = agencies.log('eastmere-childrens-services').at(-1)
    expect(entry?.fields).toEqual(['lookup.asOf'])
    expect(JSON.stringify(entry)).not.toMatch(/999\d{7}/)
  })

  test('says that a person must decide, and nothing beside', async () => {
    expect((await lookup('under-review')).body.data.lookup).toEqual({
      __typename: 'ReviewPending',
      dutyTelephone: '01632 960141',
    })
  })

  test('says that it does not hold whom it does not hold', async () => {
    expect((await lookup('all-four')).body.data.lookup).toEqual({ __typename: 'NotHeld' })
  })

  test('does not tell its schema, and has nothing to change', async () => {
    expect(JSON.stringify((await ask('{ __schema { types { name } } }')).body)).toMatch(/introspection/)
    expect((await ask('mutation { close }')).body.errors).toHaveLength(1)
  })
})

describe('the agencies in a process of their own', () => {
  test('answer and log as they do here, and are gone when they are stopped', async () => {
    const apart = await house.start({ apart: true })
    const url = `${apart.setting('HOLLYBANK_SCHOOL_URL')}/api/v3/pupils?nhsNumber=9990000018`
    const headers = { authorization: `Bearer ${apart.setting('HOLLYBANK_SCHOOL_TOKEN')}` }
    expect((await get(url, { headers })).body.data).toHaveLength(1)
    await expect
      .poll(() => apart.log('hollybank-school'), { timeout: 10_000 })
      .toMatchObject([{ path: '/api/v3/pupils?nhsNumber', status: 200 }])
    await apart.stop()
    await expect(get(url, { headers })).rejects.toThrow()
  })

  test('a custodian that was not started has no log', () => {
    expect(() => agencies.log('northshire-youth-justice')).toThrow(
      expect.objectContaining({ code: 'CUSTODIAN_UNKNOWN' }),
    )
  })
})

const title = published
  ? 'the DfE’s custodians'
  : 'the DfE’s custodians (left out: shared/data/dfe-custodians is not here)'
describe.skipIf(!published)(title, () => {
  const OCTAVIA = '9691292211' // the person in the published examples
  const url = () => agencies.setting('DFE_CUSTODIANS_URL')
  const bearer = async (secret = agencies.setting('DFE_CUSTODIANS_CLIENT_SECRET')) =>
    get(agencies.setting('DFE_CUSTODIANS_TOKEN_URL'), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: agencies.setting('DFE_CUSTODIANS_CLIENT_ID'),
        client_secret: secret,
        scope: 'find-record.read fetch-record.read',
      }).toString(),
    })
  const ask = async (path: string) => {
    const { body } = await bearer()
    return get(`${url()}${path}`, { headers: { authorization: `Bearer ${body.access_token}` } })
  }

  test('a wrong secret gets no token, and nothing is answered without one', async () => {
    expect((await bearer('guess')).status).toBe(401)
    expect((await get(`${url()}/api/v1/Find/EDUCATION-01/${OCTAVIA}`)).status).toBe(401)
  })

  test.each(['EDUCATION-01', 'HEALTH-01', 'LOCAL-AUTHORITY-01', 'POLICE-01'])(
    '%s finds its records about a person, and gives each as its file has it',
    async (org) => {
      const file = JSON.parse(await readFile(join(PUBLISHED, `${org.toLowerCase()}.json`), 'utf8'))
      const about = file.records.filter((record: Body) => record.personId === OCTAVIA)
      const found = (await ask(`/api/v1/Find/${org}/${OCTAVIA}`)).body
      expect(found.map(({ recordId }: Body) => recordId)).toEqual(about.map(({ recordId }: Body) => recordId))
      for (const [place, { recordUrl }] of found.entries()) {
        const { status, body } = await ask(new URL(recordUrl).pathname)
        expect(status).toBe(200)
        expect(body).toMatchObject({ personId: OCTAVIA, payload: about[place].payload, version: 1 })
      }
      expect(agencies.log(`dfe-${org.toLowerCase()}`).at(-1)?.path).toBe(
        `/api/v1/Fetch/${org}/{recordType}/{recordId}`,
      )
    },
  )

  test('an organisation that holds nothing says so; one that does not exist is not found', async () => {
    expect(await ask(`/api/v1/Find/NO-DSA-01/${OCTAVIA}`)).toEqual({ status: 200, body: [] })
    expect((await ask(`/api/v1/Find/NONE-01/${OCTAVIA}`)).status).toBe(404)
    expect((await ask('/api/v1/Fetch/POLICE-01/health.details/POL-3210-P')).status).toBe(404)
  })

  test('the people whom a case can be opened on are in the files', async () => {
    const children = childrenIn(await readDfeFolders([PUBLISHED]))
    expect(children).toContainEqual({
      nhsNumber: OCTAVIA,
      dateOfBirth: '2008-09-20',
      givenNames: ['Octavia'],
      familyNames: ['Chislett'],
      labels: [],
    })
  })

  test('a folder without custodian files stops the start, by name', async () => {
    await expect(readDfeFolders([import.meta.dirname])).rejects.toMatchObject({
      code: 'CUSTODIANS_FOLDER_EMPTY',
    })
    await expect(readDfeFolders(['nowhere'])).rejects.toMatchObject({ code: 'CUSTODIANS_FOLDER_MISSING' })
  })
})
