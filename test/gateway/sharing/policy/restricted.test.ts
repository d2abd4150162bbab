/** Restricted classes: what becomes of each, for whom, and with which reason. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import type { Ask, Practitioner, RecordClass } from '../../../../gateway/sharing/policy/decide.ts'
import { type Effect, effectOf } from '../../../../gateway/sharing/policy/effect.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import {
  amina,
  daniel,
  emergency,
  grace,
  helen,
  olive,
  policiesDir,
  priya,
  record,
  ruth,
  s17,
  s47,
  samuel,
  tom,
} from './asked.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(policiesDir)
})

const everyone: Practitioner[] = [amina, tom, grace, helen, daniel, ruth, samuel, priya, olive]
const see = (who: Practitioner, what: RecordClass, ask: Ask = s47): Effect => effectOf(bundle, who, what, ask)
const silent = { kind: 'silent' }

function groups(effect: Effect) {
  if (effect.kind !== 'release') throw new Error(`the record is not released but ${effect.kind}`)
  return effect.groups
}

describe('never shown and never acknowledged, to anyone, in an emergency neither', () => {
  test.each([
    'adoption',
    'protected-person',
    'covert',
    'live-investigation',
    'informant',
    'hfea',
    'gender-recognition',
    'staff-record',
  ])('a record labelled %s', (label) => {
    for (const who of everyone) {
      for (const sector of ['police', 'health', 'education', 'social-care'] as const) {
        const other = record(sector, `${sector}.summary`, { labels: [label] })
        const own = { ...other, agency: who.agency }
        for (const ask of [s47, emergency])
          for (const what of [other, own]) expect(see(who, what, ask)).toMatchObject(silent)
      }
    }
  })

  test.each([
    { handling: ['intelligence-c'] },
    { handling: ['assessment-e'] },
    { handling: ['intelligence-p', 'assessment-e'] },
    { handling: ['intelligence-p', 'intelligence-c'] },
    { handling: [] },
    { handling: ['no-onward-share'] },
  ])('intelligence handled $handling', ({ handling }) => {
    for (const who of everyone)
      for (const ask of [s47, emergency])
        expect(see(who, record('police', 'police.intelligence', { handling }), ask)).toMatchObject(silent)
  })

  test('a sealed record stays silent whatever else is said of it', () => {
    const what = record('social-care', 'social-care.summary', { labels: ['court-papers', 'adoption'] })
    expect(see(amina, what)).toMatchObject(silent)
  })
})

describe('intelligence with handling code P', () => {
  const report = record('police', 'police.intelligence', { handling: ['intelligence-p', 'no-onward-share'] })

  test('is shown to the LCPP and the police member, and its handling conditions travel with it', () => {
    for (const who of [amina, { ...tom, agency: 'northshire-council' }]) {
      const effect = see(who, report)
      expect(groups(effect).intelligence.release).toBe('full')
      expect(effect).toMatchObject({ handling: ['intelligence-p', 'no-onward-share'] })
    }
  })

  test('is masked for the health and the education member, with the reason', () => {
    for (const who of [grace, helen])
      expect(groups(see(who, report)).intelligence).toMatchObject({
        release: 'none',
        reason: 'ROLE_DOES_NOT_NEED_THIS',
      })
  })

  test('is masked where police vetting is too low, with the reason', () => {
    const effect = see({ ...amina, vetting: 1 }, report)
    expect(groups(effect).intelligence).toMatchObject({ release: 'none', reason: 'VETTING_TOO_LOW' })
  })

  test('is not shown for case oversight', () => {
    const effect = see(amina, report, { ...s47, purpose: 'case-oversight' })
    expect(groups(effect).intelligence).toMatchObject({
      release: 'none',
      reason: 'PURPOSE_DOES_NOT_NEED_THIS',
    })
  })

  test('marked for police only is acknowledged to the police member alone', () => {
    const marked = { ...report, handling: ['intelligence-p', 'police-only'] }
    expect(see(amina, marked)).toMatchObject(silent)
    expect(see(tom, marked).kind).toBe('release')
  })
})

describe('sexual health and termination', () => {
  test.each(['sexual-health', 'termination'])('%s is silent below section 47, with consent too', (label) => {
    const what = record('health', 'health.encounter', { labels: [label] })
    for (const who of everyone) expect(see(who, what, { ...s17, consent: true })).toMatchObject(silent)
  })

  test.each(['sexual-health', 'termination'])(
    '%s is silent under section 47 for police and education',
    (label) => {
      const what = record('health', 'health.encounter', { labels: [label] })
      for (const who of [tom, helen]) expect(see(who, what)).toMatchObject(silent)
    },
  )

  test.each(['sexual-health', 'termination'])(
    '%s: the LCPP may know of it, the health member reads it',
    (label) => {
      const what = record('health', 'health.encounter', { labels: [label] })
      const known = groups(see(amina, what))
      for (const group of ['clinical', 'narrative', 'location'] as const)
        expect(known[group]).toMatchObject({ release: 'none', reason: 'SENSITIVE_HEALTH' })
      expect(known.professional.release).toBe('full')
      expect(groups(see(grace, what)).clinical.release).toBe('full')
    },
  )
})

describe("a competent young person's refusal", () => {
  const what = record('health', 'health.encounter', { labels: ['young-person-refusal'] })

  test('is silent below section 47', () => {
    expect(see(grace, what, { ...s17, consent: true })).toMatchObject(silent)
  })

  test('under section 47 leaves only whom to ring, and the reason is told', () => {
    const { professional, ...others } = groups(see(amina, what))
    expect(professional.release).toBe('full')
    for (const group of Object.values(others))
      expect(group).toMatchObject({ release: 'none', reason: 'YOUNG_PERSON_REFUSED' })
  })
})

describe('confidential addresses', () => {
  test('address and telephone are hidden; not even the district is shown', () => {
    for (const who of [amina, grace, { ...tom, agency: 'northshire-council' }]) {
      const shown = groups(see(who, record('police', 'person.details', { labels: ['address-confidential'] })))
      expect(shown.location).toMatchObject({ release: 'none', reason: 'ADDRESS_CONFIDENTIAL' })
      expect(shown.contact).toMatchObject({ release: 'none', reason: 'ADDRESS_CONFIDENTIAL' })
      expect(shown.identity.release).toBe('full')
    }
  })

  test('the GP and the school are hidden too', () => {
    for (const [sector, type] of [
      ['health', 'health.summary'],
      ['education', 'education.safeguarding-lead'],
    ] as const) {
      const shown = groups(see(amina, record(sector, type, { labels: ['address-confidential'] })))
      expect(shown.professional).toMatchObject({ release: 'none', reason: 'ADDRESS_CONFIDENTIAL' })
    }
  })

  test('an adult victim can be reached by the LCPP and the police under section 47, by nobody else', () => {
    const what = record('social-care', 'person.relationship', { labels: ['adult-victim'], subject: 'adult' })
    expect(groups(see(amina, what)).contact.release).toBe('full')
    expect(groups(see(grace, what)).contact).toMatchObject({ release: 'none', reason: 'ADULT_VICTIM' })
    expect(groups(see(amina, what, { ...s17, consent: true }))['third-party']).toMatchObject({
      release: 'none',
      reason: 'ADULT_VICTIM',
    })
  })

  test('not even the district in which an adult victim lives is shown to anyone else', () => {
    const what = record('social-care', 'person.relationship', { labels: ['adult-victim'], subject: 'adult' })
    for (const who of [grace, helen, { ...daniel, agency: 'eastmere-council' }])
      expect(groups(see(who, what)).location.release).toBe('none')
    expect(groups(see(amina, what, s17)).location.release).toBe('none')
    expect(groups(see(amina, { ...what, labels: [] }, s17)).location.release).toBe('partial')
  })
})

describe('third parties', () => {
  test('who gave something in confidence is neither named nor betrayed by the account', () => {
    const what = record('social-care', 'social-care.contact', { labels: ['third-party-confidential'] })
    const shown = groups(see(amina, what))
    for (const group of ['third-party', 'narrative'] as const)
      expect(shown[group]).toMatchObject({ release: 'none', reason: 'THIRD_PARTY_CONFIDENTIAL' })
    expect(shown.professional.release).toBe('full')
  })

  test('a referrer is neither named nor betrayed by her account', () => {
    const shown = groups(
      see(amina, record('social-care', 'social-care.contact', { labels: ['referrer-identity'] })),
    )
    for (const group of ['third-party', 'narrative'] as const)
      expect(shown[group]).toMatchObject({ release: 'none', reason: 'REFERRER_IDENTITY' })
  })

  test("an adult's clinical detail is not shown, under section 47 either", () => {
    const what = record('health', 'health.encounter', { subject: 'adult' })
    expect(groups(see(grace, what)).clinical).toMatchObject({ release: 'none', reason: 'THIRD_PARTY' })
  })
})

describe('legal papers are withheld and the reason is told', () => {
  test.each([
    ['court-papers', 'COURT_PAPERS', 'sensitivity.court-papers'],
    ['legal-privilege', 'LEGAL_PRIVILEGE', 'sensitivity.legal-privilege'],
  ])('%s', (label, reason, id) => {
    const effect = see(amina, record('social-care', 'social-care.plan', { labels: [label] }))
    const hash = bundle.policies.get(id)?.hash8
    expect(effect).toEqual({ kind: 'withhold', reason, policies: [`${id}@${hash}`], told: true })
    expect(hash).toMatch(/^[0-9a-f]{8}$/)
  })

  test('at early help the reason is left to the IG lead', () => {
    const what = record('social-care', 'social-care.plan', {
      labels: ['court-papers'],
      custodian: 'northshire-childrens-services',
      agency: 'northshire-council',
    })
    const ask = { ...s17, threshold: 'early-help', consent: true, purpose: 'front-door-triage' }
    expect(see(amina, what, ask)).toMatchObject({ kind: 'withhold', reason: 'ASK_IG_LEAD', told: false })
  })
})

describe('whoever is tied to the child', () => {
  test('sees nothing of her at any agency, in an emergency neither', () => {
    for (const who of everyone)
      for (const ask of [s47, emergency, { ...s17, consent: true }])
        for (const what of [
          record('police', 'police.crime'),
          record('social-care', 'social-care.plan', { agency: who.agency }),
        ]) {
          const effect = see({ ...who, conflict: true }, what, ask)
          expect(effect).toMatchObject(silent)
        }
  })

  test('is denied as well where nobody said whether she is', () => {
    const { conflict: _, ...unsaid } = amina
    const quiet = { ...bundle, alarm: () => {} }
    expect(effectOf(quiet, unsaid as Practitioner, record('police', 'police.crime'), s47)).toEqual({
      kind: 'silent',
      policies: [],
    })
  })
})

describe('what each role needs', () => {
  test('the education member sees no clinical detail and no account of police or health', () => {
    expect(groups(see(helen, record('health', 'health.encounter'))).clinical.reason).toBe(
      'ROLE_DOES_NOT_NEED_THIS',
    )
    expect(groups(see(helen, record('health', 'health.encounter'))).narrative.reason).toBe(
      'ROLE_DOES_NOT_NEED_THIS',
    )
    expect(groups(see(helen, record('police', 'police.crime'))).narrative.reason).toBe(
      'ROLE_DOES_NOT_NEED_THIS',
    )
    expect(groups(see(helen, record('education', 'education.attendance'))).narrative.release).toBe('full')
  })

  test("the police member sees no clinician's account", () => {
    const shown = groups(see(tom, record('health', 'health.encounter')))
    expect(shown.narrative).toMatchObject({ release: 'none', reason: 'ROLE_DOES_NOT_NEED_THIS' })
    expect(shown.clinical).toMatchObject({ release: 'none', reason: 'ROLE_DOES_NOT_NEED_THIS' })
  })

  test('triage at the front door shows what is held, not accounts', () => {
    const shown = groups(
      see(amina, record('police', 'police.crime'), { ...s47, purpose: 'front-door-triage' }),
    )
    expect(shown.narrative).toMatchObject({ release: 'none', reason: 'PURPOSE_DOES_NOT_NEED_THIS' })
  })

  test('each release cites the permit that opened it', () => {
    const shown = groups(see(amina, record('police', 'police.crime')))
    expect(shown.narrative.policies).toEqual([
      `access.macpt-agreement@${bundle.policies.get('access.macpt-agreement')?.hash8}`,
    ])
    expect(shown.narrative.reason).toBeUndefined()
  })

  test('a lapsed nomination, a practitioner without a case, an IG lead and an engineer see nothing', () => {
    const what = record('police', 'police.crime')
    for (const who of [ruth, samuel, priya, daniel]) expect(see(who, what)).toMatchObject(silent)
    expect(see(amina, what, { ...s47, caseLive: false })).toMatchObject(silent)
    const own = record('social-care', 'social-care.plan', { agency: 'northshire-council' })
    for (const who of [ruth, samuel]) expect(see(who, own)).toMatchObject(silent)
    expect(see(daniel, own).kind).toBe('release')
    expect(see(daniel, own, { ...s47, caseLive: false })).toMatchObject(silent)
  })
})
