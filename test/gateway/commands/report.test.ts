/** Reports from a terminal, made of what was truly asked: each reads at the desk, and each reading is on record. */
import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import { reportCommand } from '../../../gateway/commands/report.ts'
import { PERSONAS } from '../../../gateway/local/personas.ts'
import { storyOf } from '../../../gateway/local/population/stories.ts'
import { approve } from '../../approved.ts'
import { type GatewayUnderTest, openGateway } from '../../gateway-under-test.ts'
import { askingAt, printed } from './printed.ts'

const runs = test.skipIf(inject('partners').kafkaMissing !== null)
const NUMBER = storyOf('all-four').nhsNumber

let gateway: GatewayUnderTest
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-report-'))
  gateway = await openGateway({ kafka: true })
  askingAt(gateway)
  for (const persona of ['lcpp', 'macpt-health', 'social-worker', 'lcpp'])
    await gateway.ask(persona, 'all-four')
  if (inject('partners').kafkaMissing !== null) return
  await vi.waitFor(
    async () => {
      const { rows } = await gateway.pool.query(
        'select count(*)::int as n from read_access where effect is not null',
      )
      if (rows[0].n < 4) throw new Error('the reader has not read all')
    },
    { timeout: 20_000, interval: 100 },
  )
})
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  vi.unstubAllEnvs()
  await gateway.close()
  await rm(folder, { recursive: true, force: true })
})

const asIgLead = (...args: string[]) => printed(reportCommand(), ...args, '--as', 'ig-lead')

runs(
  'what the police gave to the council is in the report of disclosures, with its basis in words',
  async () => {
    const { madeOf, report } = JSON.parse(await asIgLead('disclosures', '--json', '--until', '2026-11-21'))
    expect(madeOf).toMatchObject({ ofAgency: null, until: '2026-11-21' })
    const flow = report.flows.find(
      (each: { from: string; to: string }) =>
        each.from === 'northshire-police' && each.to === 'northshire-council',
    )
    expect(flow).toMatchObject({ withinAgency: false, accesses: 2, children: 1 })
    expect(flow.kinds).toContain('police.crime')
    expect(report.refusals).toEqual([{ agency: 'northshire-council', code: 'NO_CASE_RELATIONSHIP', n: 1 }])
    const words = await asIgLead('disclosures')
    expect(words).toContain('Public task (UK GDPR Art 6(1)(e); DPA 2018 s.8)')
  },
)

runs('whoever looked without a case is named by a signal; what was not looked for is said', async () => {
  const words = await asIgLead('signals')
  expect(words).toContain('Daniel Price (social-worker, northshire-council)')
  expect(words).toContain('Not looked for: Sightline holds no shifts; give a file with --shifts')
  const lcpp = PERSONAS.find(({ id }) => id === 'lcpp')?.subject
  const shifts = [
    { subject: lcpp, shifts: [{ from: '2026-11-21T07:00:00Z', until: '2026-11-21T09:00:00Z' }] },
  ]
  await writeFile(join(folder, 'shifts.json'), JSON.stringify(shifts))
  const { report } = JSON.parse(await asIgLead('signals', '--shifts', join(folder, 'shifts.json'), '--json'))
  const off = report.signals.filter(({ signal }: { signal: string }) => signal === 'off-shift')
  expect(off).toHaveLength(2)
  expect(off[0]).toMatchObject({
    by: { name: 'Amina Yusuf' },
    because: expect.stringContaining('21 Nov 2026, 12:00'),
  })
})

runs('the disclosure list of a child holds police rows back, and has a row for each decision', async () => {
  const list = await asIgLead('subject-access', '--child', NUMBER, '--requester', 'child', '--json')
  const { rows } = JSON.parse(list).report
  const ofPolice = rows.filter((each: { custodian: string }) => each.custodian === 'northshire-police')
  expect(ofPolice).toHaveLength(3)
  for (const row of ofPolice) {
    expect(row.proposed).toBe('HOLD_BACK')
    expect(row.because.map(({ rule }: { rule: string }) => rule)).toContain('police-source')
  }
  for (const row of rows) expect(row.decision.outcome).toBeNull()
  for (const secret of [NUMBER, 'Amina', 'Yusuf']) expect(list).not.toContain(secret)
})

runs('whoever was shown a custodian’s records of a child can be told of a correction', async () => {
  const words = await asIgLead('rectification', '--child', NUMBER, '--custodian', 'northshire-police')
  expect(words).toContain('northshire-council, in the role lcpp: 2 times')
  expect(words).toContain('northshire-community-health, in the role macpt-health: once, on 21 Nov 2026')
  expect(words).not.toContain('Daniel Price')
  const one = ['--record-type', 'police.crime', '--record', 'CR/none']
  const none = await asIgLead('rectification', '--child', NUMBER, '--custodian', 'northshire-police', ...one)
  expect(none).toContain('Nobody, as far as this list goes.')
})

runs('each report is on record as readings of the log', async () => {
  const read = async () =>
    (
      await gateway.pool.query(
        "select count(*)::int as n from access_event where convert_from(body, 'utf8')::json #>> '{data,operation,name}' = 'Accesses'",
      )
    ).rows[0].n
  const before = await read()
  await asIgLead('disclosures')
  expect(await read()).toBe(before + 1)
})

test('the record of processing needs nobody’s accesses', async () => {
  const { report, madeOf } = JSON.parse(await printed(reportCommand(), 'processing', '--json'))
  expect(madeOf).toEqual({ accesses: 0 })
  expect(report.map(({ controller }: { controller: string }) => controller)).toContain('northshire-police')
})

test('a file that cannot be used is refused and not quoted', async () => {
  await writeFile(
    join(folder, 'wrong.yaml'),
    'staff:\n  - subject: x\n    postcode: 12 Elm Street\nchildren: []\n',
  )
  const refused = asIgLead('signals', '--neighbours', join(folder, 'wrong.yaml'))
  await expect(refused).rejects.toMatchObject({
    code: 'SIGNAL_FILE_WRONG',
    message: expect.not.stringContaining('Elm'),
  })
})

test.each([
  ['signals', 'signals.yaml', []],
  ['subject-access', 'subject-access.yaml', ['--child', NUMBER, '--requester', 'parent']],
])('%s are not reported by a %s that nobody approved', async (report, file, more) => {
  const dir = await mkdtemp(join(folder, 'policies-'))
  await cp(resolve(import.meta.dirname, '../../../policies'), dir, { recursive: true })
  await appendFile(join(dir, file), '\n# a word more\n')
  await expect(asIgLead(report, ...more, '--dir', dir)).rejects.toMatchObject({
    code: 'POLICY_CHANGE_NOT_APPROVED',
  })
  await rm(join(dir, file))
  await approve(dir)
  await expect(asIgLead(report, ...more, '--dir', dir)).rejects.toMatchObject({
    code: expect.stringMatching(/_MISSING$/),
  })
})

test('whoever is no IG lead gets no report', async () => {
  await expect(printed(reportCommand(), 'disclosures', '--as', 'lcpp')).rejects.toMatchObject({
    code: 'ROLE_MAY_NOT_DO_THIS',
  })
})
