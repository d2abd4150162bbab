/** What an information-governance lead reads of the log: everything that she may, and that she read it is on record. */
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest'
import { registerFrom } from '../../gateway/access/register-file.ts'
import { PERSONAS } from '../../gateway/local/personas.ts'
import { storyOf } from '../../gateway/local/population/stories.ts'
import { accessesFor } from '../../gateway/reader/accesses.ts'
import type { AccessFilter, AccessPage, ReadAccess } from '../../schema/read-access.ts'
import {
  codeOf,
  type GatewayUnderTest,
  NOON,
  openGateway,
  type Reply,
  register,
} from '../gateway-under-test.ts'

const EXPLANATION = `query Explanation($eventId: ID!) { explanation(eventId: $eventId) {
  classes { custodian n } notAsked { custodian } } }`

const runs = test.skipIf(inject('partners').kafkaMissing !== null)
const NUMBER = storyOf('all-four').nhsNumber

const ACCESSES = `query Accesses($filter: AccessFilter, $first: Int! = 50, $after: String) {
  accesses(filter: $filter, first: $first, after: $after) { next notRead keptFrom childrenErased unknown ofAgency accesses {
    eventId type at decision refusal child children by { subject name role agency } purpose caseKey threshold emergency
    lawfulBasis { article6 condition function } agreements operation bundle
    asked { custodian agency state recordTypes n } released withheld { rule reason n } steps { type at ended }
    tie relationshipLive } } }`

let gateway: GatewayUnderTest
let now = NOON
const receipts: Record<string, string> = {}
beforeAll(async () => {
  gateway = await openGateway({ kafka: true, clock: () => now })
  const asked: readonly [string, string, string, object?][] = [
    ['picture', 'lcpp', 'all-four'],
    ['withoutTie', 'social-worker', 'all-four'],
    ['assessment', 'lcpp', 's17', { purpose: 's17-assessment' }],
    ['police', 'macpt-police', 'all-four'],
    ['health', 'macpt-health', 'all-four'],
  ]
  for (const [minute, [name, persona, story, asking]] of asked.entries()) {
    now = new Date(NOON.getTime() + minute * 60_000)
    const reply = await gateway.ask(persona, story, asking)
    receipts[name] = reply.body.extensions.sightline.eventId
  }
  now = new Date(NOON.getTime() + 3_600_000)
  if (inject('partners').kafkaMissing === null) await allRead()
}, 120_000)
beforeEach(async () => {
  await gateway.opened.house.register.takeOver(
    registerFrom(register, 'northshire'),
    inject('partners').issuer,
  )
})
afterAll(() => gateway.close())

const atDesk = async (persona: string, variables: object = {}, query = ACCESSES): Promise<Reply> =>
  gateway.post(JSON.stringify({ query, variables }), {
    authorization: `Bearer ${await gateway.token(persona)}`,
  })
async function page(filter: AccessFilter = {}, persona = 'ig-lead', more: object = {}): Promise<AccessPage> {
  const reply = await atDesk(persona, { filter, ...more })
  expect(codeOf(reply)).toBeUndefined()
  return reply.body.data.accesses
}
/** Of the accesses of this story, by the names they were given. */
const named = ({ accesses }: AccessPage) => {
  const names = Object.fromEntries(Object.entries(receipts).map(([name, id]) => [id, name]))
  return accesses.flatMap(({ eventId }) => names[eventId] ?? []).sort()
}
const found = (accesses: readonly ReadAccess[], name: string) =>
  accesses.find(({ eventId }) => eventId === receipts[name])
const allRead = () =>
  vi.waitFor(
    async () => {
      const { rows } = await gateway.pool.query(
        'select count(*)::int as n from access_event e where not exists (select from read_access r where r.event_id = e.event_id)',
      )
      if (rows[0].n > 0) throw new Error('the reader has not read all')
    },
    { timeout: 30_000, interval: 100 },
  )

/** Makes somebody of another agency an IG lead, or ties her to a child. */
const changed = (change: Partial<typeof register>) =>
  gateway.opened.house.register.takeOver(
    registerFrom({ ...register, ...change }, 'northshire'),
    inject('partners').issuer,
  )
const asIgLead = (persona: string, agency: string) =>
  register.practitioners.map((each) =>
    each.subject === PERSONAS.find(({ id }) => id === persona)?.subject
      ? { ...each, role: 'ig-lead', agency }
      : each,
  )
const tiedTo = (subject: string) =>
  ({
    ...{ subject, nhsNumber: NUMBER, kind: 'relative', source: 'declared, a week late' },
    ...{ from: '2026-01-01', until: null },
  }) as unknown as (typeof register.connections)[number]

runs('who saw what about whom, when, why, on what basis and by what decision, in one query', async () => {
  const { accesses, ofAgency } = await page({ nhsNumber: NUMBER })
  expect(ofAgency).toBeNull()
  const picture = found(accesses, 'picture')
  expect(picture).toMatchObject({
    type: 'sightline.access.released.v1',
    at: NOON.toISOString(),
    decision: 'RELEASED',
    by: { name: 'Amina Yusuf', role: 'lcpp', agency: 'northshire-council' },
    purpose: 's47-enquiry',
    threshold: 's47',
    emergency: false,
    lawfulBasis: { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: 'CA89-47' },
    operation: 'Picture',
    child: expect.stringMatching(/^p-/),
    children: 1,
    tie: null,
    relationshipLive: true,
  })
  expect(picture?.asked.find(({ custodian }) => custodian === 'northshire-police')).toMatchObject({
    agency: 'northshire-police',
    state: 'RECORDS_SHOWN',
    recordTypes: expect.arrayContaining(['police.crime']),
  })
  expect(picture?.released.length).toBeGreaterThan(10)
  expect(found(accesses, 'withoutTie')).toMatchObject({
    decision: 'DENIED',
    refusal: 'NO_CASE_RELATIONSHIP',
    by: { name: 'Daniel Price' },
    asked: [],
    relationshipLive: false,
  })
  expect(found(accesses, 'assessment')).toBeUndefined()
})

runs.each<readonly [string, () => AccessFilter | Promise<AccessFilter>, readonly string[]]>([
  [
    'pseudonym',
    async () => ({ child: found((await page()).accesses, 'picture')?.child ?? '' }),
    ['health', 'picture', 'police', 'withoutTie'],
  ],
  ['practitioner', () => ({ practitioner: PERSONAS[0]?.subject ?? '' }), ['assessment', 'picture']],
  ['name of the practitioner', () => ({ practitioner: 'amina yusuf' }), ['assessment', 'picture']],
  [
    'agency that asked or was asked',
    () => ({ agency: 'northshire-police' }),
    ['health', 'picture', 'police'],
  ],
  ['basis', () => ({ basis: 'CA89-17' }), ['assessment']],
  ['purpose', () => ({ purpose: 's47-enquiry' }), ['health', 'picture', 'police', 'withoutTie']],
  ['agreement', () => ({ agreement: 'NS-POL-2026', decision: 'RELEASED' }), ['health', 'picture']],
  ['decision', () => ({ decision: 'DENIED' }), ['withoutTie']],
  [
    'custodian that showed something',
    () => ({ custodian: 'northshire-police' }),
    ['health', 'picture', 'police'],
  ],
  ['first day', () => ({ from: '2026-11-22' }), []],
  ['last day', () => ({ until: '2026-11-20' }), []],
])('accesses are found by %s', async (_what, filter, expected) => {
  expect(named(await page(await filter()))).toEqual(expected)
})

runs('a record is found by its custodian’s own id, which stands nowhere in the log', async () => {
  const { rows } = await gateway.pool.query<{ record_ids: string[] }>(
    "select record_ids from read_source where event_id = $1 and custodian = 'northshire-police'",
    [receipts.picture],
  )
  expect(rows[0]?.record_ids.length).toBeGreaterThan(0)
  const own = 'a number that the police never gave'
  const filter = { custodian: 'northshire-police', recordType: 'police.crime', recordId: own }
  expect(named(await page(filter))).toEqual([])
  const id = gateway.opened.house.recordId('northshire-police', `police.crime ${own}`)
  await gateway.pool.query(
    "update read_source set record_ids = record_ids || $2::text where event_id = $1 and custodian = 'northshire-police'",
    [receipts.picture, id],
  )
  expect(named(await page(filter))).toEqual(['picture'])
  expect(codeOf(await atDesk('ig-lead', { filter: { recordId: own } }))).toBe('RECORD_INCOMPLETE')
})

runs('pages follow one another without a gap or a repeat', async () => {
  const whole = (await page({ until: '2026-11-21', purpose: 's47-enquiry' })).accesses.map(
    ({ eventId }) => eventId,
  )
  const paged: string[] = []
  let after: string | null = null
  do {
    const each: AccessPage = await page({ purpose: 's47-enquiry' }, 'ig-lead', { first: 3, after })
    paged.push(...each.accesses.map(({ eventId }) => eventId))
    after = each.next
  } while (after !== null)
  expect(paged).toEqual(whole)
  expect(codeOf(await atDesk('ig-lead', { after: 'bm8gcGxhY2U' }))).toBe('CURSOR_INVALID')
  expect(codeOf(await atDesk('ig-lead', { first: 101 }))).toBe('PAGE_TOO_LARGE')
})

runs(
  'to read the log is itself on record, with the child about whom it was read, before the answer leaves',
  async () => {
    const reply = await atDesk('ig-lead', { filter: { nhsNumber: NUMBER } })
    const eventId = reply.body.extensions.sightline.eventId
    const { rows } = await gateway.pool.query(
      "select convert_from(body, 'utf8')::json -> 'data' as data from access_event where event_id = $1",
      [eventId],
    )
    const child = found(reply.body.data.accesses.accesses, 'picture')?.child
    expect(rows[0]?.data).toMatchObject({
      actor: { role: 'ig-lead' },
      operation: { name: 'Accesses' },
      subjects: expect.arrayContaining([{ pid: child, relation: 'child' }]),
    })
    expect(JSON.stringify(rows)).not.toContain(NUMBER)
    await allRead()
    expect((await page({ nhsNumber: NUMBER })).accesses.map((each) => each.eventId)).toContain(eventId)
  },
)

runs.each(['lcpp', 'school-reviewer', 'it-engineer'])(
  '%s reads no log, and the attempt is on record',
  async (persona) => {
    const reply = await atDesk(persona)
    expect(codeOf(reply)).toBe('ROLE_MAY_NOT_DO_THIS')
    await allRead()
    const { accesses } = await page({ decision: 'DENIED' })
    expect(accesses[0]).toMatchObject({
      eventId: reply.body.extensions.sightline.eventId,
      operation: 'Accesses',
    })
  },
)

runs(
  'an IG lead of another agency reads what concerns it, and of others’ accesses no other agency’s part',
  async () => {
    await changed({ practitioners: asIgLead('it-engineer', 'northshire-police') })
    const { accesses, ofAgency } = await page({}, 'it-engineer')
    expect(ofAgency).toBe('northshire-police')
    expect(named({ accesses } as AccessPage)).toEqual(['health', 'picture', 'police'])
    const councils = found(accesses, 'picture')
    expect(councils?.asked.map(({ custodian }) => custodian)).toEqual(['northshire-police'])
    expect(councils?.released.filter((field) => !field.startsWith('police.'))).toEqual([])
    expect(councils?.released.length).toBeGreaterThan(0)
    expect(councils).toMatchObject({
      agreements: ['NS-POL-2026'],
      withheld: [],
      tie: null,
      relationshipLive: null,
    })
    const own = found(accesses, 'police')
    expect(own?.asked.length).toBeGreaterThan(1)
  },
)

runs('no filter tells an IG lead of another agency what its list does not', async () => {
  await changed({ practitioners: asIgLead('it-engineer', 'northshire-police') })
  expect(named(await page({ agency: 'northshire-hospital' }, 'it-engineer'))).toEqual(['police'])
  expect(named(await page({ agency: 'northshire-police' }, 'it-engineer'))).toContain('picture')
  expect(named(await page({ agreement: 'NS-ACU-2026' }, 'it-engineer'))).not.toContain('picture')
  expect(named(await page({ custodian: 'northshire-hospital' }, 'it-engineer'))).not.toContain('picture')
})

runs('an IG lead never reads of accesses about her own child or a relative', async () => {
  await changed({
    connections: [tiedTo(PERSONAS.find(({ id }) => id === 'ig-lead')?.subject ?? '')],
  })
  expect((await page({ nhsNumber: NUMBER })).accesses).toEqual([])
  expect(named(await page())).toEqual(['assessment'])
})

/** Custodians of which an access was explained to her; null where she was told that there is none. */
async function explained(name: string, persona: string): Promise<ReadonlySet<string> | null> {
  const reply = await atDesk(persona, { eventId: receipts[name] }, EXPLANATION)
  expect(codeOf(reply)).toBeUndefined()
  const told = reply.body.data.explanation
  return told && new Set([...told.classes, ...told.notAsked].map(({ custodian }) => custodian))
}
const recordOf = async (reply: Reply) => {
  const { rows } = await gateway.pool.query(
    "select convert_from(body, 'utf8')::json -> 'data' as data from access_event where event_id = $1",
    [reply.body.extensions.sightline.eventId],
  )
  return rows[0]?.data
}

runs(
  'an explanation tells an IG lead of another agency no more of an access than the list does',
  async () => {
    expect((await explained('picture', 'ig-lead'))?.size).toBeGreaterThan(3)
    await changed({ practitioners: asIgLead('it-engineer', 'northshire-police') })
    expect(await explained('picture', 'it-engineer')).toEqual(new Set(['northshire-police']))
    expect((await explained('police', 'it-engineer'))?.size).toBeGreaterThan(3)
    await changed({ practitioners: asIgLead('it-engineer', 'southshire-police') })
    expect(named(await page({}, 'it-engineer'))).not.toContain('picture')
    expect(await explained('picture', 'it-engineer')).toBeNull()
  },
)

runs('nothing about her own child or a relative is explained to an IG lead', async () => {
  const subject = PERSONAS.find(({ id }) => id === 'ig-lead')?.subject ?? ''
  await changed({ connections: [tiedTo(subject)] })
  expect(await explained('picture', 'ig-lead')).toBeNull()
  expect(await explained('assessment', 'ig-lead')).not.toBeNull()
})

runs('that an access was explained is on record with the child whom it was about', async () => {
  const reply = await atDesk('ig-lead', { eventId: receipts.picture }, EXPLANATION)
  const child = found((await page({ nhsNumber: NUMBER })).accesses, 'picture')?.child
  expect(await recordOf(reply)).toMatchObject({
    operation: { name: 'Explanation' },
    subjects: [{ pid: child, relation: 'child' }],
  })
})

runs.each(['Robin, born 2014', 'p-x'])(
  'what is no pseudonym (%s) is refused, and the attempt is on record without a word of it',
  async (typed) => {
    const reply = await atDesk('ig-lead', { filter: { child: typed } })
    expect([reply.status, codeOf(reply)]).toEqual([400, 'PSEUDONYM_INVALID'])
    const record = await recordOf(reply)
    expect(record).toMatchObject({ operation: { name: 'Accesses' }, subjects: [] })
    expect(JSON.stringify(record)).not.toContain(typed)
  },
)

runs('a pseudonym of nobody finds nothing, and stands in no record', async () => {
  const nobody = 'p-RobinTheChildBorn2014-'
  const reply = await atDesk('ig-lead', { filter: { child: nobody } })
  expect(reply.body.data.accesses.accesses).toEqual([])
  expect(JSON.stringify(await recordOf(reply))).not.toContain(nobody)
})

runs(
  'what was held back by a policy of which nobody knows any more what it said is told to nobody',
  async () => {
    const held = (rule: string) =>
      gateway.pool.query('insert into read_withheld values ($1, $2, $3, 1)', [
        receipts.assessment,
        rule,
        'THIRD_PARTY',
      ])
    const told = async () =>
      found((await page({}, 'ig-lead', { first: 100 })).accesses, 'assessment')?.withheld.map(
        ({ rule }) => rule.split('@')[0],
      )
    const before = await told()
    await held('fields.relatives-clinical@00000000')
    await held('sealed.renamed-since@00000000')
    await held('sealed.adoption@00000000')
    expect(await told()).toEqual([...(before ?? []), 'fields.relatives-clinical'].sort())
  },
)

runs('a tie that was declared afterwards stands beside the access', async () => {
  await changed({ connections: [tiedTo(PERSONAS[0]?.subject ?? '')] })
  const { accesses } = await page({ nhsNumber: NUMBER })
  expect(found(accesses, 'picture')?.tie).toBe('RELATIVE')
  expect(found(accesses, 'withoutTie')?.tie).toBe('COLLEAGUE')
  expect(found(accesses, 'police')?.tie).toBeNull()
})

runs(
  'a child about whom nobody asked has no accesses, and gets no pseudonym by being looked up',
  async () => {
    const pseudonyms = async () =>
      (await gateway.pool.query('select count(*)::int as n from child_pseudonym')).rows[0].n
    const before = await pseudonyms()
    expect((await page({ nhsNumber: storyOf('border').nhsNumber })).accesses).toEqual([])
    expect(await pseudonyms()).toBe(before)
    expect(codeOf(await atDesk('ig-lead', { filter: { nhsNumber: '9990000019' } }))).toBe(
      'NHS_NUMBER_INVALID',
    )
    expect(codeOf(await atDesk('ig-lead', { filter: { nhsNumber: NUMBER, child: 'p-x' } }))).toBe(
      'CHILD_TWICE',
    )
  },
)

runs('what the list cannot hold yet is counted, and never looks like nothing asked', async () => {
  await allRead()
  const { rows } = await gateway.pool.query('select * from reader_partition')
  await gateway.pool.query('update reader_partition set taken = taken - 3 where partition = $1', [
    rows[0]?.partition,
  ])
  expect((await page()).notRead).toBeGreaterThanOrEqual(3)
  await gateway.pool.query('update reader_partition set taken = taken + 3 where partition = $1', [
    rows[0]?.partition,
  ])
})

runs('what comes while a page is read is on it, or is counted as missing', async () => {
  await allRead()
  const { reading } = gateway.opened.house.desk
  const { rows } = await gateway.pool.query('select partition from reader_partition limit 1')
  const taken = (n: number) =>
    gateway.pool.query('update reader_partition set taken = taken + $2 where partition = $1', [
      rows[0]?.partition,
      n,
    ])
  const pool = new Proxy(gateway.pool, {
    get: (of, name) =>
      name !== 'query'
        ? Reflect.get(of, name)
        : async (text: string, values: unknown[]) => {
            const found = await of.query(text, values)
            if (text.includes('order by a.occurred_at desc')) await taken(1)
            return found
          },
  })
  await taken(-1)
  const { page } = await accessesFor(
    { ...reading, pool },
    { issuer: inject('partners').issuer, subject: 'somebody', agency: 'northshire-council' },
    { filter: {}, first: 5, after: null, now },
  )
  expect(page.notRead).toBeGreaterThanOrEqual(1)
})

runs('a period that ends before it begins is refused, and never reads as one without accesses', async () => {
  const reply = await atDesk('ig-lead', { filter: { from: '2026-11-22', until: '2026-11-21' } })
  expect([reply.status, codeOf(reply)]).toEqual([400, 'PERIOD_REVERSED'])
  const oneDay = { from: '2026-11-21', until: '2026-11-21', purpose: 's47-enquiry' }
  expect(named(await page(oneDay))).toContain('picture')
})

runs('a word that nobody knows is named, so that a misspelt one does not read as nothing asked', async () => {
  const wrong = {
    ...{ practitioner: 'amina jusuf', agency: 'northshire-polce', custodian: 'northshire-polce' },
    ...{ basis: 'CA98-47', purpose: 's74-enquiry', agreement: 'NS-POL-2062' },
  }
  expect((await page(wrong)).unknown).toEqual(Object.keys(wrong))
  const right = {
    ...{ practitioner: 'amina yusuf', agency: 'northshire-police', custodian: 'northshire-police' },
    ...{ basis: 'CA89-47', purpose: 's47-enquiry', agreement: 'NS-POL-2026' },
  }
  expect(await page(right)).toMatchObject({ unknown: [], accesses: [{ eventId: receipts.picture }] })
  await changed({ practitioners: asIgLead('it-engineer', 'northshire-police') })
  expect((await page({ practitioner: 'amina yusuf' }, 'it-engineer')).unknown).toEqual(['practitioner'])
})

runs('what is not kept any more, and that children were erased, is told with every list', async () => {
  expect(await page()).toMatchObject({ keptFrom: null, childrenErased: 0 })
  const { reading } = gateway.opened.house.desk
  const reader = { issuer: inject('partners').issuer, subject: 'somebody', agency: 'northshire-council' }
  await gateway.pool.query("insert into reader_erased values ('p-WhoWasErasedLongAgo000')")
  try {
    const kept = await accessesFor({ ...reading, keptDays: 30 }, reader, {
      ...{ filter: { nhsNumber: NUMBER }, first: 5, after: null },
      now: new Date('2026-11-24T00:30:00Z'), // since 25 October clocks are those of Greenwich
    })
    expect(kept.page).toMatchObject({ keptFrom: '2026-10-25', childrenErased: 1 })
  } finally {
    await gateway.pool.query('delete from reader_erased')
  }
})

runs(
  'an access that was begun and never ended counts as shown, and its further events stand beside it',
  async () => {
    const like = (kind: string, of: string, ended: string | null) =>
      gateway.pool.query(
        `insert into read_access select r.* from read_access a, jsonb_populate_record(a, jsonb_build_object(
        'event_id', gen_random_uuid(), 'idx', (select max(idx) + 1000000 from read_access), 'effect', null,
        'type', $2::text, 'of_access', $3::text, 'ended', $4::text)) r where a.event_id = $1`,
        [receipts.picture, `sightline.access.${kind}.v1`, of, ended],
      )
    const lost = '00000000-0000-4000-8000-000000000000'
    try {
      await like('requested', receipts.picture ?? '', null)
      await like('completed', receipts.picture ?? '', 'whole')
      await like('requested', lost, null)
      const { accesses } = await page({ nhsNumber: NUMBER })
      const picture = found(accesses, 'picture')?.steps.slice(-2)
      expect(picture).toMatchObject([
        { type: 'sightline.access.requested.v1', ended: null },
        { type: 'sightline.access.completed.v1', ended: 'whole' },
      ])
      const begun = (await page({ decision: 'NO_OUTCOME' })).accesses
      expect(begun).toMatchObject([{ type: 'sightline.access.requested.v1', decision: 'NO_OUTCOME' }])
      expect((await page({ decision: 'ERASURE' })).accesses).toEqual([])
    } finally {
      await gateway.pool.query('delete from read_access where idx >= 1000000')
    }
  },
)

runs(
  'of a child who was erased nothing is read any more, also while the reader has not come to her erasure',
  async () => {
    const assessments = { purpose: 's17-assessment' }
    const child = found((await page(assessments)).accesses, 'assessment')?.child ?? ''
    const other = found((await page({ purpose: 's47-enquiry' })).accesses, 'picture')?.child ?? ''
    // a list of the desk that named her beside another child: the ledger has dropped it whole
    await gateway.pool.query(
      `insert into read_access select r.* from read_access a, jsonb_populate_record(a, jsonb_build_object(
      'event_id', gen_random_uuid(), 'idx', 1000000, 'purpose', 'a list', 'children', jsonb_build_array($2::text, $3::text))) r
      where a.event_id = $1`,
      [receipts.picture, child, other],
    )
    expect((await page({ purpose: 'a list' })).accesses).toMatchObject([{ children: 2 }])
    const { rows } = await gateway.pool.query('delete from child_pseudonym where pid = $1 returning lookup', [
      child,
    ])
    try {
      expect(named(await page(assessments))).toEqual([])
      expect((await page({ purpose: 'a list' })).accesses).toEqual([])
      const reply = await atDesk('ig-lead', { filter: { child } })
      expect(reply.body.data.accesses.accesses).toEqual([])
      expect((await recordOf(reply)).subjects).toEqual([])
    } finally {
      await gateway.pool.query('insert into child_pseudonym values ($1, $2)', [rows[0]?.lookup, child])
      await gateway.pool.query('delete from read_access where idx >= 1000000')
    }
  },
)

runs('that a child was erased can be read, and who reads it leaves no record that names her', async () => {
  const erased = 'p-WhoWasErasedLongAgo000'
  await gateway.pool.query(
    `insert into read_access select r.* from read_access a, jsonb_populate_record(a, jsonb_build_object(
    'event_id', gen_random_uuid(), 'idx', 1000000, 'type', 'sightline.access.erased.v1', 'effect', null,
    'children', jsonb_build_array($2::text))) r where a.event_id = $1`,
    [receipts.picture, erased],
  )
  try {
    for (const filter of [{ child: erased }, { decision: 'ERASURE' }]) {
      const reply = await atDesk('ig-lead', { filter })
      expect(reply.body.data.accesses.accesses).toMatchObject([{ child: erased, decision: 'ERASURE' }])
      expect((await recordOf(reply)).subjects).toEqual([])
    }
  } finally {
    await gateway.pool.query('delete from read_access where idx >= 1000000')
  }
})

test('without Kafka the list says that all of it is missing', async () => {
  const without = await openGateway()
  try {
    const asked = await without.ask('lcpp', 'all-four')
    expect(asked.status).toBe(200)
    const reply = await without.post(JSON.stringify({ query: ACCESSES }), {
      authorization: `Bearer ${await without.token('ig-lead')}`,
    })
    expect(reply.body.data.accesses).toMatchObject({ accesses: [] })
    expect(reply.body.data.accesses.notRead).toBeGreaterThan(0)
    const ready = await (await fetch(`${without.url}/health/ready`)).json()
    expect(ready).toEqual({ ready: true, attention: [] })
    const { reader } = await without.opened.readiness()
    expect(reader).toEqual({ state: 'not-configured', stopped: [] })
  } finally {
    await without.close()
  }
})
