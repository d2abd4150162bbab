/** Every access is on Kafka exactly once, after any absence, where software that this project did not write reads it. */
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTopic } from '../../gateway/ledger/topic-reader.ts'
import { type Broker, brokerMissing, ownBroker } from '../gateway/ledger/broker.ts'
import { type GatewayUnderTest, openGateway } from '../gateway-under-test.ts'

const TOPIC = 'sightline.access.v1'
const present = brokerMissing === undefined
if (!present) console.warn(`left out, because ${brokerMissing} is missing: the stories of Kafka`)

let kafka: Broker
let gateway: GatewayUnderTest
const receipts: string[] = []

beforeAll(async () => {
  if (!present) return
  kafka = await ownBroker()
  gateway = await openGateway({
    env: { KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_TOPIC: TOPIC, KAFKA_REPLICATION: '1' },
  })
})
afterAll(async () => {
  if (!present) return
  await gateway.close()
  await kafka.end()
})

const ask = async (persona: string) => {
  const reply = await gateway.ask(persona, 'all-four')
  receipts.push(reply.body.extensions.sightline.eventId)
  return reply
}
const readiness = () => gateway.opened.readiness()
const nothingWaits = () =>
  expect.poll(async () => (await readiness()).ledger.waiting, { timeout: 60_000, interval: 250 }).toBe(0)
const onTopic = async () => {
  const client = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING })
  const { accesses } = await readTopic(client, TOPIC)
  return accesses.map(({ value }) => JSON.parse(value.toString()))
}
/** released, denied and failed ones: one of each access, with the receipt as its id */
const decidedOnTopic = async () => (await onTopic()).filter(({ id, data }) => id === data.access)
/** every event; those of one access come as it goes on */
const lineCount = async () => {
  await nothingWaits()
  return (await onTopic()).length
}

test.runIf(present)('answered and refused questions alike reach the topic', async () => {
  await ask('lcpp')
  await ask('social-worker')
  await nothingWaits()
  const accesses = await decidedOnTopic()
  expect(accesses.map(({ id }) => id).sort()).toEqual([...receipts].sort())
  expect(accesses.map(({ type }) => type).sort()).toEqual([
    'sightline.access.denied.v1',
    'sightline.access.released.v1',
  ])
})

test.runIf(present)(
  'while Kafka is away answers go on and accesses wait; then each is on the topic once',
  async () => {
    await kafka.kill()
    for (let n = 0; n < 4; n += 1) expect((await ask('lcpp')).status).toBe(200)
    expect((await ask('lapsed-lcpp')).status).toBe(403)
    // the relay meets the absence with its next send
    await expect
      .poll(
        async () => {
          const told = await fetch(`${gateway.url}/health/ready`)
          return [told.status, await told.json()]
        },
        { timeout: 30_000, interval: 250 },
      )
      .toEqual([200, { ready: true, attention: expect.arrayContaining(['KAFKA_DOWN']) }])
    const away = await readiness()
    expect(away.ready).toBe(true)
    expect(away.ledger.waiting).toBeGreaterThanOrEqual(5)
    await kafka.start()
    await nothingWaits()
    // and so are they where information-governance leads look them up
    const read = async () =>
      (await gateway.pool.query('select event_id from read_access where effect is not null')).rows
        .map((row) => row.event_id)
        .sort()
    await expect.poll(read, { timeout: 45_000, interval: 250 }).toEqual([...receipts].sort())
    expect((await decidedOnTopic()).map(({ id }) => id).sort()).toEqual([...receipts].sort())
  },
  120_000,
)

test.runIf(present)('the console consumer of Apache Kafka reads the same accesses', async () => {
  const lines = await kafka.consoleConsumer(TOPIC, { maxMessages: await lineCount(), quietFor: 20_000 })
  const ids = new Set(lines.map((line) => JSON.parse(line).id))
  for (const receipt of receipts) expect(ids.has(receipt)).toBe(true)
})

test.runIf(present)('no access on the topic holds a name, a number, an address or a narrative', async () => {
  const picture = await ask('lcpp')
  await nothingWaits()
  const topic = (
    await kafka.consoleConsumer(TOPIC, { maxMessages: await lineCount(), quietFor: 20_000 })
  ).join('\n')
  const { child } = picture.body.data
  const told = [
    ...child.identity.details.flatMap((each: Record<string, string>) => [
      each.familyName,
      each.address,
      each.postcode,
    ]),
    ...child.police.protectionNotices.map((each: { narrative: string }) => each.narrative),
    ...child.health.conditions.map((each: { condition: string }) => each.condition),
    ...child.household.map((each: { name: string }) => each.name),
  ].filter((words): words is string => typeof words === 'string' && words.length > 3)
  expect(told.length).toBeGreaterThan(5)
  for (const words of told) expect(topic).not.toContain(words)
  expect(topic).not.toMatch(/(?<![0-9A-Za-z_-])999\d{7}(?![0-9A-Za-z_-])/)
})
