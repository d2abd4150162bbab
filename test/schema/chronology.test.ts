/** The chronology: by event time, with its gaps, and with cursors that hidden records cannot shift. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chronologyPage, chronologyRows, nobodySearched, unsearchedPeriods } from '../../schema/chronology.ts'
import { conflictsIn } from '../../schema/identity-conflict.ts'
import type { CustodianAnswer, Period, ShownRecord } from '../../schema/picture.ts'

const record = (id: string, eventTime: string | null, more: Partial<ShownRecord> = {}): ShownRecord => ({
  id,
  type: 'police.crime',
  custodian: 'northshire-police',
  custodianName: 'Northshire Police',
  agency: 'northshire-police',
  sector: 'police',
  system: 'records',
  eventTime,
  recordedTime: null,
  assertion: 'FACT',
  subjectCategory: null,
  about: 'child',
  handling: [],
  fields: {},
  masked: [],
  policies: [],
  ...more,
})
const picture = (records: ShownRecord[]) => ({ eventId: 'e', askedAt: '', bundle: '', answers: [], records })
const answer = (searched: Period | null): CustodianAnswer => ({
  custodian: 'c',
  name: 'C',
  agency: 'c',
  sector: 'police',
  state: searched === null ? 'DID_NOT_ANSWER' : 'RECORDS_SHOWN',
  words: 'did not answer',
  reason: null,
  alsoWithheld: [],
  notAskedFor: [],
  contact: { name: '', telephone: '', email: null, emergencyTelephone: null },
  asOf: null,
  fresh: null,
  searched,
})

const day = fc
  .integer({ min: 0, max: 4_000 })
  .map((days) => new Date(Date.UTC(2015, 0, 1 + days)).toISOString().slice(0, 10))

test('paging shows every row once, newest first, whatever the page size', () => {
  fc.assert(
    fc.property(fc.array(day, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), (days, size) => {
      const rows = chronologyRows(picture(days.map((each, place) => record(`r${place}`, each))), {})
      const seen: string[] = []
      let after: string | null = null
      for (;;) {
        const page = chronologyPage(rows, size, after)
        seen.push(...page.rows.map(({ cursor }) => cursor))
        if (!page.hasNextPage) break
        after = page.endCursor
      }
      expect(seen).toEqual(rows.map(({ cursor }) => cursor))
      expect(rows.map(({ eventTime }) => eventTime)).toEqual([...days].sort().reverse())
    }),
  )
})

test('a day within the filter is shown, to the edges', () => {
  const rows = chronologyRows(
    picture(['2026-01-01', '2026-01-31', '2026-02-01'].map((each, n) => record(`r${n}`, each))),
    {
      from: '2026-01-01',
      until: '2026-01-31',
    },
  )
  expect(rows.map(({ eventTime }) => eventTime)).toEqual(['2026-01-31', '2026-01-01'])
})

test('identity details are no events, and what has no date is not put at a date', () => {
  const rows = chronologyRows(
    picture([record('a', '2026-01-01', { type: 'person.details' }), record('b', null)]),
    {},
  )
  expect(rows).toEqual([])
})

test('a masked field is in no summary', () => {
  const masked = [
    { field: 'offence', form: 'hidden' as const, reason: { code: 'X', words: '', policies: [] } },
  ]
  const [row] = chronologyRows(
    picture([record('a', '2026-01-01', { fields: { offence: null }, masked })]),
    {},
  )
  expect(row?.summary).toBeNull()
})

test('a day that nobody searched lies in a period that is told, and no other day does', () => {
  const period = fc.tuple(day, day).map(([a, b]) => (a < b ? { from: a, until: b } : { from: b, until: a }))
  fc.assert(
    fc.property(fc.array(period, { maxLength: 6 }), day, (periods, probe) => {
      const searched = periods.some(({ from, until }) => probe > from && probe < until)
      const told = nobodySearched(periods.map(answer)).some(
        ({ from, until }) => (from === null || probe > from) && (until === null || probe < until),
      )
      if (searched) expect(told).toBe(false)
      const onEdge = periods.some(({ from, until }) => probe === from || probe === until)
      if (!searched && !onEdge) expect(told).toBe(true)
    }),
  )
})

test('a custodian that did not answer is among those who were not searched, with its state in words', () => {
  expect(unsearchedPeriods([answer(null)])).toMatchObject([
    { from: null, until: null, why: 'did not answer' },
  ])
})

test('values that differ are side by side; case, spaces and commas make no conflict; a masked value takes no part', () => {
  const held = (custodian: string, fields: ShownRecord['fields'], masked: ShownRecord['masked'] = []) =>
    record(custodian, null, { type: 'person.details', custodian, custodianName: custodian, fields, masked })
  expect(
    conflictsIn([
      held('a', { address: '1 High St, Northshire' }),
      held('b', { address: '1 HIGH ST NORTHSHIRE' }),
    ]),
  ).toEqual([])
  expect(
    conflictsIn([held('a', { postcode: 'NS1 1AA' }), held('b', { postcode: 'NS2 2BB' })])[0],
  ).toMatchObject({
    field: 'postcode',
    values: [
      { custodian: 'a', value: 'NS1 1AA' },
      { custodian: 'b', value: 'NS2 2BB' },
    ],
  })
  const partly = [
    { field: 'postcode', form: 'partial' as const, reason: { code: 'X', words: '', policies: [] } },
  ]
  expect(conflictsIn([held('a', { postcode: 'NS1 1AA' }), held('b', { postcode: 'NS2' }, partly)])).toEqual(
    [],
  )
})
