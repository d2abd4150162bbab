/**
 * What comes after the answer, on a backlog of so many records: places are given, the log is signed, Kafka gets all of
 * it. Beside it sends of one record each, which no place and no signature holds up.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connectDurably } from '../../gateway/ledger/durable-connection.ts'
import { flush } from '../../gateway/ledger/flush.ts'
import { openKafkaSink } from '../../gateway/ledger/kafka-sink.ts'
import { openRelay } from '../../gateway/ledger/relay.ts'
import { type SealedRecord, seal } from '../../gateway/ledger/seal.ts'
import { noteSigner } from '../../gateway/ledger/tree/signed-note.ts'
import { startKafka } from '../../gateway/local/kafka.ts'
import { installKafka, kafkaCacheDir } from '../../gateway/local/kafka-install.ts'
import { freePorts } from '../../gateway/local/ports.ts'
import { type Cluster, ownCluster } from '../gateway/ledger/cluster.ts'
import { record, released, somePid } from '../gateway/ledger/sample.ts'
import type { Row } from './table.ts'

const ONE_BY_ONE = 2_000 // records of a rival: its rate does not depend on how many
const CHILDREN = 200
const PARTITIONS = 6

/** Records of several children, each under an id of its own; the bytes are those of one record a child. */
const samples = Array.from({ length: CHILDREN }, () => seal(record(released(somePid()))))
const sampleOf = (n: number): SealedRecord => {
  const sample = samples[n % CHILDREN]
  if (!sample) throw new Error('no sample')
  const eventId = randomUUID()
  const bytes = Buffer.from(sample.bytes.toString('utf8').replace(sample.eventId, eventId))
  return { ...sample, eventId, bytes }
}

async function backlog(url: string, records: number): Promise<void> {
  const connection = await connectDurably(url, 60_000)
  for (let done = 0; done < records; done += 500)
    await flush(
      connection,
      Array.from({ length: Math.min(500, records - done) }, (_, n) => sampleOf(done + n)),
    )
  await connection.client.end()
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
    }),
  ])
  try {
    const rows = [
      await rate(
        'to Kafka, placed and signed',
        records,
        await drain(cluster, kafka.brokers, folder, records),
      ),
    ]
    const sink = await openKafkaSink({
      ...{ connection: { brokers: kafka.brokers }, topic: 'one-by-one', log: 'sightline' },
      ...{ partitions: PARTITIONS, replicationFactor: 1, retentionMs: -1 },
    })
    const singles = Array.from({ length: ONE_BY_ONE }, (_, index) => ({ index, ...sampleOf(index) }))
    rows.push(
      await rate('to Kafka, 1 a send, neither placed nor signed', ONE_BY_ONE, async () => {
        for (const each of singles) await sink.send(each.index % PARTITIONS, [each])
      }),
    )
    await sink.close()
    return rows
  } finally {
    await Promise.all([cluster.end(), kafka.stop()])
    await rm(folder, { recursive: true, force: true })
  }
}

/** @returns what empties a backlog that is made before the clock starts */
async function drain(cluster: Cluster, brokers: readonly string[], folder: string, records: number) {
  const databaseUrl = await cluster.ledgerDatabase('drain')
  await backlog(databaseUrl, records)
  const silent = () => undefined
  const signer = noteSigner('log', 'northshire.sightline', Buffer.alloc(32, 1))
  return async () => {
    const relay = await openRelay({
      ...{ databaseUrl, brokers, topic: 'drained', partitions: PARTITIONS, replicationFactor: 1 },
      signing: { signer, clock: () => new Date(), file: join(folder, 'checkpoint') },
      log: { info: silent, warn: silent, error: silent },
      alerts: { raise: silent, mended: silent },
    })
    while ((await relay.waiting()).count > 0) await pause(100)
    await relay.close()
  }
}
