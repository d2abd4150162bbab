/** The reader holds every access of the topic once, whatever happens to it, to Kafka's places and to the topic. */
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { erasureRecord } from '../../../gateway/ledger/erasure.ts'
import { openReader, type Reader } from '../../../gateway/reader/reader.ts'
import { rebuild } from '../../../gateway/reader/rebuild.ts'
import { denied, record, released, somePid, stranger } from '../ledger/sample.ts'
import { type Sent, type TestTopic, testTopic } from './topic.ts'

const runs = test.skipIf(inject('partners').kafkaMissing !== null)

let on: TestTopic
const open: Reader[] = []
const errors: object[] = []
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (about: object) => void errors.push(about),
}
beforeEach(async () => {
  if (inject('partners').kafkaMissing === null) on = await testTopic()
})
afterEach(async () => {
  for (const reader of open.splice(0)) await reader.close()
  errors.length = 0
  await on?.end()
})

function read(): Reader {
  const reader = openReader({ pool: on.pool, brokers: on.brokers, topic: on.topic, log })
  open.push(reader)
  return reader
}
const close = async (reader: Reader) => {
  open.splice(open.indexOf(reader), 1)
  await reader.close()
}

const some = (n: number, from = 0): Sent[] =>
  Array.from({ length: n }, (_, i) => ({
    index: from + i,
    partition: (from + i) % 3,
    record: record(released()),
  }))
const indexes = async () => (await on.held()).accesses?.map((row) => Number((row as { idx: string }).idx))
const from0 = (n: number) => Array.from({ length: n }, (_, i) => i)
const soon = (look: () => unknown) => expect.poll(look, { timeout: 20_000, interval: 50 })

runs('answered, refused and unknown people’s accesses are held as the topic has them', async () => {
  const child = somePid()
  const [shown, refused, strange] = [
    record(released(child)),
    record(denied('NO_CASE_RELATIONSHIP', child)),
    record(stranger()),
  ]
  await on.send(
    { index: 0, record: shown },
    { index: 1, record: refused },
    { index: 2, partition: 1, record: strange },
  )
  read()
  await soon(indexes).toEqual([0, 1, 2])
  const { accesses, sources, withheld } = await on.held()
  expect(accesses).toMatchObject([
    {
      event_id: shown.id,
      children: [child],
      subject: 'lcpp',
      agency: 'northshire-council',
      purpose: 'safeguarding',
      effect: 'permit',
    },
    { event_id: refused.id, children: [child], effect: 'deny', refusal: 'NO_CASE_RELATIONSHIP' },
    { event_id: strange.id, children: [], subject: null, agency: null, refusal: 'TOKEN_INVALID' },
  ])
  expect(sources).toMatchObject([
    { custodian: 'hollybank-school', state: 'DID_NOT_ANSWER', record_ids: [] },
    {
      custodian: 'northshire-police',
      record_types: ['police.crime'],
      record_ids: [expect.any(String), expect.any(String)],
    },
  ])
  expect(withheld).toMatchObject([{ reason: 'HANDLING_CONDITION', n: 1 }])
})

runs('what the relay sent twice is held once, and order is that of the log', async () => {
  const sent = some(9)
  await on.send(...sent.slice(0, 6), ...sent.slice(3), ...some(3, 9))
  read()
  await soon(indexes).toEqual(from0(12))
})

runs(
  'a reader that starts again goes on where its rows end, and Kafka’s own place for it counts for nothing',
  async () => {
    await on.send(...some(6))
    const first = read()
    await soon(indexes).toEqual(from0(6))
    await close(first)
    await on.send(...some(6, 6))
    const admin = on.kafka.admin()
    await admin.connect()
    await admin.setOffsets({
      groupId: `sightline-reader.${on.topic}`,
      topic: on.topic,
      partitions: [0, 1, 2].map((partition) => ({ partition, offset: partition === 1 ? '0' : '4' })),
    })
    await admin.disconnect()
    await on.send(...some(3, 12))
    read()
    await soon(indexes).toEqual(from0(15))
  },
)

runs('the database is lost in the midst of it, again and again: every access is held once', async () => {
  const killer = setInterval(() => {
    on.pool
      .query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
      .catch(() => undefined)
  }, 40)
  try {
    read()
    for (let batch = 0; batch < 10; batch += 1) await on.send(...some(12, batch * 12))
  } finally {
    clearInterval(killer)
  }
  await soon(indexes).toEqual(from0(120))
  const { places } = await on.held()
  expect(places?.map((row) => Number((row as { taken: string }).taken))).toEqual([40, 40, 40])
})

runs('two readers share the partitions, and neither counts an access twice', async () => {
  read()
  read()
  for (let batch = 0; batch < 4; batch += 1) await on.send(...some(6, batch * 6))
  await soon(indexes).toEqual(from0(24))
  const { places } = await on.held()
  expect(places?.map((row) => Number((row as { taken: string }).taken))).toEqual([8, 8, 8])
})

runs.each<readonly [what: string, unread: Sent, why: RegExp]>([
  ['no JSON', { index: 3, record: 'no access' }, /it is no JSON/],
  ['no place in the log', { index: null, record: record(released()) }, /no place in the log/],
  ['another ledger', { index: 3, record: record(released()), log: 'eastmere' }, /another ledger/],
  [
    'a known type in another shape',
    { index: 3, record: { ...record(released()), data: { actor: null } } },
    /its decision is not as an event of the type sightline.access.released.v1 has it/,
  ],
  ['an id that is none', { index: 3, record: { ...record(released()), id: 'x' } }, /its id is not/],
])('%s: its partition stops there and is reported, the others go on', async (_what, unread, why) => {
  await on.send(...some(3), unread, { index: 6, record: record(released()) }, ...some(2, 4))
  const reader = read()
  await soon(indexes).toEqual([0, 1, 2, 4, 5])
  await soon(() => reader.stopped()).toMatchObject([{ partition: 0, why: expect.stringMatching(why) }])
  expect(errors).toMatchObject([{ partition: 0, why: expect.stringMatching(why) }])
  const { places } = await on.held()
  expect(places?.[0]).toMatchObject({ stopped: expect.stringMatching(why) })
})

runs.each([
  ['that the log does not hold', []],
  ['in the place of another', [record(released())]],
])(
  'a record %s is nobody’s access: its partition stops there, and nothing of it is read',
  async (_what, held) => {
    const forged = record(denied('NO_CASE_RELATIONSHIP'))
    for (const each of held)
      await on.pool.query('insert into access_leaf values (1, $1, sha256(convert_to($2, $3)))', [
        each.id,
        JSON.stringify(each),
        'UTF8',
      ])
    await on.send({ index: 0, record: record(released()) }, { index: 1, record: forged, placed: false })
    const reader = read()
    await soon(() => reader.stopped()).toMatchObject([{ why: expect.stringContaining('another record') }])
    expect(await indexes()).toEqual([0])
  },
)

runs('an access under the id of another stops its partition after those before it were taken', async () => {
  const twice = record(released())
  await on.send(
    { index: 0, record: twice },
    { index: 1, record: record(released()) },
    { index: 2, record: twice },
  )
  const reader = read()
  await soon(() => reader.stopped()).toMatchObject([{ why: expect.stringContaining('contradicts') }])
  expect(await indexes()).toEqual([0, 1])
})

runs(
  'a question, its answer and how that ended are three events, of which one says what it came to',
  async () => {
    const answered = record(released())
    const whole = { ...answered, data: { ...answered.data, access: answered.id } }
    const { disclosure: _, ...begun } = answered.data
    const asked = [
      { custodian: 'northshire-police', agency: 'northshire-police', recordTypes: ['police.crime'] },
    ]
    const id = () => record(released()).id
    const event = (kind: string, data: object) => ({
      ...{ ...answered, id: id(), type: `sightline.access.${kind}.v1` },
      data: { access: answered.id, subjects: answered.data.subjects, ...data },
    })
    await on.send(
      { index: 0, record: event('requested', { ...begun, asked }) },
      { index: 1, record: whole },
      { index: 2, record: event('completed', { delivery: { ended: 'cut-off', bytes: 12 } }) },
      {
        index: 3,
        record: event('erased', {
          access: undefined,
          subjects: [{ pid: somePid(), relation: 'child' }],
          erasure: { records: 4, processing: ['erasure'] },
        }),
      },
    )
    read()
    await soon(indexes).toEqual([0, 1, 2, 3])
    const { accesses, sources } = await on.held()
    expect(accesses).toMatchObject([
      { of_access: answered.id, effect: null, concerns: ['northshire-council', 'northshire-police'] },
      { event_id: answered.id, of_access: null, effect: 'permit' },
      { of_access: answered.id, effect: null, ended: 'cut-off' },
      { type: 'sightline.access.erased.v1', of_access: null, effect: null },
    ])
    expect(sources?.filter((row) => (row as { state: string }).state === 'ASKED')).toMatchObject([
      { custodian: 'northshire-police', record_types: ['police.crime'], record_ids: [] },
    ])
  },
)

runs(
  'a child who was erased is forgotten, whenever her records arrive; a rebuild forgets her as well',
  async () => {
    const [gone, stays] = [somePid(), somePid()]
    const of = (...pids: string[]) => {
      const made = record(released())
      return { ...made, data: { ...made.data, subjects: pids.map((pid) => ({ pid, relation: 'child' })) } }
    }
    const erasure = {
      ...{ ...record(released()), type: 'sightline.access.erased.v1' },
      data: {
        subjects: [{ pid: gone, relation: 'child' }],
        erasure: { records: 2, processing: ['erasure'] },
      },
    }
    await on.send(
      { index: 0, record: of(gone) },
      { index: 1, record: of(gone, stays), partition: 1 },
      { index: 2, record: of(stays) },
      { index: 3, record: erasure },
    )
    read()
    // a list that named her beside others is gone from the ledger whole, so that nobody could prove what is left of it
    await soon(indexes).toEqual([2, 3])
    await on.send(
      { index: 4, record: of(gone), partition: 2 },
      { index: 5, record: of(stays, gone), partition: 2 },
    )
    await on.send({ index: 6, record: of(stays), partition: 2 })
    await soon(indexes).toEqual([2, 3, 6])
    const before = await on.held()
    const children = before.accesses?.map((row) => (row as { children: string[] }).children)
    expect(children).toEqual([[stays], [gone], [stays]])
    expect(before.sources?.length).toBe(4)
    const { pool, brokers, topic } = on
    expect(await rebuild({ pool, brokers, topic, log })).toBe(7)
    expect(await on.held()).toEqual(before)
  },
)

runs('events of a kind that came later are held under their own type', async () => {
  const access = record(released())
  const later = {
    ...{
      specversion: '1.0',
      id: record(released()).id,
      type: 'sightline.access.reviewed.v2',
      time: access.time,
    },
    data: { access: access.id, delivered: { bytes: 12 }, decision: 'in another shape' },
  }
  await on.send({ index: 0, record: access }, { index: 1, record: later })
  read()
  await soon(indexes).toEqual([0, 1])
  const { accesses } = await on.held()
  expect(accesses?.[1]).toMatchObject({
    type: 'sightline.access.reviewed.v2',
    of_access: access.id,
    effect: null,
  })
})

runs('an erasure on the topic takes what was read of the child with it, and nobody else’s', async () => {
  const [child, other] = [somePid(), somePid()]
  const recorder = { source: 'urn:sightline:northshire', node: 'gateway-1', build: '0.1.0' }
  await on.send(
    { index: 0, record: record(released(child)) },
    { index: 1, record: record(released(other)) },
    { index: 2, record: erasureRecord({ recorder, clock: () => new Date() }, child, 1, []) },
    { index: 3, record: record(released(other)) },
  )
  read()
  await soon(indexes).toEqual([1, 2, 3])
})

runs('a topic made anew is read from its start, and what was held is not held twice', async () => {
  const sent = some(9)
  await on.send(...sent)
  const first = read()
  await soon(indexes).toEqual(from0(9))
  await close(first)
  await on.remove()
  await expect
    .poll(
      () =>
        on.make().then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true)
  await on.send(...sent, ...some(9, 9))
  read()
  await soon(indexes).toEqual(from0(18))
})

/** A reader reads three, and of what comes while it is away the first record of its partition is deleted. */
async function someDeletedUnread(): Promise<void> {
  await on.send(...some(3))
  const first = read()
  await soon(indexes).toEqual(from0(3))
  await close(first)
  await on.send(...some(9, 3))
  const admin = on.kafka.admin()
  await admin.connect()
  await admin.fetchTopicOffsets(on.topic) // the client must have met the topic
  await admin.deleteTopicRecords({ topic: on.topic, partitions: [{ partition: 0, offset: '3' }] })
  await admin.disconnect()
}

runs('records that were deleted before they were read are reported, not passed over', async () => {
  await someDeletedUnread()
  const reader = read()
  await soon(() => reader.stopped()).toMatchObject([
    { partition: 0, why: expect.stringContaining('deleted') },
  ])
  await soon(indexes).toEqual([0, 1, 2, 4, 5, 7, 8, 10, 11])
})

runs(
  'a reader that had stopped goes on by itself once a rebuild has accepted what the topic holds',
  async () => {
    await someDeletedUnread()
    const { pool, brokers, topic } = on
    const reader = openReader({ pool, brokers, topic, log, lookAgainMs: 300 })
    open.push(reader)
    await soon(() => reader.stopped().length).toBe(1)
    await rebuild({ pool, brokers, topic, log })
    await soon(() => reader.stopped()).toEqual([])
    await on.send(...some(3, 12))
    await soon(indexes).toEqual([1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14])
    expect(errors).toHaveLength(1)
  },
)

runs('rebuilt from the topic, the tables are equal', async () => {
  await on.send(...some(12), ...some(6, 6), ...some(30, 12))
  read()
  await soon(indexes).toEqual(from0(42))
  const before = await on.held()
  const seen: number[] = []
  const { pool, brokers, topic } = on
  const taken = await rebuild({ pool, brokers, topic, log }, (done) => void seen.push(done))
  expect(taken).toBe(42)
  expect(await on.held()).toEqual(before)
  expect(seen.at(-1)).toBe(48)
  await on.send(...some(3, 42))
  await soon(indexes).toEqual(from0(45))
})

runs('after a rebuild what was erased is not missing for ever, and what the topic has lost is', async () => {
  const { pool, brokers, topic } = on
  // the fourth was erased before the topic was made anew; the sixth is in the ledger, and the topic has let go of it
  await on.send(...some(3), { index: 4, record: record(released()) })
  for (const index of [3, 5])
    await pool.query('insert into access_leaf values ($1, gen_random_uuid(), sha256($2))', [
      index,
      Buffer.of(1),
    ])
  await pool.query(`insert into access_event select event_id, now(), 'no-child', ''
    from access_leaf where idx <> 3`)
  const through = (n: number) =>
    pool.query(
      `insert into access_relayed values ($1, $2, '{}', '{}') on conflict (topic) do update set through = excluded.through`,
      [topic, n],
    )
  const accounted = async () =>
    Number((await pool.query('select sum(taken) as n from reader_partition')).rows[0].n)
  await through(5)
  expect(await rebuild({ pool, brokers, topic, log })).toBe(4)
  expect(await accounted()).toBe(5)
  // of what the relay had not come to nobody knows whether the topic has it
  await through(2)
  expect(await rebuild({ pool, brokers, topic, log })).toBe(4)
  expect(await accounted()).toBe(4)
})

runs('a rebuild that meets what it cannot read says so', async () => {
  await on.send(...some(3), { index: 3, record: 'no access' })
  const { pool, brokers, topic } = on
  await expect(rebuild({ pool, brokers, topic, log })).rejects.toMatchObject({ code: 'READER_STOPPED' })
})
