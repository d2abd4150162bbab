/**
 * Reads the bank holidays of England and Wales. Refuses a list that is missing or has any fault: a wrong day would
 * move a review.
 */
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'

const BankHolidays = z.strictObject({
  source: z.url(),
  read: z.iso.date(),
  'england-and-wales': z.array(z.strictObject({ day: z.iso.date(), name: z.string().min(3) })).min(1),
})

/** @returns ISO days */
export async function readBankHolidays(path: string): Promise<ReadonlySet<string>> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Refusal(
      'BANK_HOLIDAYS_INVALID',
      'bank-holidays.yaml is missing from the folder of policies; copy the one that Sightline brings along',
    )
  })
  const read = BankHolidays.safeParse(parse(text))
  if (read.success) return new Set(read.data['england-and-wales'].map(({ day }) => day))
  const faults = read.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`)
  throw new Refusal('BANK_HOLIDAYS_INVALID', `bank-holidays.yaml cannot be used:\n${faults.join('\n')}`)
}
