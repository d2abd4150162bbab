/** A candidate's policies in the shadow: differences are logged, and nobody's answer, secret or patience suffers. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import type { RecordClass } from '../../../../gateway/sharing/policy/decide.ts'
import type { Grounds } from '../../../../gateway/sharing/policy/grounds.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { openShadow } from '../../../../gateway/sharing/policy/shadow.ts'
import { policiesDir, record, s47, tom } from './asked.ts'

let dir: string
let live: PolicyBundle
let lines: Readonly<Record<string, unknown>>[]
let log: Logger
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shadow-'))
  await cp(policiesDir, dir, { recursive: true })
  live = await loadBundle(policiesDir)
  lines = []
  log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) })
})
afterEach(() => rm(dir, { recursive: true }))

async function edit(file: string, before: string, after: string) {
  const text = await readFile(join(dir, file), 'utf8')
  expect(text).toContain(before)
  await writeFile(join(dir, file), text.replace(before, after))
}

const grounds = (...classes: RecordClass[]): Grounds => ({
  bundle: live.version,
  practitioner: { ...tom, vetting: 1 },
  context: s47,
  kinds: [],
  classes: classes.map((each) => ({ record: each, n: 2 })),
})
const graded = record('police', 'police.intelligence', { handling: ['intelligence-p'] })
const differences = () => lines.filter(({ msg }) => msg === 'the shadow decides otherwise')

test('where the candidate decides otherwise, the log counts it by role, record type and policy', async () => {
  await edit('fields.cedar', 'principal.vetting >= 2', 'principal.vetting >= 1')
  const shadow = await openShadow({ dir, live: () => live, log })
  shadow.compare(grounds(graded, record('police', 'police.crime')), 'event-1')
  expect(differences(), 'nothing is compared before the answer has left').toEqual([])
  await shadow.idle()
  expect(differences()).toMatchObject([
    {
      eventId: 'event-1',
      differences: [
        {
          change: 'WIDER',
          of: 'records',
          role: 'macpt-police',
          recordType: 'police.intelligence',
          policies: ['fields.intelligence-vetting'],
          n: 2,
        },
      ],
    },
  ])
})

test('where both decide the same, nothing is logged', async () => {
  const shadow = await openShadow({ dir, live: () => live, log })
  shadow.compare(grounds(graded), 'event-1')
  await shadow.idle()
  expect(differences()).toEqual([])
})

test('what one of the two keeps silent is tied to no access, and named by no policy', async () => {
  await edit(
    'sealed.cedar',
    'resource.labels.contains(Label::"adoption")',
    'resource.labels.contains(Label::"adoption") && context.consent',
  )
  await edit(
    'sealed.cedar',
    'resource.labels.contains(Label::"staff-record")',
    'resource.labels.contains(Label::"staff-record") && context.consent',
  )
  const shadow = await openShadow({ dir, live: () => live, log })
  for (let count = 0; count < 100; count += 1)
    shadow.compare(
      grounds(
        record('police', 'police.crime', { labels: ['adoption'] }),
        record('police', 'police.custody', { labels: ['staff-record'] }),
      ),
      `event-${count}`,
    )
  await shadow.idle()
  expect(differences()).toEqual([])
  expect(lines.at(-1)).toMatchObject({ compared: 100, silent: { WIDER: 400, NARROWER: 0, 'REASON-ONLY': 0 } })
  expect(JSON.stringify(lines)).not.toMatch(/adoption|staff|event-|police\.c/)
})

test('a policy that only the IG lead may be told of is not named beside an access', async () => {
  await writeFile(
    join(dir, 'fields.cedar'),
    `${await readFile(join(dir, 'fields.cedar'), 'utf8')}
@id("fields.quiet") @title("Names of others are kept back") @reason("STAFF_RECORD") @disclose("ig")
forbid (principal, action == Action::"third-party", resource)
when { resource.labels.contains(Label::"young-person-refusal") };
`,
  )
  const shadow = await openShadow({ dir, live: () => live, log })
  shadow.compare(grounds(record('police', 'police.crime', { labels: ['young-person-refusal'] })), 'event-1')
  await shadow.idle()
  expect(JSON.stringify(differences())).not.toContain('fields.quiet')
})

test('it never throws, whatever it is given, and never asks for more time than there is', async () => {
  const shadow = await openShadow({ dir, live: () => live, log })
  const broken = { bundle: live.version, practitioner: null } as unknown as Grounds
  expect(() => shadow.compare(broken, 'event-1')).not.toThrow()
  for (let count = 0; count < 500; count += 1) shadow.compare(grounds(graded), `event-${count}`)
  await shadow.idle()
  expect(lines.some(({ msg }) => msg === 'the shadow failed; answers are not affected')).toBe(true)
  expect(
    lines.some(({ left }) => Number(left) > 0),
    'what waits is bounded',
  ).toBe(true)
})

test('an access that other policies decided is left out', async () => {
  await edit('fields.cedar', 'principal.vetting >= 2', 'principal.vetting >= 1')
  const shadow = await openShadow({ dir, live: () => live, log })
  shadow.compare({ ...grounds(graded), bundle: 'sha256:before' }, 'event-1')
  await shadow.idle()
  expect(differences()).toEqual([])
})

test('no gateway starts with a candidate that cannot be used', async () => {
  await edit('fields.cedar', 'principal.vetting', 'principal.veting')
  await expect(openShadow({ dir, live: () => live, log })).rejects.toMatchObject({ code: 'SHADOW_INVALID' })
})
