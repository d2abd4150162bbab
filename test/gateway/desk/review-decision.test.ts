/** A decision not to share stands only with a reason class and the detriment test, and never against itself. */
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { checkDecision, type StatedDecision } from '../../../gateway/desk/review-decision.ts'
import { type ReviewReasons, readReviewReasons } from '../../../gateway/desk/review-reasons.ts'
import { Refusal } from '../../../schema/refusal.ts'
import { policiesDir } from '../sharing/policy/asked.ts'

let reasons: ReviewReasons
beforeAll(async () => {
  reasons = await readReviewReasons(policiesDir)
})

const refusalOf = (stated: StatedDecision): string | null => {
  try {
    checkDecision(stated, reasons)
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

const SHARE: StatedDecision = {
  ...{ id: 'any', decision: 'SHARE', reasonClass: null, detriment: null, acknowledge: null },
}
const recordedIn = 'HB-2026/0142'

test('sharing needs no more than the decision', () => {
  expect(refusalOf(SHARE)).toBeNull()
  expect(refusalOf({ ...SHARE, detriment: { moreDetrimental: false, recordedIn } })).toBeNull()
})

test('what is found more detrimental to the child is not shared', () => {
  const detriment = { moreDetrimental: true, recordedIn }
  expect(refusalOf({ ...SHARE, detriment })).toBe('DETRIMENT_TEST_CONTRADICTS')
})

test('sharing takes neither a reason class nor an acknowledgement', () => {
  expect(refusalOf({ ...SHARE, reasonClass: 'NEEDS_A_CONVERSATION' })).toBe('SHARE_TAKES_NO_REASON')
  expect(refusalOf({ ...SHARE, acknowledge: true })).toBe('SHARE_TAKES_NO_REASON')
})

test('each reason class stands with the outcome of the test that fits it', () => {
  const fits = (reasonClass: string, moreDetrimental: boolean) =>
    refusalOf({
      ...{ id: 'any', decision: 'DO_NOT_SHARE', reasonClass, acknowledge: false },
      detriment: { moreDetrimental, recordedIn },
    }) === null
  expect([...reasons.keys()].map((code) => [code, fits(code, true), fits(code, false)])).toEqual([
    ['MORE_DETRIMENTAL_TO_SHARE', true, false],
    ['NOT_RELEVANT_TO_WELFARE', false, true],
    ['ANOTHER_LAW_FORBIDS', true, true],
    ['NEEDS_A_CONVERSATION', true, true],
  ])
})

test('whatever is sent, not sharing without reason class, test, reference and acknowledgement is refused', () => {
  const stated = fc.record({
    id: fc.uuid(),
    decision: fc.constantFrom<StatedDecision['decision']>('SHARE', 'DO_NOT_SHARE'),
    reasonClass: fc.option(fc.oneof(fc.constantFrom('NEEDS_A_CONVERSATION', 'X', ''), fc.string())),
    detriment: fc.option(
      fc.record({
        moreDetrimental: fc.boolean(),
        recordedIn: fc.oneof(fc.constantFrom(recordedIn, '', '9990000018', 'AB 9990000018'), fc.string()),
      }),
    ),
    acknowledge: fc.option(fc.boolean()),
  })
  fc.assert(
    fc.property(stated, (each) => {
      if (refusalOf(each) !== null) return
      const recorded = each.detriment?.recordedIn ?? recordedIn
      expect(recorded).toMatch(/^[A-Z0-9][A-Z0-9/-]{2,39}$/)
      expect(recorded).not.toContain('9990000018')
      if (each.decision === 'SHARE') return
      expect(reasons.has(each.reasonClass ?? '')).toBe(true)
      expect(each.detriment).not.toBeNull()
      expect(each.acknowledge).not.toBeNull()
    }),
    { numRuns: 2_000 },
  )
})
