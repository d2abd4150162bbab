/** What a custodian's reply becomes: one state, and nothing that a sealed record could be guessed from. */
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Custodian, CustodianReply, PersonHeld } from '../../../adapters/contract.ts'
import { disclose } from '../../../gateway/sharing/disclose.ts'
import type { PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'
import { effectsFor } from '../../../gateway/sharing/policy/effect.ts'
import { loadBundle } from '../../../gateway/sharing/policy/load.ts'
import type { SourceRecord } from '../../../schema/record.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(resolve(import.meta.dirname, '../../../policies'))
})

const hospital: Custodian = {
  id: 'northshire-hospital',
  name: 'Northshire Hospital',
  agency: 'northshire-hospital',
  sector: 'health',
  contact: { name: 'Named nurse', telephone: '01632 960430', email: null, emergencyTelephone: null },
  recordTypes: ['person.details', 'health.summary', 'health.encounter'],
  deadlineMs: null,
  freshWithinHours: 24,
  identityEvidence: 'demographics',
  isPlace: false,
}
const person: PersonHeld = {
  localId: 'P1',
  nhsNumber: '9990000018',
  givenNames: ['Maya'],
  familyNames: ['Okafor'],
  dateOfBirth: '2014-03-14',
  labels: [],
}
const record = (
  type: string,
  labels: readonly string[] = [],
  fields: SourceRecord['fields'] = {},
): SourceRecord => ({
  type,
  sourceId: `${type}-1`,
  system: 'records',
  eventTime: '2026-10-01',
  recordedTime: null,
  assertion: 'FACT',
  subjectCategory: null,
  about: 'child',
  labels,
  handling: [],
  fields,
})

interface Given {
  readonly records: readonly SourceRecord[]
  readonly held?: Partial<PersonHeld>
  readonly custodian?: Partial<Custodian>
  readonly caseLabels?: readonly string[]
  readonly nothingOfSubstance?: boolean
}
const WHY = { code: 'CONSENT_NOT_RECORDED', words: 'no consent', policies: [] }

function disclosed(given: Given) {
  const reply: CustodianReply = {
    kind: 'held',
    people: [{ ...person, ...given.held }],
    records: given.records,
    asOf: null,
    searched: { from: '2020-01-01', until: null },
  }
  const ask = {
    connection: {
      custodian: { ...hospital, ...given.custodian },
      ask: async () => reply,
      close: async () => undefined,
    },
    recordTypes: [],
    agreement: null,
    notAskedFor: [],
    nothingOfSubstance: given.nothingOfSubstance ? WHY : null,
  }
  const police = { agency: 'northshire-police', roles: ['macpt-police'], macptMember: true, vetting: 3 }
  const bases = ['GDPR-6-1-e', 'GDPR-9-2-g', 'CA89-47']
  const context = {
    purpose: 's47-enquiry',
    threshold: 's47',
    bases,
    consent: false,
    caseLive: true,
    now: NOW,
  }
  const { answers, records, withheld } = disclose({
    bundle,
    plan: { asks: [ask], notAsked: [] },
    asked: [{ ask, reply }],
    effect: effectsFor(bundle, police, context),
    evidence: {
      nhsNumber: person.nhsNumber,
      bornOn: (date) => date === person.dateOfBirth,
      hasGivenName: (word) => word === 'maya',
      hasFamilyName: (word) => word === 'okafor',
      saidGiven: null,
      saidFamily: null,
    },
    caseLabels: given.caseLabels ?? [],
    recordId: (custodian, sourceId) => `${custodian} ${sourceId}`,
    now: NOW,
  })
  return { answer: answers[0], records, withheld }
}

describe('someone known only through sealed records', () => {
  test.each([
    'covert',
    'adoption',
    'protected-person',
    'live-investigation',
    'informant',
    'hfea',
    'a label that nobody knows',
  ])('is not known at all: %s', (label) => {
    const { answer, records, withheld } = disclosed({
      records: [
        record('person.details', [], { givenName: 'Maya' }),
        record('health.summary'),
        record('health.encounter', [label]),
      ],
    })
    expect(answer).toMatchObject({ state: 'NO_DISCLOSABLE_RECORD', reason: null, alsoWithheld: [] })
    expect(records).toEqual([])
    expect(withheld).toEqual([])
  })

  test('is shown by what else there is, without a trace of the sealed record', () => {
    const open = [record('person.details'), record('health.encounter')]
    const sealed = disclosed({
      records: [...open, { ...record('health.encounter', ['covert']), sourceId: 'sealed' }],
    })
    expect(sealed).toEqual(disclosed({ records: open }))
  })

  test('raises no doubt of identity: that would say that somebody is held', () => {
    const other = { givenNames: ['Zara'] }
    expect(disclosed({ records: [record('health.encounter', ['covert'])], held: other }).answer?.state).toBe(
      'NO_DISCLOSABLE_RECORD',
    )
    expect(disclosed({ records: [record('health.encounter')], held: other }).answer?.state).toBe(
      'IDENTITY_UNCONFIRMED',
    )
  })
})

describe('a confidential address', () => {
  const details = record('person.details', [], {
    address: '3 Priory Gardens',
    postcode: 'NS12 8QX',
    telephone: '01632 960477',
  })

  test.each([
    ['the case system states it', { records: [details], caseLabels: ['address-confidential'] }],
    ['the person is so marked', { records: [details], held: { labels: ['address-confidential'] } }],
    [
      'another record is so marked',
      { records: [details, record('health.encounter', ['address-confidential'])] },
    ],
  ])('is hidden where %s', (_where, given: Given) => {
    const [shown] = disclosed(given).records
    expect(shown?.fields).toMatchObject({ address: null, postcode: null, telephone: null })
    expect(shown?.masked.map(({ field, reason }) => [field, reason.code])).toContainEqual([
      'postcode',
      'ADDRESS_CONFIDENTIAL',
    ])
  })

  test('silences a custodian that is a place', () => {
    const { answer, records } = disclosed({
      records: [details, record('health.encounter')],
      custodian: { isPlace: true },
      caseLabels: ['address-confidential'],
    })
    expect(answer?.state).toBe('NO_DISCLOSABLE_RECORD')
    expect(records).toEqual([])
  })
})

test('nothing shown where nothing of substance was asked for is not asked, whether somebody is held or not', () => {
  const held = disclosed({ records: [], nothingOfSubstance: true })
  expect(held.answer).toMatchObject({ state: 'NOT_ASKED', reason: { code: 'CONSENT_NOT_RECORDED' } })
})

test('intelligence without a handling code that we know is denied', () => {
  for (const handlingCode of [null, 'X', 'C', ''])
    expect(
      disclosed({
        records: [record('police.intelligence', [], { handlingCode, content: 'said to carry a knife' })],
        custodian: { id: 'northshire-police', agency: 'northshire-police', sector: 'police' },
      }).answer?.state,
    ).toBe('NO_DISCLOSABLE_RECORD')
})
