/** What a custodian's reply becomes: one state, and nothing that a sealed record could be guessed from. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { Custodian, CustodianReply, PersonHeld } from '../../../adapters/contract.ts'
import { disclose } from '../../../gateway/sharing/disclose.ts'
import type { PlannedAsk } from '../../../gateway/sharing/plan.ts'
import type { PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'
import { effectsFor } from '../../../gateway/sharing/policy/effect.ts'
import type { SourceRecord } from '../../../schema/record.ts'
import { s47, tom } from './policy/asked.ts'
import { bundleWithReviews } from './under-review.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await bundleWithReviews()
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
  readonly nothingOfSubstance?: string
  readonly notHeld?: boolean
  /** what the agency's own person decided */
  readonly reviewed?: readonly string[]
  readonly declined?: readonly { readonly recordType: string; readonly why: string | null }[]
}

const why = (code: string) => ({ code, words: 'because', policies: [] })
const SEARCHED = { from: '2020-01-01', until: null }

function disclosed(given: Given) {
  const reply: CustodianReply = given.notHeld
    ? { kind: 'not-held', asOf: null, searched: SEARCHED }
    : {
        kind: 'held',
        people: [{ ...person, ...given.held }],
        records: given.records,
        asOf: null,
        searched: SEARCHED,
      }
  const custodian = { ...hospital, ...given.custodian }
  const { id, agency, sector } = custodian
  const ask: PlannedAsk = {
    connection: { custodian, ask: async () => reply, close: async () => undefined },
    recordTypes: [],
    agreement: null,
    notAskedFor: [],
    nothingOfSubstance: given.nothingOfSubstance ? why(given.nothingOfSubstance) : null,
    reviewed: given.reviewed ?? [],
    declined: (given.declined ?? []).map(({ recordType, why: reason }) => ({
      record: { custodian: id, agency, sector, recordType },
      reason: reason === null ? null : why(reason),
    })),
  }
  const { answers, ...rest } = disclose({
    bundle,
    plan: { asks: [ask], notAsked: [], underReview: [], kinds: [] },
    asked: [{ ask, reply }],
    effect: effectsFor(bundle, tom, s47),
    evidence: {
      nhsNumber: person.nhsNumber,
      bornOn: (date) => date === person.dateOfBirth,
      hasGivenName: (word) => word === 'maya',
      hasFamilyName: (word) => word === 'okafor',
      saidGiven: null,
      saidFamily: null,
    },
    caseLabels: given.caseLabels ?? [],
    recordId: (custodianId, sourceId) => `${custodianId} ${sourceId}`,
    now: s47.now,
  })
  return { answer: answers[0], ...rest }
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
    const { classes: _, ...told } = sealed
    expect({ ...told, classes: [] }).toEqual({ ...disclosed({ records: open }), classes: [] })
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
  for (const notHeld of [true, false])
    expect(
      disclosed({ records: [], notHeld, nothingOfSubstance: 'CONSENT_NOT_RECORDED' }).answer,
    ).toMatchObject({ state: 'NOT_ASKED', reason: { code: 'CONSENT_NOT_RECORDED' } })
})

test('nothing shown where a person still decides about all of substance is under review', () => {
  for (const notHeld of [true, false])
    expect(disclosed({ records: [], notHeld, nothingOfSubstance: 'UNDER_REVIEW' }).answer).toMatchObject({
      state: 'UNDER_REVIEW',
      reason: { code: 'UNDER_REVIEW' },
    })
})

describe('a kind of record that the agency’s own person decides first', () => {
  const CONDITION = 'health.condition'
  const condition = record(CONDITION)

  test('is silent until she shared it, and shown once she did', () => {
    expect(disclosed({ records: [condition] }).answer?.state).toBe('NO_DISCLOSABLE_RECORD')
    expect(disclosed({ records: [condition], reviewed: [CONDITION] }).records).toHaveLength(1)
  })

  describe('which she declined without acknowledging it', () => {
    const declined = [{ recordType: CONDITION, why: null }]
    test.each([
      ['nothing', []],
      ['other records', [record('health.encounter')]],
      ['who the child is', [record('person.details')]],
    ])('reads like none held, beside %s', (_beside, others) => {
      const without = disclosed({ records: others, declined })
      expect(disclosed({ records: [...others, condition], declined })).toEqual(without)
      expect(without.answer?.alsoWithheld).toEqual([])
    })

    test('reads like a child not held, where nothing else is', () => {
      expect(disclosed({ records: [condition], declined })).toEqual(disclosed({ records: [], notHeld: true }))
    })
  })

  describe('which she declined and acknowledges', () => {
    const declined = [{ recordType: CONDITION, why: 'NEEDS_A_CONVERSATION' }]

    test('is withheld with her reason, and nothing of it is shown', () => {
      const { answer, records } = disclosed({ records: [condition], declined })
      expect(answer).toMatchObject({ state: 'WITHHELD', reason: { code: 'NEEDS_A_CONVERSATION' } })
      expect(records).toEqual([])
    })

    test('is withheld also where she has it on paper only', () => {
      expect(disclosed({ records: [], notHeld: true, declined }).answer?.state).toBe('WITHHELD')
    })

    test('is told beside what is shown', () => {
      expect(disclosed({ records: [condition, record('health.encounter')], declined }).answer).toMatchObject({
        state: 'RECORDS_SHOWN',
        alsoWithheld: [{ code: 'NEEDS_A_CONVERSATION' }],
      })
    })

    test.each([
      ['the record is sealed', { records: [record(CONDITION, ['covert'])] }],
      ['the person is sealed', { records: [], held: { labels: ['protected-person'] } }],
      [
        'the case hides where the child is, and the custodian is a place',
        { records: [condition], custodian: { isPlace: true }, caseLabels: ['address-confidential'] },
      ],
    ])('stays unacknowledged where %s', (_where, given: Given) => {
      const { answer, records } = disclosed({ ...given, declined })
      expect(answer).toMatchObject({ state: 'NO_DISCLOSABLE_RECORD', reason: null, alsoWithheld: [] })
      expect(records).toEqual([])
    })
  })
})

describe('for the grounds of the decision', () => {
  test('every class of record that came back is counted, the silent ones too', () => {
    const { classes } = disclosed({
      records: [
        record('health.encounter'),
        { ...record('health.encounter'), sourceId: 'another' },
        record('health.encounter', ['covert']),
      ],
      held: { givenNames: ['Zara'] },
    })
    expect(classes.map(({ record: { labels }, n }) => [labels, n])).toEqual([
      [[], 2],
      [['covert'], 1],
    ])
  })
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
