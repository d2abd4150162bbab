/** How far the concern has come decides what is even asked for: the Haringey case, on one child. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import type { Ask } from '../../../../gateway/sharing/policy/decide.ts'
import { effectOf } from '../../../../gateway/sharing/policy/effect.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { mayAsk } from '../../../../gateway/sharing/policy/may-ask.ts'
import { recordTypes } from '../../../../schema/record-types.ts'
import { amina, earlyHelp, grace, policiesDir, record, s17, s47 } from './asked.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(policiesDir)
})

const sectors = ['police', 'health', 'education', 'social-care'] as const

/** Types that may be asked for at a custodian of each sector, for the LCPP. */
function asked(ask: Ask): Record<string, string[]> {
  return Object.fromEntries(
    sectors.map((sector) => [
      sector,
      recordTypes
        .filter((type) => type.sector === sector || type.sector === 'person')
        .filter((type) => mayAsk(bundle, amina, record(sector, type.name), ask).kind === 'ask')
        .map((type) => type.name),
    ]),
  )
}
/** The school decides first about suspensions: `agencies/hollybank-school/`. */
const all = (sector: string) =>
  recordTypes
    .filter((type) => type.sector === sector || type.sector === 'person')
    .map((type) => type.name)
    .filter((name) => name !== 'education.suspension')

test('under section 47 every type of every sector may be asked for, but what an agency keeps back itself', () => {
  expect(asked(s47)).toEqual(Object.fromEntries(sectors.map((sector) => [sector, all(sector)])))
})

test("under section 17 without consent: children's social care, and who is involved, not from the police", () => {
  expect(asked(s17)).toEqual({
    police: [],
    health: ['person.involvement'],
    education: ['person.involvement'],
    'social-care': all('social-care'),
  })
})

test('under section 17 with consent: health and education too, never the police', () => {
  expect(asked({ ...s17, consent: true })).toEqual({
    police: [],
    health: all('health'),
    education: all('education'),
    'social-care': all('social-care'),
  })
})

test('at early help without consent: who is involved from the school alone, as the neighbour has not agreed to it', () => {
  expect(asked(earlyHelp)).toEqual({
    police: [],
    health: [],
    education: ['person.involvement'],
    'social-care': [],
  })
})

test('at early help with consent: identity, who is involved, school life and summaries', () => {
  expect(asked({ ...earlyHelp, consent: true })).toEqual({
    police: [],
    health: ['person.details', 'person.relationship', 'person.involvement', 'health.care-team'],
    education: [
      'person.details',
      'person.relationship',
      'person.involvement',
      'education.enrolment',
      'education.attendance',
      'education.safeguarding-lead',
      'education.summary',
    ],
    'social-care': [],
  })
})

describe('one record of one child', () => {
  test('a domestic-abuse incident is shown under section 47 and not asked for under section 17', () => {
    const incident = record('police', 'police.domestic-abuse')
    expect(effectOf(bundle, amina, incident, s47).kind).toBe('release')
    expect(effectOf(bundle, amina, incident, s17)).toMatchObject({ kind: 'silent' })
    expect(mayAsk(bundle, amina, incident, s17)).toMatchObject({
      kind: 'not-asked',
      reason: 'THRESHOLD_TOO_LOW',
    })
  })

  test('a school record needs the family below section 47, and the reason says so', () => {
    const enrolment = record('education', 'education.enrolment')
    expect(mayAsk(bundle, amina, enrolment, s17)).toMatchObject({
      kind: 'not-asked',
      reason: 'CONSENT_NOT_RECORDED',
    })
    expect(mayAsk(bundle, amina, enrolment, { ...s17, consent: true }).kind).toBe('ask')
  })

  test("the gateway does not open an agency's own records below the threshold either", () => {
    const own = record('education', 'education.enrolment', {
      custodian: 'northshire-education-welfare',
      agency: 'northshire-council',
    })
    expect(mayAsk(bundle, amina, own, s17)).toMatchObject({
      kind: 'not-asked',
      reason: 'CONSENT_NOT_RECORDED',
    })
  })

  test('a relative below section 47: who she is and who is involved, not her records', () => {
    const ask = { ...s17, consent: true }
    const plan = record('social-care', 'social-care.plan', { subject: 'sibling' })
    expect(effectOf(bundle, amina, plan, ask)).toMatchObject({ kind: 'silent' })
    expect(effectOf(bundle, amina, plan, s47).kind).toBe('release')
    const mother = record('social-care', 'person.relationship', { subject: 'adult' })
    expect(effectOf(bundle, amina, mother, s17)).toMatchObject({
      kind: 'release',
      groups: {
        contact: { release: 'none', reason: 'THIRD_PARTY' },
        'third-party': { release: 'full' },
        location: { release: 'partial', reason: 'THIRD_PARTY' },
      },
    })
  })

  test('other people are named under section 47 only', () => {
    const contact = record('social-care', 'social-care.contact')
    expect(effectOf(bundle, amina, contact, s17)).toMatchObject({
      groups: { 'third-party': { release: 'none', reason: 'THIRD_PARTY' } },
    })
    expect(effectOf(bundle, amina, contact, s47)).toMatchObject({
      groups: { 'third-party': { release: 'full' } },
    })
  })

  test('groups that no record could release are not asked for', () => {
    const encounter = record('health', 'health.encounter')
    const lead = mayAsk(bundle, amina, encounter, { ...s47, purpose: 'front-door-triage' })
    expect(lead).toEqual({
      kind: 'ask',
      groups: ['identity', 'location', 'contact', 'third-party', 'professional'],
    })
    expect(mayAsk(bundle, grace, record('police', 'police.intelligence'), s47)).toMatchObject({
      groups: expect.not.arrayContaining(['intelligence']),
    })
  })
})
