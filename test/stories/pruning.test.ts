/** Promise 4, purpose first: what no policy could release was not even asked for, by the agencies' own logs. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Custodian } from '../../adapters/contract.ts'
import type { AccessEntry } from '../../gateway/local/agencies/access-log.ts'
import { placesIn } from '../../gateway/local/data-folder.ts'
import { PERSONAS } from '../../gateway/local/personas.ts'
import type { PolicyBundle } from '../../gateway/sharing/policy/bundle.ts'
import { loadBundle } from '../../gateway/sharing/policy/load.ts'
import { mayAsk } from '../../gateway/sharing/policy/may-ask.ts'
import { type ThresholdName, thresholds } from '../../schema/access-reason.ts'
import type { DecidedGroup } from '../../schema/data-group.ts'
import { isPersonal } from '../../schema/person.ts'
import { agencyFields, type Belonging, welfareKinds } from '../adapters/agency-fields.ts'
import {
  type GatewayUnderTest,
  NOON,
  openGateway,
  type Reply,
  register,
  statesOf,
} from '../gateway-under-test.ts'

const root = resolve(import.meta.dirname, '../..')
let gateway: GatewayUnderTest
let bundle: PolicyBundle
beforeAll(async () => {
  gateway = await openGateway()
  bundle = await loadBundle(join(root, 'policies'), () => undefined)
})
afterAll(() => gateway.close())

interface Question {
  readonly persona: string
  readonly purpose: string
  readonly threshold: ThresholdName
  readonly basis: string
  readonly consent: boolean
}
const question = (
  persona: string,
  purpose: string,
  threshold: ThresholdName,
  basis: string,
  consent = false,
): Question => ({ persona, purpose, threshold, basis, consent })

const team = ['lcpp', 'macpt-police', 'macpt-health', 'macpt-education']
const QUESTIONS: readonly Question[] = [
  ...team.flatMap((persona) => [
    question(persona, 's47-enquiry', 'S47', 'CA89-47'),
    question(persona, 'strategy-discussion', 'S47', 'CA89-47'),
    question(persona, 'front-door-triage', 'S47', 'CA89-47'),
    question(persona, 'front-door-triage', 'S17', 'CA89-17', true),
    question(persona, 'front-door-triage', 'EARLY_HELP', 'CA04-10'),
    question(persona, 'front-door-triage', 'EARLY_HELP', 'CA04-10', true),
  ]),
  ...['lcpp', 'macpt-health', 'macpt-education'].flatMap((persona) => [
    question(persona, 's17-assessment', 'S17', 'CA89-17'),
    question(persona, 's17-assessment', 'S17', 'CA89-17', true),
  ]),
  question('lcpp', 'case-oversight', 'S17', 'CA89-17'),
  question('lcpp', 'case-oversight', 'S47', 'CA89-47'),
]
const worded = ({ persona, purpose, threshold, consent }: Question) =>
  `${persona}, ${purpose} at ${threshold}${consent ? ' with consent' : ''}`

/** What the policies could release of one custodian: record type → groups. None where it may not be asked at all. */
function releasable(custodian: Custodian, asked: Question): ReadonlyMap<string, readonly DecidedGroup[]> {
  const { id, agency, sector, recordTypes } = custodian
  const subject = PERSONAS.find((persona) => persona.id === asked.persona)?.subject
  const person = register.practitioners.find((each) => each.subject === subject)
  if (person === undefined) throw new Error(`${asked.persona} is not in the register`)
  const practitioner = {
    agency: person.agency,
    roles: [person.role],
    macptMember: true,
    vetting: person.vetting,
    trained: true,
    conflict: false,
  }
  const context = {
    purpose: asked.purpose,
    threshold: thresholds[asked.threshold],
    bases: ['GDPR-6-1-e', 'GDPR-9-2-g', asked.basis],
    consent: asked.consent,
    caseLive: true,
    breakGlass: false,
    now: NOON,
  }
  const found = recordTypes.map((recordType) => {
    const askable = mayAsk(bundle, practitioner, { custodian: id, agency, sector, recordType }, context)
    return [recordType, askable.kind === 'ask' ? askable.groups : null] as const
  })
  return new Map(found.flatMap(([type, groups]) => (groups === null ? [] : [[type, groups]])))
}

/** What that agency wrote down of this question, in its own file. */
async function logged(custodian: string, eventId: string): Promise<readonly AccessEntry[]> {
  const folder = join(placesIn(inject('partners').dataDir).agencies, 'access-logs')
  const text = await readFile(join(folder, `${custodian}.ndjson`), 'utf8').catch(() => '')
  const lines = text.split('\n').slice(0, -1) // what is being written ends with no newline yet
  return lines.map((line) => JSON.parse(line) as AccessEntry).filter((entry) => entry.eventId === eventId)
}

const ask = (asked: Question, story: string): Promise<Reply> =>
  gateway.ask(asked.persona, story, {
    purpose: asked.purpose,
    threshold: asked.threshold,
    lawfulBasis: { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: asked.basis },
    consentRecorded: asked.consent,
  })

/** The fields that the agency's own words allow for what may be released, and every field that there is. */
function fieldsFor(custodian: string, may: ReadonlyMap<string, readonly DecidedGroup[]>): readonly string[] {
  const allowed = (one: Belonging) => {
    if (one === 'always') return true
    const groups = may.get(one.type)
    return groups !== undefined && (one.group === 'envelope' || groups.includes(one.group))
  }
  const table = agencyFields[custodian] ?? new Map()
  return [...table].filter(([, belongings]) => belongings.some(allowed)).map(([field]) => field)
}

interface Account {
  readonly custodian: string
  readonly state: string | undefined
  readonly may: ReadonlyMap<string, readonly DecidedGroup[]>
  readonly entries: readonly AccessEntry[]
  /** in the log, each once */
  readonly fields: readonly string[]
}

/** Every connected custodian's own account of one question. */
async function accountsOf(asked: Question, story = 'all-four'): Promise<readonly Account[]> {
  const reply = await ask(asked, story)
  expect(reply.status, reply.text).toBe(200)
  expect(reply.body.data.child.policyBundle).toBe(bundle.version)
  const { eventId } = reply.body.extensions.sightline
  const states = statesOf(reply)
  return await Promise.all(
    gateway.opened.house.connections.map(async ({ custodian }) => {
      const may = releasable(custodian, asked)
      // an agency may write its line a moment after its answer
      if (may.size > 0)
        await expect.poll(() => logged(custodian.id, eventId), { timeout: 10_000 }).not.toEqual([])
      const entries = await logged(custodian.id, eventId)
      const fields = [...new Set(entries.flatMap((entry) => entry.fields))]
      return { custodian: custodian.id, state: states[custodian.id], may, entries, fields }
    }),
  )
}

describe.each(QUESTIONS.map((asked) => [worded(asked), asked] as const))('%s', (_, asked) => {
  test('no agency was asked for a kind of record or a field that no policy could release', async () => {
    for (const { custodian, state, may, entries, fields } of await accountsOf(asked)) {
      if (may.size === 0) {
        expect([custodian, state, entries]).toEqual([custodian, 'NOT_ASKED', []])
        continue
      }
      // one that reads as not asked was asked at most who the child is and who is involved
      if (state === 'NOT_ASKED') expect([...may.keys()].filter((type) => !isPersonal(type))).toEqual([])
      const allowed = fieldsFor(custodian, may)
      expect([custodian, fields.filter((field) => !allowed.includes(field))]).toEqual([custodian, []])
      const kinds = entries.flatMap((entry) => entry.kinds)
      const ofWelfare = kinds.flatMap((kind) => welfareKinds[kind] ?? [])
      if (custodian === 'northshire-education-welfare')
        expect(ofWelfare.filter((type) => !may.has(type))).toEqual([])
    }
  })
})

test('a section 47 enquiry by the LCPP asks for accounts, clinical detail and intelligence, so that the above can fail', async () => {
  const accounts = await accountsOf(question('lcpp', 's47-enquiry', 'S47', 'CA89-47'))
  const asked = new Set(accounts.flatMap(({ fields }) => fields))
  for (const field of [
    'v_crime.mo_summary',
    'v_intel.sanitised_text',
    'Encounter.text',
    'Condition.code',
    'lookup.clients.frontDoor.account',
    'contact.notes',
    'sen.primaryNeed',
  ])
    expect(asked).toContain(field)
})

test('an agency whose system gives only whole records is asked for all of them, and its log says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-partnership-'))
  for (const part of ['policies', 'adapters/custodians'])
    await cp(join(root, part), join(folder, part.replace('adapters/', '')), { recursive: true })
  const file = join(folder, 'custodians/northshire-hospital.yaml')
  await writeFile(file, `${await readFile(file, 'utf8')}fieldSelection: none\n`)
  const whole = await openGateway({ env: { PARTNERSHIP_DIR: folder } })
  try {
    const reply = await whole.ask('macpt-education', 'all-four')
    const entries = await logged('northshire-hospital', reply.body.extensions.sightline.eventId)
    expect(entries.flatMap(({ fields }) => fields)).toContain('Encounter.*')
    const notes = reply.body.data.child.health.encounters.map((each: { notes: unknown }) => each.notes)
    expect(notes.filter((note: unknown) => note !== null)).toEqual([])
  } finally {
    await whole.close()
    await rm(folder, { recursive: true, force: true })
  }
})

test('and of what may be released nothing is left out, at any agency that holds the child', async () => {
  for (const asked of [
    question('lcpp', 's47-enquiry', 'S47', 'CA89-47'),
    question('macpt-education', 's47-enquiry', 'S47', 'CA89-47'),
    question('lcpp', 's17-assessment', 'S17', 'CA89-17', true),
  ])
    for (const { custodian, may, fields } of await accountsOf(asked)) {
      if (may.size > 0)
        expect([custodian, [...fields].sort()]).toEqual([custodian, [...fieldsFor(custodian, may)].sort()])
    }
})

test('the same question is asked in less than half as many fields for triage at early help', async () => {
  const count = async (asked: Question) =>
    (await accountsOf(asked)).reduce((sum, { fields }) => sum + fields.length, 0)
  const enquiry = await count(question('lcpp', 's47-enquiry', 'S47', 'CA89-47'))
  const triage = await count(question('lcpp', 'front-door-triage', 'EARLY_HELP', 'CA04-10', true))
  expect(triage).toBeLessThan(enquiry / 2)
})

test('the logs hold names of fields and no value', async () => {
  const accounts = await accountsOf(question('lcpp', 's47-enquiry', 'S47', 'CA89-47'))
  const text = JSON.stringify(accounts.map(({ entries }) => entries))
  expect(text).not.toMatch(/999\d{7}|Maya|Okafor/)
})
