/**
 * How fast a backlog of so many records goes to Kafka: what was placed and signed while Kafka was away, what nobody has
 * placed yet, and with a topic for each agency. Beside it what rivals do with the same bytes, which read nothing, place
 * nothing and sign nothing: sends of one record each, kafkajs as it comes, and Kafka's own producer in Java.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { agencyTopic } from '../../gateway/ledger/agency-copy.ts'
import { partitionOf } from '../../gateway/ledger/carrier.ts'
import { openKafkaSink } from '../../gateway/ledger/kafka-sink.ts'
import { connectKafka } from '../../gateway/ledger/kafka-topic.ts'
import { openRelay } from '../../gateway/ledger/relay.ts'
import { noteSigner } from '../../gateway/ledger/tree/signed-note.ts'
import { waitingAccesses } from '../../gateway/ledger/waiting.ts'
import { type LocalKafka, startKafka } from '../../gateway/local/kafka.ts'
import { installKafka, kafkaCacheDir } from '../../gateway/local/kafka-install.ts'
import { freePorts } from '../../gateway/local/ports.ts'
import { type Cluster, ownCluster } from '../gateway/ledger/cluster.ts'
import { fillOutbox, placeAndSign, sampleOf } from './ledger-backlog.ts'
import type { Row } from './table.ts'

const ONE_BY_ONE = 2_000 // records of a rival: its rate does not depend on how many
const AT_MOST = 100_000 // records of the other ways: neither does theirs
const AT_ONCE = 300 // records in a send: about what the relay sends
const PARTITIONS = 6
/** Of the agencies in the sample, two were asked and one asks. */
const AGENCIES = ['northshire-police', 'hollybank-school', 'northshire-council']
/** As a server runs for long: the quick start of our own would keep Java from compiling what is hot. */
const IN_SERVICE = ['-XX:+UseSerialGC', '-XX:+PerfDisableSharedMem']
const signer = noteSigner('log', 'northshire.sightline', Buffer.alloc(32, 1))

interface Backlog {
  readonly name: string
  readonly records: number
  /** while Kafka was away, the relay went on placing and signing */
  readonly placed: boolean
  readonly agencies: readonly string[]
}

async function rate(way: string, records: number, work: () => Promise<unknown>): Promise<Row> {
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1_000
  return { way, records, seconds, 'records/s': Math.round(records / seconds) }
}

/** @param records that wait: the promise is about 1,000,000 */
export async function draining(records: number): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-drain-'))
  const ports = await freePorts()
  const jars = await installKafka(kafkaCacheDir(), () => undefined)
  const [cluster, kafka] = await Promise.all([
    ownCluster(['-c', 'max_wal_size=4GB']),
    startKafka({
      ...{ jars, dataDir: join(folder, 'kafka'), port: ports.kafka, controllerPort: ports.kafkaController },
      jvm: IN_SERVICE,
    }),
  ])
  const fewer = Math.min(records, AT_MOST)
  const emptied = async (way: string, backlog: Backlog) =>
    await rate(way, backlog.records, await drain(cluster, kafka, folder, backlog))
  try {
    return [
      await emptied('the relay, placed and signed before', {
        ...{ name: 'away', records, placed: true, agencies: [] },
      }),
      await emptied('the relay, and a topic for each of three agencies', {
        ...{ name: 'agencies', records: fewer, placed: true, agencies: AGENCIES },
      }),
      await emptied('the relay, placing and signing meanwhile', {
        ...{ name: 'unplaced', records: fewer, placed: false, agencies: [] },
      }),
      await oneByOne(kafka),
      await kafkajsAlone(kafka, fewer),
      await javaAlone(kafka, fewer),
    ]
  } finally {
    await Promise.all([cluster.end(), kafka.stop()])
    await rm(folder, { recursive: true, force: true })
  }
}

/** @returns what empties a backlog that is made before the clock starts */
async function drain(cluster: Cluster, { brokers }: LocalKafka, folder: string, backlog: Backlog) {
  const { name, records, placed, agencies } = backlog
  const databaseUrl = await cluster.ledgerDatabase(name)
  const checkpoints = await mkdtemp(join(folder, name))
  await fillOutbox(databaseUrl, records)
  if (placed) await placeAndSign(databaseUrl, signer, checkpoints)
  const pool = cluster.pool(databaseUrl)
  const silent = () => undefined
  return async () => {
    const relay = await openRelay({
      ...{ databaseUrl, brokers, topic: name, partitions: PARTITIONS, replicationFactor: 1 },
      agencies: async () => agencies,
      signing: { signer, clock: () => new Date(), file: join(checkpoints, 'checkpoint') },
      log: { info: silent, warn: silent, error: silent },
      alerts: { raise: silent, mended: silent },
    })
    for (const topic of [name, ...agencies.map((agency) => agencyTopic(name, agency))])
      while ((await waitingAccesses(pool, topic)).count > 0) await pause(100)
    await relay.close()
  }
}

const entryAt = (index: number) => ({ index, ...sampleOf(index) })

async function oneByOne({ brokers }: LocalKafka): Promise<Row> {
  const sink = await openKafkaSink({
    ...{ connection: { brokers: [...brokers] }, topic: 'one-by-one', log: 'sightline' },
    ...{ partitions: PARTITIONS, replicationFactor: 1, retentionMs: -1 },
  })
  const singles = Array.from({ length: ONE_BY_ONE }, (_, index) => entryAt(index))
  const row = await rate('the relay’s door, 1 record a send', ONE_BY_ONE, async () => {
    for (const each of singles) await sink.send(each.index % PARTITIONS, [each])
  })
  await sink.close()
  return row
}

/** The same rules and the same headers, with kafkajs's own writing of records. */
async function kafkajsAlone(kafka: LocalKafka, records: number): Promise<Row> {
  const topic = 'kafkajs-alone'
  await kafka.createTopic(topic, PARTITIONS)
  const client = connectKafka({ brokers: [...kafka.brokers] })
  const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const messages = Array.from({ length: AT_ONCE }, (_, n) => entryAt(n)).map((entry) => ({
    key: entry.partitionKey,
    value: entry.bytes,
    headers: {
      'content-type': 'application/cloudevents+json',
      'ledger-log': 'sightline',
      'ledger-index': String(entry.index),
    },
  }))
  const sends = Math.ceil(records / AT_ONCE)
  const row = await rate('kafkajs alone, acks=all, one send at a time', sends * AT_ONCE, async () => {
    for (let n = 0; n < sends; n++) {
      const partition = partitionOf(String(n), PARTITIONS)
      await producer.send({ topic, acks: -1, messages: messages.map((each) => ({ ...each, partition })) })
    }
  })
  await producer.disconnect()
  return row
}

/** Java starts within its time, so it says itself how fast it was. */
async function javaAlone(kafka: LocalKafka, records: number): Promise<Row> {
  const topic = 'java-alone'
  await kafka.createTopic(topic, PARTITIONS)
  const rated = await kafka.producerPerformance(topic, { records, recordBytes: sampleOf(0).bytes.length })
  return {
    way: 'Kafka’s own producer in Java, acks=all, random bytes',
    records,
    seconds: records / rated,
    'records/s': Math.round(rated),
  }
}
