/** What holds of every decision, whatever the record: the order of knowing and reading, and denial of the unknown. */
import { beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../../../../gateway/policy-workbench/draw.ts'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import { type Alarm, byAction, type PolicyRequest } from '../../../../gateway/sharing/policy/decide.ts'
import { effectOf } from '../../../../gateway/sharing/policy/effect.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { mayAsk } from '../../../../gateway/sharing/policy/may-ask.ts'
import { decideByReference } from '../../../../gateway/sharing/policy/reference.ts'
import { decidedGroups, partialGroups } from '../../../../schema/data-group.ts'
import { amina, policiesDir, record, s47 } from './asked.ts'
import { randomRequest } from './random-request.ts'

let bundle: PolicyBundle
let alarms: Parameters<Alarm>[0][]
beforeAll(async () => {
  bundle = await loadBundle(policiesDir, (fault) => alarms.push(fault))
})
/** Milliseconds, on a busy machine. */
const PATIENCE = 120_000

const heard = <Result>(what: () => Result): { result: Result; alarms: typeof alarms } => {
  alarms = []
  return { result: what(), alarms }
}

const fields = [...decidedGroups, ...partialGroups.map((group) => `${group}-partial`)]

describe('over 20,000 random requests', () => {
  test(
    'a group is released only where the record may be read, and read only where it may be known',
    () => {
      const random = seeded(11)
      let [known, read] = [0, 0]
      for (let round = 0; round < 20_000; round += 1) {
        const request = randomRequest(bundle, random)
        const may = (action: string) => bundle.decide({ ...request, action }).allow
        if (may('know')) known += 1
        if (may('read')) {
          read += 1
          expect(may('know'), JSON.stringify(request)).toBe(true)
        } else expect(fields.filter(may), JSON.stringify(request)).toEqual([])
      }
      expect(known).toBeGreaterThan(read)
      expect(read).toBeGreaterThan(500)
    },
    PATIENCE,
  )

  test(
    'a part is not refused where the whole is released',
    () => {
      const random = seeded(12)
      for (let round = 0; round < 5000; round += 1) {
        const request = randomRequest(bundle, random)
        const may = (action: string) => bundle.decide({ ...request, action }).allow
        for (const group of partialGroups) if (may(group)) expect(may(`${group}-partial`)).toBe(true)
      }
    },
    PATIENCE,
  )

  test(
    'no record releases more than was asked for',
    () => {
      const random = seeded(13)
      let released = 0
      for (let round = 0; round < 20_000; round += 1) {
        const { practitioner, record, context } = randomRequest(bundle, random)
        const rows = record.agreement
          ? [
              {
                ...record.agreement,
                source: { agency: record.agency, custodians: [record.custodian] },
                recipients: [practitioner.agency],
              },
            ]
          : []
        const tried = { ...bundle, agreements: rows }
        const effect = effectOf(tried, practitioner, record, context)
        if (effect.kind === 'silent') continue
        released += 1
        const asked = mayAsk(tried, practitioner, record, context)
        if (asked.kind !== 'ask')
          throw new Error(`not asked for, and yet ${effect.kind}: ${JSON.stringify(record)}`)
        if (effect.kind === 'withhold') continue
        const more = decidedGroups.filter(
          (group) => effect.groups[group].release !== 'none' && !asked.groups.includes(group),
        )
        expect(more).toEqual([])
      }
      expect(released).toBeGreaterThan(500)
    },
    PATIENCE,
  )
})

describe('what policy does not know is denied, and alarms', () => {
  const crime = record('police', 'police.crime')
  const request: PolicyRequest = {
    practitioner: { ...amina, agency: 'northshire-police' },
    action: 'know',
    record: crime,
    context: s47,
  }

  test.each<[string, PolicyRequest]>([
    ['record.labels', { ...request, record: { ...crime, labels: ['top-secret'] } }],
    ['record.handling', { ...request, record: { ...crime, handling: ['intelligence-x'] } }],
    ['record.recordType', { ...request, record: { ...crime, recordType: 'police.rumour' } }],
    ['record.sector', { ...request, record: { ...crime, sector: 'press' } }],
    ['record.subject', { ...request, record: { ...crime, subject: 'neighbour' } }],
    [
      'practitioner.roles',
      { ...request, practitioner: { ...request.practitioner, roles: ['lcpp', 'admin'] } },
    ],
    ['context.purpose', { ...request, context: { ...s47, purpose: 'research' } }],
    ['context.threshold', { ...request, context: { ...s47, threshold: 's48' } }],
    ['context.bases', { ...request, context: { ...s47, bases: ['consent'] } }],
    ['context.now', { ...request, context: { ...s47, now: new Date('never') } }],
    ['practitioner.vetting', { ...request, practitioner: { ...request.practitioner, vetting: 1.5 } }],
  ])('%s', (attribute, unknown) => {
    expect(bundle.decide(request).allow).toBe(true)
    const told = heard(() => bundle.decide(unknown))
    expect(told.result).toMatchObject({ allow: false, determining: [] })
    expect(told.result.errors.join()).toContain(`\`${attribute}\``)
    expect(told.alarms).toEqual([{ bundle: bundle.version, action: 'know', errors: told.result.errors }])
    const { practitioner, record: what, context } = unknown
    expect(heard(() => effectOf(bundle, practitioner, what, context))).toMatchObject({
      result: { kind: 'silent' },
      alarms: [{ action: 'know' }],
    })
  })

  test('an attribute that is missing, or an action that is none', () => {
    const { labels: _, ...unlabelled } = crime
    const decide = (changed: object) => heard(() => bundle.decide({ ...request, ...changed })).result
    expect(decide({ record: unlabelled }).errors).toEqual(['`record.labels` is missing'])
    expect(decide({ action: 'export' })).toEqual({
      allow: false,
      determining: [],
      errors: ['`export` is no action'],
    })
    expect(decide({ action: 'any' }).allow).toBe(false)
  })

  test('no value of the record is in the alarm', () => {
    const labelled = { ...request, record: { ...crime, labels: ['Jo Bloggs'] } }
    expect(JSON.stringify(heard(() => bundle.decide(labelled)).alarms)).not.toContain('Bloggs')
  })
})

describe('a policy that errs', () => {
  const failing = (id: string): PolicyBundle => {
    const compiled = [...bundle.policies.values()].map((policy) =>
      policy.id === id
        ? {
            ...policy.compiled,
            holds: () => {
              throw new TypeError('an attribute is missing')
            },
          }
        : policy.compiled,
    )
    return { ...bundle, byAction: byAction(bundle.schema, compiled) }
  }
  const crime = record('police', 'police.crime')

  test('denies and alarms, although a permit stands', () => {
    expect(effectOf(bundle, amina, crime, s47).kind).toBe('release')
    const told = heard(() => effectOf(failing('sealed.adoption'), amina, crime, s47))
    expect(told.result).toMatchObject({ kind: 'silent' })
    expect(told.alarms).toEqual([{ bundle: bundle.version, action: 'know', errors: ['sealed.adoption'] }])
  })

  test('in one group denies that group, and the reader is sent to the IG lead', () => {
    const { result } = heard(() => effectOf(failing('fields.triage'), amina, crime, s47))
    expect(result).toMatchObject({
      groups: { narrative: { release: 'none', reason: 'ASK_IG_LEAD' }, 'third-party': { release: 'full' } },
    })
  })

  test('would be skipped by Cedar alone, which is why both evaluators here deny', () => {
    const text = 'forbid (principal, action, resource) when { resource.agreement.suspended };'
    const permit = 'permit (principal, action, resource);'
    const policies = new Map([
      ['a.permit', { text: permit }],
      ['a.forbid', { text }],
    ])
    const decision = decideByReference(
      { ...bundle, version: 'errs', policies },
      { practitioner: amina, action: 'know', record: crime, context: s47 },
      'candidate',
    )
    expect(decision).toEqual({ allow: false, determining: [], errors: ['a.forbid'] })
  })
})
