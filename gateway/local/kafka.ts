/**
 * A real Apache Kafka 4 on this machine: one node in KRaft mode, on 127.0.0.1 only, for `npm start` and the tests.
 * It makes no topic by itself, as a broker in service would not.
 */
import { execFile } from 'node:child_process'
import { access, mkdir, open, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { type BrokerSettings, newClusterId, serverProperties } from './kafka-properties.ts'
import { type Part, startPart } from './part.ts'

export interface KafkaOptions {
  /** from `installKafka` */
  jars: string
  dataDir: string
  port: number
  controllerPort: number
  logFile?: string
  /** as Java takes it (default `-Xmx512m`) */
  heap?: string
  /** flags for Java in the place of ours (default {@link QUICK_START}) */
  jvm?: readonly string[]
  /** of several brokers: the cluster that they all belong to, 22 characters of base64url */
  cluster?: string
  /** who may sign in with SCRAM, where a listener asks for it; of tests only */
  users?: readonly { readonly name: string; readonly password: string }[]
  /** further settings of the broker, or others in the place of ours */
  settings?: BrokerSettings
}

export interface LocalKafka {
  readonly brokers: string[]
  pid(): number | undefined
  /** @returns false where the topic was there already */
  createTopic(topic: string, partitions?: number): Promise<boolean>
  /** Everything on the topic, one line a message, as Kafka's own Java console consumer reads it. */
  consoleConsumer(topic: string, options?: ConsoleConsumerOptions): Promise<string[]>
  /** @returns records a second, as Kafka's own Java producer sends them: `acks=all`, idempotent, in large batches */
  producerPerformance(topic: string, load: { records: number; recordBytes: number }): Promise<number>
  stop(): Promise<void>
  kill(): Promise<void>
  /** starts it again on the same ports and data */
  start(): Promise<void>
}

export interface ConsoleConsumerOptions {
  /** ends as soon as it has read so many */
  maxMessages?: number
  /** milliseconds without a new message after which it ends */
  quietFor?: number
  /** further `--formatter-property` settings, such as `print.key=true` */
  properties?: readonly string[]
}

const run = promisify(execFile)
const LOGGING = fileURLToPath(new URL('kafka/log4j2.properties', import.meta.url))
/** Small, and quick to start: the C1 compiler and one collector thread suit a broker with one producer. */
const QUICK_START = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+PerfDisableSharedMem',
  '-Xshare:auto',
]
const MEGABYTES_OF_OUTPUT = 256 * 1024 * 1024

export async function startKafka(options: KafkaOptions): Promise<LocalKafka> {
  const brokers = [`127.0.0.1:${options.port}`]
  const logFile = options.logFile ?? `${options.dataDir}.log`
  const settings = join(options.dataDir, 'server.properties')
  const java = (heap: string, main: string, ...args: string[]): string[] => [
    heap,
    ...(options.jvm ?? QUICK_START),
    `-Dlog4j2.configurationFile=${LOGGING}`,
    '-cp',
    join(options.jars, '*'),
    main,
    ...args,
  ]

  await mkdir(options.dataDir, { recursive: true })
  await writeFile(settings, serverProperties(options))
  if (!(await isFormatted(options.dataDir))) {
    const cluster = options.cluster ?? newClusterId()
    const users = (options.users ?? []).flatMap(({ name, password }) =>
      ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((by) => ['-S', `${by}=[name=${name},password=${password}]`]),
    )
    const format = ['format', '-t', cluster, '-c', settings, ...users]
    await run('java', java('-Xmx256m', 'kafka.tools.StorageTool', ...format))
  }

  const withAdmin = async <T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> => {
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING, clientId: 'sightline-local' }).admin()
    try {
      await admin.connect()
      return await work(admin)
    } finally {
      await admin.disconnect()
    }
  }

  let part: Part | undefined
  const kafka: LocalKafka = {
    brokers,
    pid: () => (part?.isRunning() ? part.pid : undefined),
    createTopic: (topic, numPartitions = 1) =>
      withAdmin((admin) =>
        admin.createTopics({
          waitForLeaders: true,
          topics: [{ topic, numPartitions, replicationFactor: 1 }],
        }),
      ),
    async consoleConsumer(topic, { maxMessages, quietFor = 3_000, properties = [] } = {}) {
      const { stdout } = await run(
        'java',
        java(
          '-Xmx256m',
          'org.apache.kafka.tools.consumer.ConsoleConsumer',
          ...['--bootstrap-server', brokers.join(','), '--topic', topic, '--from-beginning'],
          ...['--timeout-ms', String(quietFor)],
          ...(maxMessages === undefined ? [] : ['--max-messages', String(maxMessages)]),
          ...properties.flatMap((property) => ['--formatter-property', property]),
        ),
        { maxBuffer: MEGABYTES_OF_OUTPUT },
      )
      return stdout.split('\n').filter((line) => line !== '')
    },
    async producerPerformance(topic, { records, recordBytes }) {
      const { stdout } = await run(
        'java',
        java(
          '-Xmx256m',
          'org.apache.kafka.tools.ProducerPerformance',
          ...['--topic', topic, '--num-records', String(records), '--record-size', String(recordBytes)],
          ...['--throughput', '-1', '--bootstrap-server', brokers.join(',')],
          ...['--command-property', 'acks=all', 'batch.size=700000', 'linger.ms=20'],
        ),
      )
      const [, rate] = /, ([\d.]+) records\/sec [^\n]* 99\.9th/.exec(stdout) ?? []
      return Number(rate)
    },
    stop: async () => part?.stop(),
    kill: async () => part?.kill(),
    async start() {
      if (part?.isRunning()) return
      const from = await stat(logFile).then(
        (log) => log.size,
        () => 0,
      )
      part = await startPart({
        name: 'Kafka',
        command: 'java',
        args: java(options.heap ?? '-Xmx512m', 'kafka.Kafka', settings),
        logFile,
        ready: async () => (await textSince(logFile, from)).includes('Kafka Server started'),
        stopWithin: 15_000,
      })
    },
  }
  await kafka.start()
  return kafka
}

const isFormatted = (dataDir: string): Promise<boolean> =>
  access(join(dataDir, 'log', 'meta.properties')).then(
    () => true,
    () => false,
  )

async function textSince(file: string, from: number): Promise<string> {
  const handle = await open(file)
  try {
    return (await readFile(handle)).subarray(from).toString('utf8')
  } finally {
    await handle.close()
  }
}
