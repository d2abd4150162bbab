/** What an agency's own person decides first: neither asked for nor released before she shared it. */
import { beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../../../../gateway/policy-workbench/draw.ts'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import { effectOf } from '../../../../gateway/sharing/policy/effect.ts'
import { mayAsk } from '../../../../gateway/sharing/policy/may-ask.ts'
import { bundleWithReviews } from '../under-review.ts'
import { amina, helen, record, s17, s47 } from './asked.ts'
import { randomRequest } from './random-request.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await bundleWithReviews()
})

const suspension = record('education', 'education.suspension')

test('is left to her, with the rules that leave it to her', () => {
  expect(mayAsk(bundle, amina, suspension, s47)).toMatchObject({
    kind: 'review',
    rules: [expect.stringMatching(/^hollybank-school\.suspension@/), expect.stringMatching(/^reviews\./)],
  })
})

test('is asked for once she shared it', () => {
  expect(mayAsk(bundle, amina, { ...suspension, reviewed: true }, s47).kind).toBe('ask')
})

test('intelligence, which needs its handling code, is left to her too', () => {
  expect(mayAsk(bundle, amina, record('police', 'police.intelligence'), s47).kind).toBe('review')
})

describe('is not left to her where something else stands against it, and that is the reason told', () => {
  test('a threshold', () => {
    expect(mayAsk(bundle, amina, suspension, s17)).toMatchObject({
      kind: 'not-asked',
      reason: 'CONSENT_NOT_RECORDED',
    })
  })

  test('an agreement that is missing', () => {
    expect(mayAsk({ ...bundle, agreements: [] }, helen, suspension, s47)).toMatchObject({
      kind: 'not-asked',
      reason: 'NO_AGREEMENT',
    })
  })
})

test('over 5,000 random requests nothing that is left to her is released, and all of it could be once she shared', () => {
  const random = seeded(17)
  let met = 0
  for (let round = 0; round < 5_000; round += 1) {
    const { practitioner, record: drawn, context } = randomRequest(bundle, random)
    const rows = drawn.agreement
      ? [
          {
            ...drawn.agreement,
            source: { agency: drawn.agency, custodians: [drawn.custodian] },
            recipients: [practitioner.agency],
          },
        ]
      : []
    const tried = { ...bundle, agreements: rows }
    const unreviewed = { ...drawn, reviewed: false }
    if (mayAsk(tried, practitioner, unreviewed, context).kind !== 'review') continue
    met += 1
    expect(effectOf(tried, practitioner, unreviewed, context).kind).toBe('silent')
    expect(mayAsk(tried, practitioner, { ...drawn, reviewed: true }, context).kind).toBe('ask')
  }
  expect(met).toBeGreaterThan(50)
}, 120_000)
