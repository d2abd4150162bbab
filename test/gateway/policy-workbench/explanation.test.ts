import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { explain } from '../../../gateway/policy-workbench/explanation.ts'
import type { PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'
import type { RecordClass } from '../../../gateway/sharing/policy/decide.ts'
import type { Grounds } from '../../../gateway/sharing/policy/grounds.ts'
import { loadBundle } from '../../../gateway/sharing/policy/load.ts'
import { amina, helen, policiesDir, record, ruth, s47 } from '../sharing/policy/asked.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(policiesDir)
})

const grounds = (more: Partial<Grounds> = {}, ...classes: RecordClass[]): Grounds => ({
  bundle: bundle.version,
  practitioner: amina,
  context: s47,
  kinds: [],
  classes: classes.map((each) => ({ record: each, n: 1 })),
  ...more,
})

test('each step of a decision names the policies that decided it, with their hash, and the reason of a mask', () => {
  const [crime] = explain(bundle, grounds({ practitioner: helen }, record('police', 'police.crime'))).classes
  expect(crime).toMatchObject({ custodian: 'northshire-police', recordType: 'police.crime', n: 1 })
  const step = (action: string) => crime?.steps.find((each) => each.action === action)
  expect(step('read')).toMatchObject({ allowed: true, reason: null, nearest: null })
  expect(step('read')?.policies).toEqual([expect.stringMatching(/^access\.macpt-agreement@[0-9a-f]{8}$/)])
  expect(step('narrative')).toMatchObject({ allowed: false, reason: 'ROLE_DOES_NOT_NEED_THIS' })
  expect(step('narrative')?.policies).toEqual([
    expect.stringMatching(/^fields\.police-narrative@[0-9a-f]{8}$/),
  ])
  expect(step('clinical'), 'a group of which a crime has no field').toBeUndefined()
})

test('where nothing permitted it, the nearest permit is named, and what it missed', () => {
  const [crime] = explain(bundle, grounds({ practitioner: ruth }, record('police', 'police.crime'))).classes
  expect(crime?.steps).toEqual([
    {
      action: 'know',
      allowed: false,
      policies: [],
      reason: 'NOT_A_MACPT_MEMBER',
      nearest: {
        policy: expect.stringMatching(/^access\.macpt-agreement@/),
        title: expect.any(String),
        unmet: ['principal.macptMember'],
      },
    },
  ])
})

test('a kind that was not asked for is explained, too', () => {
  const kind = {
    custodian: 'northshire-police',
    agency: 'northshire-police',
    sector: 'police',
    recordType: 'police.crime',
  }
  const context = { ...s47, purpose: 's17-assessment', threshold: 's17' }
  const { notAsked } = explain(bundle, grounds({ kinds: [kind], context }))
  expect(notAsked).toMatchObject([{ custodian: 'northshire-police', reason: 'THRESHOLD_TOO_LOW' }])
  expect(explain(bundle, grounds({ kinds: [kind] })).notAsked).toEqual([])
})

test('what is never disclosed is not in the explanation: with and without it, it reads the same', () => {
  const open = [
    record('health', 'health.encounter'),
    record('police', 'police.crime', { labels: ['covert'] }),
  ]
  const personal = record('social-care', 'person.details')
  const never: RecordClass[] = [
    record('health', 'health.encounter', { labels: ['adoption'] }),
    record('social-care', 'social-care.plan', { labels: ['protected-person'] }),
    record('police', 'police.crime', { labels: ['adoption', 'court-papers'] }),
    record('police', 'police.intelligence', { handling: ['intelligence-c'] }),
  ]
  fc.assert(
    fc.property(fc.subarray(never, { minLength: 1 }), (hidden) => {
      const plain = explain(bundle, grounds({}, ...open))
      expect(explain(bundle, grounds({}, ...open, ...hidden))).toEqual(plain)
    }),
  )
  // who the child is stays silent where all that an agency holds of substance is
  const sealed = never[1] as RecordClass
  expect(explain(bundle, grounds({}, personal, sealed)).classes).toEqual([])
  expect(explain(bundle, grounds({}, personal)).classes).toHaveLength(1)
})

test('classes that differ in their labels alone are one in the explanation', () => {
  const classes = [
    record('health', 'health.encounter'),
    record('health', 'health.encounter', { handling: ['no-onward-share'] }),
  ]
  expect(explain(bundle, grounds({}, ...classes)).classes).toMatchObject([{ n: 2 }])
})
