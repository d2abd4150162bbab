/** The desk from a terminal: what waits, a decision, and what the IG lead reads of it. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { explainCommand } from '../../../gateway/commands/explain.ts'
import { reviewCommand } from '../../../gateway/commands/review.ts'
import { reviewsCommand } from '../../../gateway/commands/reviews.ts'
import { type GatewayUnderTest, openGateway, statesOf } from '../../gateway-under-test.ts'
import { askingAt, printed } from './printed.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await openGateway()
  askingAt(gateway)
})
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  vi.unstubAllEnvs()
  await gateway.close()
})

const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/

test('from the question to the decision, on one screen each', async () => {
  expect(await printed(reviewsCommand(), '--as', 'school-reviewer')).toBe(
    'Nothing waits for a decision of your agency.\n',
  )
  const asked = await gateway.ask('lcpp', 'all-four')
  expect(statesOf(asked)['hollybank-school']).toBe('RECORDS_SHOWN')

  const waiting = await printed(reviewsCommand(), '--as', 'school-reviewer')
  expect(waiting).toContain('Suspension or exclusion · hollybank-school · due 21 Nov 2026, 14:00')
  expect(waiting).toContain('NHS number 999 000 0018')
  expect(waiting).toContain('asked 21 Nov 2026, 12:00 by Amina Yusuf (lcpp, northshire-council)')
  const id = ID.exec(waiting)?.[0] ?? ''

  const test = ['--reason-class', 'NEEDS_A_CONVERSATION', '--detrimental', 'no', '--recorded-in', 'HB-2026/7']
  const decision = [id, '--do-not-share', ...test, '--do-not-acknowledge', '--as', 'school-reviewer']
  expect(await printed(reviewCommand(), ...decision)).toBe(
    'decided: not shared in this case, from the next question until 5 Dec 2026, 12:00\n',
  )
  const audited = await printed(reviewsCommand(), '--as', 'ig-lead')
  expect(audited).toContain('No emergency access waits for its review.')
  expect(audited).toContain('decided 21 Nov 2026, 12:00 by Judith Crane, until 5 Dec 2026, 12:00')
  expect(audited).toContain(
    'to share is not more detrimental to the child; reasoning in HB-2026/7; not acknowledged',
  )
  expect(audited).not.toContain('999')

  const shared = [id, '--share', '--as', 'school-reviewer']
  expect(await printed(reviewCommand(), ...shared)).toContain('decided: shared in this case')
  const again = await gateway.ask('lcpp', 'all-four')
  const { suspensions } = again.body.data.child.education
  expect(suspensions.map((each: { custodian: string }) => each.custodian)).toContain('hollybank-school')
})

test('an IG lead has an access explained by its receipt; without one she is told where to look', async () => {
  const asked = await gateway.ask('lcpp', 'all-four')
  const receipt = asked.body.extensions.sightline.eventId
  const explained = await printed(explainCommand(), receipt, '--as', 'ig-lead')
  expect(explained).toContain(asked.body.data.child.policyBundle)
  expect(explained).not.toContain('999')
  const unknown = printed(explainCommand(), '00000000-0000-4000-8000-000000000000', '--as', 'ig-lead')
  await expect(unknown).rejects.toMatchObject({ code: 'NOTHING_DECIDED' })
})

test.each([
  ['neither share nor not', ['x', '--as', 'school-reviewer'], 'DECISION_NEEDED'],
  [
    'half a detriment test',
    ['x', '--do-not-share', '--detrimental', 'yes', '--as', 'school-reviewer'],
    'DETRIMENT_TEST_MISSING',
  ],
  ['no reason class', ['x', '--do-not-share', '--as', 'school-reviewer'], 'REASON_CLASS_MISSING'],
  ['no review', ['x', '--share', '--as', 'school-reviewer'], 'REVIEW_UNKNOWN'],
  ['another role', ['x', '--share', '--as', 'lcpp'], 'ROLE_MAY_NOT_DO_THIS'],
])('%s: nothing is decided, and the reader is told why', async (_what, args, code) => {
  await expect(printed(reviewCommand(), ...args)).rejects.toMatchObject({ code })
})
