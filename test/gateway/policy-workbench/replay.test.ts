/** Past accesses under a candidate: what more would have been seen, in how many records, by how many, of how many children. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { printedReplay } from '../../../gateway/commands/print-replay.ts'
import { drawQuestion, type Hints, hintsOf, pick, seeded } from '../../../gateway/policy-workbench/draw.ts'
import { policyJson } from '../../../gateway/policy-workbench/mutation.ts'
import { type ReplayReport, replay } from '../../../gateway/policy-workbench/replay.ts'
import { agreementFor } from '../../../gateway/sharing/policy/agreement.ts'
import type { PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'
import { compareAskables } from '../../../gateway/sharing/policy/compare-askables.ts'
import { compareEffects, type Side } from '../../../gateway/sharing/policy/compare-effects.ts'
import type { RecordClass } from '../../../gateway/sharing/policy/decide.ts'
import { effectOf } from '../../../gateway/sharing/policy/effect.ts'
import type { Grounds } from '../../../gateway/sharing/policy/grounds.ts'
import { mayAsk } from '../../../gateway/sharing/policy/may-ask.ts'
import { openQuestions } from '../../../gateway/sharing/policy/open-question.ts'
import type { PastAccess } from '../../../gateway/sharing/policy/past-access.ts'
import { amina, grace, helen, policiesDir, record, s17, s47, tom } from '../sharing/policy/asked.ts'
import { changedBundle, type Edit, lowerVetting, newForbid } from './changed-bundle.ts'

let live: PolicyBundle
beforeAll(async () => {
  live = await changedBundle()
})

type Counted = readonly [record: RecordClass, n: number]
let events = 0
const access = (
  who: string,
  child: string | null,
  classes: readonly Counted[],
  more: Partial<Grounds> = {},
): PastAccess => ({
  eventId: `event-${++events}`,
  at: s47.now,
  who,
  child,
  grounds: {
    bundle: live.version,
    practitioner: amina,
    context: s47,
    kinds: [],
    classes: classes.map(([each, n]) => ({ record: each, n })),
    ...more,
  },
})

async function* told(accesses: readonly PastAccess[]) {
  yield* accesses
}
const replayed = async (accesses: readonly PastAccess[], ...edits: readonly Edit[]): Promise<ReplayReport> =>
  replay(live, await changedBundle(...edits), told(accesses))

const graded = record('police', 'police.intelligence', { handling: ['intelligence-p'] })
const encounter = record('health', 'health.encounter')
const WORDS_ALONE = 'a title that reads better'
const barely = { ...tom, vetting: 1 }

test('records, accesses, people and children are counted, each person and child once', async () => {
  const accesses = [
    access('tom', 'anna', [[graded, 3]], { practitioner: barely }),
    access('tom', 'anna', [[graded, 2]], { practitioner: barely }),
    access(
      'ann',
      'ben',
      [
        [graded, 1],
        [record('police', 'police.crime'), 7],
      ],
      { practitioner: barely },
    ),
    access('amina', 'ben', [[graded, 4]]),
  ]
  const { rows, read, differing } = await replayed(accesses, lowerVetting)
  expect(read).toEqual({ accesses: 4, records: 17, people: 3, children: 2 })
  expect(rows).toEqual([
    {
      change: 'WIDER',
      of: 'records',
      role: 'macpt-police',
      recordType: 'police.intelligence',
      because: ['fields.intelligence-vetting'],
      what: ['intelligence: masked → shown'],
      fromNever: false,
      records: 6,
      accesses: 3,
      people: 2,
      children: 2,
    },
  ])
  expect(differing.WIDER).toEqual({ accesses: 3, records: 6, people: 2, children: 2 })
  expect(differing.NARROWER.accesses).toBe(0)
})

test('a child who was forgotten is counted among the accesses, and among no children', async () => {
  const [row] = (await replayed([access('tom', null, [[graded, 1]], { practitioner: barely })], lowerVetting))
    .rows
  expect(row).toMatchObject({ accesses: 1, people: 1, children: 0 })
})

test('what was never to be disclosed and would be known comes first, and is marked', async () => {
  const adoption: Edit = [
    'sealed.cedar',
    'resource.labels.contains(Label::"adoption")',
    'resource.labels.contains(Label::"adoption") && resource.sector != Sector::"health"',
  ]
  const accesses = [
    access('tom', 'anna', [[graded, 90]], { practitioner: barely }),
    access('amina', 'ben', [[record('health', 'health.encounter', { labels: ['adoption'] }), 1]]),
  ]
  const { rows } = await replayed(accesses, lowerVetting, adoption)
  expect(rows.map(({ fromNever, because }) => [fromNever, because])).toEqual([
    [true, ['sealed.adoption']],
    [false, ['fields.intelligence-vetting']],
  ])
  expect(rows[0]?.what).toEqual(['silent → shown'])
})

test('who the child is becomes known with the only record of substance, and counts too', async () => {
  const adoption: Edit = [
    'sealed.cedar',
    'resource.labels.contains(Label::"adoption")',
    'resource.labels.contains(Label::"adoption") && context.consent',
  ]
  const classes: Counted[] = [
    [record('health', 'health.encounter', { labels: ['adoption'] }), 1],
    [record('health', 'person.details'), 1],
  ]
  const { rows } = await replayed([access('amina', 'ben', classes)], adoption)
  expect(rows.map(({ recordType, because, fromNever }) => [recordType, because, fromNever]).sort()).toEqual([
    ['health.encounter', ['sealed.adoption'], true],
    ['person.details', ['sealed.adoption'], true],
  ])
  const known: Counted = [record('health', 'health.condition'), 1]
  const beside = await replayed([access('amina', 'ben', [...classes, known])], adoption)
  expect(beside.rows.map(({ recordType }) => recordType)).toEqual(['health.encounter'])
})

test('a new rule that forbids is narrower; another reason alone is neither', async () => {
  const triage = { ...s17, purpose: 'front-door-triage', consent: true, threshold: 's17' }
  const shown = record('social-care', 'social-care.contact')
  const narrower = await replayed([access('amina', 'anna', [[shown, 2]], { context: triage })], newForbid)
  expect(narrower.rows.map(({ change }) => change)).not.toContain('WIDER')
  const reason: Edit = [
    'fields.cedar',
    `level 2 or higher")\n@reason("VETTING_TOO_LOW")`,
    `level 2 or higher")\n@reason("ROLE_DOES_NOT_NEED_THIS")`,
  ]
  const { rows } = await replayed([access('tom', 'anna', [[graded, 1]], { practitioner: barely })], reason)
  expect(rows).toMatchObject([
    {
      change: 'REASON-ONLY',
      because: ['fields.intelligence-vetting'],
      what: ['intelligence: VETTING_TOO_LOW → ROLE_DOES_NOT_NEED_THIS'],
      records: 1,
    },
  ])
})

test('a kind that would no longer be asked for counts, though nobody knows its records', async () => {
  const kind = {
    custodian: 'northshire-police',
    agency: 'northshire-police',
    sector: 'police',
    recordType: 'police.crime',
  }
  const suspended: Edit = ['agreements/northshire-police.yaml', 'suspended: false', 'suspended: true']
  const accesses = [access('amina', 'anna', [[record('police', 'police.crime'), 2]], { kinds: [kind] })]
  const { rows } = await replayed(accesses, suspended)
  expect(rows.map(({ change, of, because, records }) => [change, of, because, records])).toEqual([
    ['NARROWER', 'records', ['AGREEMENT_SUSPENDED'], 2],
    ['NARROWER', 'asking', ['AGREEMENT_SUSPENDED'], null],
  ])
})

test('the agreement is the one of the day of the access, not of today', async () => {
  const shorter: Edit = ['agreements/northshire-police.yaml', 'starts: 2026-04-13', 'starts: 2026-06-01']
  const on = (day: string) => ({ context: { ...s47, now: new Date(`${day}T12:00:00Z`) } })
  const crime: Counted = [record('police', 'police.crime'), 1]
  const before = await replayed([access('amina', 'anna', [crime], on('2026-05-31'))], shorter)
  expect(before.rows.map(({ change, because }) => [change, because])).toEqual([
    ['NARROWER', ['AGREEMENT_NOT_STARTED']],
  ])
  expect((await replayed([access('amina', 'anna', [crime], on('2026-06-01'))], shorter)).rows).toEqual([])
})

test('an access from before an attribute was recorded is not compared, and that is said', async () => {
  const { trained: _, ...untold } = amina
  const old = access('amina', 'anna', [[graded, 1]], { practitioner: untold as typeof amina })
  const report = await replayed([old], lowerVetting)
  expect(report.rows).toEqual([])
  expect(report.notCompared).toEqual({ accesses: 1, missing: ['practitioner.trained'] })
  expect(printedReplay(report, [live])).toContain(
    'NOT COMPARED: 1 access from before the gateway recorded practitioner.trained',
  )
})

test('the printed report gives each cause its title and names nobody', async () => {
  const report = await replayed(
    [access('w-7', 'p-anna', [[graded, 3]], { practitioner: barely })],
    lowerVetting,
  )
  const printed = printedReplay(report, [live])
  expect(printed).toMatch(
    /^WIDER +1 access, 3 records, 1 person who asked, 1 child: more would have been seen$/m,
  )
  expect(printed).toMatch(/because of fields\.intelligence-vetting: Intelligence is shown only to those/)
  expect(printed).not.toMatch(/w-7|p-anna|event-/)
})

describe('deciding only where two bundles can differ is the same as deciding everything anew', () => {
  const changes: Readonly<Record<string, Edit>> = {
    'a lower level of vetting': lowerVetting,
    'a new rule that forbids': newForbid,
    'a permit that asks for more': [
      'access.cedar',
      '!resource.agreement.suspended',
      '!resource.agreement.suspended && context.consent',
    ],
    'a seal that is broken': ['sealed.cedar', 'Label::"live-investigation", ', ''],
    'an agreement that is suspended': [
      'agreements/northshire-police.yaml',
      'suspended: false',
      'suspended: true',
    ],
    'an agreement that starts later': [
      'agreements/northshire-hospital.yaml',
      'starts: 2026-04-13',
      'starts: 2026-06-01',
    ],
    'a label that is new': ['schema.cedarschema', '"adoption", ', '"adoption", "brought-home", '],
    'another handling code': [
      'sealed.cedar',
      'unless { resource.handling.contains(Handling::"intelligence-p") }',
      'unless { resource.handling.contains(Handling::"no-onward-share") }',
    ],
    [WORDS_ALONE]: [
      'fields.cedar',
      '@title("Intelligence is shown only to those',
      '@title("Put another way, intelligence is shown to those',
    ],
  }
  /** What the changed policies name is drawn more often. */
  const hintsFor = (candidate: PolicyBundle): Hints => {
    const changed = [...candidate.policies.values()].filter(
      ({ id, text }) => live.policies.get(id)?.text !== text,
    )
    const named = changed.map(({ text }) => hintsOf(policyJson(text)))
    return {
      codes: new Set([
        'Role::"lcpp"',
        'RecordType::"police.intelligence"',
        'Handling::"intelligence-p"',
        'Label::"brought-home"',
        ...named.flatMap(({ codes }) => [...codes]),
      ]),
      numbers: [1, 2],
      texts: [],
    }
  }

  test.each(Object.entries(changes))('%s', async (name, edit) => {
    const candidate = await changedBundle(edit)
    const open = openQuestions(live, candidate)
    const hints = hintsFor(candidate)
    const random = seeded(name.length)
    let differing = 0
    for (let round = 0; round < 250; round += 1) {
      const { practitioner: someone, ask: asked } = drawQuestion(candidate, hints, random)
      // every other question is one that is usually answered, so that there is something to differ
      const usual = round % 2 === 0
      const practitioner = usual ? { ...amina, vetting: someone.vetting } : someone
      const ask = usual ? { ...s47, consent: asked.consent, now: asked.now } : asked
      const question = open(practitioner, ask)
      for (let each = 0; each < 4; each += 1) {
        const { record: any } = drawQuestion(candidate, hints, random)
        const drawn = usual ? { ...pick(random, [graded, encounter]), labels: any.labels } : any
        const side = (bundle: PolicyBundle): Side => {
          let faulted = false
          const agreement = agreementFor(bundle, drawn.agency, drawn.custodian, practitioner.agency, ask.now)
          const alarm = () => {
            faulted = true
          }
          const full = { practitioner, record: { ...drawn, agreement }, context: ask }
          return {
            bundle,
            asked: full,
            effect: effectOf({ ...bundle, alarm }, practitioner, drawn, ask),
            faulted,
          }
        }
        const anew = compareEffects(side(live), side(candidate))
        expect(question.ofRecord(drawn)).toEqual(anew)
        const { custodian, agency, sector } = drawn
        const kind = {
          custodian,
          agency,
          sector,
          recordType: drawn.recordType,
          reviewed: pick(random, [true, false]),
        }
        const asking = compareAskables(
          mayAsk(live, practitioner, kind, ask),
          mayAsk(candidate, practitioner, kind, ask),
        )
        expect(question.ofKinds([kind]).map(({ change }) => change)).toEqual(asking ? [asking] : [])
        differing += anew.length
      }
    }
    if (name === WORDS_ALONE) expect(differing).toBe(0)
    else expect(differing).toBeGreaterThan(0)
  })
})

describe('on a terminal', () => {
  const COMMAND = fileURLToPath(new URL('../../../gateway/commands/sightline.js', import.meta.url))
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [COMMAND, 'policy', 'replay', ...args]).then(
      ({ stdout }) => ({ code: 0, out: stdout, err: '' }),
      ({ code, stdout, stderr }) => ({ code, out: stdout, err: stderr }),
    )

  test('exit code 1 where anything is wider, 0 where nothing is; a line that cannot be read is named, not quoted', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'replay-'))
    try {
      const candidate = join(dir, 'candidate')
      await cp(policiesDir, candidate, { recursive: true })
      const fields = join(candidate, 'fields.cedar')
      await writeFile(fields, (await readFile(fields, 'utf8')).replace(lowerVetting[1], lowerVetting[2]))
      const file = join(dir, 'accesses.ndjson')
      const line = JSON.stringify(access('tom', 'anna', [[graded, 3]], { practitioner: barely }))
      await writeFile(file, `${line}\n`)
      const wider = await run(candidate, '--dir', policiesDir, '--file', file)
      expect(wider.out).toMatch(/^WIDER +macpt-police +police\.intelligence +3 +1 +1 +1$/m)
      expect(wider.code).toBe(1)
      const later = await run(
        candidate,
        '--dir',
        policiesDir,
        '--file',
        file,
        '--from',
        '2027-01-01',
        '--json',
      )
      expect(later.code).toBe(0)
      expect(JSON.parse(later.out)).toMatchObject({ read: { accesses: 0 }, rows: [] })
      await writeFile(file, `${line}\n{"child":"anna"}\n`)
      const wrong = await run(candidate, '--dir', policiesDir, '--file', file)
      expect(wrong.err).toMatch(/^REPLAY_FILE_WRONG: .*accesses\.ndjson:2: the line is no access/)
      expect(wrong.err).not.toContain('anna')
    } finally {
      await rm(dir, { recursive: true })
    }
  })
})

test('whoever asked in another role is another row', async () => {
  const forbidden: Edit = [
    'fields.cedar',
    'Role::"lcpp", Role::"macpt-police", Role::"macpt-health"])',
    'Role::"macpt-police"])',
  ]
  const crime: Counted = [record('police', 'police.crime'), 1]
  const accesses = [
    access('amina', 'anna', [crime]),
    access('grace', 'anna', [crime], { practitioner: grace }),
    access('helen', 'anna', [crime], { practitioner: helen }),
  ]
  const { rows } = await replayed(accesses, forbidden)
  expect(rows.map(({ role, change }) => [role, change]).sort()).toEqual([
    ['lcpp', 'NARROWER'],
    ['macpt-health', 'NARROWER'],
  ])
})
