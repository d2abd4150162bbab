/** An agency's own access log and the gateway's say the same, and where they do not, both are told. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readAgencyLog } from '../../gateway/ledger/agency-log.ts'
import { type Difference, reconcile } from '../../gateway/ledger/reconcile.ts'
import { placesIn } from '../../gateway/local/data-folder.ts'
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
  const { agencies } = placesIn(inject('partners').dataDir)
  const text = await readFile(join(agencies, 'access-logs', `${custodian}.ndjson`), 'utf8')
  return text
    .split('\n')
    .filter((line) => receipts.some((receipt) => line.includes(receipt)))
    .map((line) => JSON.stringify({ ...JSON.parse(line), at: NOON.toISOString() }))
}

async function* chunks(lines: readonly string[]) {
  yield Buffer.from(lines.join('\n'))
}

async function compared(agency: string, lines: readonly string[]) {
  const told: Difference[] = []
  const totals = await reconcile(gateway.pool, agency, readAgencyLog(chunks(lines)), (each) =>
    told.push(each),
  )
  return { ...totals, told: told.map(({ kind, eventId }) => `${kind}: ${eventId}`) }
}

test.each([
  ['northshire-police', 'northshire-police'],
  ['hollybank-school', 'hollybank-school'],
  ['northshire-childrens-services', 'northshire-council'],
  ['northshire-hospital', 'northshire-hospital'],
])('the log of %s holds every receipt, and nothing that is not on record', async (custodian, agency) => {
  const lines = await logOf(custodian)
  expect(new Set(lines.map((line) => JSON.parse(line).eventId))).toEqual(new Set(receipts))
  expect(await compared(agency, lines)).toMatchObject({ agree: 3, notInLog: 0, notOnRecord: 0, told: [] })
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
  expect(await compared('hollybank-school', kept)).toMatchObject({
    agree: 2,
    without: 1,
    notInLog: 1,
    notOnRecord: 1,
    told: [`not in log: ${missing}`, `not on record: ${stray}`],
  })
})

test('a log of an empty file agrees with nothing: it is refused', async () => {
  await expect(compared('hollybank-school', ['', ' '])).rejects.toMatchObject({ code: 'LOG_EMPTY' })
})
