import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sealedBox } from '../../../gateway/ledger/sealed-box.ts'
import { key } from './sample.ts'

test('what was sealed comes back as it was, and no two boxes look alike', () => {
  const box = sealedBox(key, 'grounds')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const [one, other] = [box.seal(Buffer.from(bytes)), box.seal(Buffer.from(bytes))]
      expect([...box.open(one)]).toEqual([...bytes])
      expect(one.equals(other)).toBe(false)
    }),
  )
})

test('one altered byte, one cut byte, another use or another key, and nothing is opened', () => {
  const sealed = sealedBox(key, 'grounds').seal(Buffer.from('hospital, adoption, 1'))
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
      const altered = Buffer.from(sealed)
      altered[place] = (altered[place] ?? 0) ^ flip
      expect(() => sealedBox(key, 'grounds').open(altered)).toThrow()
      expect(() => sealedBox(key, 'grounds').open(sealed.subarray(0, place))).toThrow()
    }),
  )
  expect(() => sealedBox(key, 'review').open(sealed)).toThrow()
  expect(() => sealedBox(Buffer.alloc(32, 8), 'grounds').open(sealed)).toThrow()
})

test('a key that could be tried out is refused', () => {
  expect(() => sealedBox(Buffer.from('secret'), 'grounds')).toThrow('at least 32 random bytes')
})
