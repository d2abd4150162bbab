/** What an agency's own person decides first is not asked for; and what she declined without a word leaves no trace. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Plan, planQuestion } from '../../../gateway/sharing/plan.ts'
import type { KindInput, ReviewStanding } from '../../../gateway/sharing/plan-kind.ts'
import type { PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'
import { effectsFor } from '../../../gateway/sharing/policy/effect.ts'
import { mayAsk } from '../../../gateway/sharing/policy/may-ask.ts'
import { type Sector, sectors } from '../../../schema/record-type.ts'
import { recordTypesOf } from '../../../schema/record-types.ts'
import { amina, earlyHelp, grace, helen, s17, s47, tom } from './policy/asked.ts'
import { bundleWithReviews, custodianOf } from './under-review.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await bundleWithReviews()
})

const SUSPENSION = 'education.suspension'
const declining = (acknowledged: boolean): ReviewStanding => ({
  kind: 'not-shared',
  reason: { code: 'NEEDS_A_CONVERSATION', words: 'ring the school', policies: [] },
  acknowledged,
})
const SHARED: ReviewStanding = { kind: 'share', until: new Date('2026-12-01') }

interface Given {
  readonly types: readonly string[]
  readonly standing?: ReviewStanding
  readonly sectors?: readonly Sector[]
}

function plannedFor({ types, standing = { kind: 'none' }, sectors: asked = sectors }: Given): Plan {
  return planQuestion({
    bundle,
    connections: [custodianOf('hollybank-school', 'education', types)],
    unconnected: [],
    practitioner: amina,
    context: s47,
    effect: effectsFor(bundle, amina, s47),
    sectors: asked,
    reviews: () => standing,
  })
}

const typesAsked = ({ asks }: Plan) => asks.flatMap(({ recordTypes }) => recordTypes.map(({ name }) => name))

describe('a kind of record that the agency’s own person decides first', () => {
  test.each([
    ['nobody asked her yet', { kind: 'none' }],
    ['she has not decided', { kind: 'open' }],
  ] as const)('is not asked for where %s, and the custodian reads UNDER_REVIEW', (_where, standing) => {
    const plan = plannedFor({ types: [SUSPENSION], standing })
    expect(plan.asks).toEqual([])
    expect(plan.notAsked).toMatchObject([
      {
        state: 'UNDER_REVIEW',
        reason: { code: 'UNDER_REVIEW', words: expect.stringContaining('says nothing about what is known') },
        notAskedFor: [{ kinds: ['Suspension or exclusion'], reason: { code: 'UNDER_REVIEW' } }],
      },
    ])
    expect(plan.underReview).toMatchObject([
      { custodian: { id: 'hollybank-school' }, recordTypes: [SUSPENSION], rules: expect.any(Array) },
    ])
    expect(plan.underReview[0]?.rules).toContainEqual(expect.stringMatching(/^reviews\.of-this-test@/))
  })

  test('leaves the other kinds to be asked for, and is named beside them', () => {
    const plan = plannedFor({ types: ['education.attendance', SUSPENSION] })
    expect(typesAsked(plan)).toEqual(['education.attendance'])
    expect(plan.asks[0]?.notAskedFor).toMatchObject([{ reason: { code: 'UNDER_REVIEW' } }])
    expect(plan.asks[0]?.nothingOfSubstance).toBeNull()
  })

  test('is the reason why nothing of substance is asked for, before any refusal', () => {
    const [ask] = plannedFor({ types: ['person.details', SUSPENSION, 'health.encounter'] }).asks
    expect(ask?.nothingOfSubstance?.code).toBe('UNDER_REVIEW')
  })

  test('is asked for with its fields once she shares it', () => {
    const plan = plannedFor({ types: [SUSPENSION], standing: SHARED })
    expect(plan.asks[0]?.recordTypes[0]?.groups).toContain('narrative')
    expect(plan.asks[0]?.reviewed).toEqual([SUSPENSION])
    expect(plan.underReview).toEqual([])
    expect(plan.kinds).toMatchObject([{ recordType: SUSPENSION, reviewed: true }])
  })

  test('is asked for without a field once she declined it', () => {
    for (const acknowledged of [true, false]) {
      const plan = plannedFor({ types: [SUSPENSION], standing: declining(acknowledged) })
      expect(plan.asks[0]?.recordTypes).toEqual([{ name: SUSPENSION, groups: [] }])
      expect(plan.underReview).toEqual([])
    }
  })

  test('opens no review for a question that does not ask its sector', () => {
    const plan = plannedFor({ types: [SUSPENSION], sectors: ['police'] })
    expect(plan.underReview).toEqual([])
    expect(plan.notAsked).toMatchObject([{ state: 'NOT_ASKED', reason: { code: 'NOT_IN_QUESTION' } }])
  })
})

const standingDrawn = fc.constantFrom<ReviewStanding>(
  { kind: 'none' },
  { kind: 'open' },
  SHARED,
  declining(true),
  declining(false),
)
const agencies = [
  ['northshire-police', 'police'],
  ['northshire-hospital', 'health'],
  ['hollybank-school', 'education'],
  ['northshire-council', 'social-care'],
] as const

const questionDrawn = fc.record({
  practitioner: fc.constantFrom(amina, tom, grace, helen),
  context: fc.constantFrom(s47, s17, { ...s17, consent: true }, earlyHelp),
  sectors: fc.subarray([...sectors], { minLength: 1 }),
  connections: fc.tuple(
    ...agencies.map(([agency, sector]) =>
      fc
        .subarray(
          [...recordTypesOf('person'), ...recordTypesOf(sector)].map(({ name }) => name),
          { minLength: 1 },
        )
        .map((types) => custodianOf(agency, sector, types)),
    ),
  ),
})

/** The same standing whenever it is looked up. */
const standingsFrom = (drawn: readonly ReviewStanding[]): KindInput['reviews'] => {
  const met = new Map<string, ReviewStanding>()
  return (custodian, type) => {
    const key = `${custodian} ${type}`
    const standing = met.get(key) ?? drawn[met.size % drawn.length] ?? { kind: 'none' }
    met.set(key, standing)
    return standing
  }
}
const standingsDrawn = fc.array(standingDrawn, { minLength: 1, maxLength: 12 })

describe('whoever asks whatever, and however the reviews stand', () => {
  test('every custodian has one place in the plan, and nothing that still waits is asked for', () => {
    fc.assert(
      fc.property(questionDrawn, standingsDrawn, (question, drawn) => {
        const { practitioner, context, connections } = question
        const reviews = standingsFrom(drawn)
        const effect = effectsFor(bundle, practitioner, context)
        const plan = planQuestion({ bundle, unconnected: [], effect, reviews, ...question })
        const places = [...plan.asks.map(({ connection }) => connection), ...plan.notAsked].map(
          ({ custodian }) => custodian.id,
        )
        expect(places.sort()).toEqual(connections.map(({ custodian }) => custodian.id).sort())
        for (const { connection, recordTypes } of plan.asks) {
          const { id, agency, sector } = connection.custodian
          for (const { name, groups } of recordTypes) {
            const kind = { custodian: id, agency, sector, recordType: name }
            const askable = mayAsk(bundle, practitioner, kind, context)
            const standing = reviews(id, name)
            if (askable.kind !== 'review') expect(askable).toEqual({ kind: 'ask', groups })
            else if (standing.kind === 'not-shared') expect(groups).toEqual([])
            else expect(standing.kind).toBe('share')
          }
        }
        expect(plan.kinds.length).toBe(connections.flatMap(({ custodian }) => custodian.recordTypes).length)
      }),
    )
  })

  test('what was declined without a word is planned like what was shared, but for its fields', () => {
    const withoutWhat = ({ asks, notAsked, underReview }: Plan) => ({
      asks: asks.map(({ recordTypes, reviewed: _, declined, ...ask }) => ({
        ...ask,
        recordTypes: recordTypes.map(({ name }) => name),
        declined: declined.filter(({ reason }) => reason !== null),
      })),
      notAsked,
      underReview,
    })
    fc.assert(
      fc.property(questionDrawn, standingsDrawn, (question, drawn) => {
        const { practitioner, context } = question
        const effect = effectsFor(bundle, practitioner, context)
        const planned = (standings: readonly ReviewStanding[]) =>
          withoutWhat(
            planQuestion({ bundle, unconnected: [], effect, ...question, reviews: standingsFrom(standings) }),
          )
        const shared = drawn.map((each) => (each.kind === 'not-shared' && !each.acknowledged ? SHARED : each))
        expect(planned(drawn)).toEqual(planned(shared))
      }),
    )
  })
})
