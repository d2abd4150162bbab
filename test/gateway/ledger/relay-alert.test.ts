/** A record or a topic that stops the way to Kafka calls a person, who is told once, until it is mended. */
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Ledger, openLedger } from '../../../gateway/ledger/append.ts'
import { connectKafka } from '../../../gateway/ledger/kafka-topic.ts'
import { openLedgerAlerts } from '../../../gateway/ledger/ledger-alert.ts'
import { openRelay, type Relay } from '../../../gateway/ledger/relay.ts'
import { noteSigner } from '../../../gateway/ledger/tree/signed-note.ts'
import { closedAfterEach } from '../../closed-after-each.ts'
import { type Desk, openDesk } from '../access/alert-desk.ts'
import { brokerMissing } from './broker.ts'
import { record, released, somePid } from './sample.ts'
import { storeAndBroker } from './store-and-broker.ts'

const PARTITIONS = 3
const SIGNER = noteSigner('log', 'northshire.example/sightline', Buffer.alloc(32, 3))
const silent = () => undefined

const on = storeAndBroker()
let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
afterAll(() => desk.close())
// before what closes: hooks run from the last, and what is closed may still say something
afterEach(() => {
  desk.received.length = 0
})
const open = closedAfterEach()

interface Place {
  readonly topic: string
  readonly ledger: Ledger
  relay(): Promise<Relay>
  standing(): Promise<Record<string, number>>
}

async function ledgerNamed(name: string): Promise<Place> {
  const databaseUrl = await on.cluster.ledgerDatabase(name)
  const topic = `sightline.${name}.v1`
  const ledger = await openLedger({ databaseUrl, deadlineMs: 5_000 })
  const alerts = openLedgerAlerts({
    ...{ pool: on.cluster.pool(databaseUrl), url: desk.url, node: 'gateway-1', clock: () => new Date() },
    ...{ log: { fatal: silent, warn: silent }, backoff: { from: 50, to: 200 }, pollMs: 50 },
  })
  open.push(ledger, alerts)
  return {
    topic,
    ledger,
    async relay() {
      const relay = await openRelay({
        ...{ databaseUrl, topic, brokers: on.kafka.brokers, partitions: PARTITIONS, replicationFactor: 1 },
        ...{ alerts, pollMs: 20, log: { info: silent, warn: silent, error: silent } },
        signing: { signer: SIGNER, clock: () => new Date(), file: join(on.cluster.folder, topic) },
      })
      open.push(relay)
      return relay
    },
    standing: async () =>
      Object.fromEntries([...(await alerts.standing())].filter(([, places]) => places > 0)),
  }
}

async function closeNow(relay: Relay): Promise<void> {
  open.splice(open.indexOf(relay), 1)
  await relay.close()
}

async function withAdmin(
  work: (admin: ReturnType<ReturnType<typeof connectKafka>['admin']>) => Promise<unknown>,
) {
  const admin = connectKafka({ brokers: on.kafka.brokers }).admin()
  await admin.connect()
  await work(admin)
  await admin.disconnect()
}

const setting = (topic: string, name: string, value: string) =>
  withAdmin((admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: topic, configEntries: [{ name, value }] }],
    }),
  )

const soon = <Found>(look: () => Found) => expect.poll(look, { timeout: 60_000, interval: 100 })
const told = () => desk.received.map(({ kind }) => kind)
const nothingWaits = (relay: Relay) => soon(async () => (await relay.waiting()).count).toBe(0)

test.skipIf(brokerMissing)(
  'a poison record pages once, whatever restarts, and is mended when its partition goes on',
  async () => {
    const { topic, ledger, relay, standing } = await ledgerNamed('poison_pages')
    const configEntries = [{ name: 'max.message.bytes', value: '4000' }]
    await withAdmin((admin) =>
      admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, configEntries }] }),
    )
    const child = somePid()
    const policies = Array.from({ length: 300 }, (_, i) => `police.rule-${i}`)
    await ledger.append(record({ ...released(child), decision: { bundle: null, policies } }))
    await ledger.append(record(released(child)))
    desk.answer = 503
    const first = await relay()
    await soon(() => desk.received.length).toBeGreaterThan(1)
    desk.answer = 204
    const tries = desk.received.length
    await soon(() => desk.received.length).toBe(tries + 1)
    expect(desk.received.at(-1)).toMatchObject({ kind: 'KAFKA_RECORD_REFUSED', where: { topic } })
    expect(JSON.stringify(desk.received)).not.toContain(child)

    await closeNow(first)
    const second = await relay()
    await soon(() => second.stopped().length).toBe(1)
    await on.kafka.kill()
    for (let n = 0; n < 10; n++) await ledger.append(record(released(somePid()))) // into the other partitions
    await soon(() => second.state()).toBe('down')
    await on.kafka.start()
    await soon(() => second.state()).toBe('up')
    await soon(() => second.stopped().length).toBe(1)
    expect(await standing()).toEqual({ KAFKA_RECORD_REFUSED: 1 })
    expect(told()).toHaveLength(tries + 1)

    await closeNow(second)
    await setting(topic, 'max.message.bytes', '1000000')
    await nothingWaits(await relay())
    await soon(standing).toEqual({})
    expect(told()).toHaveLength(tries + 1)
  },
  180_000,
)

test.skipIf(brokerMissing)(
  'a topic that was deleted with its accesses pages, although they are sent again at once',
  async () => {
    const { topic, ledger, relay, standing } = await ledgerNamed('lost_pages')
    for (let n = 0; n < 20; n++) await ledger.append(record(released()))
    const first = await relay()
    await nothingWaits(first)
    await closeNow(first)
    await withAdmin(async (admin) => {
      await admin.deleteTopics({ topics: [topic] })
      await soon(async () => (await admin.listTopics()).includes(topic)).toBe(false)
    })
    await relay()
    await soon(told).toEqual(['KAFKA_LOST_ACCESSES'])
    expect(desk.received[0]).toMatchObject({
      where: { lost: expect.stringMatching(/^partition \d ends at -1 /) },
    })
    await soon(standing).toEqual({})
  },
  120_000,
)

test.skipIf(brokerMissing).each([
  ['no access', 'not even JSON', '7'],
  ['something under no place', '{}', null],
  ['an id that is none', '{"id":"x"}', '7'],
])(
  'a topic that ends with %s, which somebody else wrote, pages, and says nothing of what it is',
  async (what, value, index) => {
    const { topic, ledger, relay, standing } = await ledgerNamed(`stranger_${what.replaceAll(' ', '_')}`)
    await ledger.append(record(released()))
    const first = await relay()
    await nothingWaits(first)
    await closeNow(first)
    const producer = connectKafka({ brokers: on.kafka.brokers }).producer()
    await producer.connect()
    const headers = index === null ? {} : { 'ledger-index': index }
    for (let partition = 0; partition < PARTITIONS; partition++)
      await producer.send({ topic, messages: [{ partition, key: 'x', value, headers }] })
    await producer.disconnect()
    await relay()
    await soon(told).toEqual(['KAFKA_TOPIC_FOREIGN'])
    expect(desk.received[0]).toMatchObject({ where: { why: expect.stringContaining('no access of this') } })
    expect(JSON.stringify(desk.received)).not.toContain('not even')
    expect(await standing()).toEqual({ KAFKA_TOPIC_FOREIGN: 1 })
  },
  120_000,
)

test.skipIf(brokerMissing)(
  'a topic that somebody set to compact pages, and is mended when it is set right',
  async () => {
    const { topic, ledger, relay, standing } = await ledgerNamed('unfit_pages')
    await withAdmin((admin) => admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] }))
    await setting(topic, 'cleanup.policy', 'compact')
    await ledger.append(record(released()))
    const at = await relay()
    await soon(told).toEqual(['KAFKA_TOPIC_UNFIT'])
    expect(desk.received[0]).toMatchObject({ where: { why: expect.stringContaining('would lose accesses') } })
    await setting(topic, 'cleanup.policy', 'delete')
    await nothingWaits(at)
    await soon(standing).toEqual({})
    expect(told()).toEqual(['KAFKA_TOPIC_UNFIT'])
  },
  120_000,
)
