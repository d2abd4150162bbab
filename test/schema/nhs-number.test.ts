import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isNhsNumber, nhsCheckDigit, nhsNumber } from '../../schema/nhs-number.ts'
import { isUpn } from '../../schema/upn.ts'

const nine = fc.stringMatching(/^\d{9}$/)

test('a number from the test range is read, with or without spaces', () => {
  expect(nhsNumber('999 000 0018')).toBe('9990000018')
  expect(nhsNumber(' 999-000-0018 ')).toBe('9990000018')
})

test('one wrong digit is never a valid number, so a slip of the finger asks about nobody', () => {
  fc.assert(
    fc.property(nine, fc.nat({ max: 9 }), fc.integer({ min: 1, max: 9 }), (digits, place, shift) => {
      const check = nhsCheckDigit(digits)
      fc.pre(check !== null)
      const valid = `${digits}${check}`
      const slipped = [...valid]
        .map((digit, at) => (at === place ? String((Number(digit) + shift) % 10) : digit))
        .join('')
      expect(isNhsNumber(valid)).toBe(true)
      expect(isNhsNumber(slipped)).toBe(false)
    }),
  )
})

test('two neighbouring digits swapped are never a valid number', () => {
  fc.assert(
    fc.property(nine, fc.integer({ min: 0, max: 8 }), (digits, place) => {
      const check = nhsCheckDigit(digits)
      fc.pre(check !== null)
      const valid = [...`${digits}${check}`]
      const [one = '', other = ''] = [valid[place], valid[place + 1]]
      fc.pre(one !== other)
      valid[place] = other
      valid[place + 1] = one
      expect(isNhsNumber(valid.join(''))).toBe(false)
    }),
  )
})

test('what is no number is refused with words that do not repeat it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12 }), (typed) => {
      expect(() => nhsNumber(typed)).toThrow(expect.objectContaining({ code: 'NHS_NUMBER_INVALID' }))
      try {
        nhsNumber(typed)
      } catch (error) {
        expect((error as Error).message).not.toContain(typed)
      }
    }),
  )
})

test('a unique pupil number has a check letter', () => {
  expect(isUpn('B801200005001')).toBe(true)
  expect(isUpn('A801200005001')).toBe(false)
})
