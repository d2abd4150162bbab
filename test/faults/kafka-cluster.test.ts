/**
 * Three real brokers lose one of their number, their leaders, their quorum of replicas, their lives and their words.
 * Practitioners get their answers all the while, and every access is on Kafka when it is over.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../gateway/ledger/append.ts'
import { onceByIndex } from '../../gateway/ledger/dedupe.ts'
import { connectKafka } from '../../gateway/ledger/kafka-topic.ts'
import { openRelay } from '../../gateway/ledger/relay.ts'
import { INDEX_HEADER } from '../../gateway/ledger/topic-reader.ts'
import { noteSigner } from '../../gateway/ledger/tree/signed-note.ts'
import { kafkaCacheDir, missingForKafka } from '../../gateway/local/kafka-install.ts'
import { closedAfterEach } from '../closed-after-each.ts'
import { type Cluster, ownCluster } from '../gateway/ledger/cluster.ts'
import { faultsHeard } from '../gateway/ledger/faults-heard.ts'
import { type Practitioners, practitioners } from '../gateway/ledger/practitioners.ts'
import { record, released } from '../gateway/ledger/sample.ts'
import { NOTHING_LOST, reckon } from './reckoning.ts'
import { type ThreeBrokers, threeBrokers } from './three-brokers.ts'

const missing = await missingForKafka(kafkaCacheDir())
if (missing) console.warn(`left out, because ${missing} is missing: the faults of three brokers`)
const PARTITIONS = 3
const THINKING = 20 // milliseconds: 16 practitioners then make some hundred accesses a second

let cluster: Cluster
let three: ThreeBrokers
beforeAll(async () => {
  if (missing) return
  ;[cluster, three] = await Promise.all([ownCluster(), threeBrokers()])
}, 240_000)
afterAll(async () => {
  if (missing) return
  await Promise.all([cluster.end(), three.end()])
})

const open = closedAfterEach()

const said: string[] = []
const heard = (about: object, words: string) => void said.push(`${words} ${JSON.stringify(about)}`)
const signer = noteSigner('log', 'northshire.example/sightline', Buffer.alloc(32, 3))
const kafkaClient = () => connectKafka({ brokers: [...three.brokers] })

async function service(name: string) {
  const url = await cluster.ledgerDatabase(name)
  const topic = `sightline.${name}.v1`
  const pool = cluster.pool(url)
  const ledger = await openLedger({ databaseUrl: url, deadlineMs: 5_000 })
  const relay = await openRelay({
    ...{ databaseUrl: url, topic, brokers: three.brokers, partitions: PARTITIONS, replicationFactor: 3 },
    signing: { signer, clock: () => new Date(), file: join(cluster.folder, topic) },
    log: { info: heard, warn: heard, error: heard },
    alerts: faultsHeard(),
    pollMs: 20,
  })
  open.push(ledger, relay)
  const carried = () =>
    expect.poll(async () => (await relay.waiting()).count, { timeout: 60_000, interval: 100 }).toBe(0)
  await ledger.append(record(released()))
  await carried()
  const all: Practitioners[] = []
  const begin = () => {
    const asking = practitioners(ledger, 16, THINKING)
    open.push({ close: asking.stop })
    all.push(asking)
    return asking
  }
  return {
    topic,
    relay,
    asking: begin(),
    /** others ask, after those before them have stopped */
    begin,
    carried,
    leaders: () => three.leaders(topic),
    /** nobody asks any more, all has arrived, and all is there */
    async healed() {
      for (const asking of all) await asking.stop()
      await carried()
      expect(all.flatMap(({ codes }) => [...codes])).toEqual([])
      const shown = all.flatMap(({ acknowledged }) => acknowledged)
      return await reckon({ pool, kafka: kafkaClient(), topic, log: signer, shown })
    },
  }
}

test.skipIf(missing)(
  'one broker killed: accesses go on to the two that are left, and it catches up',
  async () => {
    const { asking, relay, healed, carried } = await service('one_killed')
    await asking.more(100)
    const [, victim] = three.others
    await victim.kafka.kill()
    await asking.more(300)
    await asking.stop()
    await carried()
    expect(relay.state()).toBe('up')

    await victim.kafka.start()
    expect(await healed()).toEqual(NOTHING_LOST)
  },
  90_000,
)

test.skipIf(missing)(
  'a leader freezes in mid-batch, another is chosen, and the first comes back: nothing lost',
  async () => {
    const { asking, healed, leaders } = await service('leader_moved')
    await asking.more(200)
    const before = await leaders()
    const victim = before.find((broker) => broker && broker !== three.controller)
    if (!victim) throw new Error('the controller leads everything')
    const led = before.indexOf(victim)

    victim.freeze()
    await expect.poll(async () => (await leaders())[led], { timeout: 30_000 }).not.toBe(victim)
    await asking.more(100)
    victim.thaw()
    await asking.more(100)

    expect(await healed()).toEqual(NOTHING_LOST)
  },
  90_000,
)

test.skipIf(missing)(
  'two of three replicas lost: Kafka takes nothing, practitioners go on, and nothing counts as delivered',
  async () => {
    const { asking, relay, healed } = await service('replicas_lost')
    await asking.more(100)
    await Promise.all(three.others.map(({ kafka }) => kafka.kill()))
    await asking.more(300)
    const { count } = await relay.waiting()
    expect(count).toBeGreaterThan(100)
    await asking.more(100)
    expect((await relay.waiting()).count).toBeGreaterThan(count)

    await Promise.all(three.others.map(({ kafka }) => kafka.start()))
    expect(await healed()).toEqual(NOTHING_LOST)
  },
  120_000,
)

test.skipIf(missing)(
  'all of Kafka killed under load, and back',
  async () => {
    const { asking, relay, healed } = await service('all_killed')
    await asking.more(200)
    await three.killAll()
    await asking.more(500)
    await expect.poll(() => relay.state(), { timeout: 30_000 }).toBe('down')
    await three.startAll()
    await asking.more(100)
    expect(await healed()).toEqual(NOTHING_LOST)
  },
  120_000,
)

test.skipIf(missing)(
  'acknowledgements swallowed, cut off, or late: sent again where in doubt, nothing lost',
  async () => {
    const { asking, healed, leaders } = await service('acks')
    const led = [...new Set(await leaders())].filter((broker) => broker !== undefined)
    const faults = ['reset', { lateBy: 1_500 }, 'swallowed'] as const
    for (const [round, fault] of faults.entries()) {
      await asking.more(50)
      await led[round % led.length]?.proxy.strikeNext(fault)
    }
    await asking.more(50)
    expect(await healed()).toEqual(NOTHING_LOST)
  },
  90_000,
)

test.skipIf(missing)(
  'a reader that is set back sees old accesses again, and takes each once',
  async () => {
    const { topic, asking, healed } = await service('rewound')
    await asking.more(200)
    expect(await healed()).toEqual(NOTHING_LOST)
    const all = asking.acknowledged.length + 1

    const accept = onceByIndex()
    const seen: number[] = []
    const taken: number[] = []
    const consumer = kafkaClient().consumer({
      groupId: 'ig-reader',
      maxWaitTimeInMs: 500,
      retry: { retries: 5 },
    })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const index = Number(message.headers?.[INDEX_HEADER]?.toString())
        seen.push(index)
        if (accept(partition, index)) taken.push(index)
      },
    })
    await expect.poll(() => taken.length, { timeout: 30_000 }).toBe(all)
    for (let partition = 0; partition < PARTITIONS; partition++)
      consumer.seek({ topic, partition, offset: '0' })
    await expect.poll(() => seen.length, { timeout: 30_000 }).toBe(2 * all)
    await consumer.disconnect()

    expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: all }, (_, index) => index))
  },
  60_000,
)

test.skipIf(missing)(
  'the topic deleted under load: it is made again, and holds every access from the first',
  async () => {
    const { topic, asking, healed } = await service('deleted')
    await asking.more(200)
    await three.deleteTopic(topic)
    await pause(1_000)
    await asking.more(100)
    expect(await healed()).toEqual(NOTHING_LOST)
  },
  90_000,
)

test.skipIf(missing)(
  'the topic made anew by somebody else between two sends: not taken for the old one, and mended by deleting it',
  async () => {
    const { topic, asking, begin, carried, relay, healed } = await service('made_anew')
    await asking.more(500)
    await asking.stop()
    await carried() // a send into the gap would find no topic, and the relay would make it itself
    await three.deleteTopic(topic)
    await three.createTopic(topic, PARTITIONS)
    await begin().more(300)
    await expect.poll(() => relay.state(), { timeout: 30_000 }).toBe('down')
    await expect.poll(() => said.join(), { timeout: 30_000 }).toContain('was made anew')

    await three.deleteTopic(topic)
    expect(await healed()).toEqual(NOTHING_LOST)
  },
  90_000,
)
