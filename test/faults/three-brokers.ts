/**
 * A real Kafka of three brokers on loopback, for the faults that one broker cannot show. The first is the controller
 * as well and is never the one that is killed alone: with it the cluster could choose no leader, which is another
 * fault. Every client goes through a proxy before each broker; the brokers reach each other directly.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectKafka } from '../../gateway/ledger/kafka-topic.ts'
import { type LocalKafka, startKafka } from '../../gateway/local/kafka.ts'
import { installKafka, kafkaCacheDir } from '../../gateway/local/kafka-install.ts'
import { newClusterId } from '../../gateway/local/kafka-properties.ts'
import { someFree } from '../../gateway/local/ports.ts'
import { type BrokerProxy, brokerProxy } from './broker-proxy.ts'

export interface Broker {
  readonly id: number
  readonly kafka: LocalKafka
  readonly proxy: BrokerProxy
  /** SIGSTOP: it neither works nor ends, as after a long pause of its machine */
  freeze(): void
  thaw(): void
}

export interface ThreeBrokers {
  /** how clients reach them: through the proxies */
  readonly brokers: readonly string[]
  readonly controller: Broker
  /** the two others, which may be killed */
  readonly others: readonly [Broker, Broker]
  /** the broker that leads each partition now, by the order of partitions */
  leaders(topic: string): Promise<(Broker | undefined)[]>
  createTopic(topic: string, partitions: number): Promise<void>
  deleteTopic(topic: string): Promise<void>
  killAll(): Promise<void>
  startAll(): Promise<void>
  end(): Promise<void>
}

/** Three small brokers fit beside the other parts of a test run. */
const HEAP = '-Xmx256m'
const NODES = [1, 2, 3] as const

export async function threeBrokers(): Promise<ThreeBrokers> {
  const jars = await installKafka(kafkaCacheDir(), () => undefined)
  const folder = await mkdtemp(join(tmpdir(), 'sightline-brokers-'))
  const cluster = newClusterId()
  const ports = await someFree(1 + 3 * NODES.length)
  const port = (place: number) => ports[place] ?? 0
  const controllerPort = port(0)

  const start = async (id: (typeof NODES)[number]): Promise<Broker> => {
    const [own, between, advertised] = [port(id), port(id + 3), port(id + 6)]
    const proxy = await brokerProxy(advertised, own)
    const controller = id === 1
    const here = (name: string, on: number) => `${name}://127.0.0.1:${on}`
    const listeners = [here('PLAINTEXT', own), here('BETWEEN', between)]
    const kafka = await startKafka({
      ...{ jars, cluster, port: own, controllerPort, heap: HEAP },
      dataDir: join(folder, `broker-${id}`),
      settings: {
        'node.id': id,
        'process.roles': controller ? 'broker,controller' : 'broker',
        listeners: [...listeners, ...(controller ? [here('CONTROLLER', controllerPort)] : [])].join(','),
        'advertised.listeners': [here('PLAINTEXT', advertised), here('BETWEEN', between)].join(','),
        'inter.broker.listener.name': 'BETWEEN',
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,BETWEEN:PLAINTEXT,CONTROLLER:PLAINTEXT',
        'default.replication.factor': 3,
        'min.insync.replicas': 2,
        'offsets.topic.replication.factor': 3,
        // a replica that lags is out after this long: 30 s by default
        'replica.lag.time.max.ms': 3_000,
        // what three brokers hold needs no flush of each write, and a service would not pay for it
        'log.flush.interval.messages': 10_000,
      },
    })
    const signal = (name: NodeJS.Signals) => {
      const pid = kafka.pid()
      if (pid !== undefined) process.kill(pid, name)
    }
    return { id, kafka, proxy, freeze: () => signal('SIGSTOP'), thaw: () => signal('SIGCONT') }
  }
  const [first, second, third] = await Promise.all([start(1), start(2), start(3)])
  const all = [first, second, third]
  const brokers = all.map(({ proxy }) => `127.0.0.1:${proxy.port}`)

  const withAdmin = async <T>(
    work: (admin: ReturnType<ReturnType<typeof connectKafka>['admin']>) => Promise<T>,
  ): Promise<T> => {
    const admin = connectKafka({ brokers: [...brokers] }).admin()
    await admin.connect()
    try {
      return await work(admin)
    } finally {
      await admin.disconnect()
    }
  }

  return {
    brokers,
    controller: first,
    others: [second, third],
    leaders: (topic) =>
      withAdmin(async (admin) => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
        return [...(topics[0]?.partitions ?? [])]
          .sort((a, b) => a.partitionId - b.partitionId)
          .map(({ leader }) => all.find(({ id }) => id === leader))
      }),
    createTopic: (topic, numPartitions) =>
      withAdmin(async (admin) => {
        await admin.createTopics({
          waitForLeaders: true,
          topics: [{ topic, numPartitions, replicationFactor: 3 }],
        })
      }),
    deleteTopic: (topic) => withAdmin((admin) => admin.deleteTopics({ topics: [topic] })),
    async killAll() {
      await Promise.all(all.map(({ kafka }) => kafka.kill()))
    },
    async startAll() {
      await Promise.all(all.map(({ kafka }) => kafka.start()))
    },
    async end() {
      await Promise.all(all.map(({ kafka }) => kafka.stop()))
      await Promise.all(all.map(({ proxy }) => proxy.close()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
