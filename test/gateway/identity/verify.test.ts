/** The right child: what one custodian holds is this child's only where nothing speaks against it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PersonHeld } from '../../../adapters/contract.ts'
import { type Evidence, verifyIdentity } from '../../../gateway/identity/verify.ts'
import { nameWords } from '../../../schema/person-name.ts'

const NUMBER = '9990000018'
const child = { given: ['maya', 'rose'], family: ['okafor', 'reid'], born: '2014-03-14' }

const evidence: Evidence = {
  nhsNumber: NUMBER,
  bornOn: (date) => date === child.born,
  hasGivenName: (word) => child.given.includes(word),
  hasFamilyName: (word) => child.family.includes(word),
  saidGiven: null,
  saidFamily: null,
}

const held = (person: Partial<PersonHeld> = {}): PersonHeld => ({
  localId: 'L1',
  nhsNumber: NUMBER,
  givenNames: ['Maya Rose'],
  familyNames: ['Okafor-Reid'],
  dateOfBirth: child.born,
  labels: [],
  ...person,
})

const byDemographics = { identityEvidence: 'demographics' } as const
const byTracedNumber = { identityEvidence: 'traced-number' } as const
const verdict = (person: PersonHeld, custodian: Parameters<typeof verifyIdentity>[0] = byDemographics) =>
  verifyIdentity(custodian, [person], evidence)
const unconfirmed = (why: string) => ({ kind: 'unconfirmed', why })

describe('verified', () => {
  test.each([
    ['names and date of birth as the case states them', {}],
    ['one of two given names', { givenNames: ['Maya'] }],
    ['a nickname beside the name that the case states', { givenNames: ['May', 'Maya Rose'] }],
    ['capitals and accents', { givenNames: ['MAYÁ'], familyNames: ['OKAFOR'] }],
    ['a former family name among several', { familyNames: ['Smith', 'Reid'] }],
  ])('%s', (_what, person) => {
    expect(verdict(held(person))).toEqual({ kind: 'verified' })
  })

  test('a traced number alone, where the agency attests it and holds no details', () => {
    expect(verdict(held({ givenNames: [], familyNames: [], dateOfBirth: null }), byTracedNumber)).toEqual({
      kind: 'verified',
    })
  })
})

describe('unconfirmed', () => {
  test.each([
    [
      'a twin: same number, family name and date of birth, another given name',
      { givenNames: ['Zara'] },
      'NAME_DIFFERS',
    ],
    [
      'a shared first name with another second one, as twins may have',
      { givenNames: ['Maya Grace'] },
      'NAME_DIFFERS',
    ],
    ['another family name', { familyNames: ['Dunmore'] }, 'NAME_DIFFERS'],
    ['another date of birth', { dateOfBirth: '2014-04-13' }, 'DATE_OF_BIRTH_DIFFERS'],
    ['no date of birth', { dateOfBirth: null }, 'DATE_OF_BIRTH_MISSING'],
    ['no name', { givenNames: [] }, 'NAME_MISSING'],
    ['another number than was asked for', { nhsNumber: '9990000026' }, 'ANOTHER_NUMBER_RETURNED'],
  ])('%s', (_what, person, why) => {
    expect(verdict(held(person))).toEqual(unconfirmed(why))
  })

  test('two people under one number, even if one of them fits', () => {
    expect(verifyIdentity(byDemographics, [held(), held({ localId: 'L2' })], evidence)).toEqual(
      unconfirmed('SEVERAL_PEOPLE_UNDER_THIS_NUMBER'),
    )
  })

  test('a traced number whose details clash', () => {
    expect(verdict(held({ dateOfBirth: '2010-01-01' }), byTracedNumber)).toEqual(
      unconfirmed('DATE_OF_BIRTH_DIFFERS'),
    )
    expect(verdict(held({ givenNames: ['Zara'] }), byTracedNumber)).toEqual(unconfirmed('NAME_DIFFERS'))
  })
})

test('whoever is verified has a name and a date of birth that the case stated, whatever else is held', () => {
  const name = fc.constantFrom(
    'Maya',
    'Rose',
    'Zara',
    'Okafor',
    'Reid',
    'Dunmore',
    '',
    '  ',
    'Máya',
    'O’Kafor',
  )
  const person = fc.record({
    givenNames: fc.array(name, { maxLength: 3 }),
    familyNames: fc.array(name, { maxLength: 3 }),
    dateOfBirth: fc.constantFrom(null, child.born, '2014-03-15'),
  })
  fc.assert(
    fc.property(person, (given) => {
      if (verdict(held(given)).kind !== 'verified') return
      expect(given.dateOfBirth).toBe(child.born)
      const whole = (name: string, stated: readonly string[]) => {
        const words = nameWords(name)
        return words.length > 0 && words.every((word) => stated.includes(word))
      }
      expect(given.givenNames.some((name) => whole(name, child.given))).toBe(true)
      expect(given.familyNames.some((name) => whole(name, child.family))).toBe(true)
    }),
  )
})

test('what the person asking states can only narrow', () => {
  const asking = (saidGiven: string[] | null, saidFamily: string[] | null = null) =>
    verifyIdentity(byDemographics, [held()], { ...evidence, saidGiven, saidFamily }).kind
  expect(asking(['maya'])).toBe('verified')
  expect(asking(null, ['reid'])).toBe('verified')
  expect(asking(['zara'])).toBe('unconfirmed')
  expect(
    verifyIdentity(byDemographics, [held({ givenNames: ['Zara'] })], {
      ...evidence,
      saidGiven: ['zara'],
      saidFamily: null,
    }).kind,
  ).toBe('unconfirmed')
})
