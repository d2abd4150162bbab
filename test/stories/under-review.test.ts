/** What an agency's own person decides first: her queue, her decision, and what whoever asked reads of it. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { registerFrom } from '../../gateway/access/register-file.ts'
import { storyOf } from '../../gateway/local/population/stories.ts'
import { approve } from '../approved.ts'
import {
  codeOf,
  type GatewayUnderTest,
  NOON,
  openGateway,
  type Reply,
  register,
  statesOf,
} from '../gateway-under-test.ts'
import type { Asking } from '../gateway-with.ts'

const root = resolve(import.meta.dirname, '../..')
const SCHOOL = 'hollybank-school'
const NUMBER = storyOf('all-four').nhsNumber

const OF_SCHOOLS = `query ($nhsNumber: String!, $reason: AccessReason!) { child(nhsNumber: $nhsNumber, reason: $reason) {
  custodians { custodian state asOf reason { code words policies } notAskedFor { kinds } contact { telephone } }
  education { attendance { custodian } } } }`
const REVIEWS = `query { reviews { id custodian kinds purpose threshold lawfulBasis { article6 condition function }
  askedBy { name role agency } askedAt due overdue nhsNumber } }`
const DECIDE = `mutation ($id: ID!, $decision: ReviewDecision!, $reasonClass: String, $detriment: DetrimentTestInput, $acknowledge: Boolean) {
  decideReview(id: $id, decision: $decision, reasonClass: $reasonClass, detriment: $detriment, acknowledge: $acknowledge) {
    id decision decidedAt validUntil } }`
const NOT_SHARED = `query { decisionsNotToShare { id custodian agency kinds decidedBy { name agency } decidedAt validUntil
  reasonClass words detriment { moreDetrimental recordedIn } acknowledged } }`

const DECLINED = {
  decision: 'DO_NOT_SHARE',
  reasonClass: 'MORE_DETRIMENTAL_TO_SHARE',
  detriment: { moreDetrimental: true, recordedIn: 'HB-2026/0142' },
  acknowledge: false,
}

let folder: string
let gateway: GatewayUnderTest
let now = NOON

/** The school leaves all that it holds to its safeguarding lead. */
const EVERYTHING = `@id("hollybank-school.everything")
@title("Hollybank School's safeguarding lead decides first whether anything is shared")
@reason("AGENCY_DECIDES_FIRST")
@disclose("subject")
@review("agency")
forbid (principal, action in Action::"any", resource)
when { resource.agency == "hollybank-school" }
unless { resource.reviewed };
`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-reviews-'))
  await cp(join(root, 'policies'), join(folder, 'policies'), { recursive: true })
  await cp(join(root, 'adapters/custodians'), join(folder, 'custodians'), { recursive: true })
  await writeFile(join(folder, 'policies/agencies/hollybank-school/everything.cedar'), EVERYTHING)
  await approve(join(folder, 'policies'))
  gateway = await openGateway({ env: { PARTNERSHIP_DIR: folder }, clock: () => now })
})
beforeEach(async () => {
  now = NOON
  await gateway.pool.query('truncate review, review_number, review_decision, child_connection')
  await gateway.opened.house.register.takeOver(
    registerFrom(register, 'northshire'),
    inject('partners').issuer,
  )
})
afterAll(async () => {
  await gateway.close()
  await rm(folder, { recursive: true, force: true })
})

/** Asks the schools alone. */
const ask = (persona: string, story: string, asking: Asking = {}) =>
  gateway.ask(persona, story, { document: OF_SCHOOLS, ...asking })

const atDesk = async (persona: string, query: string, variables: object = {}): Promise<Reply> =>
  gateway.post(JSON.stringify({ query, variables }), {
    authorization: `Bearer ${await gateway.token(persona)}`,
  })

const waiting = async (persona = 'school-reviewer') => (await atDesk(persona, REVIEWS)).body.data.reviews
const decide = async (decision: object, persona = 'school-reviewer'): Promise<Reply> => {
  const [review] = await waiting()
  return atDesk(persona, DECIDE, { id: review.id, ...decision })
}
const answerOf = (reply: Reply, custodian = SCHOOL) => {
  expect(codeOf(reply)).toBeUndefined()
  return reply.body.data.child.custodians.find((each: { custodian: string }) => each.custodian === custodian)
}

const recordOf = async (reply: Reply) => {
  const eventId = reply.body.extensions.sightline.eventId
  const { rows } = await gateway.pool.query(
    "select convert_from(body, 'utf8')::json as record from access_event where event_id = $1",
    [eventId],
  )
  return rows[0]?.record
}

test('a question opens a review before its answer leaves, and reads UNDER_REVIEW', async () => {
  const reply = await gateway.ask('lcpp', 'all-four')
  expect(answerOf(reply)).toMatchObject({
    state: 'UNDER_REVIEW',
    reason: {
      code: 'UNDER_REVIEW',
      words: expect.stringContaining('says nothing about what is known'),
      policies: [expect.stringMatching(/^hollybank-school\.everything@/), expect.any(String)],
    },
    asOf: null,
  })
  expect(answerOf(reply).contact.telephone).toBeTruthy()
  expect(statesOf(reply)['northshire-police']).toBe('RECORDS_SHOWN')
  const [review, second] = await waiting()
  expect(second).toBeUndefined()
  expect(review).toMatchObject({
    custodian: SCHOOL,
    kinds: expect.arrayContaining(['Suspension or exclusion']),
    purpose: 's47-enquiry',
    threshold: 's47',
    lawfulBasis: { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: 'CA89-47' },
    askedBy: { name: 'Amina Yusuf', role: 'lcpp', agency: 'northshire-council' },
    askedAt: NOON.toISOString(),
    due: '2026-11-21T14:00:00.000Z',
    overdue: false,
    nhsNumber: NUMBER,
  })
})

test('the school is not asked for anything while its person decides', async () => {
  const { eventId } = (await ask('lcpp', 'all-four')).body.extensions.sightline
  const { rows } = await gateway.pool.query(
    "select convert_from(body, 'utf8')::json as record from access_event where event_id = $1",
    [eventId],
  )
  const source = rows[0]?.record.data.disclosure.sources.find(
    (each: { custodian: string }) => each.custodian === SCHOOL,
  )
  expect(source).toMatchObject({ state: 'UNDER_REVIEW', recordTypes: [], n: 0 })
})

test('the same question, six times at once and by a colleague in the case, opens one review', async () => {
  await Promise.all(Array.from({ length: 6 }, () => ask('lcpp', 'all-four')))
  await ask('macpt-education', 'all-four')
  expect(await waiting()).toHaveLength(1)
  await ask('lcpp', 'sealed')
  expect(await waiting()).toHaveLength(2)
})

test('another threshold is another decision', async () => {
  await ask('lcpp', 's17')
  await ask('lcpp', 's17', { purpose: 's17-assessment', consentRecorded: true })
  expect((await waiting()).map((each: { threshold: string }) => each.threshold)).toEqual(['s47', 's17'])
})

test('a reviewer of another agency sees nothing, and decides nothing', async () => {
  await ask('lcpp', 'all-four')
  expect(await waiting('hospital-reviewer')).toEqual([])
  const refused = await decide({ decision: 'SHARE' }, 'hospital-reviewer')
  expect(codeOf(refused)).toBe('REVIEW_UNKNOWN')
  const none = await atDesk('hospital-reviewer', DECIDE, {
    id: '00000000-0000-4000-8000-000000000000',
    decision: 'SHARE',
  })
  expect(none.body.errors[0].message).toBe(refused.body.errors[0].message)
  expect(answerOf(await ask('lcpp', 'all-four')).state).toBe('UNDER_REVIEW')
})

test('she shares it, and the next question in the same session shows it', async () => {
  await ask('lcpp', 'all-four')
  const decided = await decide({ decision: 'SHARE' })
  expect(decided.body.data.decideReview).toMatchObject({
    decision: 'SHARE',
    validUntil: '2026-12-05T12:00:00.000Z',
  })
  const reply = await ask('lcpp', 'all-four')
  expect(answerOf(reply)).toMatchObject({ state: 'RECORDS_SHOWN', notAskedFor: [] })
  const { attendance } = reply.body.data.child.education
  expect(attendance.some((each: { custodian: string }) => each.custodian === SCHOOL)).toBe(true)
  expect(await waiting()).toEqual([])
})

test('a decision holds for two weeks; the next question after that asks anew', async () => {
  await ask('lcpp', 'all-four')
  await decide({ decision: 'SHARE' })
  now = new Date('2026-12-05T11:59:00Z')
  expect(answerOf(await ask('lcpp', 'all-four')).state).toBe('RECORDS_SHOWN')
  now = new Date('2026-12-05T12:00:00Z')
  expect(answerOf(await ask('lcpp', 'all-four')).state).toBe('UNDER_REVIEW')
  expect(await waiting()).toHaveLength(1)
})

test('a review that nobody answered is over after two weeks, and the number is wiped', async () => {
  await ask('lcpp', 'all-four')
  now = new Date('2026-12-05T12:00:00Z')
  expect(await waiting()).toEqual([])
  await ask('lcpp', 'sealed')
  const { rows } = await gateway.pool.query('select count(*)::int as n from review_number')
  expect(rows[0]?.n).toBe(1)
})

describe('a decision not to share', () => {
  beforeEach(async () => {
    await ask('lcpp', 'all-four')
  })

  test.each([
    ['a reason class', { reasonClass: undefined }, 'REASON_CLASS_MISSING'],
    ['a reason class that is on the list', { reasonClass: 'I_WOULD_RATHER_NOT' }, 'REASON_CLASS_UNKNOWN'],
    ['the detriment test', { detriment: undefined }, 'DETRIMENT_TEST_MISSING'],
    [
      'a detriment test that fits the reason',
      { detriment: { moreDetrimental: false, recordedIn: 'HB-1' } },
      'DETRIMENT_TEST_CONTRADICTS',
    ],
    [
      'a reference instead of an account',
      { detriment: { moreDetrimental: true, recordedIn: 'her mother asked us not to' } },
      'RECORDED_IN_INVALID',
    ],
    [
      'a reference without the number of a child',
      { detriment: { moreDetrimental: true, recordedIn: 'HB/9990000018' } },
      'RECORDED_IN_INVALID',
    ],
    ['a word on acknowledging', { acknowledge: undefined }, 'ACKNOWLEDGEMENT_MISSING'],
  ])('without %s is refused, recorded, and changes nothing', async (_what, without, code) => {
    const refused = await decide({ ...DECLINED, ...without })
    expect(codeOf(refused)).toBe(code)
    expect(refused.status).toBe(400)
    expect((await recordOf(refused)).data).toMatchObject({
      operation: { kind: 'mutation', name: 'DecideReview' },
      decision: { effect: 'deny', refusal: code },
    })
    expect(await waiting()).toHaveLength(1)
  })

  test('cannot be written past the gateway either without who, why and the test', async () => {
    const [{ id }] = await waiting()
    const write = (columns: string, values: string) =>
      gateway.pool.query(
        `insert into review_decision (review, event_id, decision, decided_at, valid_until, by_issuer, by_subject,
          by_name, by_agency${columns}) values ($1, $1, 'DO_NOT_SHARE', now(), now(), 'i', 's', 'n', 'a'${values})`,
        [id],
      )
    await expect(write('', '')).rejects.toMatchObject({ code: '23514' })
    await expect(write(', reason_class, acknowledged', ", 'X', false")).rejects.toMatchObject({
      code: '23514',
    })
  })

  test('that is acknowledged is read as withheld, with the reason class and the way to a person', async () => {
    await decide({ ...DECLINED, acknowledge: true })
    expect(answerOf(await ask('lcpp', 'all-four'))).toMatchObject({
      state: 'WITHHELD',
      reason: { code: 'MORE_DETRIMENTAL_TO_SHARE', words: expect.stringContaining('telephone') },
    })
  })

  test('is listed for the IG lead and for her own agency: who, when, why, and the test, and no child', async () => {
    await decide(DECLINED)
    for (const persona of ['ig-lead', 'school-reviewer']) {
      const reply = await atDesk(persona, NOT_SHARED)
      expect(reply.body.data.decisionsNotToShare).toMatchObject([
        {
          custodian: SCHOOL,
          decidedBy: { name: 'Judith Crane', agency: SCHOOL },
          decidedAt: NOON.toISOString(),
          reasonClass: 'MORE_DETRIMENTAL_TO_SHARE',
          detriment: DECLINED.detriment,
          acknowledged: false,
        },
      ])
      expect(reply.text).not.toContain(NUMBER)
      expect(reply.text).not.toContain('Amina')
    }
    expect((await atDesk('hospital-reviewer', NOT_SHARED)).body.data.decisionsNotToShare).toEqual([])
  })

  test('can be changed; what was decided before stays on record', async () => {
    const [{ id }] = await waiting()
    await decide(DECLINED)
    const changed = await atDesk('school-reviewer', DECIDE, { id, decision: 'SHARE' })
    expect(codeOf(changed)).toBeUndefined()
    expect(answerOf(await ask('lcpp', 'all-four')).state).toBe('RECORDS_SHOWN')
    expect((await atDesk('ig-lead', NOT_SHARED)).body.data.decisionsNotToShare).toHaveLength(1)
    const { rows } = await gateway.pool.query('select decision from review_decision order by serial')
    expect(rows.map(({ decision }) => decision)).toEqual(['DO_NOT_SHARE', 'SHARE'])
  })

  test('does not count where its access is not on record', async () => {
    await decide(DECLINED)
    await gateway.pool.query('update review_decision set event_id = gen_random_uuid()')
    expect(answerOf(await ask('lcpp', 'all-four')).state).toBe('UNDER_REVIEW')
    expect((await atDesk('ig-lead', NOT_SHARED)).body.data.decisionsNotToShare).toEqual([])
    expect(await waiting()).toMatchObject([{ nhsNumber: null }])
  })
})

/** Everything in an answer that stands under the school's name. */
function ofTheSchool(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if ('custodian' in value && value.custodian === SCHOOL) return [value]
  return Object.values(value).flatMap(ofTheSchool)
}

test('not shared and not acknowledged reads like a child whom the school does not know, but for ids', async () => {
  await gateway.ask('lcpp', 'all-four')
  await decide(DECLINED)
  await gateway.ask('lcpp', 'nobody')
  await decide({ decision: 'SHARE' })
  const declined = await gateway.ask('lcpp', 'all-four')
  const unknown = await gateway.ask('lcpp', 'nobody')
  expect(answerOf(unknown)).toMatchObject({ state: 'NO_DISCLOSABLE_RECORD', reason: null, notAskedFor: [] })
  expect(ofTheSchool(declined.body)).toEqual(ofTheSchool(unknown.body))
  expect(JSON.stringify(ofTheSchool(declined.body))).toBe(JSON.stringify(ofTheSchool(unknown.body)))
  for (const trace of ['hollybank-school.everything', 'AGENCY_DECIDES', 'UNDER_REVIEW', 'DETRIMENTAL'])
    expect(declined.text).not.toContain(trace)
  const recorded = ofTheSchool(await recordOf(declined))
  expect(recorded).toEqual(ofTheSchool(await recordOf(unknown)))
  expect(recorded).toHaveLength(1)
})

describe('who decides', () => {
  test.each(['lcpp', 'ig-lead', 'it-engineer', 'social-worker'])(
    '%s is refused at the reviewer’s desk, and that is recorded',
    async (persona) => {
      await ask('lcpp', 'all-four')
      const [{ id }] = await waiting()
      for (const refused of [
        await atDesk(persona, REVIEWS),
        await atDesk(persona, DECIDE, { id, decision: 'SHARE' }),
      ]) {
        expect(refused.status).toBe(403)
        expect(codeOf(refused)).toBe('ROLE_MAY_NOT_DO_THIS')
        expect(refused.body.data).toBeUndefined()
        expect((await recordOf(refused)).data.decision.refusal).toBe('ROLE_MAY_NOT_DO_THIS')
      }
    },
  )

  test('a reviewer asks about no child', async () => {
    const refused = await ask('school-reviewer', 'all-four')
    expect(refused.status).toBe(403)
    expect(codeOf(refused)).toBe('ROLE_MAY_NOT_ASK')
  })

  test('nobody decides on her own question', async () => {
    await ask('lcpp', 'all-four')
    await gateway.pool.query(
      "update practitioner set role = 'agency-reviewer', agency = $1 where name = 'Amina Yusuf'",
      [SCHOOL],
    )
    expect(codeOf(await decide({ decision: 'SHARE' }, 'lcpp'))).toBe('OWN_QUESTION')
    expect(await waiting()).toHaveLength(1)
  })

  test('a relative of the child neither sees nor decides it, and is not told that there is anything', async () => {
    await ask('lcpp', 'all-four')
    const [{ id }] = await waiting()
    await gateway.pool.query(
      `insert into child_connection (child, issuer, subject, kind, starts, source)
        select r.child, p.issuer, p.subject, 'relative', $1, 'this test' from review r, practitioner p
        where p.name = 'Judith Crane'`,
      [NOON],
    )
    expect(await waiting()).toEqual([])
    const refused = await atDesk('school-reviewer', DECIDE, { id, decision: 'SHARE' })
    expect(codeOf(refused)).toBe('REVIEW_UNKNOWN')
  })
})

describe('on record', () => {
  test('every step stands in the ledger: the question, the look at the queue, and the decision', async () => {
    const asked = await recordOf(await ask('lcpp', 'all-four'))
    const looked = await recordOf(await atDesk('school-reviewer', REVIEWS))
    const decided = await recordOf(await decide(DECLINED))
    expect(looked.data.operation).toMatchObject({ kind: 'query', name: 'DeskReviews' })
    expect(decided.data).toMatchObject({
      actor: { agency: SCHOOL, role: 'agency-reviewer' },
      operation: { kind: 'mutation', name: 'DecideReview' },
      decision: { effect: 'permit' },
    })
    for (const record of [looked, decided]) expect(record.data.subjects).toEqual(asked.data.subjects)
    expect(JSON.stringify(decided)).not.toMatch(/DETRIMENTAL|DO_NOT_SHARE|HB-2026/)
  })

  test('what rests names no child and nobody who asked, and the number goes with the decision', async () => {
    await ask('lcpp', 'all-four')
    const resting = async () => {
      const { rows } = await gateway.pool.query(
        'select r::text as review, n::text as number from review r left join review_number n on n.review = r.id',
      )
      return JSON.stringify(rows)
    }
    const before = await resting()
    for (const words of [NUMBER, Buffer.from(NUMBER).toString('hex'), 'Amina', 'NS-2026', 'null'])
      expect(before).not.toContain(words)
    await decide({ decision: 'SHARE' })
    expect(await resting()).toContain('"number":null')
  })
})

test('the IG lead can have it explained: what was left to her, by which rule, and nothing to anybody else', async () => {
  const { eventId } = (await ask('lcpp', 'all-four')).body.extensions.sightline
  const explaining = `query ($eventId: ID!) { explanation(eventId: $eventId) {
    bundle notAsked { custodian recordType reason policies } } }`
  const reply = await atDesk('ig-lead', explaining, { eventId })
  expect(reply.body.data.explanation.notAsked).toContainEqual({
    custodian: SCHOOL,
    recordType: 'education.suspension',
    reason: 'UNDER_REVIEW',
    policies: expect.arrayContaining([expect.stringMatching(/^hollybank-school\.suspension@/)]),
  })
  expect(reply.text).not.toContain(NUMBER)
  expect((await recordOf(reply)).data.operation.name).toBe('Explanation')
  const none = await atDesk('ig-lead', explaining, { eventId: '00000000-0000-4000-8000-000000000000' })
  expect(none.body.data.explanation).toBeNull()
  for (const persona of ['lcpp', 'school-reviewer'])
    expect(codeOf(await atDesk(persona, explaining, { eventId }))).toBe('ROLE_MAY_NOT_DO_THIS')
})

describe('one document, one operation of the desk', () => {
  test.each([
    ['two operations', `query { reviews { id } decisionsNotToShare { id } }`, 'ONE_DESK_OPERATION'],
    ['the same one twice', `query { a: reviews { id } b: reviews { id } }`, 'ONE_DESK_OPERATION'],
    ['one behind a fragment', `query { ...F } fragment F on Query { reviews { id } }`, 'ONE_DESK_OPERATION'],
    ['one under a condition', `query { reviews @include(if: true) { id } }`, 'ONE_DESK_OPERATION'],
    [
      'one beside a child',
      `query { reviews { id } child(nhsNumber: "9990000018", reason: { purpose: "p", threshold: S47, caseReference: "c", lawfulBasis: { article6: "a", condition: "c", function: "f" } }) { id } }`,
      'DESK_APART',
    ],
    ['a mutation that is none of the desk’s', `mutation { deleteChild }`, 'READ_ONLY'],
    [
      'another mutation beside one of the desk’s',
      `mutation { decideReview(id: "1", decision: SHARE) { id } deleteChild }`,
      'READ_ONLY',
    ],
    [
      'another mutation behind a fragment, in a document with a query',
      `query A { __typename } mutation B { ...F } fragment F on Mutation { deleteChild }`,
      'READ_ONLY',
    ],
  ])('%s is refused', async (_what, query, code) => {
    expect(codeOf(await atDesk('school-reviewer', query))).toBe(code)
  })

  test('a document that asks for nothing is still answered', async () => {
    expect((await atDesk('school-reviewer', '{ __typename }')).body).toEqual({
      data: { __typename: 'Query' },
    })
  })

  test('the IG lead reads that no emergency waits, and closes none that there is not', async () => {
    const open = await atDesk('ig-lead', '{ emergencyReviews { eventId reason by { name } due } }')
    expect(open.body.data.emergencyReviews).toEqual([])
    const closed = await atDesk(
      'ig-lead',
      'mutation ($id: ID!) { closeEmergencyReview(eventId: $id, finding: JUSTIFIED) { eventId finding } }',
      { id: '00000000-0000-4000-8000-000000000000' },
    )
    expect(codeOf(closed)).toBe('REVIEW_UNKNOWN')
    const refused = await atDesk('school-reviewer', '{ emergencyReviews { eventId } }')
    expect(codeOf(refused)).toBe('ROLE_MAY_NOT_DO_THIS')
  })
})
