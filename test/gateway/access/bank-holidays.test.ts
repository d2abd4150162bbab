/** The list of bank holidays is the one that the law gives. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readBankHolidays } from '../../../gateway/access/bank-holidays.ts'

const LIST = fileURLToPath(new URL('../../../policies/bank-holidays.yaml', import.meta.url))

const day = (year: number, month: number, date: number) => new Date(Date.UTC(year, month - 1, date))
const plus = (from: Date, days: number) => new Date(from.getTime() + days * 86_400_000)
const iso = (date: Date) => date.toISOString().slice(0, 10)

/** Gregorian computus, in the form of Meeus, Jones and Butcher. */
function easter(year: number): Date {
  const a = year % 19
  const [b, c] = [Math.floor(year / 100), year % 100]
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  return day(year, Math.floor((h + l - 7 * m + 114) / 31), ((h + l - 7 * m + 114) % 31) + 1)
}

const firstMonday = (from: Date) => plus(from, (8 - from.getUTCDay()) % 7)
const lastMonday = (last: Date) => plus(last, -((last.getUTCDay() + 6) % 7))

/** Banking and Financial Dealings Act 1971, Schedule 1, with the days that are proclaimed every year. */
function byLaw(year: number): string[] {
  const taken = new Set<string>()
  const nextWeekday = (date: Date) => {
    let found = date
    while ([0, 6].includes(found.getUTCDay()) || taken.has(iso(found))) found = plus(found, 1)
    taken.add(iso(found))
  }
  for (const fixed of [
    plus(easter(year), -2),
    plus(easter(year), 1),
    firstMonday(day(year, 5, 1)),
    lastMonday(day(year, 5, 31)),
    lastMonday(day(year, 8, 31)),
  ])
    taken.add(iso(fixed))
  for (const moved of [day(year, 1, 1), day(year, 12, 25), day(year, 12, 26)]) nextWeekday(moved)
  return [...taken].sort()
}

test('every bank holiday of the three years is on the list, and no other day', async () => {
  const listed = [...(await readBankHolidays(LIST))].sort()
  expect(listed).toEqual([2026, 2027, 2028].flatMap(byLaw))
})

test('a list that is missing, or has a day that is none, is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-holidays-'))
  const path = join(folder, 'bank-holidays.yaml')
  await expect(readBankHolidays(path)).rejects.toMatchObject({
    code: 'BANK_HOLIDAYS_INVALID',
    message: expect.stringContaining('is missing'),
  })
  await writeFile(
    path,
    'source: https://www.gov.uk/bank-holidays\nread: 2026-11-21\nengland-and-wales:\n  - { day: 2026-02-30, name: None }\n',
  )
  try {
    await expect(readBankHolidays(path)).rejects.toMatchObject({
      code: 'BANK_HOLIDAYS_INVALID',
      message: expect.stringContaining('england-and-wales.0.day'),
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
