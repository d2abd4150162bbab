/** Days and moments relative to the day on which a population is made. All in UTC; no clock is read. */
import type { Random } from './random.ts'

/** The day on which the fictional partnership stands still unless another is given. */
export const DEFAULT_TODAY = '2026-11-21'

const DAY = 86_400_000 // milliseconds

/** ISO date `days` before (or, if negative, after) an ISO date. */
export const daysBefore = (date: string, days: number): string =>
  new Date(Date.parse(date) - days * DAY).toISOString().slice(0, 10)

export const daysAfter = (date: string, days: number): string => daysBefore(date, -days)

/** An instant on that date, such as `at('2026-03-14', '21:40')`. */
export const at = (date: string, time: string): string => `${date}T${time}:00Z`

export const daysBetween = (from: string, until: string): number =>
  Math.round((Date.parse(until) - Date.parse(from)) / DAY)

const two = (number: number) => String(number).padStart(2, '0')

/** An instant at a chance minute between the two hours. */
export const during = (date: string, random: Random, fromHour: number, untilHour: number): string =>
  at(date, `${two(random.between(fromHour, untilHour - 1))}:${two(random.between(0, 59))}`)

/** `hours` later than an instant. */
export const hoursAfter = (instant: string, hours: number): string =>
  `${new Date(Date.parse(instant) + hours * 3_600_000).toISOString().slice(0, 19)}Z`

/** Whole years between birth and the day. */
export function ageOn(dateOfBirth: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(dateOfBirth.slice(0, 4))
  return day.slice(5) < dateOfBirth.slice(5) ? years - 1 : years
}

/** The year in which the academic year of that day began, on 1 September. */
export function academicYear(day: string): number {
  const year = Number(day.slice(0, 4))
  return day.slice(5) >= '09-01' ? year : year - 1
}

/** Year group in England: reception is 0, the year of the fifth birthday. */
export const yearGroup = (dateOfBirth: string, day: string): number =>
  academicYear(day) - academicYear(dateOfBirth) - 5
