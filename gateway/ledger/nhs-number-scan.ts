/**
 * Finds what could be an NHS number in text that must hold none. Errs towards finding: nine in a hundred other
 * ten-digit numbers pass the check digit too.
 */
import { isNhsNumber } from '../../schema/nhs-number.ts'

/** Ten digits, whole or in groups of 3-3-4 as people write them; not part of a longer number. */
const TEN_DIGITS = /(?<!\d)(\d{3})[-._:/@|+ ]?(\d{3})[-._:/@|+ ]?(\d{4})(?!\d)/g

const MAYBE = /\d{3}[-._:/@|+ ]?\d{3}[-._:/@|+ ]?\d{4}/ // the same without looking round: quick, and nearly always false

export function holdsNhsNumber(text: string): boolean {
  if (text.length < 10 || !MAYBE.test(text)) return false
  for (const [, first, second, third] of text.matchAll(TEN_DIGITS))
    if (isNhsNumber(`${first}${second}${third}`)) return true
  return false
}
