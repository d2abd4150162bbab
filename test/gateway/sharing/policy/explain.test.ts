/** Why a decision came out as it did, for the IG lead: policies, reasons, the nearest permit; and nothing of what is sealed. */
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import type { RecordClass } from '../../../../gateway/sharing/policy/decide.ts'
import { explain } from '../../../../gateway/sharing/policy/explain.ts'
import type { Grounds } from '../../../../gateway/sharing/policy/grounds.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { isPersonal } from '../../../../schema/person.ts'
import { recordTypes } from '../../../../schema/record-types.ts'
import { amina, daniel, helen, policiesDir, record, ruth, s17, s47 } from './asked.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(policiesDir, () => {})
})

const grounds = (classes: readonly RecordClass[], more: Partial<Grounds> = {}): Grounds => ({
  bundle: bundle.version,
  practitioner: amina,
  context: s47,
  kinds: [],
  classes: classes.map((each) => ({ record: each, n: 1 })),
  ...more,
})
const crime = record('police', 'police.crime')
const stepsOf = (each: RecordClass, more: Partial<Grounds> = {}) =>
  explain(bundle, grounds([each], more)).classes[0]?.steps ?? []
const step = (action: string, each: RecordClass, more: Partial<Grounds> = {}) =>
  stepsOf(each, more).find((one) => one.action === action)

test('each step names the policies that decided it as id@hash, and the reason of what was denied', () => {
  expect(step('read', crime)).toMatchObject({ allowed: true, reason: null, nearest: null })
  expect(step('read', crime)?.policies).toEqual([
    expect.stringMatching(/^access\.macpt-agreement@[0-9a-f]{8}$/),
  ])
  expect(step('narrative', crime, { practitioner: helen })).toEqual({
    action: 'narrative',
    allowed: false,
    policies: [expect.stringMatching(/^fields\.police-narrative@[0-9a-f]{8}$/)],
    reason: 'ROLE_DOES_NOT_NEED_THIS',
    nearest: null,
  })
})

test('what may not be read ends with whether the reason was told; what may not be known, with that', () => {
  const papers = record('social-care', 'social-care.plan', { labels: ['court-papers'] })
  expect(stepsOf(papers).map(({ action, allowed }) => [action, allowed])).toEqual([
    ['know', true],
    ['read', false],
    ['tell-why', true],
  ])
  const staff = record('police', 'police.crime', { labels: ['staff-record'] })
  expect(stepsOf(staff)).toMatchObject([{ action: 'know', allowed: false, reason: 'STAFF_RECORD' }])
})

test('where nothing permitted it, the nearest permit is named, with what failed in its own text', () => {
  const refused = step('know', crime, { practitioner: ruth })
  expect(refused).toMatchObject({ policies: [], reason: 'NOT_A_MACPT_MEMBER' })
  expect(refused?.nearest).toMatchObject({
    policy: expect.stringMatching(/^access\.macpt-agreement@/),
    title: expect.any(String),
    unmet: ['principal.macptMember'],
  })
  const purpose = step('know', crime, { context: { ...s47, purpose: 's17-assessment' } })
  expect(purpose?.nearest?.unmet).toEqual(['resource.agreement.purposes.contains(context.purpose)'])
})

test('where there is no agreement, that fails, and not everything that one would say', () => {
  const elsewhere = record('police', 'police.crime', { custodian: 'elsewhere', agency: 'elsewhere' })
  const refused = step('know', elsewhere)
  expect(refused?.reason).toBe('NO_AGREEMENT')
  expect(refused?.nearest?.unmet).toEqual(['resource has agreement'])
})

test('a kind that was not asked for is explained, too', () => {
  const kind = {
    custodian: 'northshire-police',
    agency: 'northshire-police',
    sector: 'police',
    recordType: 'police.crime',
  }
  expect(explain(bundle, grounds([], { kinds: [kind], context: s17 })).notAsked).toMatchObject([
    { custodian: 'northshire-police', recordType: 'police.crime', reason: 'THRESHOLD_TOO_LOW' },
  ])
  const unpermitted = explain(bundle, grounds([], { kinds: [kind], practitioner: daniel })).notAsked
  expect(unpermitted[0]?.nearest?.unmet.length).toBeGreaterThan(0)
  expect(explain(bundle, grounds([], { kinds: [kind] })).notAsked).toEqual([])
})

test('labels and handling stand nowhere in it: classes that differ in nothing else are one', () => {
  const kept = record('police', 'police.crime', { handling: ['no-onward-share'] })
  const { classes } = explain(bundle, grounds([crime, kept]))
  expect(classes).toMatchObject([{ n: 2 }])
  expect(JSON.stringify(classes)).not.toContain('no-onward-share')
})

const SEALED = [
  'adoption',
  'protected-person',
  'covert',
  'live-investigation',
  'informant',
  'hfea',
  'gender-recognition',
]
const OPEN = [
  'court-papers',
  'staff-record',
  'legal-privilege',
  'young-person-refusal',
  'sexual-health',
  'adult-victim',
]

const anyClass = (labels: fc.Arbitrary<readonly string[]>): fc.Arbitrary<RecordClass> =>
  fc
    .tuple(fc.constantFrom(...recordTypes), labels, fc.constantFrom('child', 'sibling', 'adult'))
    .map(([{ name, sector }, chosen, subject]) =>
      record(sector === 'person' ? 'health' : sector, name, { labels: [...chosen], subject }),
    )

test('what is never disclosed is not in it: with and without it, the explanation is the same', () => {
  const open = anyClass(fc.subarray(OPEN))
  const sealed = anyClass(
    fc
      .tuple(fc.subarray(SEALED, { minLength: 1 }), fc.subarray(OPEN))
      .map(([never, more]) => [...never, ...more]),
  )
  fc.assert(
    fc.property(
      fc.array(open, { maxLength: 8 }),
      fc.array(sealed, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(amina, helen, ruth),
      (known, never, practitioner) => {
        // whoever is known to an agency only by what is sealed is not known to it: her details go with it
        const onlySealed = new Set(
          never
            .filter(({ recordType }) => !isPersonal(recordType))
            .map(({ custodian }) => custodian)
            .filter(
              (custodian) =>
                !known.some((each) => each.custodian === custodian && !isPersonal(each.recordType)),
            ),
        )
        const without = known.filter(
          (each) => !(isPersonal(each.recordType) && onlySealed.has(each.custodian)),
        )
        const mixed = [...never.slice(0, 1), ...known, ...never.slice(1)]
        expect(explain(bundle, grounds(mixed, { practitioner }))).toEqual(
          explain(bundle, grounds(without, { practitioner })),
        )
      },
    ),
    { numRuns: 200 },
  )
})

test('a code that no policy knows may mark what is sealed: such a class is left out', () => {
  const unknown = record('police', 'police.crime', { labels: ['brought-from-elsewhere'] })
  const both = record('police', 'police.crime', { labels: ['adoption', 'brought-from-elsewhere'] })
  expect(explain(bundle, grounds([crime, unknown, both]))).toEqual(explain(bundle, grounds([crime])))
})
