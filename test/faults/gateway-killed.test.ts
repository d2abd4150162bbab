/**
 * Promise 1, no record, no data: a gateway process is killed at every moment between a question and its answer. What a
 * caller read is on record; what is on record may be more than anybody read.
 */
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { connectKafka } from '../../gateway/ledger/kafka-topic.ts'
import { waitingAccesses } from '../../gateway/ledger/waiting.ts'
import { type Cluster, ownCluster } from '../gateway/ledger/cluster.ts'
import { type LossyProxy, lossyProxy, through } from '../gateway/ledger/lossy-proxy.ts'
import { type GatewayProcess, gatewayProcess } from './gateway-process.ts'
import { NOTHING_LOST, reckon } from './reckoning.ts'

const { kafkaMissing } = inject('partners')

let cluster: Cluster
let proxy: LossyProxy
let gateway: GatewayProcess
let url: string
const RELEASED = 'sightline.access.released.v1'
const shown: string[] = []

beforeAll(async () => {
  cluster = await ownCluster()
  url = await cluster.ledgerDatabase('killed')
  proxy = await lossyProxy(cluster.postgres.port)
  // nothing is late here, also on a busy machine
  const patience = { LEDGER_DEADLINE_MS: '20000', CUSTODIAN_DEADLINE_MS: '20000' }
  gateway = await gatewayProcess(inject('partners'), through(url, proxy.port), patience)
})
afterAll(async () => {
  await gateway.end()
  await proxy.close()
  await cluster.end()
})
beforeEach(() => gateway.start())

interface Recorded {
  readonly id: string
  readonly type: string
  readonly bytes: number
}

/** What left, or was about to: an access is on record as asked for before that, and as answered after it. */
async function released(): Promise<Recorded[]> {
  const { rows } = await cluster.pool(url).query<{ body: Buffer }>('SELECT body FROM access_event')
  const records = rows.map(({ body }) => {
    const { id, type, data } = JSON.parse(body.toString('utf8'))
    return { id, type, bytes: data.disclosure?.bytes ?? 0 }
  })
  return records.filter(({ type }) => type === RELEASED)
}

/** A question whose answer is looked at byte by byte. */
async function rawQuestion(): Promise<{ socket: Socket; received: () => string }> {
  const { body, authorization } = await gateway.question()
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('utf8')
  })
  socket.on('error', () => undefined)
  const head = [
    'POST /graphql HTTP/1.1',
    `host: ${hostname}`,
    `authorization: ${authorization}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  return { socket, received: () => text }
}

async function ask(): Promise<number> {
  const reply = await gateway.ask()
  if (reply.status === 200) shown.push(reply.body.extensions.sightline.eventId)
  return reply.status
}

test('killed before the commit: the caller reads not one byte, and nothing is on record', async () => {
  expect(await ask()).toBe(200)
  const before = await released()
  const held = proxy.holdNextCommit(RELEASED)
  const { socket, received } = await rawQuestion()
  await held
  expect(received()).toBe('')
  await gateway.kill()
  await expect.poll(() => socket.closed, { timeout: 10_000 }).toBe(true)
  expect(received()).toBe('')
  await expect.poll(async () => (await released()).length, { timeout: 10_000 }).toBe(before.length)
})

test('killed between the commit and the answer: the caller reads not one byte, and the access is on record', async () => {
  const before = new Set((await released()).map(({ id }) => id))
  const held = proxy.holdNextReply(RELEASED)
  const { socket, received } = await rawQuestion()
  await held
  expect(received()).toBe('')
  await gateway.kill()
  await expect.poll(() => socket.closed, { timeout: 10_000 }).toBe(true)
  expect(received()).toBe('')
  const more = (await released()).filter(({ id }) => !before.has(id))
  expect(more.map(({ type }) => type)).toEqual([RELEASED])
})

test('killed in mid-body: what the caller read the first part of is on record', async () => {
  const before = new Set((await released()).map(({ id }) => id))
  const { socket, received } = await rawQuestion()
  await new Promise<void>((resolve) => socket.once('data', () => resolve()))
  socket.pause()
  await gateway.kill()
  const length = Number(/content-length: (\d+)/i.exec(received())?.[1])
  expect(received()).toMatch(/^HTTP\/1.1 200 /)
  const more = (await released()).filter(({ id }) => !before.has(id))
  expect(more).toEqual([{ id: expect.any(String), type: RELEASED, bytes: length }])
  socket.destroy()
})

// a gateway's process takes a quarter of a minute to start here, and it starts three times more
test('killed three times under load: every answer that anybody read is on record, on Kafka, and signed', async () => {
  let going = true
  const practitioners = Array.from({ length: 6 }, async () => {
    while (going) await ask().catch(() => pause(50))
  })
  for (const moment of [170, 430, 290]) {
    const goal = shown.length + 7
    await expect.poll(() => shown.length, { timeout: 60_000 }).toBeGreaterThan(goal)
    await pause(moment)
    await gateway.kill()
    await gateway.start()
  }
  going = false
  await Promise.all(practitioners)
  expect(shown.length).toBeGreaterThan(20)

  const pool = cluster.pool(url)
  const held = new Set((await released()).map(({ id }) => id))
  expect(shown.filter((id) => !held.has(id))).toEqual([])
  if (kafkaMissing) return console.warn(`not looked for on Kafka: ${kafkaMissing} is missing`)
  await expect
    .poll(async () => (await waitingAccesses(pool, gateway.topic)).count, { timeout: 60_000 })
    .toBe(0)
  const kafka = connectKafka({ brokers: [...gateway.brokers] })
  // that the last answers came to their end may still be on its way
  const reckoned = () => reckon({ pool, kafka, topic: gateway.topic, log: gateway.log, shown })
  await expect.poll(reckoned, { timeout: 30_000, interval: 500 }).toEqual(NOTHING_LOST)
}, 240_000)
