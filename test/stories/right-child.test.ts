/** Promise 3, the right child: content is shown only where the identity is beyond doubt. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storyOf } from '../../gateway/local/population/stories.ts'
import { codeOf, type GatewayUnderTest, openGateway, statesOf } from '../gateway-under-test.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway.close())

test('a wrong check digit is refused, and nothing is sent to any agency', async () => {
  const reply = await gateway.ask('lcpp', 'all-four', { extra: { nhsNumber: '9990000019' } })
  expect(codeOf(reply)).toBe('NHS_NUMBER_INVALID')
  expect(reply.text).not.toContain('9990000019')
})

test("a twin's record under the other twin's number shows nothing, and says that it is unconfirmed", async () => {
  const reply = await gateway.ask('lcpp', 'twin-a')
  expect(statesOf(reply)['hollybank-school']).toBe('IDENTITY_UNCONFIRMED')
  const school = reply.body.data.child.custodians.find(
    (each: { custodian: string }) => each.custodian === 'hollybank-school',
  )
  expect(school.reason.code).toBe('NAME_DIFFERS')
  const [given = ''] = storyOf('twin-b').name.split(' ')
  expect(reply.text).not.toContain(given)
})

test('a custodian that holds another date of birth shows nothing', async () => {
  const reply = await gateway.ask('lcpp', 'dob-clash')
  const doubted = reply.body.data.child.custodians.filter(
    (each: { state: string }) => each.state === 'IDENTITY_UNCONFIRMED',
  )
  expect(doubted).toHaveLength(1)
  expect(doubted[0].reason.code).toBe('DATE_OF_BIRTH_DIFFERS')
  for (const list of Object.values(reply.body.data.child.police as Record<string, { custodian: string }[]>))
    for (const record of list) expect(record.custodian).not.toBe(doubted[0].custodian)
})

test('a stated date of birth that no agency holds confirms nobody', async () => {
  const reply = await gateway.ask('lcpp', 'all-four', { extra: { dateOfBirth: '2001-01-01' } })
  expect(Object.values(statesOf(reply))).not.toContain('RECORDS_SHOWN')
  expect(Object.values(statesOf(reply))).toContain('IDENTITY_UNCONFIRMED')
})

test('a number that nobody holds gives no disclosable record from everyone asked', async () => {
  const reply = await gateway.ask('lcpp', 'nobody')
  const asked = Object.values(statesOf(reply)).filter(
    (state) => !['NOT_ASKED', 'NOT_CONNECTED'].includes(state),
  )
  expect(new Set(asked)).toEqual(new Set(['NO_DISCLOSABLE_RECORD']))
})

test('one child per question: a second one, an alias of one, or a batch is refused', async () => {
  const two = `query Q($nhsNumber: String!, $reason: AccessReason!) {
    one: child(nhsNumber: $nhsNumber, reason: $reason) { id }
    two: child(nhsNumber: "9990000026", reason: $reason) { id } }`
  expect(codeOf(await gateway.ask('lcpp', 'all-four', { document: two }))).toBe('ONE_CHILD_PER_QUESTION')
})

test('where two agencies differ about an address, both are shown side by side', async () => {
  const reply = await gateway.ask('lcpp', 'all-four')
  const { conflicts } = reply.body.data.child.identity
  for (const conflict of conflicts) {
    expect(conflict.values.length).toBeGreaterThan(1)
    for (const value of conflict.values) expect(value.custodianName).toBeTruthy()
  }
})

test('an agency that must decide by hand is under review, and shows nothing', async () => {
  const reply = await gateway.ask('lcpp', 'under-review')
  expect(statesOf(reply)['eastmere-childrens-services']).toBe('UNDER_REVIEW')
})
