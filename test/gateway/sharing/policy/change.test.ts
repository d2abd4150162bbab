/** What a changed bundle could share more is named; where nothing is named, no question gets more than before. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { drawQuestion, pick, type Random, seeded } from '../../../../gateway/policy-workbench/draw.ts'
import { type Agreement, overlaps } from '../../../../gateway/sharing/policy/agreement.ts'
import type { Policy, PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import { type BundleFile, readFolder } from '../../../../gateway/sharing/policy/bundle-files.ts'
import { widens } from '../../../../gateway/sharing/policy/change.ts'
import { byAction } from '../../../../gateway/sharing/policy/decide.ts'
import { type Effect, effectOf } from '../../../../gateway/sharing/policy/effect.ts'
import { checkReason } from '../../../../gateway/sharing/policy/lawful-basis.ts'
import { bundleFrom } from '../../../../gateway/sharing/policy/load.ts'
import { startOfUkDay } from '../../../../gateway/sharing/policy/uk-day.ts'
import { decidedGroups } from '../../../../schema/data-group.ts'
import { organisationKinds } from '../../../../schema/organisation.ts'
import { policiesDir } from './asked.ts'

/** Policies that look at agreements in ways in which the partnership's own do not. */
const AWKWARD = `
@id("awkward.emergency")
@title("In an emergency, whatever an agreement lists, in force or not")
permit (principal, action in Action::"any", resource)
when { context.breakGlass && resource has agreement }
when { resource.agreement.recordTypes.contains(resource.recordType) };

@id("awkward.police-accounts")
@title("Under the agreement with the police no accounts")
@reason("THIRD_PARTY")
@disclose("subject")
forbid (principal, action == Action::"narrative", resource)
when { resource has agreement && resource.agreement.id == "NS-POL-2026" };

@id("awkward.uncovered")
@title("No clinical detail unless an agreement covers the purpose")
@reason("THIRD_PARTY")
@disclose("subject")
forbid (principal, action == Action::"clinical", resource)
unless { resource has agreement && resource.agreement.purposes.contains(context.purpose) };
`

/** Milliseconds, on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })

let files: readonly BundleFile[]
let plain: PolicyBundle
let awkward: PolicyBundle
beforeAll(async () => {
  files = await readFolder(policiesDir, [])
  plain = load(files)
  awkward = load([...files, { path: 'awkward.cedar', text: AWKWARD }])
})

const load = (those: readonly BundleFile[]) => bundleFrom(those, () => {})

const edited = (path: string, change: (text: string) => string): PolicyBundle =>
  load(
    files.map((file) => {
      if (file.path !== path) return file
      const text = change(file.text)
      expect(text, `the edit of ${path} changes nothing`).not.toBe(file.text)
      return { path, text }
    }),
  )
const added = (text: string, path = 'extra.cedar'): PolicyBundle => load([...files, { path, text }])
const rows = (bundle: PolicyBundle, agreements: readonly Agreement[]): PolicyBundle => ({
  ...bundle,
  agreements,
})
const police = (): Agreement => {
  const row = plain.agreements.find(({ id }) => id === 'NS-POL-2026')
  if (!row) throw new Error('no agreement with the police')
  return row
}
const withPolice = (bundle: PolicyBundle, ...instead: readonly Agreement[]): PolicyBundle =>
  rows(bundle, [...bundle.agreements.filter(({ id }) => id !== 'NS-POL-2026'), ...instead])

describe('nothing is shared more', () => {
  test('by the same folder, or by one with other comments and titles of agreements', () => {
    expect(widens(plain, plain)).toEqual([])
    const commented = load(
      files.map(({ path, text }) => ({ path, text: path === 'schema.cedarschema' ? text : `${text}\n` })),
    )
    expect(widens(plain, commented)).toEqual([])
    const retitled = edited('agreements/northshire-police.yaml', (text) =>
      text.replace(/^title: .*/m, 'title: x'),
    )
    expect(widens(plain, retitled)).toEqual([])
  })

  test('by a suspended agreement, one with fewer terms, and none at all', () => {
    const { recordTypes, purposes, recipients } = police()
    for (const change of [
      { suspended: true },
      { recordTypes: recordTypes.slice(1), purposes: purposes.slice(1) },
      { recipients: recipients.slice(1) },
      { starts: startOfUkDay('2027-01-01'), expires: startOfUkDay('2027-06-01') },
    ])
      expect(widens(plain, withPolice(plain, { ...police(), ...change }))).toEqual([])
    expect(widens(plain, withPolice(plain))).toEqual([])
  })

  test('by a new agreement while it is suspended', () => {
    const college = {
      ...police(),
      id: 'NEW',
      source: { agency: 'westvale-college', custodians: ['westvale-college'] },
    }
    expect(widens(plain, rows(plain, [...plain.agreements, { ...college, suspended: true }]))).toEqual([])
    expect(widens(plain, rows(plain, [...plain.agreements, college]))).toContain(
      'agreement `NEW` shares from westvale-college to northshire-council, and no agreement did',
    )
  })

  test('by a permit less, a forbid more, a basis that ends earlier and a purpose for fewer roles', () => {
    const forbid = `@id("extra.forbid")@title("x")@reason("THIRD_PARTY")@disclose("subject")
      forbid (principal, action == Action::"clinical", resource) when { context.consent };`
    expect(widens(plain, added(forbid))).toEqual([])
    const permit = `@id("extra.permit")@title("x") permit (principal, action, resource) when { context.consent };`
    expect(widens(added(permit), plain)).toEqual([])
    const fewer = edited('purposes.yaml', (text) => text.replace(/roles: \[(.*?), (.*?)\]/, 'roles: [$1]'))
    expect(widens(plain, fewer)).toEqual([])
    expect(widens(fewer, plain).join()).toMatch(/purpose `.*` has more roles: /)
    const bases = new Map(plain.lawfulBases)
    const [code, basis] = [...bases].find(([, { inForce }]) => inForce === 'long-standing') ?? []
    if (!code || !basis) throw new Error('no basis of long standing')
    bases.set(code, { ...basis, inForce: { from: '2020-01-01', to: '2026-01-01' } })
    const ending = { ...plain, lawfulBases: bases }
    expect(widens(plain, ending)).toEqual([])
    expect(widens(ending, plain)).toEqual([`lawful basis \`${code}\` is in force on more days`])
  })
})

describe('what could share more is named', () => {
  test.each<[string, () => PolicyBundle, string]>([
    [
      'a permit',
      () =>
        added(
          '@id("extra.permit")@title("All with consent") permit (principal, action, resource) when { context.consent };',
        ),
      '`extra.permit` (All with consent) permits anew',
    ],
    [
      'a forbid less',
      () => load(files.filter(({ path }) => path !== 'disclosure.cedar')),
      '`disclosure.early-help` (At early help the reason for withholding is not told; the IG lead explains it) no longer forbids',
    ],
    [
      'a policy that says something else',
      () => edited('sealed.cedar', (text) => text.replace('Label::"adoption"', 'Label::"hfea"')),
      '`sealed.adoption` (An adoption record is never shown and never acknowledged (Adoption and Children Act 2002 ss.56-65)) does not say the same as before',
    ],
    [
      'an agreement that ends later',
      () =>
        edited('agreements/northshire-police.yaml', (text) =>
          text.replace('ends: 2028-03-31', 'ends: 2028-04-01'),
        ),
      'agreement `NS-POL-2026` ends later, on 2028-04-01',
    ],
    [
      'an agreement without one of its duties',
      () => withPolice(plain, { ...police(), duties: police().duties.slice(1) }),
      'agreement `NS-POL-2026` no longer has the duty `Handling conditions travel with the record and bind whoever receives it.`',
    ],
    [
      'a reason that is told from now on',
      () =>
        edited('reasons.yaml', (text) =>
          text.replace(/(- code: ADOPTION\n {2}words: )null/, '$1this is an adoption record'),
        ),
      'reason `ADOPTION` has words, and had none',
    ],
    [
      'another schema, be it by a comment',
      () => edited('schema.cedarschema', (text) => `${text}\n// more\n`),
      'schema.cedarschema is another: policies do not see the same',
    ],
  ])('%s', (_, after, line) => {
    expect(widens(plain, after())).toContain(line)
  })

  test('an agreement that covers more, in whichever of its terms', () => {
    const less = (key: 'recordTypes' | 'purposes' | 'bases' | 'thresholds' | 'recipients') =>
      widens(withPolice(plain, { ...police(), [key]: police()[key].slice(1) }), plain)
    expect(less('recordTypes')).toEqual(['agreement `NS-POL-2026` covers more record types: person.details'])
    expect(less('purposes')).toEqual(['agreement `NS-POL-2026` covers more purposes: s47-enquiry'])
    expect(less('bases')).toEqual(['agreement `NS-POL-2026` covers more lawful bases: GDPR-6-1-c'])
    expect(less('thresholds')).toEqual(['agreement `NS-POL-2026` covers more thresholds: s47'])
    expect(less('recipients')).toEqual([
      'agreement `NS-POL-2026` shares from northshire-police to northshire-council, and no agreement did',
    ])
    const later = withPolice(plain, { ...police(), starts: startOfUkDay('2026-05-01') })
    expect(widens(later, plain)).toEqual(['agreement `NS-POL-2026` starts earlier, on 2026-04-13'])
  })

  test('what was suspended and is no longer', () => {
    const suspended = withPolice(plain, { ...police(), suspended: true })
    expect(widens(suspended, plain)).toEqual(['agreement `NS-POL-2026` is no longer suspended'])
  })
})

describe('a narrower agreement does not let a wider one in by the back door', () => {
  const older = (): Agreement => ({
    ...police(),
    id: 'NS-POL-2020',
    recordTypes: [...police().recordTypes, 'health.encounter'],
    starts: startOfUkDay('2020-01-01'),
    expires: startOfUkDay('2026-04-13'),
  })

  test('an older one that has ended permits nothing where every permit asks for the dates', () => {
    const both = withPolice(plain, police(), older())
    expect(widens(both, withPolice(plain, older()))).toEqual([])
    const late = { ...police(), starts: startOfUkDay('2027-01-01') }
    expect(widens(both, withPolice(plain, late, older()))).toEqual([])
  })

  test('where a permit does not, taking out the newer one is a change that people decide on', () => {
    const both = withPolice(awkward, police(), older())
    const line =
      'agreement `NS-POL-2020` takes the place of `NS-POL-2026` from northshire-police to northshire-council'
    expect(widens(both, withPolice(awkward, older()))).toContain(line)
    const late = { ...police(), starts: startOfUkDay('2027-01-01') }
    expect(widens(both, withPolice(awkward, late, older()))).toContain(line)
    expect(widens(both, withPolice(awkward, { ...police(), suspended: true }, older()))).toEqual([])
  })

  test('a rule that holds only under an agreement keeps it from being taken out unseen', () => {
    expect(widens(awkward, withPolice(awkward))).toContain(
      '`awkward.police-accounts` may share more where less is agreed, so the change of agreement `NS-POL-2026` is not proved to be narrower',
    )
  })

  test('a policy that could share more the less is agreed is no policy of a bundle', () => {
    for (const condition of [
      'resource has agreement && resource.agreement.suspended',
      'resource has agreement && !resource.agreement.purposes.contains(context.purpose)',
      'resource has agreement && context.now > resource.agreement.expires',
      'resource has agreement && resource.agreement.bases == context.bases',
      'resource has agreement && (if resource.agreement.suspended then context.consent else context.caseLive)',
    ])
      expect(() =>
        added(`@id("a.b")@title("x") permit (principal, action, resource) when { ${condition} };`),
      ).toThrow('extra.cedar:1: policy `a.b` could share more where less is agreed')
  })

  test('a permit that failed is not taken out unseen: what fails denies', () => {
    const failing = `@id("a.b")@title("x") permit (principal, action, resource)
      when { [[context.purpose], [Purpose::"s47-enquiry"]].contains([Purpose::"s47-enquiry"]) };`
    expect(widens(added(failing), plain)).toEqual(['`a.b` (x) is gone, and where it failed it denied'])
  })
})

describe('over random edits', () => {
  const RANK = { silent: 0, withhold: 1, release: 2, none: 0, partial: 1, full: 2 } as const

  function isWider(before: Effect, after: Effect): boolean {
    if (before.kind !== after.kind) return RANK[after.kind] > RANK[before.kind]
    if (before.kind === 'withhold' && after.kind === 'withhold') return after.told && !before.told
    return (
      before.kind === 'release' &&
      after.kind === 'release' &&
      decidedGroups.some((group) => RANK[after.groups[group].release] > RANK[before.groups[group].release])
    )
  }

  const year = (date: Date, years: number) => new Date(date.getTime() + years * 31_536_000_000)

  /** Mostly less, sometimes more. */
  function change(row: Agreement, random: Random): readonly Agreement[] {
    const terms = ['recordTypes', 'purposes', 'bases', 'thresholds', 'recipients'] as const
    const key = pick(random, terms)
    const drop = row[key].filter((_, index) => index !== Math.floor(random() * row[key].length))
    switch (
      pick(random, [
        'suspend',
        'resume',
        'less',
        'less',
        'more',
        'later',
        'sooner',
        'shorter',
        'longer',
        'gone',
        'custodian',
        'other',
      ])
    ) {
      case 'suspend':
        return [{ ...row, suspended: true }]
      case 'resume':
        return [{ ...row, suspended: false }]
      case 'less':
        return drop.length > 0 ? [{ ...row, [key]: drop }] : []
      case 'more':
        return [{ ...row, [key]: [...new Set([...row[key], ...pick(random, plain.agreements)[key]])] }]
      case 'later':
        return [{ ...row, starts: year(row.starts, 0.5) }]
      case 'sooner':
        return [{ ...row, starts: year(row.starts, -0.5) }]
      case 'shorter':
        return [{ ...row, expires: year(row.expires, -0.5) }]
      case 'longer':
        return [{ ...row, expires: year(row.expires, 0.5) }]
      case 'custodian':
        return row.source.custodians.length > 1
          ? [{ ...row, source: { ...row.source, custodians: row.source.custodians.slice(1) } }]
          : []
      case 'other':
        return [
          row,
          {
            ...pick(random, plain.agreements),
            id: 'OTHER',
            source: row.source,
            starts: year(row.starts, -3),
            expires: row.starts,
          },
        ]
      default:
        return []
    }
  }

  function policiesOf(bundle: PolicyBundle, keep: (policy: Policy) => boolean): PolicyBundle {
    const policies = new Map([...bundle.policies].filter(([, policy]) => keep(policy)))
    const compiled = [...policies.values()].map((policy) => policy.compiled)
    return { ...bundle, policies, byAction: byAction(bundle.schema, compiled), taken: new WeakMap() }
  }

  /** One edit or two, of one agency's agreements, sometimes of the policies as well. */
  function randomPair(base: PolicyBundle, random: Random) {
    const { agency } = pick(random, base.agreements).source
    const its = base.agreements.filter(({ source }) => source.agency === agency)
    const older = its.map(
      (row): Agreement => ({
        ...row,
        id: `${row.id}-OLD`,
        starts: year(row.starts, -2),
        expires: row.starts,
        recordTypes: [...row.recordTypes, ...pick(random, base.agreements).recordTypes],
        purposes: pick(random, [row, ...base.agreements]).purposes,
      }),
    )
    const before = [...its, ...older.filter(() => random() < 0.5)].map((row) =>
      random() < 0.15 ? { ...row, suspended: true } : row,
    )
    const target = pick(random, before)
    const second = random() < 0.3 ? pick(random, before) : target
    const after = before.flatMap((row) => (row === target || row === second ? change(row, random) : [row]))
    const touched = random() < 0.2 ? pick(random, [...base.policies.keys()]) : null
    const isNew = random() < 0.5
    return {
      before: policiesOf(rows(base, before), ({ id }) => !(isNew && id === touched)),
      after: policiesOf(rows(base, after), ({ id }) => isNew || id !== touched),
    }
  }

  test.each<[string, () => PolicyBundle, number]>([
    ['of the policies of Northshire', () => plain, 31],
    ['of policies that look at agreements otherwise', () => awkward, 32],
  ])(
    '%s: where nothing is named, no question is answered with more',
    (_, base, seed) => {
      const random = seeded(seed)
      let [quiet, seen, shown] = [0, 0, 0]
      for (let round = 0; round < 600; round += 1) {
        const { before, after } = randomPair(base(), random)
        if (overlaps(before.agreements).length > 0 || overlaps(after.agreements).length > 0) continue
        const named = widens(before, after)
        if (named.length === 0) quiet += 1
        const either = rows(before, [...before.agreements, ...after.agreements])
        let wider = 0
        for (let question = 0; question < 60; question += 1) {
          const hints = { codes: new Set<string>(), numbers: [], texts: [] }
          const { practitioner: drawn, record, ask } = drawQuestion(either, hints, random)
          const practitioner = { ...drawn, trained: random() < 0.95, conflict: random() < 0.05 }
          const [was, is] = [
            effectOf(before, practitioner, record, ask),
            effectOf(after, practitioner, record, ask),
          ]
          if (is.kind !== 'silent') shown += 1
          if (!isWider(was, is)) continue
          wider += 1
          expect(named, JSON.stringify({ practitioner, record, ask, was, is })).not.toEqual([])
        }
        if (wider > 0) seen += 1
      }
      // enough of each, or the test would say nothing
      expect(quiet).toBeGreaterThan(40)
      expect(seen).toBeGreaterThan(15)
      expect(shown).toBeGreaterThan(1000)
    },
    240_000,
  )

  test('of the lists: where nothing is named, no reason is accepted that was refused', () => {
    const random = seeded(33)
    const drop = <Item>(list: readonly Item[], share = 0.1) => list.filter(() => random() > share)
    const days = ['2020-01-01', '2026-04-01', '2026-11-21', '2027-01-01']
    const variant = (): PolicyBundle => ({
      ...plain,
      purposes: new Map(
        drop([...plain.purposes], 0.03).map(([code, each]) => [
          code,
          {
            ...each,
            roles: drop(each.roles, 0.05),
            functions: drop(each.functions, 0.05),
            thresholds: drop(each.thresholds, 0.05),
          },
        ]),
      ),
      thresholds: new Map(
        [...plain.thresholds].map(([code, each]) => [
          code,
          { ...each, functions: drop(each.functions, 0.03) },
        ]),
      ),
      lawfulBases: new Map(
        [...plain.lawfulBases].map(([code, basis]) => [
          code,
          random() < 0.85
            ? basis
            : {
                ...basis,
                closedTo: drop(organisationKinds, 0.7),
                inForce:
                  random() < 0.2
                    ? ('awaiting-commencement' as const)
                    : {
                        from: pick(random, days.slice(0, 2)),
                        ...(random() < 0.5 ? { to: pick(random, days) } : {}),
                      },
              },
        ]),
      ),
    })
    const accepted = (bundle: PolicyBundle, reason: Parameters<typeof checkReason>[1]): boolean => {
      try {
        checkReason(bundle, reason)
        return true
      } catch {
        return false
      }
    }
    let [quiet, accepting, seen] = [0, 0, 0]
    const [article6, condition, functions] = (['article6', 'condition', 'function'] as const).map((kind) =>
      [...plain.lawfulBases.values()].filter((basis) => basis.kind === kind).map(({ code }) => code),
    )
    for (let round = 0; round < 600; round += 1) {
      const before = random() < 0.7 ? plain : variant()
      const after = variant()
      const named = widens(before, after)
      if (named.length === 0) quiet += 1
      for (let question = 0; question < 40; question += 1) {
        const purpose = pick(random, [...plain.purposes.values()])
        const reason = {
          purpose: purpose.code,
          threshold: pick(random, purpose.thresholds),
          role: pick(random, purpose.roles),
          organisationKind: pick(random, organisationKinds),
          on: new Date(`${pick(random, days)}T12:00:00Z`),
          lawfulBasis: {
            article6: pick(random, article6 ?? []),
            condition: pick(random, condition ?? []),
            function: random() < 0.7 ? pick(random, purpose.functions) : pick(random, functions ?? []),
          },
        }
        const [was, is] = [accepted(before, reason), accepted(after, reason)]
        if (is) accepting += 1
        if (was || !is) continue
        seen += 1
        expect(named, JSON.stringify(reason)).not.toEqual([])
      }
    }
    expect(quiet).toBeGreaterThan(60)
    expect(accepting).toBeGreaterThan(1000)
    expect(seen).toBeGreaterThan(60)
  }, 240_000)
})
