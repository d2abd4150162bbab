/**
 * When a task falls due that has one working day: at the same time by the clock on the next working day. Pure.
 * A bank holiday that is not on the list counts as a working day, so a task can fall due too early, never too late.
 */
import { dayAfter, ukDayOf } from '../sharing/policy/uk-day.ts'

const wallClock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/London',
  dateStyle: 'short',
  timeStyle: 'medium',
})

/** Milliseconds by which the clocks of the United Kingdom are ahead of UTC at an instant. */
function aheadOfUtc(instant: Date): number {
  const seconds = Math.floor(instant.getTime() / 1000) * 1000
  return Date.parse(`${wallClock.format(instant).replace(' ', 'T')}Z`) - seconds
}

export function isWorkingDay(day: string, bankHolidays: ReadonlySet<string>): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay()
  return weekday !== 0 && weekday !== 6 && !bankHolidays.has(day)
}

/** @param bankHolidays ISO days. A working day is never a Sunday, so on it no hour is missing and none comes twice. */
export function nextWorkingDay(at: Date, bankHolidays: ReadonlySet<string>): Date {
  const today = ukDayOf(at)
  let day = dayAfter(today)
  while (!isWorkingDay(day, bankHolidays)) day = dayAfter(day)
  const days = Date.parse(`${day}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)
  const sameUtcTime = new Date(at.getTime() + days)
  return new Date(sameUtcTime.getTime() + aheadOfUtc(at) - aheadOfUtc(sameUtcTime))
}
