/** A topic and a database of a test's own, on the real parts; records are put on it as the relay would. */
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Kafka, Producer } from 'kafkajs'
import pg from 'pg'
import { inject } from 'vitest'
import { connectKafka } from '../../../gateway/ledger/kafka-topic.ts'
import type { AccessRecord } from '../../../gateway/ledger/ledger-event.ts'
import { migrate } from '../../../gateway/ledger/migrate.ts'
import { INDEX_HEADER, LOG_HEADER } from '../../../gateway/ledger/topic-reader.ts'
import { openStore } from '../../../gateway/store.ts'

const folder = (path: string) => fileURLToPath(new URL(`../../../gateway/${path}`, import.meta.url))

export interface Sent {
  readonly partition?: number
  readonly index: number | null
  readonly record: AccessRecord | object | string
  readonly log?: string
  /** whether the log holds it at its place; so where left out */
  readonly placed?: boolean
}

export interface TestTopic {
  readonly topic: string
  readonly brokers: readonly string[]
  readonly kafka: Kafka
  readonly pool: pg.Pool
  readonly databaseUrl: string
  send(...records: readonly Sent[]): Promise<void>
  make(): Promise<void>
  remove(): Promise<void>
  /** all that the reader holds, in a fixed order */
  held(): Promise<Record<string, object[]>>
  end(): Promise<void>
}

export const PARTITIONS = 3

const TRIES = 50 // a test may end the connections to its database meanwhile

/** As the log holds it: by its place and its hash. */
async function place(pool: pg.Pool, index: number, value: string): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      await pool.query(
        'insert into access_leaf values ($1, gen_random_uuid(), sha256($2)) on conflict do nothing',
        [index, Buffer.from(value)],
      )
      return
    } catch (error) {
      if (tries === TRIES) throw error
    }
}

export async function testTopic(): Promise<TestTopic> {
  const { gatewayEnv } = inject('partners')
  const brokers = (gatewayEnv.KAFKA_BROKERS ?? '').split(',')
  const topic = `reader.${randomBytes(6).toString('hex')}`
  const kafka = connectKafka({ brokers })
  const url = new URL(gatewayEnv.DATABASE_URL ?? '')
  const name = `reader_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  url.pathname = `/${name}`
  await migrate({
    databaseUrl: url.href,
    folders: ['ledger', 'reader'].map((part) => ({ name: part, directory: folder(`${part}/migrations`) })),
  })
  const pool = openStore({ connectionString: url.href, max: 4 })
  pool.on('error', () => undefined)
  const admin = kafka.admin()
  await admin.connect()
  const producer: Producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 8 } })
  await producer.connect()

  const made: TestTopic = {
    topic,
    brokers,
    kafka,
    pool,
    databaseUrl: url.href,
    async send(...records) {
      const written = records.map(({ record, ...rest }) => ({
        ...rest,
        value: typeof record === 'string' ? record : JSON.stringify(record),
      }))
      for (const { index, value, placed = true } of written)
        if (placed && index !== null) await place(pool, index, value)
      await producer.send({
        topic,
        messages: written.map(({ partition = 0, index, value, log = 'sightline' }) => ({
          partition,
          key: 'no-child',
          value,
          headers: { [LOG_HEADER]: log, ...(index === null ? {} : { [INDEX_HEADER]: String(index) }) },
        })),
      })
    },
    async make() {
      await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true })
    },
    remove: () => admin.deleteTopics({ topics: [topic] }),
    async held() {
      const rows = async (query: string) => (await pool.query(query)).rows
      return {
        places: await rows('select * from reader_partition order by topic, partition'),
        erased: await rows('select * from reader_erased order by pid'),
        accesses: await rows('select * from read_access order by idx'),
        sources: await rows('select * from read_source order by event_id, custodian'),
        withheld: await rows('select * from read_withheld order by event_id, rule, reason'),
      }
    },
    async end() {
      await producer.disconnect()
      await admin.disconnect()
      await pool.end()
    },
  }
  await made.make()
  return made
}
