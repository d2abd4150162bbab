import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalKafka, startKafka } from '../../../gateway/local/kafka.ts'
import { installKafka, kafkaCacheDir, missingForKafka } from '../../../gateway/local/kafka-install.ts'
import { someFree } from '../../../gateway/local/ports.ts'
import { isRunning } from './processes.ts'

const missing = await missingForKafka(kafkaCacheDir())
if (missing) console.warn(`the tests of Kafka are left out: ${missing} is missing on this machine`)

describe.skipIf(missing !== undefined)('Kafka, the real broker', () => {
  let dir: string
  let kafka: LocalKafka
  const topic = 'sightline.access.test'

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sightline-kafka-'))
    const [port = 0, controllerPort = 0] = await someFree(2)
    const jars = await installKafka(kafkaCacheDir(), console.log)
    kafka = await startKafka({ jars, dataDir: join(dir, 'kafka'), port, controllerPort })
  }, 240_000)

  afterAll(async () => {
    await kafka.stop()
    await rm(dir, { recursive: true, force: true })
  }, 60_000)

  /** A broker that has just started may not lead its partitions yet. */
  async function send(values: string[], retries = 8): Promise<void> {
    const producer = new Kafka({
      brokers: kafka.brokers,
      logLevel: logLevel.NOTHING,
      retry: { retries },
    }).producer()
    await producer.connect()
    await producer.send({ topic, acks: -1, messages: values.map((value) => ({ key: 'k', value })) })
    await producer.disconnect()
  }

  test('a topic is made once, on purpose; sending does not make one', async () => {
    await expect(send(['nobody made the topic'], 1)).rejects.toThrow()
    expect(await kafka.createTopic(topic)).toBe(true)
    expect(await kafka.createTopic(topic)).toBe(false)
  }, 60_000)

  test('what kafkajs sends is read by the Java console consumer, and outlives SIGKILL and a stop', async () => {
    await send(['first', 'second'])
    expect(await kafka.consoleConsumer(topic, { maxMessages: 2, quietFor: 20_000 })).toEqual([
      'first',
      'second',
    ])

    const pid = kafka.pid() ?? Number.NaN
    await kafka.kill()
    expect(await isRunning(pid)).toBe(false)
    await kafka.start()
    await send(['third'])
    await kafka.stop()
    expect(kafka.pid()).toBeUndefined()
    await kafka.start()
    expect(
      await kafka.consoleConsumer(topic, {
        maxMessages: 3,
        quietFor: 20_000,
        properties: ['print.key=true', 'key.separator=|'],
      }),
    ).toEqual(['k|first', 'k|second', 'k|third'])
  }, 120_000)

  test('two installations side by side give one whole folder and leave no half one', async () => {
    const folders = await Promise.all([1, 2].map(() => installKafka(kafkaCacheDir(), () => undefined)))
    expect(new Set(folders).size).toBe(1)
    expect((await readdir(folders[0] ?? '')).filter((file) => file.startsWith('kafka-server'))).not.toEqual(
      [],
    )
  })
})

test('a machine without Java and Maven is told what is missing', async () => {
  const path = process.env.PATH
  process.env.PATH = await mkdtemp(join(tmpdir(), 'sightline-empty-'))
  try {
    expect(await missingForKafka(join(process.env.PATH, 'cache'))).toBe('Java 17 or later and Maven (`mvn`)')
  } finally {
    await rm(process.env.PATH, { recursive: true })
    process.env.PATH = path
  }
})
