/** What an agency's clerk typed, read as what the record type declares: exactly, or not at all. */
import { expect, test } from 'vitest'
import { dateIn, fieldIn, instantIn, listIn, momentIn, textIn } from '../../adapters/value.ts'
import { date, decimal, flag, instant, integer, text } from '../../schema/record-type.ts'

const malformed = { name: 'Fault', kind: 'malformed' }

test.each([
  ['2026-03-14', '2026-03-14'],
  ['2026-03-14T22:10:00+00:00', '2026-03-14'],
  ['2026-03', null], // FHIR allows a month alone
  ['  ', null],
  [null, null],
])('the date %j', (value, expected) => {
  expect(dateIn(value)).toBe(expected)
})

test.each(['2026-02-30', '14/03/2026', 'yesterday', '0001-01-01', {}, 20260314])('%j is no date', (value) => {
  expect(() => dateIn(value)).toThrow(expect.objectContaining(malformed))
})

test.each([
  ['2026-03-14T22:10:00Z', '2026-03-14T22:10:00.000Z'],
  ['2026-07-14T22:10:00+01:00', '2026-07-14T21:10:00.000Z'],
  ['2026-07-14 22:10:00.123+01', '2026-07-14T21:10:00.123Z'],
  // without a zone: the clock on the wall in London, in winter and in summer
  ['2026-01-14T22:10', '2026-01-14T22:10:00.000Z'],
  ['2026-07-14T22:10:00', '2026-07-14T21:10:00.000Z'],
])('the time %s', (value, expected) => {
  expect(instantIn(value)).toBe(expected)
  expect(momentIn(value)).toBe(expected)
})

test.each(['2026-03-14T25:00:00Z', '22:10', '2026-03-14T22:10:00+99:00', '2026-13-01T00:00:00Z'])(
  '%s is no time',
  (value) => {
    expect(() => instantIn(value)).toThrow(expect.objectContaining(malformed))
  },
)

test('a text loses what cannot be seen, and keeps its lines', () => {
  expect(textIn(' Seen\u0000 at\u001b[2J home.\r\nSaid \u202e"no".\ud800 ')).toBe(
    'Seen at[2J home.\nSaid "no".',
  )
  expect(textIn(' \u0000 ')).toBeNull()
  expect(textIn(42)).toBe('42')
})

test('a text that is too long is not cut short: half a text could mean the opposite', () => {
  expect(() => textIn('x'.repeat(20_001))).toThrow(expect.objectContaining(malformed))
  expect(() => listIn(Array.from({ length: 201 }, () => 'x'))).toThrow(expect.objectContaining(malformed))
})

test.each([
  [flag('envelope', ''), 'Y', true],
  [flag('envelope', ''), false, false],
  [flag('envelope', ''), 0, false],
  [integer('envelope', ''), '12', 12],
  [decimal('envelope', ''), 62.7, 62.7],
  [date('envelope', ''), '2026-03-14', '2026-03-14'],
  [instant('envelope', ''), '2026-03-14T10:00Z', '2026-03-14T10:00:00.000Z'],
  [text('envelope', ''), ['Ada', 'Flint'], 'Ada, Flint'],
  [text('envelope', '', { list: true }), 'one', ['one']],
  [text('envelope', '', { list: true }), [null, '', 'one'], ['one']],
  [text('envelope', '', { list: true }), [], null],
])('a field reads what stands for it', (field, value, expected) => {
  expect(fieldIn(field, value)).toEqual(expected)
})

test.each([
  [flag('envelope', ''), 'perhaps'],
  [integer('envelope', ''), 1.5],
  [integer('envelope', ''), 'many'],
  [decimal('envelope', ''), 1e300],
  [decimal('envelope', ''), Number.NaN],
  [date('envelope', ''), ['2026-03-14', '2026-03-15']],
  [text('envelope', ''), { reference: 'x' }],
])('a field refuses what cannot stand for it', (field, value) => {
  expect(() => fieldIn(field, value)).toThrow(expect.objectContaining(malformed))
})
