/** Promise 4, purpose first: who may ask, for what, on what basis. And what each of the others reads. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf, type GatewayUnderTest, openGateway, statesOf } from '../gateway-under-test.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway.close())

const REFUSED: readonly [persona: string, status: number, code: string, words: RegExp][] = [
  ['social-worker', 403, 'NO_CASE_RELATIONSHIP', /no live relationship/],
  ['lapsed-lcpp', 403, 'NOMINATION_LAPSED', /nomination .* has ended/],
  ['ig-lead', 403, 'ROLE_MAY_NOT_ASK', /audit accesses/],
  ['it-engineer', 403, 'ROLE_MAY_NOT_ASK', /connect systems/],
]

test.each(REFUSED)(
  '%s is refused before any agency is asked, and reads why',
  async (persona, status, code, words) => {
    const reply = await gateway.ask(persona, 'all-four')
    expect(reply.status).toBe(status)
    expect(codeOf(reply)).toBe(code)
    expect(reply.body.errors[0].message).toMatch(words)
    expect(reply.body.data).toBeUndefined()
    const { rows } = await gateway.pool.query(
      "select convert_from(body, 'utf8')::json as record from access_event where event_id = $1",
      [reply.body.errors[0].extensions.eventId],
    )
    expect(rows[0]?.record.data.decision).toMatchObject({ effect: 'deny', refusal: code })
    expect(rows[0]?.record.data.disclosure.sources).toEqual([])
  },
)

test('the police member reads police detail, and no clinical detail', async () => {
  const reply = await gateway.ask('macpt-police', 'all-four')
  const { child } = reply.body.data
  expect(child.police.intelligence.some((each: { content: string | null }) => each.content)).toBe(true)
  for (const condition of child.health.conditions) {
    expect(condition.condition).toBeNull()
    expect(condition.masked.map((each: { reason: { code: string } }) => each.reason.code)).toContain(
      'ROLE_DOES_NOT_NEED_THIS',
    )
  }
})

test('the health member reads clinical detail, and no intelligence', async () => {
  const { child } = (await gateway.ask('macpt-health', 'all-four')).body.data
  expect(child.health.conditions.some((each: { condition: string | null }) => each.condition)).toBe(true)
  for (const report of child.police.intelligence) expect(report.content).toBeNull()
})

test('the education member reads attendance, and neither clinical detail nor intelligence', async () => {
  const { child } = (await gateway.ask('macpt-education', 'all-four')).body.data
  expect(child.education.attendance.length).toBeGreaterThan(0)
  for (const condition of child.health.conditions) expect(condition.condition).toBeNull()
  for (const report of child.police.intelligence) expect(report.content).toBeNull()
})

test('section 17 without consent asks neither police, nor health, nor schools', async () => {
  const reply = await gateway.ask('lcpp', 's17', { purpose: 's17-assessment' })
  const states = statesOf(reply)
  expect(states['northshire-police']).toBe('NOT_ASKED')
  expect(reply.body.data.child.health.encounters).toEqual([])
  expect(reply.body.data.child.education.attendance).toEqual([])
  expect(states['northshire-childrens-services']).toBe('RECORDS_SHOWN')
})

test('the same child at section 47 is shown more: the threshold scopes the data', async () => {
  const s17 = await gateway.ask('lcpp', 's17', { purpose: 's17-assessment', consentRecorded: true })
  const s47 = await gateway.ask('lcpp', 's17')
  const police = (reply: typeof s47) =>
    reply.body.data.child.custodians.find(
      (each: { custodian: string }) => each.custodian === 'northshire-police',
    )
  expect(police(s17)).toMatchObject({ state: 'NOT_ASKED', reason: { code: 'THRESHOLD_TOO_LOW' } })
  expect(police(s47).state).not.toBe('NOT_ASKED')
})

const BASES: readonly [what: string, asking: Parameters<GatewayUnderTest['ask']>[2], code: string][] = [
  ['an unknown purpose', { purpose: 'curiosity' }, 'PURPOSE_UNKNOWN'],
  [
    'a threshold that does not support the purpose',
    { threshold: 'S17' },
    'THRESHOLD_DOES_NOT_SUPPORT_PURPOSE',
  ],
  [
    'an unknown lawful basis',
    { lawfulBasis: { article6: 'GDPR-6-1-z', condition: 'GDPR-9-2-g', function: 'CA89-47' } },
    'LAWFUL_BASIS_UNKNOWN',
  ],
  [
    'a condition in the place of a function',
    { lawfulBasis: { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: 'GDPR-9-2-g' } },
    'LAWFUL_BASIS_WRONG_KIND',
  ],
  [
    'a basis that is closed to public authorities',
    { lawfulBasis: { article6: 'GDPR-6-1-ea', condition: 'GDPR-9-2-g', function: 'CA89-47' } },
    'LAWFUL_BASIS_NOT_FOR_ORGANISATION',
  ],
  ['another case', { caseReference: 'NS-1999-0001' }, 'NO_CASE_RELATIONSHIP'],
]
test.each(BASES)('%s is refused with its code', async (_what, asking, code) => {
  const reply = await gateway.ask('lcpp', 'all-four', asking)
  expect(codeOf(reply)).toBe(code)
  expect(reply.body.data).toBeUndefined()
})

test('the duty to share is refused on the day before it commences, and accepted from that day', async () => {
  let now = new Date('2026-09-29T11:00:00Z')
  const early = await openGateway({ clock: () => now })
  const lawfulBasis = { article6: 'GDPR-6-1-c', condition: 'GDPR-9-2-g', function: 'CA04-16LA' }
  try {
    expect(codeOf(await early.ask('lcpp', 'all-four', { lawfulBasis }))).toBe('LAWFUL_BASIS_NOT_YET_IN_FORCE')
    now = new Date('2026-09-30T11:00:00Z')
    const reply = await early.ask('lcpp', 'all-four', { lawfulBasis })
    expect(codeOf(reply)).toBeUndefined()
    expect(statesOf(reply)['northshire-police']).toBe('RECORDS_SHOWN')
  } finally {
    await early.close()
  }
})

test('a case relationship ends in the middle of a session', async () => {
  // the health member's part in this case ended seven days before the day of the stories
  let now = new Date('2026-11-12T12:00:00Z')
  const session = await openGateway({ clock: () => now })
  try {
    expect((await session.ask('macpt-health', 'long-chronology')).status).toBe(200)
    now = new Date('2026-11-21T12:00:00Z')
    expect(codeOf(await session.ask('macpt-health', 'long-chronology'))).toBe('NO_CASE_RELATIONSHIP')
    expect((await session.ask('lcpp', 'long-chronology')).status).toBe(200)
  } finally {
    await session.close()
  }
})
