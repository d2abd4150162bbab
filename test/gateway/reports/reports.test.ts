/** Reports: what left whom for whom, what a subject is told, who must hear of a correction, and the record of processing. */
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { listCustodians } from '../../../gateway/reports/custodian-list.ts'
import { disclosuresInWords, disclosuresReport } from '../../../gateway/reports/disclosures.ts'
import { processingInWords, processingReport } from '../../../gateway/reports/processing.ts'
import { rectificationInWords, rectificationReport } from '../../../gateway/reports/rectification.ts'
import { sectorsFrom } from '../../../gateway/reports/sectors.ts'
import { subjectAccessInWords, subjectAccessReport } from '../../../gateway/reports/subject-access.ts'
import type { requesters } from '../../../gateway/reports/subject-access-rules.ts'
import { loadApproved } from '../../../gateway/sharing/policy/approved.ts'
import { loadBundle } from '../../../gateway/sharing/policy/load.ts'
import type { ReadAccess, ReadSource } from '../../../schema/read-access.ts'
import { recordTypes } from '../../../schema/record-types.ts'
import { access, child, type Given, readingOf, refused } from './read-access.ts'

const root = resolve(import.meta.dirname, '../../..')
const policies = resolve(root, 'policies')
const { subjectAccess: rules, agreements } = await loadApproved(policies)
if (rules === null) throw new Error('Northshire has rules')
const custodians = await listCustodians([resolve(root, 'adapters/custodians')])

const source = (
  custodian: string,
  n: number,
  recordTypes: readonly string[],
  agency = custodian,
): ReadSource => ({
  ...{ custodian, agency, n, recordTypes },
  state: n > 0 ? 'RECORDS_SHOWN' : 'NO_DISCLOSABLE_RECORD',
})
const police = source('northshire-police', 3, ['police.crime', 'person.details'])
const school = source('hollybank-school', 2, ['education.attendance', 'person.details'])
const council = source('northshire-childrens-services', 4, ['social-care.plan'], 'northshire-council')
const silent = source('northshire-hospital', 0, ['health.condition'])
const picture = (given: Given = {}) =>
  access({
    asked: [police, school, council, silent],
    released: ['police.crime.offence', 'education.attendance.attendancePercentage', 'social-care.plan.goals'],
    ...given,
  })

describe('disclosures', () => {
  const asked = [
    picture({ child: child(1) }),
    picture({ child: child(1) }),
    picture({
      child: child(2),
      agency: 'northshire-police',
      purpose: 's17-assessment',
      lawfulBasis: { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: 'CA89-17' },
    }),
    refused(),
    refused({ refusal: 'CONFLICT_OF_INTEREST' }),
    refused(),
    access({ decision: 'FAILED', asked: [] }),
    access({ decision: 'NO_OUTCOME', asked: [] }),
    access({ purpose: null, child: null, operation: 'Accesses' }),
  ]
  const report = disclosuresReport(readingOf(asked))

  test('are counted from each agency to each, and an agency’s use of its own records apart', () => {
    expect(report.flows.map(({ kinds: _, ...flow }) => flow)).toEqual([
      {
        from: 'hollybank-school',
        to: 'northshire-council',
        withinAgency: false,
        accesses: 2,
        records: 4,
        children: 1,
      },
      {
        from: 'hollybank-school',
        to: 'northshire-police',
        withinAgency: false,
        accesses: 1,
        records: 2,
        children: 1,
      },
      {
        from: 'northshire-council',
        to: 'northshire-council',
        withinAgency: true,
        accesses: 2,
        records: 8,
        children: 1,
      },
      {
        from: 'northshire-council',
        to: 'northshire-police',
        withinAgency: false,
        accesses: 1,
        records: 4,
        children: 1,
      },
      {
        from: 'northshire-police',
        to: 'northshire-council',
        withinAgency: false,
        accesses: 2,
        records: 6,
        children: 1,
      },
      {
        from: 'northshire-police',
        to: 'northshire-police',
        withinAgency: true,
        accesses: 1,
        records: 3,
        children: 1,
      },
    ])
    expect(report.flows[0]?.kinds).toEqual(['education.attendance'])
  })

  test('are counted by lawful basis', () => {
    expect(report.bases).toEqual([
      {
        basis: { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: 'CA89-47' },
        accesses: 2,
        records: 18,
        children: 1,
      },
      {
        basis: { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: 'CA89-17' },
        accesses: 1,
        records: 9,
        children: 1,
      },
    ])
  })

  test('what was refused, failed, or has no outcome is told apart, and is in no sum', () => {
    expect(report.refusals).toEqual([
      { agency: 'northshire-council', code: 'NO_CASE_RELATIONSHIP', n: 2 },
      { agency: 'northshire-council', code: 'CONFLICT_OF_INTEREST', n: 1 },
    ])
    expect(report).toMatchObject({ failed: 1, noOutcome: 1 })
    const words = disclosuresInWords(report, readingOf(asked, { notRead: 7 }), (code) => `<${code}>`).join(
      '\n',
    )
    expect(words).toContain('NOT IN HERE YET: 7 events')
    expect(words).toContain('<CA89-47>')
    expect(words).toContain('1 have no outcome on record: something may have been shown.')
  })

  test('whatever was asked, each record is in exactly one flow, and in one basis', () => {
    const some = fc.array(
      fc.record({
        agency: fc.constantFrom('northshire-council', 'northshire-police', 'northshire-hospital'),
        sources: fc.subarray([police, school, council, silent]),
        decision: fc.constantFrom('RELEASED' as const, 'DENIED' as const, 'NO_OUTCOME' as const),
      }),
    )
    fc.assert(
      fc.property(some, (given) => {
        const accesses = given.map(({ agency, sources, decision }) =>
          access({ agency, decision, asked: sources }),
        )
        const told = disclosuresReport(readingOf(accesses))
        const sum = (each: readonly { readonly records: number }[]) =>
          each.reduce((n, { records }) => n + records, 0)
        const shown = accesses
          .filter(({ decision }) => decision === 'RELEASED')
          .flatMap(({ asked }) => asked.map(({ n }) => n))
        const all = shown.reduce((n, each) => n + each, 0)
        expect([sum(told.flows), sum(told.bases)]).toEqual([all, all])
      }),
    )
  })
})

describe('the disclosure list of a subject access request', () => {
  const rowsFor = (accesses: readonly ReadAccess[], requester: (typeof requesters)[number] = 'child') =>
    subjectAccessReport(readingOf(accesses), rules, sectorsFrom(agreements, custodians), requester).rows
  const row = (custodian: string, given: Given = {}, requester: (typeof requesters)[number] = 'child') =>
    rowsFor([picture({ threshold: 's17', ...given })], requester).find((each) => each.custodian === custodian)
  const heldBy = (...given: Parameters<typeof row>) => row(...given)?.because.map(({ rule }) => rule)

  test('has a row for each custodian that showed something in each access, and none for what showed nothing', () => {
    const rows = rowsFor([picture(), picture(), refused(), access({ asked: [silent] })])
    expect(rows.map(({ custodian }) => custodian)).toEqual([
      ...['northshire-police', 'hollybank-school', 'northshire-childrens-services'],
      ...['northshire-police', 'hollybank-school', 'northshire-childrens-services'],
    ])
  })

  test('tells what an agency’s own people read of its own records from what it disclosed', () => {
    expect(row('northshire-childrens-services')?.withinAgency).toBe(true)
    expect(row('hollybank-school')?.withinAgency).toBe(false)
  })

  test('holds back by rule what the police gave, and what was given to them', () => {
    expect(heldBy('northshire-police')).toEqual(['police-source'])
    expect(heldBy('hollybank-school', { agency: 'northshire-police' })).toEqual([
      'police-recipient',
      'harm-education',
    ])
  })

  test('holds back third parties', () => {
    const person = source('northshire-education-welfare', 1, ['person.relationship'], 'northshire-council')
    const given = { asked: [person], released: ['person.relationship.name'] }
    expect(heldBy('northshire-education-welfare', given)).toEqual(['third-party', 'relatives'])
  })

  test('holds back where reading could do harm', () => {
    const hospital = source('northshire-hospital', 1, ['health.condition'])
    expect(
      heldBy('northshire-hospital', { asked: [hospital], released: ['health.condition.condition'] }),
    ).toEqual(['harm-health'])
    expect(heldBy('northshire-childrens-services')).toEqual(['harm-social-work'])
  })

  test('holds back at section 47 from a parent what it does not hold back from the child', () => {
    const given = {
      threshold: 's47',
      asked: [source('hollybank-school', 1, ['person.details'])],
      released: ['person.details.givenName'],
    }
    expect(row('hollybank-school', given, 'child')).toMatchObject({ proposed: 'DISCLOSE', because: [] })
    expect(heldBy('hollybank-school', given, 'parent')).toEqual(['child-abuse-data'])
  })

  test('holds back third parties where an IG lead of one agency is not told whether they were shown', () => {
    const asked = [source('hollybank-school', 2, ['education.attendance', 'person.relationship'])]
    const given = picture({
      threshold: 's17',
      asked,
      released: ['education.attendance.attendancePercentage'],
    })
    const heldBy = (ofAgency: string | null) =>
      subjectAccessReport(
        readingOf([given], { ofAgency }),
        rules,
        sectorsFrom(agreements, custodians),
        'child',
      ).rows[0]?.because.map(({ rule }) => rule)
    expect(heldBy('hollybank-school')).toEqual(['third-party', 'relatives', 'harm-education'])
    // whoever is told all fields knows that none was shown
    expect(heldBy(null)).toEqual(['harm-education'])
    expect(heldBy('northshire-council')).toEqual(['harm-education'])
  })

  test('holds back what no rule can judge: an unknown custodian, an unknown field, or nothing told', () => {
    const stranger = source('gone-since', 1, ['person.details'])
    const given = { asked: [stranger], released: ['person.details.givenName'] }
    expect(heldBy('gone-since', given)).toEqual(['source-unknown'])
    const known = { asked: [source('hollybank-school', 1, ['person.details'])] }
    expect(heldBy('hollybank-school', { ...known, released: ['person.details.shoeSize'] })).toEqual([
      'source-unknown',
    ])
    expect(heldBy('hollybank-school', { ...known, released: [] })).toEqual(['source-unknown'])
  })

  test('holds back what went to an agency of which nobody can say whether it is the police', () => {
    const given = {
      asked: [source('hollybank-school', 1, ['person.details'])],
      released: ['person.details.givenName'],
    }
    expect(heldBy('hollybank-school', given)).toEqual([])
    expect(heldBy('hollybank-school', { ...given, agency: 'southshire-police' })).toEqual([
      'recipient-unknown',
    ])
  })

  test('a folder that calls the police a school, and one that adds a stranger, release nothing', () => {
    const wrong = custodians.map((each) => ({ ...each, sector: 'education' as const }))
    const added = { ...wrong[0], id: 'gone-since', agency: 'southshire-police' } as (typeof wrong)[number]
    const heldBy = (custodian: string, agency: string) =>
      subjectAccessReport(
        readingOf([
          picture({
            ...{ threshold: 's17', agency, asked: [source(custodian, 1, ['person.details'])] },
            released: ['person.details.givenName'],
          }),
        ]),
        rules,
        sectorsFrom(agreements, [...wrong, added]),
        'child',
      ).rows[0]?.because.map(({ rule }) => rule)
    expect(heldBy('northshire-police', 'northshire-council')).toEqual(['police-source'])
    expect(heldBy('hollybank-school', 'northshire-police')).toEqual(['police-recipient'])
    expect(heldBy('gone-since', 'northshire-council')).toEqual(['source-unknown'])
    expect(heldBy('hollybank-school', 'southshire-police')).toEqual(['recipient-unknown'])
    expect(heldBy('hollybank-school', 'northshire-council')).toEqual([])
  })

  test('proposes and never decides: each row has its law and an empty place', () => {
    for (const each of rowsFor([picture(), picture({ emergency: true })], 'parent')) {
      expect(each.decision).toEqual({ outcome: null, by: null, on: null, reason: null })
      for (const { law, mark } of each.because)
        expect([law.length > 5, ['V', 'K', '?'].includes(mark)]).toEqual([true, true])
    }
  })

  test('nothing that a parent is told is held back from the child alone', () => {
    fc.assert(
      fc.property(
        fc.subarray(
          recordTypes.flatMap(({ name, fields }) => Object.keys(fields).map((field) => `${name}.${field}`)),
          { minLength: 1, maxLength: 12 },
        ),
        fc.constantFrom('early-help', 's17', 's47'),
        (released, threshold) => {
          const kinds = [...new Set(released.map((field) => field.split('.').slice(0, 2).join('.')))]
          const asked = custodians.map(({ id, agency }) => source(id, 1, kinds, agency))
          const given = [access({ asked, released, threshold })]
          const disclosed = (requester: 'child' | 'parent') =>
            rowsFor(given, requester)
              .filter(({ proposed }) => proposed === 'DISCLOSE')
              .map(({ custodian }) => custodian)
          for (const custodian of disclosed('parent')) expect(disclosed('child')).toContain(custodian)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('a child who was erased is one of whom nothing is left, and not one of whom nothing was disclosed', () => {
    const at = '2026-11-20T09:00:00.000Z'
    const erasure = { ...access({ decision: 'ERASURE', purpose: null, at }), by: null }
    const reading = readingOf([erasure], { childrenErased: 1 })
    const report = subjectAccessReport(reading, rules, sectorsFrom(agreements, custodians), 'parent')
    expect(report).toMatchObject({ rows: [], atTheDesk: 0, erased: at })
    const words = subjectAccessInWords(report, reading).join('\n')
    expect(words).toContain('On 20 Nov 2026 all that was on record of her was erased')
    expect(words).not.toContain('None is on record.')
  })

  test('a list from which something is gone says so: of which time, of how many, by which word', () => {
    const gone = { keptFrom: '2026-05-03', childrenErased: 2, unknown: ['custodian'] } as const
    const told = (of: object) =>
      rectificationInWords(
        rectificationReport(readingOf([], of), 'northshire-polce', []),
        readingOf([], of),
      ).join('\n')
    expect(told(gone)).toContain('NOT KEPT: accesses from before 3 May 2026')
    expect(told(gone)).toContain('ERASED: all that was on record of 2 children')
    expect(told(gone)).toContain('IN NO POLICY OF TODAY: the custodian as it is written')
    expect(told({ ...gone, from: '2026-05-03' })).toContain('NOT KEPT')
    expect(told({ ...gone, from: '2026-05-04' })).not.toContain('NOT KEPT')
    expect(told({})).not.toMatch(/NOT KEPT|ERASED|IN NO POLICY/)
  })

  test('in words: the rules with their law, what is unconfirmed, and a place to sign', () => {
    const reading = readingOf([
      picture(),
      access({ decision: 'NO_OUTCOME' }),
      refused(),
      access({ purpose: null }),
    ])
    const report = subjectAccessReport(reading, rules, sectorsFrom(agreements, custodians), 'parent')
    expect(report).toMatchObject({ nothingShown: 1, noOutcome: 1, atTheDesk: 1 })
    const words = subjectAccessInWords(report, reading).join('\n')
    expect(words).toMatch(/3 of 3 rows are proposed to be held back\. A person\s+decides each/)
    expect(words).toContain('proposed: HOLD BACK, by police-source, child-abuse-data')
    expect(words).toContain('decided: ____________')
    expect(words).toContain('s.45(4)')
    expect(words).toMatch(/UNCONFIRMED: check\s+before relying on it/)
    expect(words).not.toContain('amina')
  })
})

describe('rectification', () => {
  const accesses = [
    picture({ at: '2026-11-18T09:00:00.000Z' }),
    picture({ at: '2026-11-02T09:00:00.000Z', purpose: 'strategy-discussion' }),
    picture({ at: '2026-11-10T09:00:00.000Z', agency: 'northshire-hospital', role: 'macpt-health' }),
    access({ asked: [silent] }),
  ]
  const unended = [access({ decision: 'NO_OUTCOME', agency: 'northshire-police', role: 'macpt-police' })]

  test('names agencies and roles that were shown it, when first and last, and no person', () => {
    const report = rectificationReport(readingOf(accesses), 'northshire-police', unended)
    expect(report.recipients).toMatchObject([
      {
        ...{ agency: 'northshire-council', role: 'social-worker', times: 2 },
        ...{ first: '2026-11-02T09:00:00.000Z', last: '2026-11-18T09:00:00.000Z' },
        ...{ purposes: ['s47-enquiry', 'strategy-discussion'], fields: ['police.crime.offence'] },
      },
      { agency: 'northshire-hospital', role: 'macpt-health', times: 1 },
    ])
    expect(JSON.stringify(report)).not.toContain('amina')
  })

  test('whoever may have been shown it stands apart, and nobody is left out', () => {
    const reading = readingOf(accesses)
    const words = rectificationInWords(
      rectificationReport(reading, 'northshire-police', unended),
      reading,
    ).join('\n')
    expect(words).toContain(
      'northshire-council, in the role social-worker: 2 times, from 2 Nov 2026 to 18 Nov 2026',
    )
    expect(words).toContain('northshire-police, macpt-police (')
    const none = rectificationReport(reading, 'northshire-hospital', [])
    expect(none.recipients).toEqual([])
    expect(rectificationInWords(none, reading).join('\n')).toContain('Nobody, as far as this list goes.')
  })
})

describe('the record of processing activities', async () => {
  const bundle = await loadBundle(policies, () => {})
  const records = processingReport(bundle, custodians, new Date('2026-11-21T12:00:00Z'))

  test('has one entry for each agreement, with controller, purposes, recipients, data and law', () => {
    expect(records).toHaveLength(bundle.agreements.length)
    expect(records.find(({ agreement }) => agreement.startsWith('NS-POL-2026'))).toMatchObject({
      controller: 'northshire-police',
      state: 'in-force',
      systems: [{ name: expect.any(String), contact: expect.any(String) }],
      recipients: expect.arrayContaining(['northshire-council']),
      purposes: expect.arrayContaining(['Enquiry under section 47']),
      bases: expect.arrayContaining(['UK GDPR Art 6(1)(e); DPA 2018 s.8: Public task']),
      data: expect.arrayContaining(['Identity details']),
      specialCategories: expect.arrayContaining([expect.stringContaining('Article 10')]),
    })
  })

  test('says what is missing rather than leaving it out', () => {
    for (const { missing } of records) expect(missing.length).toBeGreaterThan(3)
    const words = processingInWords(records).join('\n')
    expect(words).toMatch(/MISSING +contact details of the controller/)
    expect(words).toMatch(/MISSING +the system `dfe-education-01`: no custodian’s file describes it/)
  })
})
