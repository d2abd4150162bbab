/** Another agency's record is shown while an agreement covers it, and for as long. */
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type Agreement,
  agreementFor,
  overlaps,
  stateOf,
} from '../../../../gateway/sharing/policy/agreement.ts'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import { effectOf } from '../../../../gateway/sharing/policy/effect.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { mayAsk } from '../../../../gateway/sharing/policy/may-ask.ts'
import { startOfUkDay, ukDayOf } from '../../../../gateway/sharing/policy/uk-day.ts'
import { amina, daniel, policiesDir, record, ruth, s17, s47 } from './asked.ts'

let bundle: PolicyBundle
let police: Agreement
beforeAll(async () => {
  bundle = await loadBundle(policiesDir)
  police = row('NS-POL-2026')
})

function row(id: string): Agreement {
  const found = bundle.agreements.find((agreement) => agreement.id === id)
  if (!found) throw new Error(`no agreement ${id}`)
  return found
}
const withPolice = (change: Partial<Agreement>): PolicyBundle => ({
  ...bundle,
  agreements: bundle.agreements.map((agreement) =>
    agreement === police ? { ...police, ...change } : agreement,
  ),
})
const crime = record('police', 'police.crime')

describe('the agreement with the police', () => {
  test('covers a crime under section 47', () => {
    expect(effectOf(bundle, amina, crime, s47).kind).toBe('release')
  })

  test('suspended shows nothing, and the question says why it was not asked', () => {
    const suspended = withPolice({ suspended: true })
    expect(effectOf(suspended, amina, crime, s47)).toMatchObject({ kind: 'silent' })
    expect(mayAsk(suspended, amina, crime, s47)).toMatchObject({
      kind: 'not-asked',
      reason: 'AGREEMENT_SUSPENDED',
    })
  })

  test.each([
    ['2026-04-12T22:59:59.999Z', 'AGREEMENT_NOT_STARTED'],
    ['2026-04-12T23:00:00.000Z', null],
    ['2028-03-31T22:59:59.999Z', null],
    ['2028-03-31T23:00:00.000Z', 'AGREEMENT_EXPIRED'],
  ])('holds on its days in the United Kingdom: %s gives %s', (now, reason) => {
    const ask = { ...s47, now: new Date(now) }
    if (reason) expect(mayAsk(bundle, amina, crime, ask)).toMatchObject({ kind: 'not-asked', reason })
    else expect(mayAsk(bundle, amina, crime, ask).kind).toBe('ask')
    expect(effectOf(bundle, amina, crime, ask).kind).toBe(reason ? 'silent' : 'release')
  })

  test.each([
    [{ recordTypes: ['police.summary'] }, 'RECORD_TYPE_NOT_COVERED'],
    [{ purposes: ['case-oversight'] }, 'PURPOSE_NOT_COVERED'],
    [{ bases: ['GDPR-6-1-e', 'CA89-47'] }, 'LAWFUL_BASIS_NOT_COVERED'],
    [{ thresholds: ['s17'] }, 'THRESHOLD_NOT_COVERED'],
    [{ recipients: ['northshire-hospital'] }, 'NO_AGREEMENT'],
  ])('that covers only %o does not cover the question: %s', (change, reason) => {
    const narrower = withPolice(change)
    expect(effectOf(narrower, amina, crime, s47)).toMatchObject({ kind: 'silent' })
    expect(mayAsk(narrower, amina, crime, s47)).toMatchObject({ kind: 'not-asked', reason })
  })

  test('a question without any lawful basis is covered by none', () => {
    expect(effectOf(bundle, amina, crime, { ...s47, bases: [] })).toMatchObject({ kind: 'silent' })
  })
})

describe('who is not covered', () => {
  test('a college without an agreement is not asked', () => {
    const college = { custodian: 'westvale-college', agency: 'westvale-college', sector: 'education' }
    const kind = { ...college, recordType: 'education.enrolment' }
    expect(mayAsk(bundle, amina, kind, s47)).toMatchObject({ kind: 'not-asked', reason: 'NO_AGREEMENT' })
  })

  test.each([
    [ruth, { ...s47 }, 'NOT_A_MACPT_MEMBER'],
    [daniel, { ...s47 }, 'NOT_A_MACPT_MEMBER'],
    [amina, { ...s47, caseLive: false }, 'NO_CASE_RELATIONSHIP'],
  ])('whoever has no nomination or no case is told so', (who, ask, reason) => {
    expect(mayAsk(bundle, who, crime, ask)).toMatchObject({ kind: 'not-asked', reason })
  })

  test('the neighbouring authority answers from section 17 upwards', () => {
    const plan = record('social-care', 'person.involvement')
    expect(mayAsk(bundle, amina, plan, s17).kind).toBe('ask')
    const early = { ...s17, threshold: 'early-help', purpose: 'front-door-triage' }
    expect(mayAsk(bundle, amina, plan, early)).toMatchObject({
      kind: 'not-asked',
      reason: 'THRESHOLD_NOT_COVERED',
    })
  })
})

describe('the row that applies', () => {
  const on = new Date('2027-01-01T00:00:00Z')
  const older = { starts: startOfUkDay('2024-04-01'), expires: startOfUkDay('2026-04-13'), id: 'OLD' }

  test('is the one in force, else the last that ended, else the next to start', () => {
    const both = { agreements: [police, { ...police, ...older }] }
    const find = (now: Date) =>
      agreementFor(both, 'northshire-police', 'northshire-police', 'northshire-council', now)?.id
    expect(find(on)).toBe('NS-POL-2026')
    expect(find(startOfUkDay('2026-04-12'))).toBe('OLD')
    expect(find(startOfUkDay('2030-01-01'))).toBe('NS-POL-2026')
    expect(find(startOfUkDay('2020-01-01'))).toBe('OLD')
  })

  test('is of that custodian and that recipient', () => {
    const find = (custodian: string, recipient: string) =>
      agreementFor(bundle, 'northshire-council', custodian, recipient, on)?.id
    expect(find('northshire-childrens-services', 'northshire-police')).toBe('NS-LA-2026')
    expect(find('northshire-youth-justice', 'northshire-police')).toBeUndefined()
    expect(find('northshire-childrens-services', 'hollybank-school')).toBeUndefined()
  })

  test('two rows that follow each other do not overlap, and one day more does', () => {
    const before = { ...police, ...older }
    expect(overlaps([police, before])).toEqual([])
    const late = { ...before, expires: startOfUkDay('2026-04-14') }
    expect(overlaps([police, late])).toEqual([[police, late]])
    expect(overlaps([police, { ...late, recipients: ['hollybank-school'] }])).toEqual([])
  })

  test('every agreement of Northshire is in force on the day of these examples', () => {
    for (const agreement of bundle.agreements) expect(stateOf(agreement, s47.now)).toBe('in-force')
    expect(bundle.agreements.length).toBe(10)
  })
})

test('a day begins at midnight in the United Kingdom, summer and winter', () => {
  expect(startOfUkDay('2026-07-01').toISOString()).toBe('2026-06-30T23:00:00.000Z')
  expect(startOfUkDay('2026-12-01').toISOString()).toBe('2026-12-01T00:00:00.000Z')
  for (const day of ['2026-03-29', '2026-03-30', '2026-10-25', '2026-10-26']) {
    const start = startOfUkDay(day)
    expect(ukDayOf(start)).toBe(day)
    expect(ukDayOf(new Date(start.getTime() - 1))).not.toBe(day)
  }
})
