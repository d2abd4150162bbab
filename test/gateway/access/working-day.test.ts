/** One working day to review an emergency: the same time by the clock, weekends and bank holidays left out. */

import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBankHolidays } from '../../../gateway/access/bank-holidays.ts'
import { isWorkingDay, nextWorkingDay } from '../../../gateway/access/working-day.ts'
import { dayAfter, ukDayOf } from '../../../gateway/sharing/policy/uk-day.ts'

const LIST = fileURLToPath(new URL('../../../policies/bank-holidays.yaml', import.meta.url))
const bankHolidays = await readBankHolidays(LIST)
const due = (at: string, holidays = bankHolidays) => nextWorkingDay(new Date(at), holidays).toISOString()

const EXAMPLES: readonly [what: string, at: string, due: string][] = [
  ['a Tuesday: the next day', '2026-11-24T09:30:00Z', '2026-11-25T09:30:00.000Z'],
  ['a Friday: Monday', '2026-11-20T16:45:00Z', '2026-11-23T16:45:00.000Z'],
  ['a Saturday: Monday', '2026-11-21T12:00:00Z', '2026-11-23T12:00:00.000Z'],
  ['the day before Good Friday: Tuesday after Easter', '2026-04-02T10:00:00Z', '2026-04-07T10:00:00.000Z'],
  ['Christmas Eve: after the substitute for Boxing Day', '2026-12-24T15:00:00Z', '2026-12-29T15:00:00.000Z'],
  ['a Friday before the clocks go forward', '2027-03-19T10:00:00Z', '2027-03-22T10:00:00.000Z'],
  ['over the clocks going forward, an hour sooner', '2026-03-27T10:00:00Z', '2026-03-30T09:00:00.000Z'],
  ['over the clocks going back, an hour later', '2026-10-23T09:00:00Z', '2026-10-26T10:00:00.000Z'],
  ['an hour that comes twice: the one of Monday', '2026-10-25T01:30:00Z', '2026-10-26T01:30:00.000Z'],
  ['half past midnight in summer is of the new day', '2026-07-01T23:30:00Z', '2026-07-02T23:30:00.000Z'],
]
test.each(EXAMPLES)('opened on %s', (_what, at, expected) => {
  expect(due(at)).toBe(expected)
})

test('a year of which no bank holiday is known leaves out weekends only: too early is safe, too late is not', () => {
  expect(due('2031-12-24T15:00:00Z')).toBe('2031-12-25T15:00:00.000Z')
})

describe('at any moment', () => {
  const moment = fc.date({
    min: new Date('2026-01-01T00:00:00Z'),
    max: new Date('2028-12-30T00:00:00Z'),
    noInvalidDate: true,
  })
  /** Saturdays and Sundays around the changes of the clocks, minute by minute. */
  const aroundChange = fc
    .constantFrom('2026-03-29', '2026-10-25', '2027-03-28', '2027-10-31', '2028-03-26', '2028-10-29')
    .chain((day) =>
      fc.integer({ min: -2880, max: 1440 }).map((minutes) => new Date(Date.parse(day) + minutes * 60_000)),
    )
  const any = fc.oneof(moment, aroundChange)
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/London',
    timeStyle: 'medium',
  })

  test('it falls due on a working day, at the same time by the clock', () => {
    fc.assert(
      fc.property(any, (at) => {
        const then = nextWorkingDay(at, bankHolidays)
        expect(isWorkingDay(ukDayOf(then), bankHolidays)).toBe(true)
        expect(clock.format(then)).toBe(clock.format(at))
        expect(then.getUTCMilliseconds()).toBe(at.getUTCMilliseconds())
      }),
      { numRuns: 2_000 },
    )
  })

  test('no working day lies between, and it is never due on the day itself', () => {
    fc.assert(
      fc.property(any, (at) => {
        const last = ukDayOf(nextWorkingDay(at, bankHolidays))
        let day = dayAfter(ukDayOf(at))
        expect(day <= last).toBe(true)
        for (; day < last; day = dayAfter(day)) expect(isWorkingDay(day, bankHolidays)).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a bank holiday that is missing from the list never makes it later', () => {
    fc.assert(
      fc.property(any, fc.subarray([...bankHolidays]), (at, known) => {
        expect(+nextWorkingDay(at, new Set(known))).toBeLessThanOrEqual(+nextWorkingDay(at, bankHolidays))
      }),
    )
  })
})
