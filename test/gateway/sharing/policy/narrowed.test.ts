/** What an edit takes away holds at once, and what it adds does not, agreement by agreement. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Agreement } from '../../../../gateway/sharing/policy/agreement.ts'
import { type BundleFile, readFolder } from '../../../../gateway/sharing/policy/bundle-files.ts'
import { widens } from '../../../../gateway/sharing/policy/change.ts'
import { bundleFrom } from '../../../../gateway/sharing/policy/load.ts'
import { narrowed } from '../../../../gateway/sharing/policy/narrowed.ts'
import { startOfUkDay } from '../../../../gateway/sharing/policy/uk-day.ts'
import { policiesDir } from './asked.ts'

/** Milliseconds, on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })

let files: readonly BundleFile[]
beforeAll(async () => {
  files = await readFolder(policiesDir, [])
})

const load = (those: readonly BundleFile[]) => bundleFrom(those, () => {})
const POLICE = 'agreements/northshire-police.yaml'
const HOSPITAL = 'agreements/northshire-hospital.yaml'

type Edits = Readonly<Record<string, (text: string) => string | null>>
const edit = (edits: Edits, those = files): readonly BundleFile[] =>
  those.flatMap(({ path, text }) => {
    const now = edits[path]?.(text) ?? (path in edits ? null : text)
    return now === null ? [] : [{ path, text: now }]
  })
const taken = (after: readonly BundleFile[], whole = true, before = files) => {
  const parts = narrowed(before, after, whole, load)
  const [was, standing, live] = [load(before), load(parts.standing), load(parts.live)]
  expect(widens(was, standing)).toEqual([])
  expect(widens(standing, live)).toEqual([])
  const row = (bundle: { readonly agreements: readonly Agreement[] }, id: string) => {
    const found = bundle.agreements.find((agreement) => agreement.id === id)
    if (!found) throw new Error(`no agreement ${id}`)
    return found
  }
  return { standing: (id: string) => row(standing, id), live: (id: string) => row(live, id), bundle: live }
}

const suspend = (text: string) => text.replace('suspended: false', 'suspended: true')
const extend = (text: string) => text.replace(/^ends: \S+/m, 'ends: 2030-03-31')

describe('of an edit', () => {
  test('a suspension is taken over although another agreement is extended, which is not', () => {
    const { standing, live } = taken(edit({ [POLICE]: suspend, [HOSPITAL]: extend }))
    expect([standing('NS-POL-2026').suspended, live('NS-POL-2026').suspended]).toEqual([true, true])
    expect(live('NS-ACU-2026').expires).toEqual(startOfUkDay('2028-04-01'))
  })

  test('a suspension is taken over although the same file is extended', () => {
    const { live } = taken(edit({ [POLICE]: (text) => extend(suspend(text)) }))
    expect(live('NS-POL-2026')).toMatchObject({ suspended: true, expires: startOfUkDay('2028-04-01') })
  })

  test('of one agreement the fewer purposes and the earlier end hold, the further recipient waits', () => {
    const { live } = taken(
      edit({
        [POLICE]: (text) =>
          text
            .replace('purposes: [s47-enquiry, ', 'purposes: [')
            .replace(/^ends: \S+/m, 'ends: 2027-03-31')
            .replace('recipients: [', 'recipients: [hollybank-school, '),
      }),
    )
    expect(live('NS-POL-2026').purposes).not.toContain('s47-enquiry')
    expect(live('NS-POL-2026').expires).toEqual(startOfUkDay('2027-04-01'))
    expect(live('NS-POL-2026').recipients).not.toContain('hollybank-school')
  })

  test('nothing is taken over of one that only adds', () => {
    const after = edit({ [POLICE]: extend, 'fields.cedar': () => null })
    expect(narrowed(files, after, true, load)).toEqual({ standing: files, live: files })
  })

  test('an agreement that was put under another file name is the same agreement', () => {
    const text = files.find(({ path }) => path === POLICE)?.text ?? ''
    const after = [...edit({ [POLICE]: () => null }), { path: 'agreements/police.yaml', text }]
    expect(taken(after).live('NS-POL-2026').suspended).toBe(false)
  })
})

describe('an agreement no longer applies', () => {
  test('whose file is broken; what people decided stays, so that mending it is enough', () => {
    const { standing, live } = taken(edit({ [POLICE]: (text) => text.slice(0, 300) }), false)
    expect([standing('NS-POL-2026').suspended, live('NS-POL-2026').suspended]).toEqual([false, true])
  })

  test('that was taken out, and stays out', () => {
    const { standing, live } = taken(edit({ [POLICE]: () => null, 'fields.cedar': () => null }))
    expect([standing('NS-POL-2026').suspended, live('NS-POL-2026').suspended]).toEqual([true, true])
  })

  test('that is missing from a folder that is no whole bundle; it may be copied at this moment', () => {
    const { standing, live } = taken([], false)
    for (const { id } of load(files).agreements)
      expect([id, standing(id).suspended, live(id).suspended]).toEqual([id, false, true])
  })
})

test('where a shorter reach would let an older agreement in, the agreement is suspended instead', () => {
  const police = files.find(({ path }) => path === POLICE)?.text ?? ''
  const older = police
    .replace('NS-POL-2026', 'NS-POL-2020')
    .replace(/^starts: \S+/m, 'starts: 2020-01-01')
    .replace(/^ends: \S+/m, 'ends: 2026-04-12')
    .replace('  - police.crime', '  - police.crime\n  - health.encounter')
  const undated = `@id("awkward.emergency")@title("x") permit (principal, action in Action::"any", resource)
    when { context.breakGlass && resource has agreement && resource.agreement.recordTypes.contains(resource.recordType) };`
  const before = [
    ...files,
    { path: 'agreements/older.yaml', text: older },
    { path: 'awkward.cedar', text: undated },
  ]
  const fewer = edit(
    { [POLICE]: (text) => text.replace('recipients: [northshire-council, ', 'recipients: [') },
    before,
  )
  const { live } = taken(fewer, true, before)
  expect(live('NS-POL-2026')).toMatchObject({ suspended: true })
  expect(live('NS-POL-2026').recipients).toContain('northshire-council')
})

test('what an agency keeps back in its own folder holds at once, whatever else waits', () => {
  const path = 'agencies/northshire-hospital/own.cedar'
  const text = `@id("northshire-hospital.all")@title("x")@reason("ASK_IG_LEAD")@disclose("subject")
    forbid (principal, action in Action::"any", resource) when { resource.agency == "northshire-hospital" };`
  const after = [...edit({ [POLICE]: extend, 'sealed.cedar': () => 'broken' }), { path, text }]
  expect(taken(after, false).bundle.policies.has('northshire-hospital.all')).toBe(true)
  // a rule that it lifts waits with the rest
  const lifted = after.map((file) => (file.path === path ? { path, text: '// nothing' } : file))
  const held = narrowed([...files, { path, text }], lifted, false, load)
  expect(load(held.live).policies.has('northshire-hospital.all')).toBe(true)
})
