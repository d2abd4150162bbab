/** Masking: what policy holds back is never in the field, and always told, unless the field holds nothing. */
import { resolve } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { maskFields } from '../../../gateway/sharing/mask.ts'
import type { PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'
import type { Effect, GroupEffect } from '../../../gateway/sharing/policy/effect.ts'
import { loadBundle } from '../../../gateway/sharing/policy/load.ts'
import { type DecidedGroup, decidedGroups } from '../../../schema/data-group.ts'
import { personDetails } from '../../../schema/person.ts'
import { recordTypes } from '../../../schema/record-types.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(resolve(import.meta.dirname, '../../../policies'))
})

type Release = Extract<Effect, { kind: 'release' }>
const releasing = (release: (group: DecidedGroup) => GroupEffect['release']): Release => ({
  kind: 'release',
  policies: [],
  handling: [],
  groups: Object.fromEntries(
    decidedGroups.map((group): [string, GroupEffect] => [
      group,
      { release: release(group), reason: 'THIRD_PARTY', policies: ['p@1'] },
    ]),
  ) as Record<DecidedGroup, GroupEffect>,
})

const MARK = 'must not be shown'

test('a field of a group that is not released holds nothing and is told, in every record type', () => {
  for (const type of recordTypes)
    for (const hidden of decidedGroups) {
      const values = Object.fromEntries(
        Object.entries(type.fields).map(([name, { list }]) => [name, list ? [MARK] : MARK]),
      )
      const { fields, masked } = maskFields(
        bundle,
        type,
        values,
        releasing((group) => (group === hidden ? 'none' : 'full')),
      )
      for (const [name, { group, list }] of Object.entries(type.fields)) {
        expect(fields[name]).toEqual(group === hidden ? (list ? [] : null) : values[name])
        expect(masked.some(({ field }) => field === name)).toBe(group === hidden)
      }
    }
})

test('a postcode is shown as its district, a date of birth as its year, and both are told as partial', () => {
  const values = {
    postcode: 'NS3 4QD',
    dateOfBirth: '2014-03-14',
    address: '14 Saltmarsh Lane',
    givenName: 'Maya',
  }
  const { fields, masked } = maskFields(
    bundle,
    personDetails,
    values,
    releasing(() => 'partial'),
  )
  expect(fields).toMatchObject({ postcode: 'NS3', dateOfBirth: '2014', address: null, givenName: null })
  const forms = Object.fromEntries(masked.map(({ field, form }) => [field, form]))
  expect(forms).toMatchObject({
    postcode: 'partial',
    dateOfBirth: 'partial',
    address: 'hidden',
    givenName: 'hidden',
  })
})

test('a partial form never gives more than a district or a year, whatever stands in the field', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (postcode, dateOfBirth) => {
      const { fields } = maskFields(
        bundle,
        personDetails,
        { postcode, dateOfBirth },
        releasing(() => 'partial'),
      )
      expect(fields.postcode === null || /^[A-Z]{1,2}\d[A-Z\d]?$/i.test(String(fields.postcode))).toBe(true)
      expect(fields.dateOfBirth === null || /^\d{4}$/.test(String(fields.dateOfBirth))).toBe(true)
    }),
  )
})

test('a field that holds nothing is not told; one that was not asked for is', () => {
  const { masked } = maskFields(
    bundle,
    personDetails,
    { givenName: null, otherNames: [] },
    releasing(() => 'none'),
  )
  const told = masked.map(({ field }) => field)
  expect(told).not.toContain('givenName')
  expect(told).not.toContain('otherNames')
  expect(told).toContain('familyName')
})
