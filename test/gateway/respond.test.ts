/** Promise 1, no record, no data: whoever asks is told why nothing is shown, by the ledger's own code, and what to do. */
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { answer } from '../../gateway/answer.ts'
import type { House } from '../../gateway/house.ts'
import { withhold } from '../../gateway/respond.ts'
import { Refusal } from '../../schema/refusal.ts'

const told = (error: unknown) => {
  const { status, body } = withhold(error)
  const [{ message, extensions }] = JSON.parse(body).errors
  return { status, message, code: extensions.code, eventId: extensions.eventId }
}

test.each([
  ['LEDGER_UNAVAILABLE', /^the access cannot be recorded, so nothing is shown; try again shortly/],
  ['LEDGER_DEADLINE', /^the access was not recorded in time, so nothing is shown; try again shortly/],
  ['LEDGER_BUSY', /^too many accesses wait to be recorded, so nothing is shown; try again in a moment/],
])('%s is told as such, with 503, no receipt, and what to do', (code, words) => {
  expect(told(new Refusal(code, 'as the ledger says it'))).toEqual({
    ...{ status: 503, code, eventId: null },
    message: expect.stringMatching(words),
  })
  expect(told(new Refusal(code, '')).message).toMatch(/if the child is in danger now ring the agencies$/)
})

test('any other fault is told as a ledger that cannot record, and repeats nothing of it', () => {
  for (const fault of [
    new Error('about 9990000018'),
    new Refusal('RECORD_UNFIT', 'about 9990000018'),
    null,
  ]) {
    expect(told(fault)).toMatchObject({ status: 503, code: 'LEDGER_UNAVAILABLE' })
    expect(told(fault).message).not.toContain('999')
  }
})

test.each(['LEDGER_DEADLINE', 'LEDGER_BUSY'])(
  'an answer that meets %s leaves with that code alone',
  async (code) => {
    const log = pino({ level: 'silent' })
    const refused = async () => {
      throw new Refusal(code, 'as the ledger says it')
    }
    const house = {
      ...{ log, clock: () => new Date('2026-11-21T12:00:00Z'), accessRecord: () => ({}) },
      ...{ ledger: { append: refused }, policies: { current: () => null }, authenticate: refused },
    }
    const asked = {
      authorization: undefined,
      traceparent: undefined,
      body: '',
      delivered: new Promise<never>(() => {}),
    }
    const { status, body } = await answer(asked, house as unknown as House)
    expect({ status, code: JSON.parse(body).errors[0].extensions.code }).toEqual({ status: 503, code })
  },
)
