import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../gateway/canonical-json.ts'

const anyJson = fc.jsonValue({ maxDepth: 6 })

test('any value is written byte for byte as a second implementation of RFC 8785 writes it', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      expect(canonicalJson(value)).toBe(canonicalize(value))
    }),
    { numRuns: 2_000 },
  )
})

test('a value whose names stand in order already is written as the second implementation writes it', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      const canonical = canonicalize(value)
      expect(canonicalJson(JSON.parse(canonical ?? ''))).toBe(canonical)
    }),
    { numRuns: 2_000 },
  )
})

test('any text and any number are written as the second implementation writes them', () => {
  const texts = fc.string({ unit: 'binary' })
  const numbers = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(fc.dictionary(texts, fc.oneof(texts, numbers)), (value) => {
      expect(canonicalJson(value)).toBe(canonicalize(value))
    }),
    { numRuns: 5_000 },
  )
})

// The examples of RFC 8785, sections 3.2.2 and 3.2.3, and some of the numbers of its appendix B
test.each([
  [
    String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  ],
  [
    String.raw`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`,
    `{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}`,
  ],
  [
    '[-0,5e-324,1.7976931348623157e308,9007199254740992,295147905179352830000]',
    '[0,5e-324,1.7976931348623157e+308,9007199254740992,295147905179352830000]',
  ],
])('the examples of the RFC come out as the RFC writes them', (given, canonical) => {
  expect(canonicalJson(JSON.parse(given))).toBe(canonical)
})

const circle: unknown[] = []
circle.push(circle)

test.each([
  ['nothing', undefined],
  ['a number that is not finite', { n: Number.POSITIVE_INFINITY }],
  ['no number', [Number.NaN]],
  ['a whole number beyond what JSON can tell', { n: 1n }],
  ['half a surrogate pair', ['\ud800']],
  ['half a pair after a backslash', ['\\\ud800']],
  ['half a pair in a name', { '\udc00': 1 }],
  ['two halves the wrong way round', '\udc00\ud800'],
  ['a function', { f: () => 1 }],
  ['a circle', circle],
])('%s has no canonical form and is refused', (_what, value) => {
  expect(() => canonicalJson(value)).toThrow()
})

test.each([
  ['a moment', { at: new Date(0), b: 1 }, '{"at":"1970-01-01T00:00:00.000Z","b":1}'],
  ['what is not there, in an object', { a: undefined, b: 1 }, '{"b":1}'],
  ['what is not there, in a list', [undefined, 1], '[null,1]'],
  ['numbers as names', { 9: 'a', 10: 'b' }, '{"10":"b","9":"a"}'],
  ['a name that objects have of their own', JSON.parse('{"__proto__":1,"a":2}'), '{"__proto__":1,"a":2}'],
  ['deeper than anybody writes', JSON.parse(`${'[{"b":1,"a":'.repeat(40)}1${'}]'.repeat(40)}`), null],
])('%s is written as the library writes it', (_what, value, canonical) => {
  expect(canonicalJson(value)).toBe(canonical ?? canonicalize(value))
})

test('text that only looks like half a pair is text', () => {
  expect(canonicalJson('\\ud800')).toBe('"\\\\ud800"')
  expect(canonicalJson('\\\\udfff')).toBe('"\\\\\\\\udfff"')
})

test('a fault never tells what stands in the value', () => {
  for (const value of [{ Ashdown: () => 'Ashdown' }, { Ashdown: Number.NaN }, { Ashdown: '\ud800' }])
    expect(() => canonicalJson(value)).not.toThrow(/Ashdown/)
})
