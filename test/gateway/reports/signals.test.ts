/** Signals: how often each is right, how often it sees, and what each says; on accesses of which the truth is known. */
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { type SignalName, signalNames } from '../../../gateway/reports/signal-rules.ts'
import { signalsInWords, signalsReport } from '../../../gateway/reports/signals.ts'
import { loadApproved } from '../../../gateway/sharing/policy/approved.ts'
import { access, child, readingOf, refused } from './read-access.ts'
import { files, known } from './signals-fixture.ts'

const { signals: rules } = await loadApproved(resolve(import.meta.dirname, '../../../policies'))
if (rules === null) throw new Error('Northshire has signals')
const all = readingOf(known.map((each) => each.access))
const report = signalsReport(all, rules, files)
const NONE = { neighbours: null, shifts: null }

function measured(name: SignalName) {
  const told = new Set(
    report.signals.filter(({ signal }) => signal === name).flatMap(({ eventIds }) => eventIds),
  )
  const wrong = known.filter(({ truth }) => truth.includes(name)).map((each) => each.access.eventId)
  const found = wrong.filter((id) => told.has(id)).length
  return {
    told: told.size,
    wrong: wrong.length,
    precision: round(found / told.size),
    recall: round(found / wrong.length),
  }
}
const round = (share: number) => Math.round(share * 100) / 100

test('precision and recall of each signal, the honest people who look guilty among them', () => {
  expect(Object.fromEntries(signalNames.map((name) => [name, measured(name)]))).toEqual({
    self: { told: 2, wrong: 2, precision: 1, recall: 1 },
    relative: { told: 3, wrong: 3, precision: 0.67, recall: 0.67 },
    colleague: { told: 4, wrong: 2, precision: 0.5, recall: 1 },
    neighbour: { told: 3, wrong: 3, precision: 0.67, recall: 0.67 },
    volume: { told: 50, wrong: 42, precision: 0.68, recall: 0.81 },
    'off-shift': { told: 4, wrong: 3, precision: 0.75, recall: 1 },
    'no-case': { told: 5, wrong: 4, precision: 0.8, recall: 1 },
    'search-without-view': { told: 14, wrong: 13, precision: 0.79, recall: 0.85 },
  })
})

test('the everyday of six people raises no signal', () => {
  const everyday = known.filter(({ access: each }) =>
    ['asha', 'bela', 'cara', 'dora', 'edna', 'fay'].includes(each.by?.subject ?? ''),
  )
  expect(everyday.length).toBe(90)
  expect(signalsReport(readingOf(everyday.map((each) => each.access)), rules, NONE).signals).toEqual([])
})

test.each<[SignalName, string, RegExp]>([
  ['self', 'hana', /^she is the child, as the register knows; the question was answered$/],
  ['relative', 'iris', /the question was refused \(CONFLICT_OF_INTEREST\)$/],
  ['neighbour', 'ruth', /^she and the child live in one postcode$/],
  [
    'volume',
    'wilma',
    /^20 children on 17 Nov 2026; others of her role ask about \d a day, and the limit is 12$/,
  ],
  ['off-shift', 'cleo', /outside every shift and 60 minutes around it$/],
  ['no-case', 'dina', /no question about the child was answered within 24 hours$/],
  ['no-case', 'fern', /the register now knows no case relationship/],
  ['search-without-view', 'judy', /^5 children within 7 days from 16 Nov 2026/],
])('%s says in words why %s is named', (signal, who, because) => {
  const found = report.signals.find((each) => each.signal === signal && each.by.subject === who)
  expect(found?.because).toMatch(because)
})

test('what Sightline does not hold is never reported as none', () => {
  const { missing, signals } = signalsReport(all, rules, NONE)
  expect(missing).toEqual([
    { signal: 'neighbour', why: expect.stringContaining('--neighbours') },
    { signal: 'off-shift', why: expect.stringContaining('--shifts') },
  ])
  const words = signalsInWords({ questions: 1, signals, missing }, all, rules).join('\n')
  const [, afterwards = ''] = words.split('neighbour:')
  expect(afterwards.split('\n').slice(2, 3).join()).toContain('Not looked for')
  expect(afterwards.split('volume:')[0]).not.toContain('None.')
})

test('people whom the file does not speak of are counted as not compared', () => {
  const { missing } = report
  expect(missing.find(({ signal }) => signal === 'off-shift')?.why).toMatch(
    /^\d+ questions were not compared/,
  )
})

test('after a child was erased, nobody says that no tie was found', () => {
  const erased = access({ relationshipLive: null })
  const { missing } = signalsReport(readingOf([erased]), rules, NONE)
  expect(missing.map(({ signal }) => signal)).toEqual(
    expect.arrayContaining(['self', 'relative', 'colleague', 'no-case']),
  )
})

test('an IG lead of one agency gets signals of its own people alone', () => {
  const others = refused({ agency: 'northshire-police', child: child(1) })
  const own = refused({ who: 'own', child: child(2) })
  const { signals, questions } = signalsReport(
    readingOf([others, own], { ofAgency: 'northshire-council' }),
    rules,
    NONE,
  )
  expect(questions).toBe(1)
  expect(signals.map(({ by }) => by.subject)).toEqual(['own'])
})

test('each signal is printed with its why and its source, and names the accesses by their receipts', () => {
  const words = signalsInWords(report, all, rules).join('\n')
  for (const name of signalNames) expect(words).toContain(`${name}: `)
  expect(words).toContain('A signal is a question to ask, never a finding.')
  expect(words).toContain(report.signals[0]?.eventIds[0])
  for (const line of words.split('\n').filter((each) => !/^[a-z-]+: |^─/.test(each)))
    expect(line.length).toBeLessThanOrEqual(110)
})
