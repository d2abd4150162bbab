/** A question is asked on a basis that is in force today, of its kind, open to the organisation, and fit for the purpose. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import { checkReason, type DeclaredReason } from '../../../../gateway/sharing/policy/lawful-basis.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { Refusal } from '../../../../schema/refusal.ts'
import { policiesDir } from './asked.ts'

let bundle: PolicyBundle
beforeAll(async () => {
  bundle = await loadBundle(policiesDir)
})

const footing = { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: 'CA89-47' }
const enquiry: DeclaredReason = {
  purpose: 's47-enquiry',
  lawfulBasis: footing,
  threshold: 's47',
  role: 'lcpp',
  organisationKind: 'local-authority',
  on: new Date('2026-11-21T10:00:00Z'),
}

function refusal(change: Partial<DeclaredReason>, from: Pick<PolicyBundle, 'lawfulBases'> = bundle): Refusal {
  try {
    checkReason({ ...bundle, ...from }, { ...enquiry, ...change })
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('nothing was refused')
}

test('a section 47 enquiry of an LCPP stands, and gives the three codes that policies see', () => {
  expect(checkReason(bundle, enquiry)).toEqual(['GDPR-6-1-e', 'GDPR-9-2-g', 'CA89-47'])
})

describe('section 16LA of the Children Act 2004', () => {
  const duty = { lawfulBasis: { ...footing, article6: 'GDPR-6-1-c', function: 'CA04-16LA' } }

  test('is refused until the end of 29 September 2026, and says from when it holds', () => {
    const refused = refusal({ ...duty, on: new Date('2026-09-29T22:59:59.999Z') })
    expect(refused.code).toBe('LAWFUL_BASIS_NOT_YET_IN_FORCE')
    expect(refused.message).toContain('2026-09-30')
  })

  test('stands from midnight of 30 September 2026 in the United Kingdom', () => {
    const on = new Date('2026-09-29T23:00:00Z')
    expect(checkReason(bundle, { ...enquiry, ...duty, on })).toContain('CA04-16LA')
  })

  test('is marked as known from a secondary source', () => {
    expect(bundle.lawfulBases.get('CA04-16LA')?.source).toBe('secondary')
  })

  test.each(['CA04-16LC', 'CA04-16EA'])('%s waits for its regulations, however late it is', (code) => {
    const on = new Date('2031-01-01T00:00:00Z')
    expect(refusal({ lawfulBasis: { ...footing, function: code }, on }).code).toBe(
      'LAWFUL_BASIS_NOT_YET_IN_FORCE',
    )
  })
})

test('a basis that has ended is refused from the day after', () => {
  const basis = bundle.lawfulBases.get('CA89-47')
  if (!basis) throw new Error('the basis is missing')
  const ended = { ...basis, inForce: { from: '2020-01-01', to: '2026-11-20' } }
  const lawfulBases = new Map(bundle.lawfulBases).set('CA89-47', ended)
  expect(refusal({}, { lawfulBases }).code).toBe('LAWFUL_BASIS_ENDED')
  const last = new Map(bundle.lawfulBases).set('CA89-47', {
    ...ended,
    inForce: { from: '2020-01-01', to: '2026-11-21' },
  })
  expect(checkReason({ ...bundle, lawfulBases: last }, enquiry)).toHaveLength(3)
})

describe('recognised legitimate interest, Art 6(1)(ea)', () => {
  const lawfulBasis = { ...footing, article6: 'GDPR-6-1-ea' }

  test.each(['local-authority', 'police', 'nhs', 'education', 'something-else'])(
    'is closed to %s',
    (organisationKind) => {
      expect(refusal({ lawfulBasis, organisationKind }).code).toBe('LAWFUL_BASIS_NOT_FOR_ORGANISATION')
    },
  )

  test.each(['voluntary', 'independent'])('is open to a %s body', (organisationKind) => {
    expect(checkReason(bundle, { ...enquiry, lawfulBasis, organisationKind })).toContain('GDPR-6-1-ea')
  })

  test('was not in force before 5 February 2026', () => {
    const on = new Date('2026-02-04T12:00:00Z')
    expect(refusal({ lawfulBasis, organisationKind: 'voluntary', on }).code).toBe(
      'LAWFUL_BASIS_NOT_YET_IN_FORCE',
    )
  })
})

test('law-enforcement processing is open to the police alone', () => {
  const lawfulBasis = { ...footing, condition: 'DPA-P3' }
  expect(refusal({ lawfulBasis }).code).toBe('LAWFUL_BASIS_NOT_FOR_ORGANISATION')
  expect(checkReason(bundle, { ...enquiry, lawfulBasis, organisationKind: 'police' })).toContain('DPA-P3')
})

test.each([
  [{ purpose: 'curiosity' }, 'PURPOSE_UNKNOWN'],
  [{ role: 'ig-lead' }, 'PURPOSE_NOT_PERMITTED'],
  [{ role: 'agency-it' }, 'PURPOSE_NOT_PERMITTED'],
  [{ purpose: 'case-oversight', role: 'macpt-police' }, 'PURPOSE_NOT_PERMITTED'],
  [{ threshold: 's48' }, 'THRESHOLD_UNKNOWN'],
  [{ threshold: 's17' }, 'THRESHOLD_DOES_NOT_SUPPORT_PURPOSE'],
  [{ lawfulBasis: { ...footing, function: 'CA89-48' } }, 'LAWFUL_BASIS_UNKNOWN'],
  [{ lawfulBasis: { ...footing, article6: 'CA89-47' } }, 'LAWFUL_BASIS_WRONG_KIND'],
  [{ lawfulBasis: { ...footing, condition: 'GDPR-6-1-e' } }, 'LAWFUL_BASIS_WRONG_KIND'],
  [{ lawfulBasis: { ...footing, function: 'CA89-17' } }, 'LAWFUL_BASIS_NOT_FOR_PURPOSE'],
  [{ lawfulBasis: { ...footing, function: 'CA04-11' } }, 'LAWFUL_BASIS_NOT_FOR_PURPOSE'],
  [{ lawfulBasis: { ...footing, function: 'CLDC' } }, 'LAWFUL_BASIS_NOT_FOR_PURPOSE'],
  [
    {
      purpose: 'front-door-triage',
      threshold: 'early-help',
      lawfulBasis: { ...footing, function: 'CA89-47' },
    },
    'LAWFUL_BASIS_NOT_FOR_PURPOSE',
  ],
])('%o is refused as %s', (change, code) => {
  expect(refusal(change).code).toBe(code)
})

test('what was typed is said back only where it looks like a code', () => {
  expect(refusal({ purpose: 'curiosity' }).message).toContain('`curiosity`')
  expect(refusal({ purpose: '9990000018' }).message).not.toContain('999')
  expect(refusal({ purpose: 'Jo Bloggs, 4 High Street' }).message).not.toContain('Bloggs')
})
