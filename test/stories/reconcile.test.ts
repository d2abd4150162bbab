/** An agency's own access log and the gateway's say the same, and where they do not, both are told. */
import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readAgencyLog, reconcile } from '../../gateway/ledger/reconcile.ts'
import { type GatewayUnderTest, NOON, openGateway } from '../gateway-under-test.ts'

let gateway: GatewayUnderTest
const receipts: string[] = []
beforeAll(async () => {
  gateway = await openGateway()
  for (let n = 0; n < 3; n += 1) {
    const reply = await gateway.ask('lcpp', 'all-four')
    receipts.push(reply.body.extensions.sightline.eventId)
  }
})
afterAll(() => gateway.close())

/**
 * What the local agency wrote itself, at the hour at which this gateway's clock stands. Other tests ask it as well: their
 * lines are left out.
 */
async function logOf(custodian: string): Promise<string[]> {
  const files = await readdir(inject('partners').dataDir, { recursive: true })
  const file = files.find((each) => each.endsWith(join('access-logs', `${custodian}.ndjson`)))
  const text = await readFile(join(inject('partners').dataDir, file ?? ''), 'utf8')
  return text
    .split('\n')
    .filter((line) => receipts.some((receipt) => line.includes(receipt)))
    .map((line) => JSON.stringify({ ...JSON.parse(line), at: NOON.toISOString() }))
}

test.each([
  ['northshire-police', 'northshire-police'],
  ['hollybank-school', 'hollybank-school'],
])('the log of %s holds every receipt, and nothing that is not on record', async (custodian, agency) => {
  const lines = await logOf(custodian)
  expect(new Set(readAgencyLog(lines.join('\n')).map(({ eventId }) => eventId))).toEqual(new Set(receipts))
  const found = await reconcile(gateway.pool, agency, readAgencyLog(lines.join('\n')))
  expect(found).toMatchObject({ agree: 3, notInLog: [], notOnRecord: [] })
})

test('what the agency does not have, and what only the agency has, are both named', async () => {
  const lines = await logOf('hollybank-school')
  const missing = receipts[1] ?? ''
  const stray = randomUUID()
  const kept = [
    ...lines.filter((line) => !line.includes(missing)),
    JSON.stringify({ eventId: stray, time: NOON.toISOString() }),
    JSON.stringify({ eventId: null, at: NOON.toISOString() }),
  ]
  const found = await reconcile(gateway.pool, 'hollybank-school', readAgencyLog(kept.join('\n')))
  expect(found.notInLog.map(({ eventId }) => eventId)).toEqual([missing])
  expect(found.notOnRecord.map(({ eventId }) => eventId)).toEqual([stray])
  expect(found).toMatchObject({ agree: 2, without: 1 })
})

test('a line that cannot be read is named and not repeated', () => {
  const read = () => readAgencyLog('{"eventId":null,"at":"2026-11-21T10:00:00Z"}\nJaya Kaur\n')
  expect(read).toThrow(
    expect.objectContaining({ code: 'LOG_MALFORMED', message: expect.not.stringMatching(/Jaya/) }),
  )
  expect(read).toThrow(/line 2/)
})
