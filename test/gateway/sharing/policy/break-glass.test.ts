/** Emergency access opens what no agreement and no case would, to those who have the right, and lifts no seal. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import { effectOf } from '../../../../gateway/sharing/policy/effect.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { mayAsk } from '../../../../gateway/sharing/policy/may-ask.ts'
import { recordTypes } from '../../../../schema/record-types.ts'
import {
  amina,
  daniel,
  emergency,
  grace,
  helen,
  olive,
  policiesDir,
  priya,
  record,
  ruth,
  s47,
  samuel,
  tom,
} from './asked.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(policiesDir)
})

/** A college with which nobody has an agreement. */
const enrolment = record('education', 'education.enrolment', {
  custodian: 'westvale-college',
  agency: 'westvale-college',
})
const see = (...[who, ask]: [Parameters<typeof effectOf>[1], Parameters<typeof effectOf>[3]]) =>
  effectOf(bundle, who, enrolment, ask)

describe('an emergency that was opened by right', () => {
  test('shows the LCPP and a social worker on duty what no agreement and no case would', () => {
    for (const who of [amina, ruth, daniel]) {
      expect(see(who, emergency).kind).toBe('release')
      expect(see(who, { ...emergency, breakGlass: false })).toMatchObject({ kind: 'silent' })
      expect(see(who, { ...s47, caseLive: true })).toMatchObject({ kind: 'silent' })
    }
  })

  test('is no right of any other role', () => {
    for (const who of [tom, grace, helen, samuel, priya, olive])
      expect(see(who, emergency)).toMatchObject({ kind: 'silent' })
  })

  test.each([
    ['for another purpose', { purpose: 'strategy-discussion' }],
    ['below section 47', { threshold: 's17' }],
    ['without vital interests under Article 6', { bases: ['GDPR-6-1-e', 'GDPR-9-2-c', 'CA89-47'] }],
    ['without vital interests under Article 9', { bases: ['GDPR-6-1-d', 'GDPR-9-2-g', 'CA89-47'] }],
  ])('opens nothing %s', (_, change) => {
    expect(see(amina, { ...emergency, ...change })).toMatchObject({ kind: 'silent' })
  })

  test('does not wait for a lapsed training, which closes everything else', () => {
    const untrained = { ...amina, trained: false }
    expect(see(untrained, emergency).kind).toBe('release')
    const crime = record('police', 'police.crime')
    expect(effectOf(bundle, untrained, crime, s47)).toMatchObject({ kind: 'silent' })
    expect(mayAsk(bundle, untrained, crime, s47)).toMatchObject({
      kind: 'not-asked',
      reason: 'TRAINING_LAPSED',
    })
  })
})

test('vital interests open nothing outside an emergency, at her own agency neither', () => {
  const ask = { ...s47, bases: emergency.bases }
  const own = record('social-care', 'social-care.plan', { agency: 'northshire-council' })
  expect(effectOf(bundle, amina, own, s47).kind).toBe('release')
  expect(effectOf(bundle, amina, own, ask)).toMatchObject({ kind: 'silent' })
  for (const { name, sector } of recordTypes) {
    if (sector === 'person') continue
    expect(mayAsk(bundle, amina, record(sector, name), ask)).toMatchObject({ kind: 'not-asked' })
  }
})
