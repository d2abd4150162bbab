import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { registerFrom } from '../../../gateway/access/register-file.ts'
import { PERSONAS } from '../../../gateway/local/personas.ts'
import { DEFAULT_TODAY, daysBetween } from '../../../gateway/local/population/calendar.ts'
import { fileNames, writePopulation } from '../../../gateway/local/population/generate.ts'
import { NHS_NUMBERS_TO_DEAL, nhsNumbers } from '../../../gateway/local/population/numbers.ts'
import type { Household } from '../../../gateway/local/population/person.ts'
import { type KnownChild, population } from '../../../gateway/local/population/population.ts'
import { northshireRegister } from '../../../gateway/local/population/register.ts'
import { stories, storyOf } from '../../../gateway/local/population/stories.ts'
import { isNhsNumber } from '../../../schema/nhs-number.ts'
import { isUpn } from '../../../schema/upn.ts'

const everyone = [...population({ seed: 7 })]
const many = [...population({ seed: 3, children: 4_000 })]

const told = (id: string): KnownChild => {
  const found = everyone.find(({ child }) => child.story === id)
  if (found === undefined) throw new Error(`no child of story ${id}`)
  return found
}
const bytesOf = (people: Iterable<KnownChild>) => {
  const hash = createHash('sha256')
  for (const known of people) hash.update(JSON.stringify(known))
  return hash.digest('hex')
}

describe('the generator repeats itself', () => {
  test('the same seed, count and day give the same bytes; another seed gives others', () => {
    expect(bytesOf(population({ seed: 7 }))).toBe(bytesOf(everyone))
    expect(bytesOf(population({ seed: 8 }))).not.toBe(bytesOf(everyone))
  })

  test('it gives as many children as were asked for, the stories among them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 400 }), fc.nat(), (children, seed) => {
        const made = [...population({ seed, children })]
        expect(made).toHaveLength(children)
        expect(made.filter(({ child }) => child.story !== null)).toHaveLength(stories.length - 1)
      }),
      { numRuns: 8 },
    )
  })

  test('files hold one line for each child that an agency holds', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sightline-population-'))
    try {
      const counts = await writePopulation({ seed: 7 }, folder)
      const lines = (await readFile(join(folder, fileNames.police), 'utf8')).trimEnd().split('\n')
      expect(lines).toHaveLength(counts.police)
      expect(counts.police).toBe(everyone.filter(({ files }) => files.police !== null).length)
      expect(JSON.parse(lines[0] ?? '').rows.nominal[0].nhs_no).toBe(storyOf('all-four').nhsNumber)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe('the numbers belong to nobody', () => {
  test('every NHS number is of the 999 test range, valid and given once', () => {
    const numbers = many.map(({ child }) => child.nhsNumber)
    expect(numbers.every((number) => number?.startsWith('999') && isNhsNumber(number))).toBe(true)
    expect(new Set(numbers).size).toBe(many.length)
  })

  test('a million children get every number of the range once, and the rest have none', () => {
    const seen = new Set<string>()
    let without = 0
    for (const number of nhsNumbers(1_000_000)) {
      if (number === null) without++
      else seen.add(number)
    }
    expect(seen.size).toBe(NHS_NUMBERS_TO_DEAL)
    expect(without).toBe(1_000_000 - NHS_NUMBERS_TO_DEAL)
    expect(stories.some(({ nhsNumber }) => seen.has(nhsNumber))).toBe(false)
  })

  test('every unique pupil number has a valid check letter and is given once', () => {
    const upns = many.flatMap(({ child }) => child.upn ?? [])
    expect(upns.filter((upn) => !isUpn(upn))).toEqual([])
    expect(new Set(upns).size).toBe(upns.length)
  })

  test('postcodes and telephone numbers are of areas and ranges that are not in use', () => {
    const text = JSON.stringify(many)
    const postcodes = [...text.matchAll(/"postcode":"([A-Z]+)\d/g)].map(([, area]) => area)
    expect(new Set(postcodes)).toEqual(new Set(['NS', 'EM']))
    expect(
      [...text.matchAll(/\b0[127]\d{2,4} ?\d{6}\b/g)].filter(
        ([number]) => !/^(01632 960|07700 900)/.test(number),
      ),
    ).toEqual([])
  })
})

describe('families hold together', () => {
  const households = new Map<number, Household>(many.map(({ household }) => [household.serial, household]))

  test('one to four children, under eighteen, each with a name of their own', () => {
    for (const { children } of households.values()) {
      expect(children.length).toBeGreaterThanOrEqual(1)
      expect(children.length).toBeLessThanOrEqual(4)
      expect(new Set(children.map(({ given }) => given)).size).toBe(children.length)
      for (const { dateOfBirth } of children) {
        expect(daysBetween(dateOfBirth, DEFAULT_TODAY)).toBeGreaterThan(0)
        expect(daysBetween(dateOfBirth, DEFAULT_TODAY)).toBeLessThan(18 * 365.25)
      }
    }
  })

  test('siblings are born apart, twins on one day; a mother was at least sixteen', () => {
    for (const { children, adults } of households.values()) {
      const born = children.map(({ dateOfBirth }) => dateOfBirth).sort()
      for (const [place, date] of born.slice(1).entries()) {
        const apart = daysBetween(born[place] ?? '', date)
        expect(apart === 0 || apart >= 280).toBe(true)
      }
      for (const { twin, dateOfBirth } of children)
        expect(born.filter((date) => date === dateOfBirth).length).toBe(twin ? 2 : 1)
      for (const mother of adults.filter(({ relation }) => relation === 'Mother'))
        expect(daysBetween(mother.dateOfBirth, born[0] ?? '')).toBeGreaterThan(16 * 365)
    }
  })

  test('about three children in a hundred are twins', () => {
    const share = many.filter(({ child }) => child.twin).length / many.length
    expect(share).toBeGreaterThan(0.015)
    expect(share).toBeLessThan(0.05)
  })

  test('nothing happens to a child before birth or after today', () => {
    // what lies elsewhere in time by its nature: births, reviews to come, and how long a member of staff is in post
    const elsewhere = /dob|born|birth|related_dob|review|^from$|entryDate|household|identity/i
    const dates = (value: unknown, key = ''): string[] => {
      if (elsewhere.test(key)) return []
      if (typeof value === 'string') return /^\d{4}-\d\d-\d\d/.test(value) ? [value.slice(0, 10)] : []
      if (typeof value !== 'object' || value === null) return []
      return Object.entries(value).flatMap(([name, inner]) => dates(inner, name))
    }
    const wrong = many.flatMap(({ child, files }) =>
      dates(files)
        .filter((date) => date > DEFAULT_TODAY || date < child.dateOfBirth)
        .map((date) => `${date} for a child born ${child.dateOfBirth}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('agencies know only part, and err', () => {
  test.each([
    ['police', 0.05, 0.35],
    ['childrensServices', 0.1, 0.45],
    ['hospital', 0.3, 0.8],
    ['communityHealth', 0.5, 0.95],
    ['school', 0.2, 0.7],
    ['eastmere', 0.01, 0.2],
  ] as const)('%s holds some of the children', (agency, least, most) => {
    const share = many.filter(({ files }) => files[agency] !== null).length / many.length
    expect(share).toBeGreaterThan(least)
    expect(share).toBeLessThan(most)
  })

  test('some records have an old address, a nickname, no date of birth, or no NHS number', () => {
    const held = many.flatMap(({ child, household, files }) =>
      files.communityHealth ? [{ child, household, identity: files.communityHealth.identity }] : [],
    )
    const errors = {
      address: held.filter(
        ({ household, identity }) =>
          household.formerAddress !== null && identity.address === household.formerAddress,
      ),
      nickname: held.filter(
        ({ child, identity }) => child.nickname !== null && identity.given === child.nickname,
      ),
      birth: held.filter(({ identity }) => identity.dateOfBirth === null),
      number: held.filter(({ identity }) => identity.nhsNumber === null),
      swapped: held.filter(({ child, identity }) => identity.given === child.family),
    }
    for (const [error, found] of Object.entries(errors)) expect(found.length, error).toBeGreaterThan(0)
    const right = held.filter(
      ({ child, identity }) => identity.given === child.given && identity.dateOfBirth === child.dateOfBirth,
    )
    expect(right.length / held.length).toBeGreaterThan(0.8)
  })
})

describe('the stories', () => {
  test('each has its number, and its child is there', () => {
    for (const { id, nhsNumber, name, dateOfBirth } of stories.filter((story) => story.id !== 'nobody')) {
      const { child } = told(id)
      expect({
        nhsNumber: child.nhsNumber,
        name: `${child.given} ${child.family}`,
        dateOfBirth: child.dateOfBirth,
      }).toEqual({ nhsNumber, name, dateOfBirth })
    }
    expect(new Set(stories.map(({ nhsNumber }) => nhsNumber)).size).toBe(stories.length)
    expect(stories.every(({ nhsNumber }) => isNhsNumber(nhsNumber))).toBe(true)
  })

  test('nobody is held under the number of `nobody`, by any agency', () => {
    expect(JSON.stringify(many)).not.toContain(storyOf('nobody').nhsNumber)
  })

  test('what must never be shown does stand in an agency’s record', () => {
    const written = JSON.stringify(everyone.filter(({ child }) => child.story !== null)).toLowerCase()
    for (const { id, neverShown } of stories)
      for (const words of neverShown) expect(written, `${id}: ${words}`).toContain(words.toLowerCase())
  })

  test('the main child has handling P, handling C, assessment E and covert records, and a named referrer', () => {
    const { files } = told('all-four')
    const intelligence = files.police?.rows.intel.map(
      ({ handling, info_assess }) => `${handling}${info_assess}`,
    )
    expect(intelligence).toEqual(['PB', 'CA', 'PE'])
    expect(files.police?.rows.crime.some(({ markers }) => JSON.stringify(markers) === '["CVT"]')).toBe(true)
    expect(files.childrensServices?.rows.contact[0]).toMatchObject({
      referrer_name: 'Mrs P. Haworth',
      restrictions: ['referrer-identity'],
    })
    for (const agency of ['hospital', 'communityHealth', 'school', 'educationWelfare'] as const)
      expect(files[agency], agency).not.toBeNull()
  })

  test('`sealed` and `no-record` are alike to the letter, but for their numbers and one covert police file', () => {
    const alike = (id: string) => {
      const { child, files } = told(id)
      const { police, ...others } = files
      const text = JSON.stringify({ ...others, name: [child.given, child.family, child.dateOfBirth] })
      return text
        .replaceAll(child.nhsNumber ?? '', 'number')
        .replaceAll(/\d{0,6}[78](?=["-])/g, 'reference')
        .replaceAll(/"(child|serial)":[78]\b/g, '$1')
        .replaceAll(`"story":"${id}"`, 'story')
    }
    expect(alike('sealed')).toBe(alike('no-record'))
    expect(told('no-record').files.police).toBeNull()
    const police = told('sealed').files.police
    expect(police?.rows.nominal[0]?.markers).toEqual(['CVT'])
    expect(police?.rows.intel.map(({ markers }) => markers)).toEqual([['CVT']])
  })

  test('the school holds twin A’s number on twin B’s record, of the same day and family name', () => {
    const [a, b] = [told('twin-a'), told('twin-b')]
    expect(b.files.school?.pupil).toMatchObject({
      nhsNumber: a.child.nhsNumber,
      legalForename: 'Jada',
      legalSurname: a.child.family,
      dateOfBirth: a.child.dateOfBirth,
    })
    expect(a.files.school?.pupil.nhsNumber).toBeNull()
    expect(b.files.school?.suspensions.length).toBeGreaterThan(0)
  })

  test('one agency holds another date of birth for `dob-clash`', () => {
    const { child, files } = told('dob-clash')
    expect(files.hospital?.identity).toMatchObject({ nhsNumber: child.nhsNumber })
    expect(files.hospital?.identity.dateOfBirth).not.toBe(child.dateOfBirth)
    expect(files.communityHealth?.identity.dateOfBirth).toBe(child.dateOfBirth)
  })

  test('about two hundred records are in the long chronology', () => {
    const { files } = told('long-chronology')
    const lists = [
      ...Object.values(files.police?.rows ?? {}),
      ...Object.values(files.childrensServices?.rows ?? {}),
      files.hospital?.encounters ?? [],
      files.communityHealth?.encounters ?? [],
      files.communityHealth?.appointments ?? [],
      files.school?.suspensions ?? [],
      files.school?.attendance ?? [],
    ]
    const records = lists.reduce((total, list) => total + list.length, 0)
    expect(records).toBeGreaterThan(190)
    expect(records).toBeLessThan(230)
  })
})

describe('the register of the local authority', () => {
  const register = northshireRegister({ personas: PERSONAS, today: DEFAULT_TODAY })
  const subject = (id: string) => PERSONAS.find((persona) => persona.id === id)?.subject
  const casesOf = (id: string) =>
    register.cases.filter(({ practitioners }) => practitioners.some((one) => one.subject === subject(id)))

  test('the gateway takes it over as it is', () => {
    expect(registerFrom(register, 'northshire')).toEqual(register)
  })

  test('every story has a case, and the LCPP is allocated to it', () => {
    expect(register.cases.map(({ nhsNumber }) => nhsNumber)).toEqual(
      stories.map(({ nhsNumber }) => nhsNumber),
    )
    expect(casesOf('lcpp')).toHaveLength(stories.length)
    expect(register.cases[0]?.reference).toBe('NS-2026-0001')
  })

  test('the social worker has no tie to any child; nor has who audits or runs the service', () => {
    for (const id of ['social-worker', 'ig-lead', 'it-engineer']) expect(casesOf(id), id).toEqual([])
  })

  test('the lapsed LCPP still has cases; her nomination is over', () => {
    expect(casesOf('lapsed-lcpp').length).toBeGreaterThan(0)
    const [nomination] = register.nominations.filter((one) => one.subject === subject('lapsed-lcpp'))
    expect(nomination?.until && nomination.until < DEFAULT_TODAY).toBe(true)
  })

  test('a case is opened for the children of further custodians where they are named', () => {
    const [known] = register.cases
    if (!known) throw new Error('the register has no case')
    const { nhsNumber, givenNames, familyNames, labels } = known
    const others = [{ nhsNumber, givenNames, familyNames, labels, dateOfBirth: '2008-09-20' }]
    expect(
      northshireRegister({ personas: PERSONAS, today: DEFAULT_TODAY, others }).cases.at(-1),
    ).toMatchObject({ reference: 'NS-2026-9001', dateOfBirth: '2008-09-20' })
  })
})
