import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { agencyTopic } from '../../../gateway/ledger/agency-copy.ts'
import { type Ledger, openLedger } from '../../../gateway/ledger/append.ts'
import { entriesAfter, partitionOf, resume } from '../../../gateway/ledger/carrier.ts'
import { connectKafka } from '../../../gateway/ledger/kafka-topic.ts'
import { openRelay, type Relay } from '../../../gateway/ledger/relay.ts'
import { sequence } from '../../../gateway/ledger/sequence.ts'
import { readTopic, type TopicRecord } from '../../../gateway/ledger/topic-reader.ts'
import { noteSigner } from '../../../gateway/ledger/tree/signed-note.ts'
import { closedAfterEach } from '../../closed-after-each.ts'
import { NOTHING_LOST, reckon } from '../../faults/reckoning.ts'
import { brokerMissing } from './broker.ts'
import { faultsHeard } from './faults-heard.ts'
import { KafkaFaults } from './kafka-faults.ts'
import { denied, record, released, somePid } from './sample.ts'
import { storeAndBroker } from './store-and-broker.ts'

const PARTITIONS = 3

const on = storeAndBroker()

const open = closedAfterEach()

const warned: object[] = []
const alerts = faultsHeard()
const log = {
  info: () => undefined,
  warn: (about: object) => void warned.push(about),
  error: () => undefined,
}

async function ledgerNamed(name: string) {
  const url = await on.cluster.ledgerDatabase(name)
  const ledger = await openLedger({ databaseUrl: url, deadlineMs: 5_000 })
  open.push(ledger)
  return { url, ledger, topic: `sightline.${name}.v1` }
}

/** One log a topic; its checkpoint outside the database stays where a second relay looks for it. */
const signer = noteSigner('log', 'northshire.example/sightline', Buffer.alloc(32, 3))
const signingOf = (topic: string) => ({
  signer,
  clock: () => new Date(),
  file: join(on.cluster.folder, topic),
})

async function relayOf(
  databaseUrl: string,
  topic: string,
  brokers: readonly string[] = on.kafka.brokers,
  checkpoint = topic,
  partitions = PARTITIONS,
): Promise<Relay> {
  const relay = await openRelay({
    ...{ databaseUrl, topic, brokers, log, alerts },
    ...{ partitions, replicationFactor: 1, pollMs: 20, signing: signingOf(checkpoint) },
  })
  open.push(relay)
  return relay
}

async function closeNow(relay: Relay): Promise<void> {
  open.splice(open.indexOf(relay), 1)
  await relay.close()
}

async function appendMany(ledger: Ledger, count: number): Promise<string[]> {
  const children = Array.from({ length: 7 }, somePid)
  const accesses = Array.from({ length: count }, (_, i) => record(released(children[i % 7])))
  await Promise.all(accesses.map((access) => ledger.append(access)))
  return accesses.map(({ id }) => id)
}

const nothingWaits = (relay: Relay) =>
  expect.poll(async () => (await relay.waiting()).count, { timeout: 60_000, interval: 100 }).toBe(0)

const kafkaClient = () => connectKafka({ brokers: on.kafka.brokers })
const onTopic = (topic: string) => readTopic(kafkaClient(), topic)
const idsOf = (accesses: readonly TopicRecord[]) =>
  accesses.map(({ value }) => JSON.parse(value.toString('utf8')).id).sort()
const indexesOf = (accesses: readonly TopicRecord[]) =>
  accesses.map(({ index }) => index).sort((a, b) => a - b)
const from0 = (count: number) => Array.from({ length: count }, (_, i) => i)

/** A child whose accesses go to this one of six partitions. */
function childIn(partition: number) {
  for (;;) {
    const pid = somePid()
    if (partitionOf(pid, 6) === partition) return pid
  }
}

test.skipIf(brokerMissing)(
  'a topic that was made anew with fewer partitions gets what stood in those that are gone',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('fewer')
    for (let n = 0; n < 5; n++) await ledger.append(record(released(childIn(4))))
    const six = await relayOf(url, topic, on.kafka.brokers, topic, 6)
    await nothingWaits(six)
    await closeNow(six)
    const admin = kafkaClient().admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [topic] })
    await expect.poll(async () => (await admin.listTopics()).includes(topic), { timeout: 20_000 }).toBe(false)
    await admin.disconnect()
    await nothingWaits(await relayOf(url, topic))
    await expect
      .poll(async () => indexesOf((await onTopic(topic)).accesses), { timeout: 60_000 })
      .toEqual(from0(5))
  },
  120_000,
)

test.skipIf(brokerMissing)(
  'every access is on the topic once, byte for byte, its child’s in order',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('whole')
    const ids = await appendMany(ledger, 200)
    const relay = await relayOf(url, topic)
    await nothingWaits(relay)

    const { accesses, repeats } = await onTopic(topic)

    expect(idsOf(accesses)).toEqual(ids.sort())
    expect(repeats).toBe(0)
    expect(indexesOf(accesses)).toEqual(from0(200))
    expect(relay.state()).toBe('up')
    const { rows } = await on.cluster
      .pool(url)
      .query<{ idx: string; body: Buffer; partition_key: string }>(
        'SELECT idx, body, partition_key FROM access_leaf JOIN access_event USING (event_id)',
      )
    const stored = new Map(rows.map((row) => [Number(row.idx), row]))
    for (const access of accesses) {
      const row = stored.get(access.index)
      expect(access.value.equals(row?.body ?? Buffer.alloc(0))).toBe(true)
      expect(access).toMatchObject({
        key: row?.partition_key,
        partition: partitionOf(access.key, PARTITIONS),
      })
    }
  },
  60_000,
)

test.skipIf(brokerMissing)(
  'the topic is made to delete by age, never to compact; a compacted one is refused',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('policy')
    await nothingWaits(await relayOf(url, topic))
    const admin = connectKafka({ brokers: on.kafka.brokers }).admin()
    await admin.connect()
    const policyOf = async (name: string) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name }],
      })
      return Object.fromEntries(
        resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ?? [],
      )
    }
    await expect
      .poll(() => policyOf(topic).catch(() => ({})), { timeout: 30_000 })
      .toMatchObject({
        'cleanup.policy': 'delete',
        'retention.ms': '-1',
        'unclean.leader.election.enable': 'false',
      })

    const configEntries = [{ name: 'cleanup.policy', value: 'compact' }]
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: 'sightline.compacted', numPartitions: PARTITIONS, configEntries }],
    })
    await admin.disconnect()
    await open.pop()?.close()
    await appendMany(ledger, 3)
    const refusing = await openRelay({
      ...{ databaseUrl: url, topic: 'sightline.compacted', brokers: on.kafka.brokers },
      ...{
        partitions: PARTITIONS,
        replicationFactor: 1,
        signing: signingOf(topic),
        log,
        alerts,
      },
    })
    open.push(refusing)
    await expect
      .poll(() => warned, { timeout: 30_000 })
      .toContainEqual(expect.objectContaining({ why: expect.stringContaining('it would lose accesses') }))
    expect((await refusing.waiting()).count).toBe(3)
  },
  90_000,
)

test.skipIf(brokerMissing)('no Kafka configured: accesses are recorded, and wait to be counted', async () => {
  const { url, ledger, topic } = await ledgerNamed('without')
  const relay = await relayOf(url, topic, [])
  await appendMany(ledger, 5)
  expect(relay.state()).toBe('not-configured')
  expect(await relay.waiting()).toEqual({ count: 5, oldest: new Date('2026-11-21T10:00:00.000Z') })
  await expect
    .poll(async () => (await on.cluster.pool(url).query('SELECT 1 FROM access_leaf')).rows.length, {
      timeout: 20_000,
    })
    .toBe(5)
  expect((await relay.waiting()).count).toBe(5)
})

test.skipIf(brokerMissing)(
  'Kafka killed for a while: receipts go on, and afterwards every access is there once',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('away')
    const relay = await relayOf(url, topic)
    const ids = await appendMany(ledger, 50)
    await nothingWaits(relay)

    await on.kafka.kill()
    ids.push(...(await appendMany(ledger, 300)))
    await expect.poll(() => relay.state(), { timeout: 30_000 }).toBe('down')
    expect(await relay.waiting()).toEqual({ count: 300, oldest: expect.any(Date) })

    await on.kafka.start()
    await nothingWaits(relay)
    const { accesses } = await onTopic(topic)
    expect(idsOf(accesses)).toEqual(ids.sort())
    expect(indexesOf(accesses)).toEqual(from0(350))
  },
  120_000,
)

test.skipIf(brokerMissing)(
  'a relay cut off in mid-batch: the next one knows from the topic where to go on',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('cut')
    const ids = await appendMany(ledger, 100)
    const first = await relayOf(url, topic)
    await nothingWaits(first)
    await closeNow(first)
    ids.push(...(await appendMany(ledger, 200)))

    // places given, half of one partition's share sent, and gone before the mark was kept
    const client = new Client({ connectionString: url })
    await client.connect()
    expect(await sequence(client, 1_000)).toBe(200)
    const connection = { brokers: on.kafka.brokers }
    const carrier = await resume(client, {
      ...{
        connection,
        topic,
        partitions: PARTITIONS,
        replicationFactor: 1,
        retentionMs: -1,
        log: 'sightline',
      },
    })
    const [entry, ...others] = await entriesAfter(client, 99)
    if (!entry) throw new Error('no places were given')
    const partition = partitionOf(entry.partitionKey, PARTITIONS)
    const share = [entry, ...others].filter(
      (other) => partitionOf(other.partitionKey, PARTITIONS) === partition,
    )
    expect(share.length).toBeGreaterThan(10)
    await carrier.sink.send(partition, share.slice(0, Math.floor(share.length / 2)))
    await carrier.sink.close()
    await client.end()

    await nothingWaits(await relayOf(url, topic))
    const { accesses, repeats } = await onTopic(topic)
    expect(idsOf(accesses)).toEqual(ids.sort())
    expect({ indexes: indexesOf(accesses), repeats }).toEqual({ indexes: from0(300), repeats: 0 })
  },
  60_000,
)

test.skipIf(brokerMissing)(
  'a relay whose mark was lost sends nothing twice',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('mark')
    const ids = await appendMany(ledger, 100)
    const first = await relayOf(url, topic)
    await nothingWaits(first)
    await closeNow(first)
    await on.cluster.pool(url).query('DELETE FROM access_relayed')

    await nothingWaits(await relayOf(url, topic))
    const { accesses, repeats } = await onTopic(topic)
    expect({ ids: idsOf(accesses), repeats }).toEqual({ ids: ids.sort(), repeats: 0 })
  },
  60_000,
)

test.skipIf(brokerMissing)(
  'acknowledgements lost, for another partition, or for an old offset: sent again, none lost',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('doubt')
    const faults = new KafkaFaults()
    const relay = await openRelay({
      ...{
        databaseUrl: url,
        topic,
        brokers: on.kafka.brokers,
        connection: { socketFactory: faults.socketFactory },
      },
      ...{ partitions: PARTITIONS, replicationFactor: 1, pollMs: 20, signing: signingOf(topic), log, alerts },
    })
    open.push(relay)
    const ids = await appendMany(ledger, 40)
    await nothingWaits(relay)
    const repeated: Record<string, number> = {}
    for (const fault of ['lost', 'refused', 'other-partition', 'old-offset'] as const) {
      const before = (await onTopic(topic)).repeats
      faults.next(fault)
      ids.push(...(await appendMany(ledger, 40)))
      await nothingWaits(relay)
      repeated[fault] = (await onTopic(topic)).repeats - before
    }

    expect(faults.done).toEqual(['lost', 'refused', 'other-partition', 'old-offset'])
    const { accesses } = await onTopic(topic)
    expect(idsOf(accesses)).toEqual(ids.sort())
    expect(indexesOf(accesses)).toEqual(from0(200))
    // what was not believed was sent again, and is passed over by its index
    expect(repeated['other-partition']).toBeGreaterThan(0)
    expect(repeated['old-offset']).toBeGreaterThan(0)
  },
  90_000,
)

test.skipIf(brokerMissing)(
  'two relays at once: one works, and the other takes over when it goes',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('two')
    const [first, second] = [await relayOf(url, topic), await relayOf(url, topic)]
    const ids = await appendMany(ledger, 100)
    await nothingWaits(second)
    await closeNow(first)
    ids.push(...(await appendMany(ledger, 100)))
    await nothingWaits(second)

    const { accesses, repeats } = await onTopic(topic)
    expect(idsOf(accesses)).toEqual(ids.sort())
    expect({ indexes: indexesOf(accesses), repeats }).toEqual({ indexes: from0(200), repeats: 0 })
    const reckoned = () =>
      reckon({ pool: on.cluster.pool(url), kafka: kafkaClient(), topic, log: signer, shown: ids })
    await expect.poll(reckoned, { timeout: 30_000 }).toEqual(NOTHING_LOST)
  },
  90_000,
)

test.skipIf(brokerMissing)(
  'a record that Kafka will not take stops its partition, is reported, and is never skipped',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('poison')
    const admin = connectKafka({ brokers: on.kafka.brokers }).admin()
    await admin.connect()
    const configEntries = [{ name: 'max.message.bytes', value: '4000' }]
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic, numPartitions: PARTITIONS, configEntries }],
    })
    await admin.disconnect()
    const child = somePid()
    const stuck = partitionOf(child, PARTITIONS)
    const policies = Array.from({ length: 300 }, (_, i) => `police.rule-${i}`)
    const poison = record({ ...released(child), decision: { bundle: null, policies } })
    const before = record({ ...released(child), at: new Date('2026-11-21T09:00:00Z') })
    const after = record({ ...released(child), at: new Date('2026-11-21T11:00:00Z') })
    for (const access of [before, poison, after]) await ledger.append(access)
    const elsewhere = Array.from({ length: 40 }, somePid).filter(
      (pid) => partitionOf(pid, PARTITIONS) !== stuck,
    )
    for (const pid of elsewhere) await ledger.append(record(released(pid)))

    const relay = await relayOf(url, topic)
    await expect
      .poll(() => relay.stopped(), { timeout: 30_000 })
      .toEqual([{ topic, partition: stuck, index: expect.any(Number) }])

    expect(alerts.standing).toContainEqual(
      expect.objectContaining({ kind: 'KAFKA_RECORD_REFUSED', scope: topic, place: String(stuck) }),
    )
    const { accesses } = await onTopic(topic)
    expect(idsOf(accesses.filter(({ partition }) => partition === stuck))).toEqual([before.id])
    expect(accesses.filter(({ partition }) => partition !== stuck)).toHaveLength(elsewhere.length)
    expect((await relay.waiting()).count).toBeGreaterThan(0)
  },
  60_000,
)

test.skipIf(brokerMissing)(
  'a topic that lost its records gets them again; a ledger older than its topic is refused',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('lost')
    const ids = await appendMany(ledger, 60)
    const relay = await relayOf(url, topic)
    await nothingWaits(relay)
    await closeNow(relay)
    const admin = connectKafka({ brokers: on.kafka.brokers }).admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [topic] })
    await expect.poll(async () => (await admin.listTopics()).includes(topic), { timeout: 30_000 }).toBe(false)
    await admin.disconnect()

    const again = await relayOf(url, topic)
    await expect
      .poll(async () => idsOf((await onTopic(topic).catch(() => ({ accesses: [] }))).accesses), {
        timeout: 60_000,
      })
      .toEqual(ids.sort())
    await closeNow(again)

    const old = await ledgerNamed('older_backup')
    await appendMany(old.ledger, 10)
    // the checkpoint kept outside the database refuses it first; lost with it, the topic itself does
    await expect(relayOf(old.url, topic)).rejects.toMatchObject({ code: 'LEDGER_ROLLED_BACK' })
    const refusing = await relayOf(old.url, topic, on.kafka.brokers, 'lost-as-well')
    await expect
      .poll(async () => (await on.cluster.pool(old.url).query('SELECT 1 FROM access_leaf')).rows.length, {
        timeout: 20_000,
      })
      .toBe(10)
    expect((await refusing.waiting()).count).toBe(10)
    await expect
      .poll(() => warned, { timeout: 30_000 })
      .toContainEqual(expect.objectContaining({ why: expect.stringContaining('this ledger does not hold') }))
    expect((await onTopic(topic)).accesses).toHaveLength(60)
  },
  120_000,
)

test.skipIf(brokerMissing)(
  'an access whose transaction commits late is placed late, never passed over',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('late')
    const relay = await relayOf(url, topic)
    const late = record(released())
    const slow = new Client({ connectionString: url })
    await slow.connect()
    await slow.query('BEGIN')
    await slow.query("INSERT INTO access_pending VALUES ('2026-11-21T08:00:00Z', $1)", [late.id])
    await slow.query("INSERT INTO access_event VALUES ($1, '2026-11-21T08:00:00Z', 'no-child', $2)", [
      late.id,
      Buffer.from(JSON.stringify(late)),
    ])
    const ids = await appendMany(ledger, 20)
    await nothingWaits(relay)

    await slow.query('COMMIT')
    await slow.end()
    await expect
      .poll(async () => idsOf((await onTopic(topic)).accesses), { timeout: 30_000 })
      .toEqual([...ids, late.id].sort())
  },
  60_000,
)

test.skipIf(brokerMissing)(
  'each agency’s own topic holds what concerned it, at the places of the log; one that stops holds up no other',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('agencies')
    const agencies = ['northshire-police', 'hollybank-school', 'eastmere-council']
    const topicOf = (agency: string) => agencyTopic(topic, agency)
    const admin = connectKafka({ brokers: on.kafka.brokers }).admin()
    await admin.connect()
    const configEntries = [{ name: 'max.message.bytes', value: '300' }]
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: topicOf('hollybank-school'), numPartitions: PARTITIONS, configEntries }],
    })
    await admin.disconnect()
    const ids = await appendMany(ledger, 30)
    ids.push((await ledger.append(record(denied('NO_CASE_RELATIONSHIP')))).eventId)

    const relay = await openRelay({
      ...{ databaseUrl: url, topic, brokers: on.kafka.brokers, log, alerts, agencies: async () => agencies },
      ...{ partitions: PARTITIONS, replicationFactor: 1, pollMs: 20, signing: signingOf(topic) },
    })
    open.push(relay)
    await nothingWaits(relay)
    await expect
      .poll(async () => (await onTopic(topicOf('northshire-police')).catch(() => null))?.accesses.length, {
        timeout: 60_000,
      })
      .toBe(30)

    const { accesses } = await onTopic(topicOf('northshire-police'))
    const whole = new Map((await onTopic(topic)).accesses.map((access) => [access.index, access]))
    for (const { index, key, value, partition } of accesses) {
      const original = whole.get(index)
      expect({ key, partition }).toEqual({ key: original?.key, partition: original?.partition })
      expect(JSON.parse(value.toString()).data.whole.sha256).toBe(
        createHash('sha256')
          .update(original?.value ?? '')
          .digest('hex'),
      )
    }
    const eastmere = topicOf('eastmere-council')
    await expect
      .poll(async () => (await relay.waitingByTopic()).get(eastmere)?.count, { timeout: 60_000 })
      .toBe(0)
    expect((await onTopic(eastmere)).accesses).toEqual([])
    await expect
      .poll(() => relay.stopped().map((each) => each.topic), { timeout: 60_000 })
      .toContain(topicOf('hollybank-school'))
    expect(whole.size).toBe(ids.length)
  },
  120_000,
)

test.skipIf(brokerMissing)(
  'an agency whose topic does not fit keeps no other from its copies',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('unfit')
    const agencies = ['hollybank-school', 'northshire-police']
    const admin = connectKafka({ brokers: on.kafka.brokers }).admin()
    await admin.connect()
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: agencyTopic(topic, 'hollybank-school'), numPartitions: PARTITIONS + 1 }],
    })
    await admin.disconnect()
    await appendMany(ledger, 10)
    const relay = await openRelay({
      ...{ databaseUrl: url, topic, brokers: on.kafka.brokers, log, alerts, agencies: async () => agencies },
      ...{ partitions: PARTITIONS, replicationFactor: 1, pollMs: 20, signing: signingOf(topic) },
    })
    open.push(relay)
    const police = agencyTopic(topic, 'northshire-police')
    await expect
      .poll(async () => (await onTopic(police).catch(() => null))?.accesses.length, { timeout: 40_000 })
      .toBe(10)
  },
  60_000,
)

test.skipIf(brokerMissing)(
  'a topic whose acknowledgement could rest on one broker is refused, and nothing is sent',
  async () => {
    const { url, ledger, topic } = await ledgerNamed('thin')
    const admin = connectKafka({ brokers: on.kafka.brokers }).admin()
    await admin.connect()
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: PARTITIONS }] })
    await admin.disconnect()
    await appendMany(ledger, 3)
    for (const [asked, words] of [
      [{ replicationFactor: 3 }, 'has 1 replicas where 3 are configured'],
      [{ replicationFactor: 1, minInSync: 2 }, 'has min.insync.replicas 1'],
      [{ replicationFactor: 1, retentionMs: 86_400_000 }, 'where 86400000 is configured'],
    ] as const) {
      const relay = await openRelay({
        ...{
          databaseUrl: url,
          topic,
          brokers: on.kafka.brokers,
          log,
          alerts,
          partitions: PARTITIONS,
          pollMs: 20,
        },
        ...{ signing: signingOf(topic), ...asked },
      })
      open.push(relay)
      await expect
        .poll(() => warned, { timeout: 30_000 })
        .toContainEqual(expect.objectContaining({ topic, why: expect.stringContaining(words) }))
      expect((await relay.waiting()).count).toBe(3)
      await closeNow(relay)
    }
  },
  90_000,
)
