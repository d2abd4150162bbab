/** What a practitioner reads on a terminal: every gap named, nothing in the machine's words, no line too wide. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printedPicture } from '../../../gateway/commands/print-picture.ts'
import { type Json, WIDTH } from '../../../gateway/commands/print-value.ts'
import { type AnswerState, answerStates } from '../../../schema/answer-state.ts'
import { sectors } from '../../../schema/record-type.ts'
import { recordTypes } from '../../../schema/record-types.ts'
import { sectorNames } from '../../../schema/sector-schema.ts'

const ASKED = { nhsNumber: '9990000018', purpose: 's47-enquiry', caseReference: 'NS-2026-0001' }
const STATES = Object.keys(answerStates) as AnswerState[]
const SILENT: readonly AnswerState[] = ['NOT_ASKED', 'UNDER_REVIEW', 'DID_NOT_ANSWER', 'NOT_CONNECTED']

const answer = (name: string, state: AnswerState, over: Json = {}): Json => ({
  custodian: name.toLowerCase().replaceAll(' ', '-'),
  name,
  sector: 'police',
  state,
  words: answerStates[state],
  reason: null,
  alsoWithheld: [],
  asOf: '2026-08-20T23:30:00Z',
  fresh: true,
  searched: { from: '2008-04-01', until: '2026-08-20' },
  contact: { name: 'Duty desk', telephone: '01632 960410', emergencyTelephone: null },
  ...over,
})

const record = (custodianName: string, over: Json = {}): Json => ({
  custodian: custodianName.toLowerCase().replaceAll(' ', '-'),
  custodianName,
  eventTime: null,
  recordedTime: null,
  assertion: 'FACT',
  subjectCategory: null,
  handling: [],
  masked: [],
  ...over,
})

const child = (over: Json = {}): Json => ({
  id: 'receipt-1',
  askedAt: '2026-11-21T12:00:00Z',
  custodians: [answer('Northshire Police', 'RECORDS_SHOWN')],
  identity: { details: [], conflicts: [] },
  household: [],
  involved: [],
  chronology: { rows: [], hasNextPage: false, unsearched: [], nobodySearched: [] },
  police: {},
  health: {},
  education: {},
  socialCare: {},
  ...over,
})

const crimes = (...records: Json[]) => child({ police: { crimes: records } })
const printed = (of: Json) => printedPicture(of, ASKED)
/** Wrapped lines joined again: where a line breaks is not what is promised. */
const read = (of: Json) => printed(of).replaceAll(/\s+/g, ' ')

test('the child, the case and the purpose stand above the answer, with the receipt', () => {
  expect(printed(child()).split('\n').slice(0, 3)).toEqual([
    'OFFICIAL-SENSITIVE. Shown to you for this case only, and recorded.',
    'NHS number 999 000 0018 · case NS-2026-0001 · s47-enquiry',
    'Asked 21 Nov 2026, 12:00; all times are UK times · receipt receipt-1',
  ])
})

test('above the addresses stands whom to ring, where somebody who could know of a refuge was not heard', () => {
  const shown = {
    identity: { details: [record('GP practice', { address: '1 High Street' })], conflicts: [] },
  }
  const whereaboutsUnchecked = [{ name: 'Northshire Police' }]
  const caution = 'nobody knows whether it is confidential: Northshire Police.'
  expect(read(child({ ...shown, whereaboutsUnchecked }))).toContain(caution)
  expect(read(child({ ...shown, whereaboutsUnchecked: [] }))).not.toContain('confidential')
  // where no address is shown, there is nothing to be careful with
  expect(read(child({ whereaboutsUnchecked }))).not.toContain(caution)
})

test('each custodian stands under its one answer state, with whom to ring', () => {
  const custodians = STATES.map((state) => answer(`Agency ${state}`, state))
  const lines = printed(child({ custodians })).split('\n')
  const section = lines.slice(lines.indexOf('Who answered'), lines.indexOf('Who the child is'))
  for (const state of STATES) {
    const place = section.findIndex((line) => line.startsWith(`${state}: `))
    const next = section.slice(place).find((line) => line.startsWith('  • '))
    expect(next).toContain(`Agency ${state}`)
  }
  expect(section.filter((line) => line.includes('ring Duty desk, 01632 960410'))).toHaveLength(STATES.length)
})

test('the last words say how many custodians answered of how many, and name those who did not', () => {
  const custodians = STATES.map((state) => answer(`Agency ${state}`, state))
  const lines = printed(child({ custodians })).split('\n')
  const tally = lines.findIndex((line) => line.startsWith('4 of 8 custodians answered.'))
  const named = lines.slice(tally + 1).map((line) => line.trim().split(/\s{2,}/))
  expect(named.sort()).toEqual(SILENT.map((state) => [state, `Agency ${state}`]).sort())
})

test('a sector without a record is there, with the state of each of its custodians and the reason', () => {
  const reason = { code: 'NO_AGREEMENT', words: 'there is no sharing agreement; turn to the contact' }
  const custodians = [
    answer('Northshire Hospital', 'DID_NOT_ANSWER', { sector: 'health' }),
    answer('Community Health', 'NOT_ASKED', { sector: 'health', reason }),
  ]
  const health = read(child({ custodians })).split('HEALTH')[1]?.split('EDUCATION')[0]
  expect(health).toContain('No record to show.')
  expect(health).toContain(
    'Northshire Hospital · DID_NOT_ANSWER: did not answer in time or failed; this says nothing about what is known',
  )
  expect(health).toContain(
    'Community Health · NOT_ASKED: there is no sharing agreement; turn to the contact [NO_AGREEMENT]',
  )
})

test('a custodian that did not answer is named in its sector although another shows records there', () => {
  const custodians = [
    answer('Northshire Police', 'RECORDS_SHOWN'),
    answer('Eastmere Police', 'DID_NOT_ANSWER'),
  ]
  const police = { crimes: [record('Northshire Police', { offence: 'Theft' })] }
  const section = read(child({ custodians, police })).split('POLICE')[1]?.split('HEALTH')[0]
  expect(section).toContain('Missing here, and why: Eastmere Police · DID_NOT_ANSWER')
  expect(section).toContain('Offence Theft')
  expect(section).not.toContain('No record to show.')
})

test('kinds of record that a custodian was not asked for are named in its sector, also where it shows others', () => {
  const reason = { code: 'CONSENT_NOT_RECORDED', words: "only with the family's agreement" }
  const notAskedFor = [{ kinds: ['Crime', 'Custody record'], reason }]
  const custodians = [answer('Northshire Police', 'RECORDS_SHOWN', { notAskedFor })]
  const police = { missingEpisodes: [record('Northshire Police', { placeFound: 'Westvale' })] }
  const [answers, section] = read(child({ custodians, police })).split('POLICE')
  expect(answers).toContain('not asked for every kind of record; its sector below says for which')
  expect(section).toContain(
    "Missing here, and why: Northshire Police was not asked for crime, custody record: only with the family's agreement [CONSENT_NOT_RECORDED]",
  )
})

test('a record without a date is named beneath the chronology', () => {
  const undated = [{ recordType: 'police.summary', custodianName: 'Example Police' }]
  expect(read(child({ chronology: { rows: [], undated } }))).toContain(
    'Shown above without a date: Police summary (Example Police)',
  )
})

test.each(SILENT)('a custodian in state %s never reads as if nothing were known', (state) => {
  const custodians = [answer('Eastmere Police', state, { searched: null, asOf: null })]
  const text = read(child({ custodians }))
  expect(text).not.toMatch(/nothing is held|no disclosable record|NO_DISCLOSABLE/i)
  expect(text).toContain('0 of 1 custodians answered. The others say nothing about what they know:')
})

test('times are told by the clock in London, also across midnight in summer', () => {
  const text = read(
    crimes(
      record('Northshire Police', {
        eventTime: '2026-08-17T23:30:00Z',
        recordedTime: '2026-12-01T09:05:00+00:00',
      }),
    ),
  )
  expect(text).toContain('• 18 Aug 2026, 00:30 · fact · recorded 1 Dec 2026, 09:05')
  expect(text).toContain('data as of 21 Aug 2026, 00:30')
})

test('a date stays that day, and a year that is all that may be shown stays a year', () => {
  const relative = record('Northshire Police', { relationship: 'Mother', dateOfBirth: '1990' })
  const text = read(
    child({ household: [relative], police: { crimes: [record('P', { outcomeDate: '2026-03-29' })] } }),
  )
  expect(text).toContain('Mother · date of birth 1990')
  expect(text).toContain('Outcome date 29 Mar 2026')
})

test('records of a kind stand together by custodian, newest first', () => {
  const lines = printed(
    crimes(
      record('Northshire Police', { eventTime: '2025-01-01', offence: 'First' }),
      record('Eastmere Police', { eventTime: '2024-01-01', offence: 'Second' }),
      record('Northshire Police', { eventTime: '2026-01-01', offence: 'Third' }),
    ),
  ).split('\n')
  const section = lines.slice(lines.indexOf('Crime') + 2, lines.indexOf('HEALTH') - 1)
  expect(section.filter((line) => /^ {2}\S|Offence/.test(line)).map((line) => line.trim())).toEqual([
    'Eastmere Police',
    'Offence  Second',
    'Northshire Police',
    'Offence  Third',
    'Offence  First',
  ])
})

test('what is not shown is said in words, with the reason, and never as empty', () => {
  const reason = {
    code: 'REFERRER_IDENTITY',
    words: 'the referrer asked not to be named; turn to the contact',
  }
  const masked = [
    { field: 'referrer', form: 'hidden', reason },
    { field: 'account', form: 'hidden', reason },
  ]
  const contact = record('Northshire CS', { stage: 'Contact', referrer: null, account: null, masked })
  expect(read(child({ socialCare: { contacts: [contact] } }))).toContain(
    'Not shown: referrer, account (the referrer asked not to be named; turn to the contact) [REFERRER_IDENTITY]',
  )
})

test('what is shown in part says so beside the part', () => {
  const reason = { code: 'ADDRESS_CONFIDENTIAL', words: 'the whereabouts are confidential' }
  const details = [
    record('Northshire Police', {
      postcode: 'NS3',
      masked: [{ field: 'postcode', form: 'partial', reason }],
    }),
  ]
  const text = read(child({ identity: { details, conflicts: [] } }))
  expect(text).toContain('Postcode NS3 (Northshire Police)')
  expect(text).toContain('Shown in part: postcode (the whereabouts are confidential) [ADDRESS_CONFIDENTIAL]')
})

test('where agencies differ, the difference comes first, and each value stands with those who hold it', () => {
  const details = [
    record('Northshire Police', { address: '14 Saltmarsh Lane', recordedTime: '2026-11-20T04:00:00Z' }),
    record('Hollybank School', { address: '14 Saltmarsh Lane' }),
    record('Northshire Hospital', { address: 'Flat 2, 71 Kiln Terrace' }),
  ]
  const lines = printed(
    child({ identity: { details, conflicts: [{ field: 'address', values: [] }] } }),
  ).split('\n')
  const start = lines.indexOf('Who the child is')
  expect(lines.slice(start + 2, start + 5)).toEqual([
    '  Agencies differ in address.',
    '  Address  14 Saltmarsh Lane (Northshire Police, recorded 20 Nov 2026; Hollybank School)',
    '           Flat 2, 71 Kiln Terrace (Northshire Hospital)',
  ])
})

test('a code reads in its meaning, and one that is in no list is marked, not guessed', () => {
  const outcome = { code: '16', meaning: 'victim does not support' }
  expect(read(crimes(record('P', { outcome })))).toContain('Outcome victim does not support [16]')
  const unknown = { code: 'ZZ', meaning: null }
  expect(read(crimes(record('P', { outcome: unknown })))).toContain(
    'Outcome ZZ (this code is not in its list)',
  )
})

test('a statement that nobody marked never reads `unclassified`, which is a security marking', () => {
  const text = read(crimes(record('P', { assertion: 'UNCLASSIFIED' })))
  expect(text).toContain('not marked as fact or opinion')
  expect(text).not.toMatch(/unclassified/i)
})

test('the handling conditions travel with the record', () => {
  const report = record('P', { handling: ['intelligence-p', 'no-onward-share'], content: 'words' })
  expect(read(child({ police: { intelligence: [report] } }))).toContain(
    'handling: intelligence p, no onward share',
  )
})

test('the periods that each custodian searched are told, and those that nobody did', () => {
  const custodians = [
    answer('Northshire Police', 'NO_DISCLOSABLE_RECORD'),
    answer('Example Police', 'RECORDS_SHOWN', { searched: { from: null, until: null } }),
  ]
  const nobodySearched = [{ from: null, until: '2008-04-01' }]
  const text = read(child({ custodians, chronology: { rows: [], nobodySearched } }))
  expect(text).toContain('Northshire Police from 1 Apr 2008 until 20 Aug 2026')
  expect(text).toContain('Example Police does not say which period it holds')
  expect(text).toContain('Searched by nobody: before 1 Apr 2008.')
})

test('every field of every kind of record has a label in plain English', () => {
  for (const type of recordTypes) {
    const { sector } = type
    const fields = Object.fromEntries(
      Object.entries(type.fields).map(([name, { kind, list, codeSet }]) => {
        const value = codeSet ? { code: 'c', meaning: 'm' } : kind === 'flag' ? true : 'v'
        return [name, list ? [value] : value]
      }),
    )
    const shown =
      sector === 'person'
        ? { household: [record('P', fields)], involved: [record('P', fields)] }
        : { [sectorNames[sector].field]: { [type.plural]: [record('P', fields)] } }
    const text = printed(child(shown))
    expect(text, type.name).toContain(sector === 'person' ? '•' : type.title)
    expect(text.match(/[a-z][A-Z]\w*/g), type.name).toBeNull()
  }
})

test('no line is wider than a page and no control character reaches the screen, whatever a custodian sends', () => {
  const words = fc
    .array(fc.string({ maxLength: 30, unit: 'binary' }), { maxLength: 40 })
    .map((each) => each.join(' '))
  fc.assert(
    fc.property(words, words, words, (one, two, three) => {
      const text = printed(
        child({
          custodians: sectors.map((sector) =>
            answer('Northshire Police', 'WITHHELD', { sector, reason: { code: 'COURT_PAPERS', words: one } }),
          ),
          police: { crimes: [record('Northshire Police', { offence: two, otherParties: [one, three] })] },
          identity: { details: [record('P', { address: three })], conflicts: [] },
          household: [record('P', { name: one, warning: [two] })],
          chronology: {
            rows: [{ eventTime: '2026-01-01', title: 'Crime', summary: two, custodianName: 'P' }],
          },
        }),
      )
      for (const line of text.split('\n')) {
        expect(line).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u)
        expect(line.length).toBeLessThanOrEqual(WIDTH)
      }
    }),
    { numRuns: 50 },
  )
})
