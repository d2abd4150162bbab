/** A custodian that is JSON over REST: pages, parts, credentials, and what its statuses mean. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { CustodianReply } from '../../adapters/contract.ts'
import { type Partnership, partnershipOf } from './partnership.ts'
import { json, MAYA, question, type Served, serve } from './serve.ts'

const open: (Served | Partnership)[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

interface Options {
  readonly credentials?: string
  readonly requests?: string
  readonly more?: string
}

/** Most tests are not about single fields: a request that says nothing of them cannot ask for them. */
const withSelection = (requests: string): string =>
  JSON.stringify(parse(requests).requests.map((request: object) => ({ fieldSelection: 'none', ...request })))

const ALL = `requests: [{ name: all, path: '/pupils?n={nhsNumber}' }]`

async function school(
  listener: (request: IncomingMessage, response: ServerResponse, url: URL) => void,
  { credentials = `{ kind: bearer, token: '\${A_TOKEN}' }`, requests = ALL, more = '' }: Options = {},
) {
  const server = await serve((request, response) =>
    listener(request, response, new URL(request.url ?? '', 'http://here')),
  )
  open.push(server)
  const partnership = await partnershipOf(
    {
      'a.yaml': `
id: a-school
name: A School
agency: a-school
sector: education
kind: rest
contact: { name: The lead, telephone: 01632 960001 }
identityEvidence: demographics
connection: { baseUrl: '\${A_URL}', credentials: ${credentials} }
requests: ${withSelection(requests)}
${more}
person: { from: all.people, localId: id, nhsNumber: number, dateOfBirth: born }
records:
  education.sen: { from: all.sen, sourceId: id, fields: { need: need } }
  education.attendance: { from: all.attendance, sourceId: id, eventTime: from, fields: { attendancePercentage: percent } }`,
    },
    {
      A_URL: `${server.url}/api`,
      A_TOKEN: 'a-token',
      A_TOKEN_URL: `${server.url}/token`,
      A_SECRET: 'a-secret',
    },
  )
  open.push(partnership)
  const ask = (...types: string[]) => partnership.connection('a-school').ask(question(types))
  return { server, ask }
}

const maya = { id: 'P1', number: MAYA, born: '2015-03-14' }
const idsIn = (reply: CustodianReply) => {
  if (reply.kind !== 'held') throw new Error(JSON.stringify(reply))
  return reply.records.map(({ sourceId }) => sourceId)
}
const need = (id: string) => ({ id, need: 'SEMH' })

describe('pages', () => {
  test('a cursor is followed to its end', async () => {
    const pages: Record<string, unknown> = {
      '': { people: [maya], sen: [need('a')], next: 'x y&z' },
      'x y&z': { people: [maya], sen: [need('b')], next: null },
    }
    const { ask } = await school(
      (_, response, url) => json(response, pages[url.searchParams.get('cursor') ?? '']),
      {
        requests: `requests: [{ name: all, path: '/pupils?n={nhsNumber}', paging: { kind: cursor, parameter: cursor, next: next } }]`,
      },
    )
    expect(idsIn(await ask('education.sen'))).toEqual(['a', 'b'])
  })

  test('an offset is moved until a page is not full', async () => {
    const sen = ['a', 'b', 'c', 'd', 'e'].map(need)
    const { ask, server } = await school(
      (_, response, url) => {
        const from = Number(url.searchParams.get('skip') ?? 0)
        json(response, { people: [maya], sen: sen.slice(from, from + 2) })
      },
      {
        requests: `requests: [{ name: all, path: '/pupils?n={nhsNumber}', paging: { kind: offset, parameter: skip, size: 2, items: sen } }]`,
      },
    )
    expect(idsIn(await ask('education.sen'))).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(server.requests).toHaveLength(3)
  })

  test('a link header is followed, on this system only', async () => {
    const { ask } = await school(
      (_, response, url) => {
        const second = url.searchParams.has('page')
        json(
          response,
          { people: [maya], sen: [need(second ? 'b' : 'a')] },
          200,
          second ? {} : { link: '</api/pupils?page=2>; rel="next"' },
        )
      },
      { requests: `requests: [{ name: all, path: '/pupils?n={nhsNumber}', paging: { kind: link } }]` },
    )
    expect(idsIn(await ask('education.sen'))).toEqual(['a', 'b'])
    const elsewhere = await school(
      (_, response) => json(response, { people: [maya] }, 200, { link: '<http://127.0.0.1:1/>; rel="next"' }),
      { requests: `requests: [{ name: all, path: '/pupils?n={nhsNumber}', paging: { kind: link } }]` },
    )
    expect(await elsewhere.ask('education.sen')).toMatchObject({ kind: 'fault', fault: 'malformed' })
  })

  test('pages without end are a fault', async () => {
    const { ask } = await school((_, response) => json(response, { people: [maya], next: 'again' }), {
      requests: `requests: [{ name: all, path: '/pupils?n={nhsNumber}', paging: { kind: cursor, parameter: c, next: next } }]`,
    })
    expect(await ask('education.sen')).toMatchObject({ kind: 'fault', fault: 'malformed' })
  })
})

describe('what is asked for', () => {
  test('a part that nobody may see is not requested', async () => {
    const { ask, server } = await school((_, response) => json(response, { people: [maya] }), {
      requests: `requests:
  - name: all
    path: /pupils?n={nhsNumber}
    include: { parameter: parts, of: { sen: [education.sen], register: [education.attendance] } }
  - { name: other, path: '/other/{nhsNumber}', serves: [education.attendance] }`,
    })
    await ask('education.sen')
    await ask('education.sen', 'education.attendance')
    expect(server.requests.map(({ url }) => url)).toEqual([
      `/api/pupils?n=${MAYA}&parts=sen`,
      `/api/pupils?n=${MAYA}&parts=sen%2Cregister`,
      `/api/other/${MAYA}`,
    ])
  })

  test('what one answer gives cannot change the path of the next request', async () => {
    const { ask, server } = await school(
      (_, response) => json(response, { people: [maya], ids: ['../../admin?x=1#', 'a/b'] }),
      {
        requests: `requests:
  - { name: all, path: '/pupils?n={nhsNumber}' }
  - { name: more, for: "all.ids.{ 'id': $ }", path: '/things/{id}' }`,
      },
    )
    await ask('education.sen')
    expect(server.requests.slice(1).map(({ url }) => url)).toEqual([
      '/api/things/..%2F..%2Fadmin%3Fx%3D1%23',
      '/api/things/a%2Fb',
    ])
  })

  test('our event and trace go with the request', async () => {
    const { ask, server } = await school((_, response) => json(response, { people: [] }))
    await ask('education.sen')
    expect(server.requests[0]?.headers).toMatchObject({
      'sightline-event-id': '01jd-test',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      authorization: 'Bearer a-token',
    })
  })
})

describe('what a status means', () => {
  const answering = (status: number, statuses: string, body: unknown = {}) =>
    school((_, response) => json(response, body, status), {
      requests: `requests: [{ name: all, path: '/pupils?n={nhsNumber}', statuses: ${statuses} }]`,
    })

  test('404 where the mapping says so is not held; where it does not, it is a fault', async () => {
    const said = await answering(404, `{ '404': not-held }`)
    expect((await said.ask('education.sen')).kind).toBe('not-held')
    const unsaid = await answering(404, '{}')
    expect(await unsaid.ask('education.sen')).toMatchObject({ kind: 'fault', fault: 'failed' })
  })

  test('202 is under review', async () => {
    const { ask } = await answering(202, `{ '202': under-review }`)
    expect(await ask('education.sen')).toEqual({ kind: 'under-review' })
  })

  test('a body may say that a person decides first', async () => {
    const { ask } = await school((_, response) => json(response, { people: [maya], review: 'pending' }), {
      more: `review: all.review = 'pending'`,
    })
    expect(await ask('education.sen')).toEqual({ kind: 'under-review' })
  })

  test('records without the person whose they are cannot be placed', async () => {
    const { ask } = await school((_, response) => json(response, { people: [], sen: [need('a')] }))
    expect(await ask('education.sen')).toMatchObject({ kind: 'fault', fault: 'malformed' })
  })

  test('two different things under one id cannot be told apart', async () => {
    const { ask } = await school((_, response) =>
      json(response, { people: [maya], sen: [need('a'), { id: 'a', need: 'ASD' }] }),
    )
    expect(await ask('education.sen')).toMatchObject({ kind: 'fault', fault: 'malformed' })
  })
})

describe('credentials', () => {
  test('a key goes in the header that the system names', async () => {
    const { ask, server } = await school((_, response) => json(response, { people: [] }), {
      credentials: `{ kind: header, name: X-Api-Key, value: '\${A_TOKEN}' }`,
    })
    await ask('education.sen')
    expect(server.requests[0]?.headers['x-api-key']).toBe('a-token')
  })

  test('a token is fetched once, and again when the system no longer accepts it', async () => {
    let issued = 0
    const { ask, server } = await school(
      (request, response, url) => {
        if (url.pathname === '/token') {
          issued += 1
          return json(response, { access_token: `token-${issued}`, expires_in: 3600 })
        }
        const accepted =
          request.headers.authorization === (server.requests.length > 4 ? 'Bearer token-2' : 'Bearer token-1')
        json(response, { people: [] }, accepted ? 200 : 401)
      },
      {
        credentials: `{ kind: client-secret, tokenUrl: '\${A_TOKEN_URL}', clientId: sightline, clientSecret: '\${A_SECRET}' }`,
      },
    )
    expect((await ask('education.sen')).kind).toBe('not-held')
    expect((await ask('education.sen')).kind).toBe('not-held')
    expect(issued).toBe(1)
    expect((await ask('education.sen')).kind).toBe('not-held')
    expect((await ask('education.sen')).kind).toBe('not-held')
    expect(issued).toBe(2)
  })

  test.each([
    [400, { error: 'invalid_client' }, 'not-authorised'],
    [500, {}, 'failed'],
    [200, { access_token: 'two\nlines' }, 'malformed'],
  ])('a token service that answers %i', async (status, body, fault) => {
    const { ask } = await school((_, response) => json(response, body, status), {
      credentials: `{ kind: client-secret, tokenUrl: '\${A_TOKEN_URL}', clientId: sightline, clientSecret: '\${A_SECRET}' }`,
    })
    expect(await ask('education.sen')).toMatchObject({ kind: 'fault', fault })
  })
})
