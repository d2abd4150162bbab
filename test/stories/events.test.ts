/** What the ledger tells of one access from beginning to end, also where the reader hung up or the gateway died. */
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pictureDocument } from '../../gateway/commands/picture-document.ts'
import { storyOf } from '../../gateway/local/population/stories.ts'
import { type GatewayUnderTest, openGateway, register } from '../gateway-under-test.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway.close())

const events = async () => {
  const { rows } = await gateway.pool.query(
    "select convert_from(body, 'utf8')::json as record from access_event",
  )
  return rows.map(({ record }) => record)
}
const eventsOf = async (receipt: string) => (await events()).filter(({ data }) => data.access === receipt)
const kindsOf = async (receipt: string) => (await eventsOf(receipt)).map(({ type }) => type).sort()
const only = async (receipt: string, kind: string) =>
  (await eventsOf(receipt)).find(({ type }) => type === `sightline.access.${kind}.v1`)

test('an answered question is requested, released and completed, joined by its receipt', async () => {
  const reply = await gateway.ask('lcpp', 'all-four')
  const { eventId } = reply.body.extensions.sightline
  await expect
    .poll(() => kindsOf(eventId), { timeout: 20_000 })
    .toEqual([
      'sightline.access.completed.v1',
      'sightline.access.released.v1',
      'sightline.access.requested.v1',
    ])
  const all = await eventsOf(eventId)
  expect(new Set(all.map(({ id }) => id)).size).toBe(3)
  expect(new Set(all.map(({ partitionkey }) => partitionkey)).size).toBe(1)
  expect(new Set(all.map(({ traceparent }) => traceparent)).size).toBe(1)
  expect((await only(eventId, 'released')).id).toBe(eventId)
  expect((await only(eventId, 'completed')).data.delivery).toEqual({
    ended: 'whole',
    bytes: Buffer.byteLength(reply.text),
  })
})

test('police data is recorded as section 62 asks: collected, consulted, disclosed, combined; nobody else’s is', async () => {
  const reply = await gateway.ask('lcpp', 'all-four')
  const { eventId } = reply.body.extensions.sightline
  const { asked } = (await only(eventId, 'requested')).data
  const { sources } = (await only(eventId, 'released')).data.disclosure
  const processingOf = (given: { custodian: string; processing?: string[] }[]) =>
    Object.fromEntries(
      given.flatMap(({ custodian, processing }) => (processing ? [[custodian, processing]] : [])),
    )
  expect(processingOf(asked)).toEqual({ 'northshire-police': ['collection'] })
  expect(processingOf(sources)).toEqual({
    'northshire-police': ['consultation', 'disclosure', 'combination'],
  })
})

test('a question refused before anybody was asked is one event, and no custodian is named in it', async () => {
  const reply = await gateway.ask('social-worker', 'all-four')
  const { eventId } = reply.body.extensions.sightline
  expect(await kindsOf(eventId)).toEqual(['sightline.access.denied.v1'])
})

test('an answer that cannot be put on record leaves behind that it was asked for', async () => {
  const { ledger } = gateway.opened.house
  const { append } = ledger
  const asked: string[] = []
  Object.assign(ledger, {
    append: (...given: Parameters<typeof append>) => {
      const [{ type, data }] = given
      if (type === 'sightline.access.released.v1') throw new Error('the gateway died here')
      // that an earlier answer came to its end may still be put on record
      if (type === 'sightline.access.requested.v1') asked.push(String(data.access))
      return append(...given)
    },
  })
  const reply = await gateway.ask('lcpp', 'all-four')
  Object.assign(ledger, { append })
  expect(reply.status).toBe(503)
  expect(await kindsOf(asked[0] ?? '')).toEqual(['sightline.access.requested.v1'])
})

test('that custodians are asked is on record before anything leaves, or nothing leaves', async () => {
  const { ledger } = gateway.opened.house
  const { append } = ledger
  Object.assign(ledger, {
    append: async (...given: Parameters<typeof append>) => {
      if (given[0].type === 'sightline.access.requested.v1') throw new Error('not durable')
      return append(...given)
    },
  })
  // that an earlier answer came to its end may still be put on record
  const decided = async () => (await events()).filter(({ type }) => !/\.completed\./.test(type)).length
  const before = await decided()
  const reply = await gateway.ask('lcpp', 'all-four')
  Object.assign(ledger, { append })
  expect(reply.status).toBe(503)
  expect(reply.body.data).toBeUndefined()
  expect(await decided()).toBe(before)
})

test('a reader who hangs up before the answer: it is recorded as released, and as cut off', async () => {
  const { nhsNumber } = storyOf('all-four')
  const body = JSON.stringify({
    query: pictureDocument,
    variables: {
      nhsNumber,
      reason: {
        purpose: 's47-enquiry',
        lawfulBasis: { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: 'CA89-47' },
        threshold: 'S47',
        caseReference: register.cases.find((each) => each.nhsNumber === nhsNumber)?.reference,
        consentRecorded: false,
      },
    },
  })
  const known = new Set((await events()).map(({ id }) => id))
  const { port } = new URL(gateway.url)
  const socket = connect({ host: '127.0.0.1', port: Number(port) })
  socket.write(
    [
      'POST /graphql HTTP/1.1',
      'host: gateway',
      'content-type: application/json',
      `authorization: Bearer ${await gateway.token('lcpp')}`,
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
    () => socket.resetAndDestroy(),
  )
  const cutOff = async () =>
    (await events()).find(({ id, data }) => !known.has(id) && data.delivery?.ended === 'cut-off')
  await expect.poll(cutOff, { timeout: 20_000 }).toBeDefined()
  const { data } = await cutOff()
  expect(await kindsOf(data.access)).toContain('sightline.access.released.v1')
})
