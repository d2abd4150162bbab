import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyedHash, keyedText, refuseWeakKey } from '../../../gateway/ledger/keyed-hash.ts'

const key = Buffer.alloc(32, 7)
const parts = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array()))

test('every part is hashed behind its length in bytes, so that what is on record can be found again', () => {
  fc.assert(
    fc.property(parts, (given) => {
      const framed = given.flatMap((part) => [Buffer.from(`${Buffer.from(part).length}:`), Buffer.from(part)])
      const by = createHmac('sha256', key).update(
        Buffer.concat([Buffer.from('sightline-record\n'), ...framed]),
      )
      const expected = by.digest()
      expect(keyedHash(key, 'record', ...given)).toEqual(expected)
      expect(keyedText(key, 'record', ...given)).toBe(expected.toString('base64url'))
    }),
  )
})

test('no two uses and no two ways to cut a text give one hash', () => {
  const hashes = [
    keyedText(key, 'record', 'ab', 'c'),
    keyedText(key, 'record', 'a', 'bc'),
    keyedText(key, 'record', 'abc'),
    keyedText(key, 'case', 'abc'),
    keyedText(Buffer.alloc(32, 8), 'record', 'abc'),
  ]
  expect(new Set(hashes).size).toBe(hashes.length)
})

test('a key that could be tried out is refused', () => {
  expect(() => refuseWeakKey(Buffer.alloc(31, 7))).toThrow('at least 32 random bytes')
})
