/** The NHS number, the identifier by which a child is found. Refuses one whose check digit is wrong. */
import { Refusal } from './refusal.ts'

/** Ten digits with a valid check digit, no spaces. */
export type NhsNumber = string & { readonly __brand: 'NhsNumber' }

/** NHS Data Dictionary, NHS NUMBER: weights 10 to 2, check = 11 − (sum mod 11), 11 → 0, 10 is invalid. */
const WEIGHTS = [10, 9, 8, 7, 6, 5, 4, 3, 2] as const

/** FHIR identifier system of the NHS number (NHS England, UK Core). */
export const NHS_NUMBER_SYSTEM = 'https://fhir.nhs.uk/Id/nhs-number'

/** The check digit for nine digits, or null where modulus 11 gives 10 and no NHS number exists. */
export function nhsCheckDigit(nine: string): number | null {
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(nine[place]), 0)
  const check = 11 - (sum % 11)
  return check === 11 ? 0 : check === 10 ? null : check
}

export function isNhsNumber(text: string): text is NhsNumber {
  return /^\d{10}$/.test(text) && nhsCheckDigit(text.slice(0, 9)) === Number(text[9])
}

/** Reads what a person typed: spaces and hyphens between the groups are accepted, nothing else. */
export function nhsNumber(typed: string): NhsNumber {
  const digits = typed.trim().replaceAll(/[\s-]/g, '')
  if (isNhsNumber(digits)) return digits
  throw new Refusal(
    'NHS_NUMBER_INVALID',
    'this is not a valid NHS number; check the ten digits against the source and type them again (nothing was sent to any agency)',
  )
}
