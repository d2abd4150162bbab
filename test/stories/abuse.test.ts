/** What no question may be: too deep, too large, a batch, an introspection, a write, or none at all. */
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf, type GatewayUnderTest, openGateway } from '../gateway-under-test.ts'

let gateway: GatewayUnderTest
let authorization: string
beforeAll(async () => {
  gateway = await openGateway()
  authorization = `Bearer ${await gateway.token('lcpp')}`
})
afterAll(() => gateway.close())

const send = (query: string) => gateway.post(JSON.stringify({ query }), { authorization })
const nest = (levels: number) => `${'{ child '.repeat(levels)}{ id }${' }'.repeat(levels)}`

test.each([
  ['depth', nest(20), 'QUESTION_TOO_DEEP'],
  [
    'aliases',
    `{ ${Array.from({ length: 40 }, (_, n) => `a${n}: __typename`).join(' ')} }`,
    'QUESTION_TOO_LARGE',
  ],
  ['tokens', `{ ${'__typename '.repeat(5_000)} }`, 'QUESTION_TOO_LARGE'],
  ['introspection', '{ __schema { types { name } } }', 'INTROSPECTION_CLOSED'],
  [
    'introspection behind a fragment',
    '{ ...F } fragment F on Query { __type(name: "Child") { name } }',
    'INTROSPECTION_CLOSED',
  ],
  ['a mutation', 'mutation { deleteChild }', 'READ_ONLY'],
  ['a subscription', 'subscription { child { id } }', 'READ_ONLY'],
  ['an entry point of the stitch', '{ policeOfChild(id: "1") { id } }', 'QUESTION_INVALID'],
  [
    'a fragment that turns in a circle',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
    'QUESTION_INVALID',
  ],
  ['deferred delivery', '{ ... @defer { __typename } }', 'QUESTION_INVALID'],
  ['no GraphQL', 'DROP TABLE child', 'QUESTION_INVALID'],
  ['an empty document', '', 'QUESTION_INVALID'],
])('%s is refused with a code', async (_what, query, code) => {
  const reply = await send(query)
  expect(codeOf(reply)).toBe(code)
  expect(reply.status).toBe(400)
  expect(reply.body.data).toBeUndefined()
  expect(reply.text).not.toMatch(/node_modules|at \w+ \(|stack/)
})

test('a batch is refused whole', async () => {
  const reply = await gateway.post(
    JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]),
    {
      authorization,
    },
  )
  expect(codeOf(reply)).toBe('BATCH_REFUSED')
})

test.each(['', 'not json', '"text"', '{"query": 1}', '{"query":"{ __typename }","more":1}'])(
  'the body `%s` is refused as malformed, and is on record',
  async (body) => {
    const reply = await gateway.post(body, { authorization })
    expect(codeOf(reply)).toBe('QUESTION_MALFORMED')
    const { eventId } = reply.body.errors[0].extensions
    const { rowCount } = await gateway.pool.query('select from access_event where event_id = $1', [eventId])
    expect(rowCount).toBe(1)
  },
)

test.each([
  ['a field', '{ accessez(first: 1) { next } }', 'line 1, column 3'],
  ['an argument', '{\n  accesses(firzt: 1, first: 1) { next } }', 'line 2, column 12'],
  ['a type', 'query Q($robin: Fultre) { __typename }', 'line 1, column 17'],
  ['a variable', '{ accesses(first: $robin) { next } }', 'line 1, column 19'],
  ['a fragment', '{ ...RobinOfHollybank }', 'line 1, column 6'],
  ['a field of a filter', '{ accesses(first: 1, filter: { robinz: 1 }) { next } }', 'line 1, column 32'],
  ['a list with names', '{ accesses(first: { robinz: 1 }) { next } }', 'line 1, column 19'],
])(
  '%s that the schema does not have is told by its place, and no name by another',
  async (_, query, place) => {
    const reply = await send(query)
    expect(codeOf(reply)).toBe('QUESTION_INVALID')
    expect(reply.text).toContain(place)
    expect(reply.text).not.toMatch(/did you mean|accessez|firzt|robin|fultre/i)
  },
)

test('a wrong variable is refused without repeating its value', async () => {
  const query = 'query Q($n: String!, $r: AccessReason!) { child(nhsNumber: $n, reason: $r) { id } }'
  const reply = await gateway.post(
    JSON.stringify({ query, variables: { n: { surname: 'Ashdown' }, r: 'Ashdown' } }),
    {
      authorization,
    },
  )
  expect(codeOf(reply)).toBe('QUESTION_INVALID')
  expect(reply.text).not.toContain('Ashdown')
})

test('a body too large is refused, and that she tried is on record under her name', async () => {
  const reply = await gateway.post(JSON.stringify({ query: ' '.repeat(100_000) }), { authorization })
  expect(reply.status).toBe(413)
  expect(codeOf(reply)).toBe('QUESTION_TOO_LARGE')
  const { rows } = await gateway.pool.query(
    "select convert_from(body, 'utf8')::json as record from access_event where event_id = $1",
    [reply.body.errors[0].extensions.eventId],
  )
  expect(rows[0]?.record.data).toMatchObject({
    actor: { kind: 'practitioner', subject: decodeJwt(authorization.replace('Bearer ', '')).sub },
    operation: { kind: 'unknown', documentHash: null },
    decision: { effect: 'deny', refusal: 'QUESTION_TOO_LARGE' },
  })
})

test('a body too large from a stranger is refused for the token that it lacks, and is on record', async () => {
  const reply = await gateway.post(JSON.stringify({ query: ' '.repeat(100_000) }), {})
  expect(reply.status).toBe(401)
  const { rowCount } = await gateway.pool.query('select from access_event where event_id = $1', [
    reply.body.errors[0].extensions.eventId,
  ])
  expect(rowCount).toBe(1)
})

test('there is no other way in', async () => {
  for (const [method, path] of [
    ['GET', '/graphql?query={__typename}'],
    ['PUT', '/graphql'],
    ['GET', '/'],
    ['GET', '/.env'],
  ] as const) {
    const response = await fetch(`${gateway.url}${path}`, { method })
    expect(response.status).toBe(404)
  }
})

test('answers are not cached, framed or sniffed', async () => {
  const reply = await send('{ __typename }')
  expect(reply.headers.get('cache-control')).toBe('no-store')
  expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
  expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'")
})

test('fragments that open one another many times over are read once each', async () => {
  const spread = (name: string) => `...${name} ...${name} ...${name}`
  const fragments = Array.from(
    { length: 14 },
    (_, n) => `fragment F${n} on Child { id ${n < 13 ? spread(`F${n + 1}`) : ''} }`,
  )
  const query = `query Q($n: String!, $r: AccessReason!) { child(nhsNumber: $n, reason: $r) { ...F0 } } ${fragments.join(' ')}`
  const began = performance.now()
  const reply = await gateway.post(JSON.stringify({ query, variables: { n: '9990000018', r: {} } }), {
    authorization,
  })
  expect(codeOf(reply)).toBe('QUESTION_INVALID')
  expect(performance.now() - began).toBeLessThan(5_000)
})

test.each(['14/03/2014', '2014-02-31', '', { a: 1 }, 20140314])(
  'a date of birth that is none (%j) is refused before any agency is asked',
  async (dateOfBirth) => {
    const reply = await gateway.ask('lcpp', 'all-four', { extra: { dateOfBirth: dateOfBirth as string } })
    expect(codeOf(reply)).toBe('QUESTION_INVALID')
    expect(reply.status).toBe(400)
    const { rows } = await gateway.pool.query(
      "select convert_from(body, 'utf8')::json as record from access_event where event_id = $1",
      [reply.body.errors[0].extensions.eventId],
    )
    expect(rows[0]?.record.data.disclosure.sources).toEqual([])
  },
)

test('a value in the text of a question is not repeated, whatever is wrong with it', async () => {
  for (const value of ['9990000018', '"Ashdown"', 'ASHDOWN']) {
    const reply = await send(`{ child(nhsNumber: ${value}, reason: ${value}) { id } }`)
    expect(codeOf(reply)).toBe('QUESTION_INVALID')
    expect(reply.text).not.toMatch(/9990000018|ashdown/i)
  }
})

test.each([
  '{ child(nhsNumber "9990000018") { id } }',
  '{ child(nhsNumber: "9990000018) { id } }',
  '{ child(nhsNumber: 09990000018) { id } }',
  '{ child(nhsNumber: "\\Ashdown") { id } }',
  '{ child(nhsNumber: "9990000018 tokens" "Ashdown") { id } }',
  '{ child Ashdown: }',
])(
  'a question that is no GraphQL (%s) is answered with the place, and with nothing that stands in it',
  async (query) => {
    const reply = await send(query)
    expect(codeOf(reply)).toBe('QUESTION_INVALID')
    expect(reply.body.errors[0].message).toMatch(/line 1, column \d+/)
    expect(reply.text).not.toMatch(/9990000018|ashdown/i)
  },
)

test('a path that cannot be read is refused without repeating it, and without a word of the framework', async () => {
  const response = await fetch(`${gateway.url}/9990000018%E0%A4`)
  expect(response.status).toBe(400)
  const text = await response.text()
  expect(JSON.parse(text).errors[0].extensions.code).toBe('REQUEST_NOT_READABLE')
  expect(text).not.toMatch(/9990000018|FST_/)
  expect(response.headers.get('cache-control')).toBe('no-store')
})

test('the same document about two children leaves no hash that tells which', async () => {
  const inline = (number: string) => `{ child(nhsNumber: "${number}", reason: { purpose: "x" }) { id } }`
  const { createHash } = await import('node:crypto')
  const document = inline('9990000018')
  const reply = await send(document)
  const { rows } = await gateway.pool.query(
    "select convert_from(body, 'utf8') as record from access_event where event_id = $1",
    [reply.body.errors[0].extensions.eventId],
  )
  const plain = createHash('sha256').update(document).digest()
  for (const encoding of ['hex', 'base64', 'base64url'] as const)
    expect(rows[0]?.record).not.toContain(plain.toString(encoding))
})

test.each([
  ['half a surrogate pair', '"\\ud800"', 'QUESTION_MALFORMED'],
  ['half a pair in a name', '{"\\udc00": 1}', 'QUESTION_MALFORMED'],
  ['a number that no computer holds', '1e999', 'QUESTION_MALFORMED'],
  ['lists in lists, thirty thousand deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 'QUESTION_TOO_DEEP'],
])('variables that hold %s are refused, and the refusal is on record', async (_what, value, code) => {
  const query = 'query Q($n: String!, $r: AccessReason!) { child(nhsNumber: $n, reason: $r) { id } }'
  const reply = await gateway.post(`{"query":${JSON.stringify(query)},"variables":{"n":${value},"r":{}}}`, {
    authorization,
  })
  expect(codeOf(reply)).toBe(code)
  expect(reply.status).toBe(400)
  const { rowCount } = await gateway.pool.query('select from access_event where event_id = $1', [
    reply.body.errors[0].extensions.eventId,
  ])
  expect(rowCount).toBe(1)
})

test.each<readonly [string, string, object]>([
  [
    'a variable',
    'query Q($who: ID) { accesses(filter: { practitioner: $who }) { notRead } }',
    { who: 'a\0b' },
  ],
  ['the document', '{ accesses(filter: { purpose: "s47\\u0000" }) { notRead } }', {}],
])('a NUL in a text of %s is refused, and is no fault of ours', async (_where, query, variables) => {
  const reply = await gateway.post(JSON.stringify({ query, variables }), {
    authorization: `Bearer ${await gateway.token('ig-lead')}`,
  })
  expect([reply.status, codeOf(reply)]).toEqual([400, 'QUESTION_MALFORMED'])
})

test('a NUL in a case reference is refused before any agency is asked', async () => {
  const reply = await gateway.ask('lcpp', 'all-four', { caseReference: 'NS-0000\0' })
  expect([reply.status, codeOf(reply)]).toEqual([400, 'QUESTION_MALFORMED'])
})
