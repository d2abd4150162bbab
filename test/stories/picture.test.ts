/** The main job: an LCPP asks about one child and reads in one answer what four sectors may show her. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storyOf } from '../../gateway/local/population/stories.ts'
import { type GatewayUnderTest, openGateway, type Reply, statesOf } from '../gateway-under-test.ts'

let gateway: GatewayUnderTest
let picture: Reply

beforeAll(async () => {
  gateway = await openGateway()
  picture = await gateway.ask('lcpp', 'all-four')
})
afterAll(() => gateway.close())

test('all four sectors answer in one picture', () => {
  expect(picture.status).toBe(200)
  const { child } = picture.body.data
  expect(child.police.protectionNotices.length).toBeGreaterThan(0)
  expect(child.health.encounters.length).toBeGreaterThan(0)
  expect(child.education.attendance.length).toBeGreaterThan(0)
  expect(child.socialCare.contacts.length).toBeGreaterThan(0)
})

test('every custodian of the partnership gives exactly one answer state', () => {
  const states = picture.body.extensions.sightline.custodians.map(
    (each: { custodian: string }) => each.custodian,
  )
  expect(new Set(states).size).toBe(states.length)
  expect(statesOf(picture)).toEqual({
    'northshire-police': 'RECORDS_SHOWN',
    'northshire-childrens-services': 'RECORDS_SHOWN',
    'northshire-hospital': 'RECORDS_SHOWN',
    'northshire-community-health': 'RECORDS_SHOWN',
    'hollybank-school': 'RECORDS_SHOWN',
    'northshire-education-welfare': 'RECORDS_SHOWN',
    'eastmere-childrens-services': 'NO_DISCLOSABLE_RECORD',
    'westvale-college': 'NOT_ASKED',
    'northshire-youth-justice': 'NOT_CONNECTED',
  })
})

test('a custodian without an agreement is not asked, and the reason is told', () => {
  const westvale = picture.body.data.child.custodians.find(
    (each: { custodian: string }) => each.custodian === 'westvale-college',
  )
  expect(westvale.reason.code).toBe('NO_AGREEMENT')
  expect(westvale.contact.telephone).not.toBe('')
})

test('who is involved is named with a telephone number', () => {
  const { involved } = picture.body.data.child
  expect(involved.length).toBeGreaterThan(1)
  for (const involvement of involved) expect(involvement.service ?? involvement.practitioner).toBeTruthy()
  expect(involved.some((each: { telephone: string | null }) => each.telephone)).toBe(true)
})

test('the chronology is merged by event time, and every row names its source', () => {
  const { rows } = picture.body.data.child.chronology
  const times = rows.map((row: { eventTime: string }) => row.eventTime)
  expect(times).toEqual([...times].sort((a, b) => b.localeCompare(a)))
  expect(new Set(rows.map((row: { sector: string }) => row.sector)).size).toBe(4)
  for (const row of rows) expect(row.custodianName).toBeTruthy()
})

test('the chronology says who was not searched, and for which period', () => {
  const { unsearched } = picture.body.data.child.chronology
  const names = unsearched.map((gap: { custodianName: string }) => gap.custodianName).join()
  expect(names).toMatch(/Westvale/)
  expect(names).toMatch(/Youth Justice/i)
})

test('what an agency marked as covert, as handling C or as assessment E stands nowhere in the answer', () => {
  for (const words of storyOf('all-four').neverShown) expect(picture.text).not.toContain(words)
})

test('released intelligence carries its grading', () => {
  const { intelligence } = picture.body.data.child.police
  expect(intelligence.length).toBeGreaterThan(0)
  for (const report of intelligence) {
    expect(report.handlingCode.code).toBe('P')
    expect(report.assessment.code).not.toBe('E')
  }
})

test('each record names the policies that permitted it, and the answer its bundle', () => {
  const { child } = picture.body.data
  expect(child.policyBundle).toMatch(/^sha256:/)
  for (const notice of child.police.protectionNotices)
    expect(notice.policies.join()).toMatch(/access\.macpt-agreement@[0-9a-f]{8}/)
})

test('an answer tells the states even where the question selects none of them', async () => {
  const document = `query Q($nhsNumber: String!, $reason: AccessReason!) {
    child(nhsNumber: $nhsNumber, reason: $reason) { police { crimes { offence } } } }`
  const reply = await gateway.ask('lcpp', 'all-four', { document })
  expect(Object.keys(reply.body.data.child)).toEqual(['police'])
  expect(Object.keys(statesOf(reply))).toHaveLength(9)
  expect(statesOf(reply)['northshire-hospital']).toBe('NOT_ASKED')
})

test('pages of the chronology join without loss, and a foreign cursor shows nothing', async () => {
  const document = `query Q($nhsNumber: String!, $reason: AccessReason!, $after: String) {
    child(nhsNumber: $nhsNumber, reason: $reason) {
      chronology(first: 7, after: $after) { rows { recordId } endCursor hasNextPage } } }`
  const whole = await gateway.ask('lcpp', 'all-four')
  const rows = (reply: Reply) =>
    reply.body.data.child.chronology.rows.map((row: { recordId: string }) => row.recordId)
  const seen: string[] = []
  let after: string | undefined
  for (let page = 0; page < 60; page += 1) {
    const reply = await gateway.ask('lcpp', 'all-four', { document, ...(after ? { extra: { after } } : {}) })
    seen.push(...rows(reply))
    if (!reply.body.data.child.chronology.hasNextPage) break
    after = reply.body.data.child.chronology.endCursor
  }
  expect(seen).toHaveLength(whole.body.data.child.chronology.rows.length)
  expect(new Set(seen).size).toBe(seen.length)
  const foreign = await gateway.ask('lcpp', 'all-four', {
    document,
    extra: { after: 'nobody-gave-this-out' },
  })
  expect(rows(foreign)).toEqual([])
})
