/** A system that gives single fields is asked for those that may be shown, list by list, and for no others. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { documentReader } from '../../adapters/answer-document.ts'
import { readCustodians } from '../../adapters/configuration.ts'
import type { RestFile } from '../../adapters/custodian-file.ts'
import type { Need } from '../../adapters/needs.ts'
import type { Place } from '../../adapters/places.ts'
import { addressOf } from '../../adapters/rest/address.ts'
import { type Fields, fieldsAsked, requestNeeds } from '../../adapters/rest/fields.ts'
import { type DecidedGroup, decidedGroups } from '../../schema/data-group.ts'
import { nhsNumber } from '../../schema/nhs-number.ts'
import { Refusal } from '../../schema/refusal.ts'
import { answerWith, askedOf, only } from './documents.ts'
import { MAYA } from './serve.ts'

const FOLDER = join(import.meta.dirname, '../../adapters/custodians')
const given = { get: (_: object, name: string) => (/URL$/.test(name) ? 'http://127.0.0.1:1/a' : 'a') }
/** Fills every setting, so that the files can be read without their systems. */
const settings = new Proxy<Record<string, string>>({}, given)

let files: Readonly<Record<string, RestFile>> = {}
beforeAll(async () => {
  const env = new Proxy(settings, {
    get: (_, name: string) => (/DATABASE/.test(name) ? 'postgres://a:b@127.0.0.1:1/a' : settings[name]),
  })
  const read = await readCustodians([FOLDER], env)
  files = Object.fromEntries(read.flatMap(({ file }) => (file.kind === 'rest' ? [[file.id, file]] : [])))
})

function at(id: string): { file: RestFile; request: RestFile['requests'][number]; needs: readonly Need[] } {
  const file = files[id]
  const request = file?.requests[0]
  if (file === undefined || request === undefined) throw new Error(`${id} was not read`)
  return { file, request, needs: requestNeeds(file).needs }
}

type Asked = readonly { readonly name: string; readonly groups: readonly DecidedGroup[] }[]
const fieldsOf = (id: string, asked: Asked): Record<string, readonly string[]> => {
  const { request, needs } = at(id)
  return Object.fromEntries(fieldsAsked(request, needs, asked))
}

describe('what a school is asked for', () => {
  const who = [
    'chosenForename',
    'dateOfBirth',
    'id',
    'legalForename',
    'legalSurname',
    'middleNames',
    'nhsNumber',
  ]

  test('of a suspension without account and names: its envelope and its sensitivity', () => {
    const asked = fieldsOf('hollybank-school', [{ name: 'education.suspension', groups: [] }])
    expect(asked).toEqual({
      pupils: [...who, 'sensitivity'],
      suspensions: ['id', 'reasons', 'recordedAt', 'sensitivity', 'sessions', 'startDate', 'type'],
    })
  })

  test('the account and the other pupils only where they may be shown', () => {
    const suspension = (...groups: DecidedGroup[]) =>
      fieldsOf('hollybank-school', [{ name: 'education.suspension', groups }]).suspensions
    expect(suspension('narrative')).toContain('account')
    expect(suspension('narrative')).not.toContain('otherPupils')
    expect(suspension('third-party')).toContain('otherPupils')
    expect(suspension('third-party')).not.toContain('account')
  })

  test('what a percentage is worked out from', () => {
    const { attendance } = fieldsOf('hollybank-school', [{ name: 'education.attendance', groups: [] }])
    expect(attendance).toEqual(
      expect.arrayContaining(['attendedSessions', 'possibleSessions', 'unauthorisedSessions']),
    )
  })

  test('where the child lives only where that may be shown', () => {
    const details = (...groups: DecidedGroup[]) =>
      fieldsOf('hollybank-school', [{ name: 'person.details', groups }]).pupils
    expect(details('identity')).not.toContain('address')
    expect(details('location')).toContain('address')
  })

  test('each list in a parameter of its own', () => {
    const { request, needs } = at('hollybank-school')
    const asked = [{ name: 'education.sen', groups: decidedGroups }]
    const fields = fieldsAsked(request, needs, asked)
    const address = addressOf(
      new URL('https://a.example'),
      request,
      { nhsNumber: MAYA },
      ['education.sen'],
      fields,
    )
    expect([...address.searchParams]).toEqual([
      ['nhsNumber', MAYA],
      ['include', 'sen'],
      ['fields[pupils]', [...who, 'sensitivity'].join(',')],
      ['fields[sen]', 'ehcpReviewDue,id,primaryNeed,provision,recordedAt,sensitivity,startDate'],
    ])
  })
})

describe('what education welfare is asked for', () => {
  const address = (asked: Asked) => {
    const { request, needs } = at('northshire-education-welfare')
    const names = asked.map(({ name }) => name)
    const fields = fieldsAsked(request, needs, asked)
    return addressOf(new URL('https://a.example'), request, { nhsNumber: MAYA }, names, fields).searchParams
  }

  test('the kinds of entry that may be shown, and of them the fields', () => {
    const asked = address([{ name: 'education.sen', groups: [] }])
    expect(asked.get('kinds')).toBe('ehcp')
    expect(asked.get('entryFields')?.split(',')).not.toContain('need')
    expect(asked.get('childFields')).toBe('dob,forename,nhs,ref,restrictions,surname')
  })

  test('no entry at all, in so many words, where none may be shown', () => {
    const asked = address([{ name: 'person.details', groups: ['identity'] }])
    expect(asked.get('kinds')).toBe('none')
    expect(asked.get('childFields')?.split(',')).toContain('upn')
  })
})

/** As the system does it: of the objects of a list, the fields that are named, and the lists within it. */
function sparse(value: unknown, here: Place, fields: Fields, lists: ReadonlyMap<string, Place>): unknown {
  if (Array.isArray(value)) return value.map((each) => sparse(each, here, fields, lists))
  if (typeof value !== 'object' || value === null) return value
  const same = (place: Place) =>
    place.length === here.length && place.every((key, step) => key === here[step])
  const list = [...lists].find(([, place]) => same(place))?.[0]
  const named = list === undefined ? undefined : (fields.get(list) ?? [])
  const inside = new Set([...lists.values()].flatMap((place) => place.slice(here.length, here.length + 1)))
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => named === undefined || named.includes(key) || inside.has(key))
      .map(([key, below]) => [key, sparse(below, [...here, key], fields, lists)]),
  )
}

test.each(['hollybank-school', 'northshire-education-welfare'])(
  '%s: whatever field is left out changes nothing of what may be shown',
  async (id) => {
    const { file, request, needs } = at(id)
    if (request.fieldSelection === 'none') throw new Error(`${id} cannot be asked for single fields`)
    const lists = new Map(
      Object.entries(request.fieldSelection.of).map(([list, path]) => [
        list,
        [request.name, ...path.split('.')],
      ]),
    )
    const read = documentReader(file)
    const places = needs.flatMap((need) => need.places)
    const labels = fc.constant(['adoption'])
    const answers = answerWith(places, {
      sensitivity: labels,
      restrictions: labels,
      kind: fc.constantFrom('register', 'attendance-case', 'ehcp', 'officer'),
    })
    const outcome = (answer: unknown, recordTypes: Asked) =>
      read(answer, { nhsNumber: nhsNumber(MAYA), recordTypes }).catch((error: Error) => error.message)
    let understood = 0
    await fc.assert(
      fc.asyncProperty(answers, askedOf(Object.keys(file.records)), async (answer, asked) => {
        const whole = only(answer, [...places, ...lists.values()])
        const part = sparse(whole, [], fieldsAsked(request, needs, asked), lists)
        const [expected, got] = [await outcome(whole, asked), await outcome(part, asked)]
        if (typeof expected !== 'string') understood += 1
        expect(got).toEqual(expected)
      }),
      { numRuns: 200 },
    )
    expect(understood).toBeGreaterThan(50)
  },
)

const FILE = `
id: a-school
name: A School
agency: a-school
sector: education
kind: rest
contact: { name: The lead, telephone: 01632 960001 }
identityEvidence: demographics
connection: { baseUrl: '\${A_URL}' }
requests:
  - name: all
    path: '/pupils?n={nhsNumber}'
    fieldSelection: { parameter: 'fields[{list}]', of: { pupils: people, sen: people.sen } }
person: { from: all.people, localId: id, nhsNumber: number }
records:
  education.sen: { from: all.people.sen, sourceId: id, fields: { need: need } }
`

describe('a file that cannot be pruned stops the start', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'school-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function faultsIn(yaml: string): Promise<readonly string[]> {
    await writeFile(join(folder, 'a.yaml'), yaml)
    const refused = await readCustodians([folder], { A_URL: 'https://a.example' }).catch(
      (error: unknown) => error,
    )
    return refused instanceof Refusal ? refused.message.split('\n').slice(1) : []
  }

  test('one that can is read', async () => {
    expect(await faultsIn(FILE)).toEqual([])
  })

  test.each([
    [
      'a list that nothing reads',
      ['sen: people.sen', 'sen: people.needs'],
      'requests.all.fieldSelection: nothing here reads `all.people.needs`; take `sen` out, or correct its path',
    ],
    [
      'several lists in one parameter',
      ["'fields[{list}]'", 'fields'],
      'requests.all.fieldSelection.parameter: several lists need `{list}` in it, as in `fields[{list}]`',
    ],
    [
      'a whole list that is read',
      ['need: need', 'need: $string($)'],
      'records.education.sen.fields.need: `all.people.sen` would be read whole; name the single fields beneath it',
    ],
    [
      'an expression of which nobody can tell',
      ['need: need', "need: '*'"],
      'records.education.sen.fields.need: `*` does not say beforehand what it reads (it uses `*`); write it with plain paths, or fieldSelection: none',
    ],
    [
      'no word on it',
      [/\n {4}fieldSelection: .*/, ''],
      'requests.0.fieldSelection: write `{ parameter: …, of: … }`, so that only the fields that may be shown are asked for, or `none` where the system cannot do that',
    ],
  ] as const)('%s', async (_, [before, after], expected) => {
    expect(await faultsIn(FILE.replace(before, () => after))).toEqual([`a.yaml: ${expected}`])
  })

  test('what cannot be told does not matter where the system gives everything anyway', async () => {
    const whole = FILE.replace(/fieldSelection: .*/, 'fieldSelection: none').replace(
      'need: need',
      "need: '*'",
    )
    expect(await faultsIn(whole)).toEqual([])
  })
})
