/** What a custodian's HTTP server can do to us, and what comes of it: one fault, in our words, within the deadline. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import type { FaultKind } from '../../adapters/contract.ts'
import { type Partnership, partnershipOf } from './partnership.ts'
import { json, question, type Served, serve } from './serve.ts'

const SECRET_WORDS = 'Maya Okafor-Reid is at 14 Saltmarsh Lane'

const described = (kind: string, rest: string) => `
id: a-system
name: A system
agency: an-agency
sector: ${kind === 'fhir' ? 'health' : kind === 'rest' ? 'education' : 'social-care'}
contact: { name: The desk, telephone: 01632 960001 }
identityEvidence: demographics
${rest}`

const credentials = `credentials: { kind: bearer, token: '\${A_TOKEN}' }`

const files: Readonly<Record<string, { type: string; files: Readonly<Record<string, string>> }>> = {
  rest: {
    type: 'education.sen',
    files: {
      'a.yaml': described(
        'rest',
        `kind: rest
connection: { baseUrl: '\${A_URL}', ${credentials} }
requests: [{ name: all, path: '/pupils?n={nhsNumber}', fieldSelection: none }]
person: { from: all.people, localId: id, nhsNumber: number }
records: { education.sen: { from: all.sen, sourceId: id, fields: { need: need } } }`,
      ),
    },
  },
  graphql: {
    type: 'social-care.plan',
    files: {
      'a.graphql': 'query Ask($n: String!) { people(n: $n) { id number plans { id lead } } }',
      'a.yaml': described(
        'graphql',
        `kind: graphql
connection: { url: '\${A_URL}/graphql', ${credentials} }
operation: a.graphql
nhsNumberVariable: n
fieldSelection: operation
person: { from: people, localId: id, nhsNumber: number }
records: { social-care.plan: { from: people.plans, sourceId: id, fields: { leadPractitioner: lead } } }`,
      ),
    },
  },
  fhir: {
    type: 'health.encounter',
    files: {
      'a.yaml': described(
        'fhir',
        `preset: uk-core\nconnection: { baseUrl: '\${A_URL}/fhir', ${credentials} }`,
      ),
    },
  },
}

const open: (Served | Partnership)[] = []
afterAll(async () => {
  await Promise.all(open.map((each) => each.close()))
})

async function ask(kind: string, url: string, deadline = 5_000) {
  const { type, files: written } = files[kind] ?? { type: '', files: {} }
  const partnership = await partnershipOf(written, { A_URL: url, A_TOKEN: 'a-token' })
  open.push(partnership)
  return partnership.connection('a-system').ask(question([type], deadline))
}

async function serving(listener: Parameters<typeof serve>[0]): Promise<string> {
  const served = await serve(listener)
  open.push(served)
  return served.url
}

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

/** Well beyond the deadlines below: whoever waits this long hangs. Milliseconds. */
const HANGING = 4_000

describe.each(['rest', 'graphql', 'fhir'])('%s', (kind) => {
  const faults: readonly [string, FaultKind, () => Promise<string>, number?][] = [
    ['refuses the connection', 'unreachable', closedPort],
    ['never answers', 'deadline', () => serving(() => undefined), 200],
    [
      'drips its answer',
      'deadline',
      () =>
        serving((_, response) => {
          response.writeHead(200, { 'content-type': 'application/json' })
          const drip = setInterval(() => response.write(' '), 20)
          response.on('close', () => clearInterval(drip))
        }),
      300,
    ],
    ['resets the connection', 'reset', () => serving((request) => request.socket.resetAndDestroy())],
    [
      'breaks off in the middle',
      'reset',
      () =>
        serving((request, response) => {
          response.writeHead(200, { 'content-length': '1000' })
          response.write('{"a"', () => request.socket.destroy())
        }),
    ],
    ['answers garbage', 'malformed', () => serving((_, response) => response.end('<html>busy</html>'))],
    [
      'answers bytes that are no text',
      'malformed',
      () => serving((_, response) => response.end(Buffer.from([0xff, 0xfe, 0x22]))),
    ],
    [
      'answers null',
      'malformed',
      () => serving((_, response) => response.end(kind === 'rest' ? '{"sen":[{"id":1}]}' : 'null')),
    ],
    ['is not HTTP', 'malformed', () => serving((request) => request.socket.end('SSH-2.0-OpenSSH_9.2\r\n'))],
    [
      'never stops answering',
      'malformed',
      () =>
        serving((_, response) => {
          const more = () => {
            while (response.write(Buffer.alloc(65_536, ' ')));
          }
          response.on('drain', more)
          more()
        }),
    ],
    [
      'does not know our token',
      'not-authorised',
      () => serving((_, response) => json(response, { error: SECRET_WORDS }, 401)),
    ],
    [
      'forbids it',
      'not-authorised',
      () => serving((_, response) => json(response, { error: SECRET_WORDS }, 403)),
    ],
    ['fails', 'failed', () => serving((_, response) => json(response, { error: SECRET_WORDS }, 500))],
    [
      'sends us elsewhere',
      'failed',
      async () => {
        const elsewhere = await serving((_, response) => json(response, {}))
        return serving((_, response) => response.writeHead(307, { location: elsewhere }).end())
      },
    ],
  ]

  test.each(faults)('a system that %s', async (_, fault, start, deadline = 5_000) => {
    const waiting = AbortSignal.timeout(HANGING)
    const reply = await ask(kind, await start(), deadline)
    expect(reply).toMatchObject({ kind: 'fault', fault })
    expect(waiting.aborted).toBe(false)
    expect(JSON.stringify(reply)).not.toMatch(/Maya|127\.0\.0\.1|http|html|Error/)
  })

  test('a question whose deadline has passed is not sent', async () => {
    let asked = 0
    const url = await serving(() => {
      asked += 1
    })
    const { type, files: written } = files[kind] ?? { type: '', files: {} }
    const partnership = await partnershipOf(written, { A_URL: url, A_TOKEN: 'a-token' })
    open.push(partnership)
    const late = { ...question([type]), signal: AbortSignal.abort() }
    expect(await partnership.connection('a-system').ask(late)).toMatchObject({
      kind: 'fault',
      fault: 'deadline',
    })
    expect(asked).toBe(0)
  })
})

describe('graphql', () => {
  const answering = (body: unknown) => serving((_, response) => json(response, body))

  test('an error of the endpoint never passes through', async () => {
    const reply = await ask('graphql', await answering({ errors: [{ message: SECRET_WORDS }], data: null }))
    expect(reply).toEqual({
      kind: 'fault',
      fault: 'failed',
      detail: 'the system reported a failure of its own',
    })
  })

  test('half an answer beside an error is no answer', async () => {
    const data = { people: [{ id: '1', number: '9990000018' }] }
    expect(await ask('graphql', await answering({ errors: [{ message: 'x' }], data }))).toMatchObject({
      kind: 'fault',
      fault: 'failed',
    })
  })

  test('an error that says we are not let in is told as such', async () => {
    const errors = [{ message: 'x', extensions: { code: 'UNAUTHENTICATED' } }]
    expect(await ask('graphql', await answering({ errors }))).toMatchObject({
      kind: 'fault',
      fault: 'not-authorised',
    })
  })
})

describe('the right child', () => {
  test('an answer about another number is no answer', async () => {
    const url = await serving((_, response) =>
      json(response, { people: [{ id: 'p', number: '9990000026' }] }),
    )
    expect(await ask('rest', url)).toMatchObject({ kind: 'fault', fault: 'malformed' })
  })

  test('a FHIR server that ignores our search and answers with everyone is not believed', async () => {
    const patient = (id: string, value: string) => ({
      resource: {
        resourceType: 'Patient',
        id,
        identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value }],
      },
    })
    const all = serving((request, response) =>
      json(response, {
        resourceType: 'Bundle',
        type: 'searchset',
        entry: request.url?.includes('/Patient?')
          ? [patient('a', '9990000018'), patient('b', '9990000026')]
          : [],
      }),
    )
    expect(await ask('fhir', await all)).toMatchObject({ kind: 'fault', fault: 'malformed' })
    const others = serving((request, response) =>
      json(response, {
        resourceType: 'Bundle',
        type: 'searchset',
        entry: request.url?.includes('/Patient?')
          ? [patient('a', '9990000018')]
          : [{ resource: { resourceType: 'Encounter', id: 'e', subject: { reference: 'Patient/b' } } }],
      }),
    )
    expect(await ask('fhir', await others)).toMatchObject({ kind: 'fault', fault: 'malformed' })
  })

  test('a FHIR server cannot lead us to another address for its next page', async () => {
    let stolen = 0
    const elsewhere = await serving((_, response) => {
      stolen += 1
      json(response, {})
    })
    const url = await serving((_, response) =>
      json(response, {
        resourceType: 'Bundle',
        type: 'searchset',
        link: [{ relation: 'next', url: `${elsewhere}/fhir?page=2` }],
        entry: [{ resource: { resourceType: 'Patient', id: 'a' } }],
      }),
    )
    expect(await ask('fhir', url)).toMatchObject({ kind: 'fault', fault: 'malformed' })
    expect(stolen).toBe(0)
  })
})
