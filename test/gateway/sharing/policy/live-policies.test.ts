/** Policies that change while the gateway runs: what narrows holds within seconds, what widens waits for two names. */
import { randomBytes } from 'node:crypto'
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { migrate } from '../../../../gateway/ledger/migrate.ts'
import { readFolder, versionOf } from '../../../../gateway/sharing/policy/bundle-files.ts'
import { type LivePolicies, openLivePolicies } from '../../../../gateway/sharing/policy/live-policies.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { approvalsOf, manifestFrom, manifestText } from '../../../../gateway/sharing/policy/manifest.ts'
import { mayAsk } from '../../../../gateway/sharing/policy/may-ask.ts'
import { openShelf, type Shelf } from '../../../../gateway/sharing/policy/shelf.ts'
import { approvals, approve } from '../../../approved.ts'
import { type Cluster, ownCluster } from '../../ledger/cluster.ts'
import { amina, policiesDir, record, s47 } from './asked.ts'

const migrations = resolve(import.meta.dirname, '../../../../gateway/sharing/policy/migrations')
/** Milliseconds, on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })
const PATIENCE = { timeout: 60_000, interval: 20 }

let cluster: Cluster
let dir: string
let shelf: Shelf
let log: { code?: string; faults?: string[] }[]
const opened: LivePolicies[] = []

beforeAll(async () => {
  cluster = await ownCluster()
})
afterAll(() => cluster.end())
beforeEach(async () => {
  log = []
  dir = await mkdtemp(join(tmpdir(), 'policies-'))
  await cp(policiesDir, dir, { recursive: true })
  await rm(join(dir, 'manifest.yaml'), { force: true })
  await approve(dir)
  shelf = await newShelf()
})
afterEach(async () => {
  for (const policies of opened.splice(0)) await policies.close()
  await rm(dir, { recursive: true })
})

async function newShelf(): Promise<Shelf> {
  const name = `policies_${randomBytes(6).toString('hex')}`
  await cluster.postgres.createDatabase(name)
  const databaseUrl = cluster.postgres.url(name)
  await migrate({ databaseUrl, folders: [{ name: 'policy', directory: migrations }] })
  return openShelf(cluster.pool(databaseUrl))
}

async function open(everyMs = 40): Promise<LivePolicies> {
  const into = new Writable({
    write(line, _, done) {
      log.push(JSON.parse(String(line)))
      done()
    },
  })
  const policies = await openLivePolicies({ dir, shelf, alarm: () => {}, log: pino(into), everyMs })
  opened.push(policies)
  return policies
}

const POLICE = 'agreements/northshire-police.yaml'
const HOSPITAL = 'agreements/northshire-hospital.yaml'
const edit = async (file: string, change: (text: string) => string) => {
  const path = join(dir, file)
  const before = await readFile(path, 'utf8')
  expect(change(before), `the edit of ${file} changes nothing`).not.toBe(before)
  await writeFile(path, change(before))
}
const suspend = (file: string) => edit(file, (text) => text.replace('suspended: false', 'suspended: true'))
const resume = (file: string) => edit(file, (text) => text.replace('suspended: true', 'suspended: false'))
const extend = (file: string) => edit(file, (text) => text.replace(/^ends: \S+/m, 'ends: 2030-03-31'))

/** Why the police are not asked; null where they are. */
const whyNot = (policies: LivePolicies, kind = record('police', 'police.crime')): string | null => {
  const asked = mayAsk(policies.current(), amina, kind, s47)
  return asked.kind === 'not-asked' ? asked.reason : null
}
const endsIn = (policies: LivePolicies, id: string) =>
  policies
    .current()
    .agreements.find((agreement) => agreement.id === id)
    ?.expires.getUTCFullYear()
const held = (policies: LivePolicies) => policies.state().held
const until = (holds: () => void | Promise<void>) => vi.waitFor(holds, PATIENCE)

test('a suspended agreement stops in under five seconds, without a restart', async () => {
  const policies = await open(1_000)
  expect(whyNot(policies)).toBeNull()
  await suspend(POLICE)
  await vi.waitFor(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'), { timeout: 5_000 })
  expect(held(policies)).toBeNull()
  expect(policies.state().version).toBe((await loadBundle(dir)).version)
  await until(async () => expect((await shelf.last())?.version).toBe(policies.state().version))
})

describe('a wider change', () => {
  test('waits for two names, and the log says what it shares more and what to do', async () => {
    const policies = await open()
    const before = policies.state().version
    await extend(POLICE)
    await until(() => expect(held(policies)?.why).toBe('POLICY_CHANGE_NOT_APPROVED'))
    const { version } = await loadBundle(dir)
    expect(held(policies)?.faults).toEqual([
      'agreement `NS-POL-2026` ends later, on 2030-03-31',
      `two people must approve ${version} in place of ${before}; each runs: npx sightline policy approve --dir ${dir} --name "…" --post "…" --agency … --replaces ${before}`,
    ])
    expect(log.find(({ code }) => code === 'POLICY_CHANGE_NOT_APPROVED')?.faults).toEqual(
      held(policies)?.faults,
    )
    expect([policies.state().version, endsIn(policies, 'NS-POL-2026')]).toEqual([before, 2028])

    await approve(dir)
    await until(() => expect(policies.state()).toMatchObject({ version, held: null }))
    expect(endsIn(policies, 'NS-POL-2026')).toBe(2030)
    expect(await shelf.last()).toMatchObject({ version, approved: version })
  })

  test('to read every access waits for two names as well; to read it no longer does not wait', async () => {
    const policies = await open()
    const readers = () => [...policies.current().logReaders]
    expect(readers()).toEqual(['northshire-council'])
    const hospital = { agency: 'northshire-hospital', reads: 'partnership', because: 'nobody agreed to it' }
    await edit('log-readers.yaml', (text) => text + stringify([hospital]))
    await until(() => expect(held(policies)?.why).toBe('POLICY_CHANGE_NOT_APPROVED'))
    expect(held(policies)?.faults[0]).toBe('the IG leads of `northshire-hospital` read every access')
    expect(readers()).toEqual(['northshire-council'])
    await approve(dir)
    await until(() => expect(readers()).toEqual(['northshire-council', 'northshire-hospital']))
    await writeFile(join(dir, 'log-readers.yaml'), '[]')
    await until(() => expect(readers()).toEqual([]))
    expect(held(policies)).toBeNull()
  })

  test.each([
    ['signals.yaml', 'childrenADay: 12', 'childrenADay: 1200'],
    ['subject-access.yaml', 'sources: [police]', 'sources: [health]'],
  ])('a change of %s waits for two names, and so does taking it back', async (file, was, is) => {
    const policies = await open()
    const waits = () =>
      until(() => expect(held(policies)?.faults[0]).toBe(`${file} does not say the same as before`))
    await edit(file, (text) => text.replace(was, is))
    await waits()
    await approve(dir)
    await until(() => expect(held(policies)).toBeNull())
    await edit(file, (text) => text.replace(is, was))
    await waits()
  })

  test("one person's name twice is one approval", async () => {
    const policies = await open()
    const before = policies.state().version
    await extend(POLICE)
    const { version } = await loadBundle(dir)
    const [samuel] = approvals
    const twice = {
      bundle: version,
      replaces: before,
      approved: [samuel, { ...samuel, name: 'samuel  osei' }],
    }
    await appendFile(join(dir, 'manifest.yaml'), stringify([twice]))
    await until(() => expect(held(policies)?.why).toBe('POLICY_CHANGE_NOT_APPROVED'))
    expect(policies.state().version).toBe(before)
  })

  test('waits also where the approvals are of another step, and names the faults of a manifest', async () => {
    const policies = await open()
    await extend(POLICE)
    await approve(dir, `sha256:${'7'.repeat(64)}`)
    await until(() => expect(held(policies)?.why).toBe('POLICY_CHANGE_NOT_APPROVED'))
    await appendFile(join(dir, 'manifest.yaml'), '- bundle: 1\n')
    await until(() => expect(held(policies)?.faults.join()).toContain('manifest.yaml: entry 3.bundle'))
    expect(endsIn(policies, 'NS-POL-2026')).toBe(2028)
  })
})

describe('what narrows takes effect at once although the rest of the edit waits', () => {
  test('where the rest is wider', async () => {
    const policies = await open()
    await extend(HOSPITAL)
    await suspend(POLICE)
    await until(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'))
    expect(held(policies)?.why).toBe('POLICY_CHANGE_NOT_APPROVED')
    expect(endsIn(policies, 'NS-ACU-2026')).toBe(2028)
    // what decides is a bundle of its own, kept under its own version
    const { version } = policies.state()
    expect(version).not.toBe((await loadBundle(dir)).version)
    expect((await policies.bundleOf(version))?.version).toBe(version)
    await until(async () => expect((await shelf.last())?.version).toBe(version))
    // people approve the folder in place of the last approved one; the suspension is part of what they approve
    await approve(dir)
    await until(() => expect(held(policies)).toBeNull())
    expect([whyNot(policies), endsIn(policies, 'NS-ACU-2026')]).toEqual(['AGREEMENT_SUSPENDED', 2030])
  })

  test('where another file is broken, in the same moment', async () => {
    const policies = await open()
    await writeFile(join(dir, 'fields.cedar'), 'permit (')
    await suspend(POLICE)
    await until(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'))
    expect(held(policies)).toMatchObject({ why: 'POLICY_BUNDLE_INVALID' })
    expect(held(policies)?.faults.join()).toContain('fields.cedar:1: ')
    expect(log.map(({ code }) => code)).toContain('POLICY_BUNDLE_INVALID')
    // mending the one file is not undoing the other
    await cp(join(policiesDir, 'fields.cedar'), join(dir, 'fields.cedar'))
    await until(() => expect(held(policies)).toBeNull())
    expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED')
  })
})

describe('an agreement whose file is broken no longer applies', () => {
  test('and applies again once the file is mended', async () => {
    const policies = await open()
    const before = policies.state().version
    const whole = await readFile(join(dir, POLICE), 'utf8')
    await writeFile(join(dir, POLICE), whole.slice(0, 200))
    await until(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'))
    const between = policies.state().version
    await writeFile(join(dir, POLICE), whole)
    await until(() => expect(policies.state()).toMatchObject({ version: before, held: null }))
    expect(whyNot(policies)).toBeNull()
    // decisions in between can be explained
    await policies.close()
    expect((await (await open()).bundleOf(between))?.version).toBe(between)
  })

  test('nor does one whose file was taken out, and putting it back needs two names', async () => {
    const policies = await open()
    const file = 'agreements/eastmere-council.yaml'
    const kind = record('social-care', 'person.involvement')
    const text = await readFile(join(dir, file), 'utf8')
    expect(whyNot(policies, kind)).toBeNull()
    await rm(join(dir, file))
    await until(() => expect(whyNot(policies, kind)).toBe('NO_AGREEMENT'))
    await writeFile(join(dir, file), text)
    await until(() => expect(held(policies)?.why).toBe('POLICY_CHANGE_NOT_APPROVED'))
    expect(whyNot(policies, kind)).toBe('NO_AGREEMENT')
  })

  test('nor does any where the whole folder is gone; when it is back, everything is as before', async () => {
    const policies = await open()
    const before = policies.state().version
    const aside = await mkdtemp(join(tmpdir(), 'aside-'))
    await cp(dir, aside, { recursive: true })
    await rm(dir, { recursive: true })
    await until(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'))
    expect(held(policies)?.faults).toContain('the folder of policies cannot be read')
    await cp(aside, dir, { recursive: true })
    await until(() => expect(policies.state()).toMatchObject({ version: before, held: null }))
    await rm(aside, { recursive: true })
  })
})

describe('a suspension is not undone by restoring an old, approved folder', () => {
  test('while the gateway runs, nor when it starts again', async () => {
    const policies = await open()
    const first = policies.state().version
    await suspend(POLICE)
    await until(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'))
    const second = policies.state().version
    await until(async () => expect((await shelf.last())?.version).toBe(second))
    await resume(POLICE)
    await until(() => expect(held(policies)?.why).toBe('POLICY_CHANGE_NOT_APPROVED'))
    expect(held(policies)?.faults[0]).toBe('agreement `NS-POL-2026` is no longer suspended')
    expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED')
    await policies.close()
    await expect(open()).rejects.toMatchObject({
      code: 'POLICY_CHANGE_NOT_APPROVED',
      message: expect.stringContaining(`two people must approve ${first} in place of ${second}`),
    })
  })

  test('nor by an approval that undid an earlier one', async () => {
    const policies = await open()
    const first = policies.state().version
    await suspend(POLICE)
    await until(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'))
    const second = policies.state().version
    await resume(POLICE)
    await approve(dir, second)
    await until(() => expect(policies.state()).toMatchObject({ version: first, held: null }))
    await suspend(POLICE)
    await until(() => expect(policies.state().version).toBe(second))
    await resume(POLICE)
    await until(() => expect(held(policies)?.why).toBe('POLICY_CHANGE_NOT_APPROVED'))
    expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED')
  })

  test('nor by an approval in place of the last approved bundle that does not speak of it', async () => {
    const policies = await open()
    await suspend(POLICE)
    await until(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'))
    await resume(POLICE)
    await extend(HOSPITAL)
    await approve(dir)
    await until(() => expect(held(policies)?.why).toBe('POLICY_CHANGE_NOT_APPROVED'))
    expect([whyNot(policies), endsIn(policies, 'NS-ACU-2026')]).toEqual(['AGREEMENT_SUSPENDED', 2028])
  })
})

describe('at the start', () => {
  test('the first policies of a partnership are approved by two people', async () => {
    await rm(join(dir, 'manifest.yaml'))
    const { version } = await loadBundle(dir)
    await expect(open()).rejects.toMatchObject({
      code: 'POLICY_CHANGE_NOT_APPROVED',
      message: expect.stringMatching(
        new RegExp(
          `no policies were live here before\\ntwo people must approve ${version}; each runs: npx sightline policy approve`,
        ),
      ),
    })
    expect(await shelf.last()).toBeNull()
  })

  test('after a restart the gateway still knows what was live', async () => {
    const first = await open()
    const { version, since } = first.state()
    await first.close()
    await rm(join(dir, 'manifest.yaml')) // what was live needs no approval
    const again = await open()
    expect(again.state().version).toBe(version)
    expect(Math.abs(again.state().since.getTime() - since.getTime())).toBeLessThan(5_000)
    await again.close()

    await extend(POLICE)
    await expect(open()).rejects.toMatchObject({
      code: 'POLICY_CHANGE_NOT_APPROVED',
      message: expect.stringContaining('- agreement `NS-POL-2026` ends later, on 2030-03-31'),
    })
    await edit(POLICE, (text) => text.replace(/^ends: \S+/m, 'ends: 2027-03-31'))
    expect(endsIn(await open(), 'NS-POL-2026')).toBe(2027)
  })

  test('a bundle with faults is refused, as ever', async () => {
    await writeFile(join(dir, 'broken.cedar'), 'permit (')
    await expect(open()).rejects.toMatchObject({ code: 'POLICY_BUNDLE_INVALID' })
  })
})

describe('while the database is away', () => {
  test('what narrows takes effect, what widens does not; the shelf is told when it is back', async () => {
    const policies = await open()
    await cluster.postgres.stop()
    try {
      await suspend(POLICE)
      await until(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'))
      await extend(HOSPITAL)
      await approve(dir)
      await until(() => expect(held(policies)?.why).toBe('POLICY_CHANGE_NOT_APPROVED'))
      expect(endsIn(policies, 'NS-ACU-2026')).toBe(2028)
    } finally {
      await cluster.postgres.start()
    }
    // approved in place of the last approved bundle, the suspension included
    await until(() => expect(held(policies)).toBeNull())
    expect([whyNot(policies), endsIn(policies, 'NS-ACU-2026')]).toEqual(['AGREEMENT_SUSPENDED', 2030])
    expect((await shelf.last())?.version).toBe(policies.state().version)
  })

  test('a suspension that the shelf was not told is not undone when it answers again', async () => {
    const policies = await open()
    await cluster.postgres.stop()
    try {
      await suspend(POLICE)
      await until(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'))
      await resume(POLICE)
      await until(() => expect(held(policies)?.why).toBe('POLICY_CHANGE_NOT_APPROVED'))
    } finally {
      await cluster.postgres.start()
    }
    const { version } = policies.state()
    await until(async () => expect((await shelf.last())?.version).toBe(version))
    expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED')
  })
})

test('a suspension that the shelf was not told outlasts what another gateway did meanwhile', async () => {
  const real = shelf
  let isAway = false
  const unlessAway = <Answer>(answer: () => Promise<Answer>) =>
    isAway ? Promise.reject(new Error('away')) : answer()
  shelf = {
    put: (files, version) => unlessAway(() => real.put(files, version)),
    last: () => unlessAway(() => real.last()),
    filesOf: (version) => unlessAway(() => real.filesOf(version)),
    approvalsUsed: (version) => unlessAway(() => real.approvalsUsed(version)),
    markLive: (step) => unlessAway(() => real.markLive(step)),
  }
  const policies = await open()
  const replaces = policies.state().version
  isAway = true
  await suspend(POLICE)
  await until(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'))
  // another gateway has a folder in which the police are not suspended, and the hospital's agreement ends sooner
  await resume(POLICE)
  const files = (await readFolder(dir, [])).map(({ path, text }) => ({
    path,
    text: path === HOSPITAL ? text.replace(/^ends: \S+/m, 'ends: 2027-03-31') : text,
  }))
  const version = versionOf(files)
  expect(await real.markLive({ version, files, approved: version, approvals: [], replaces })).toBe(true)
  isAway = false
  await until(() => expect(endsIn(policies, 'NS-ACU-2026')).toBe(2027))
  expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED')
  expect(held(policies)?.faults).toEqual(
    expect.arrayContaining([
      'agreement `NS-ACU-2026` ends later, on 2028-03-31',
      'agreement `NS-POL-2026` is no longer suspended',
    ]),
  )
  await until(async () => expect((await real.last())?.version).toBe(policies.state().version))
})

test('several gateways that share a shelf follow one folder alike', async () => {
  const gateways = [await open(), await open(), await open()]
  await suspend(POLICE)
  for (const policies of gateways) await until(() => expect(whyNot(policies)).toBe('AGREEMENT_SUSPENDED'))
  await extend(HOSPITAL)
  await approve(dir)
  for (const policies of gateways) await until(() => expect(endsIn(policies, 'NS-ACU-2026')).toBe(2030))
  const { version } = await loadBundle(dir)
  await until(() =>
    expect(gateways.map((each) => [each.state().version, held(each)])).toEqual(
      gateways.map(() => [version, null]),
    ),
  )
  expect((await shelf.last())?.version).toBe(version)
})

test('the slower of two gateways is not left behind, though the faster used the approvals up', async () => {
  const real = shelf
  const policies = await open()
  const replaces = policies.state().version
  await policies.close()
  let isFaster = true
  shelf = {
    ...real,
    async approvalsUsed(version) {
      const manifest = manifestFrom(await manifestText(dir), [])
      const files = await readFolder(dir, [])
      const step = { version, files, approved: version, replaces, approvals: approvalsOf(manifest, version) }
      if (isFaster) expect(await real.markLive(step)).toBe(true)
      isFaster = false
      return real.approvalsUsed(version)
    },
  }
  const slower = await open()
  await extend(POLICE)
  await approve(dir)
  await until(() => expect(endsIn(slower, 'NS-POL-2026')).toBe(2030))
  expect([isFaster, held(slower)]).toEqual([false, null])
})

test('a bundle that was never live is not on the shelf', async () => {
  expect(await (await open()).bundleOf(`sha256:${'0'.repeat(64)}`)).toBeNull()
})
