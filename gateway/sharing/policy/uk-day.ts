/** Days as the law counts them: a basis or an agreement begins and ends at midnight in the United Kingdom. */

const calendar = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The day in the United Kingdom at an instant, such as `2026-09-30`. */
export const ukDayOf = (instant: Date): string => calendar.format(instant)

/** The first instant of a UK day: 00:00 UTC in winter, 23:00 UTC of the day before in summer. */
export function startOfUkDay(day: string): Date {
  const utcMidnight = Date.parse(`${day}T00:00:00Z`)
  const summer = new Date(utcMidnight - HOUR)
  return ukDayOf(summer) === day ? summer : new Date(utcMidnight)
}

/** The day after, such as `2028-04-01` for `2028-03-31`. */
export const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString().slice(0, 10)

/** True for a day of the calendar: `2026-02-29` is none. */
export const isDay = (text: string): boolean => {
  const instant = new Date(`${text}T00:00:00Z`)
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(instant.getTime()) &&
    instant.toISOString().startsWith(text)
  )
}
