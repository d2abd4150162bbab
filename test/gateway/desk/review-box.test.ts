/** What of a review rests encrypted cannot be read without the key, nor be given to another review. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { askerIn, numberIn, sealIn } from '../../../gateway/desk/review-box.ts'
import { sealedBox } from '../../../gateway/ledger/sealed-box.ts'
import { nhsNumber } from '../../../schema/nhs-number.ts'

const box = sealedBox(Buffer.alloc(32, 7), 'review')
const maya = nhsNumber('9990000018')
const amina = {
  ...{
    issuer: 'https://id.example',
    subject: 'a',
    name: 'Amina Yusuf',
    role: 'lcpp',
    agency: 'northshire-council',
  },
}

test('a number and who asked come out as they went in, and stand nowhere in between', () => {
  const sealed = sealIn(box, 'one', { nhsNumber: maya })
  expect(sealed.toString('latin1')).not.toContain(maya)
  expect(numberIn(box, 'one', sealed)).toBe(maya)
  expect(askerIn(box, 'one', sealIn(box, 'one', amina))).toMatchObject(amina)
})

test('what was moved to another review is not opened', () => {
  expect(() => numberIn(box, 'two', sealIn(box, 'one', { nhsNumber: maya }))).toThrow('another review')
})

test('another key opens nothing', () => {
  const other = sealedBox(randomBytes(32), 'review')
  expect(() => numberIn(other, 'one', sealIn(box, 'one', { nhsNumber: maya }))).toThrow()
})
