import { afterAll, beforeAll, expect, test } from 'vitest'
import { childPseudonyms, recordIds } from '../../../gateway/ledger/pseudonym.ts'
import { nhsNumber } from '../../../schema/nhs-number.ts'
import { type Cluster, ownCluster } from './cluster.ts'
import { key } from './sample.ts'

const jaya = nhsNumber('999 000 0026')
const omar = nhsNumber('999 000 0018')

let cluster: Cluster
beforeAll(async () => {
  cluster = await ownCluster()
}, 60_000)
afterAll(() => cluster.end())

test('a child has one pseudonym, however many ask at once, and no other child has it', async () => {
  const pool = cluster.pool(await cluster.ledgerDatabase('one'))
  const gateways = [childPseudonyms({ pool, key }), childPseudonyms({ pool, key })]
  const drawn = await Promise.all(Array.from({ length: 20 }, (_, i) => gateways[i % 2]?.pidOf(jaya)))

  expect(new Set(drawn).size).toBe(1)
  expect(drawn[0]).toMatch(/^p-[\w-]{22}$/)
  expect(await gateways[0]?.pidOf(omar)).not.toBe(drawn[0])
})

test('the map holds no NHS number, and another key finds nobody in it', async () => {
  const pool = cluster.pool(await cluster.ledgerDatabase('map'))
  const pid = await childPseudonyms({ pool, key }).pidOf(jaya)
  const { rows } = await pool.query("SELECT encode(lookup, 'escape') || pid AS text FROM child_pseudonym")
  expect(JSON.stringify(rows)).not.toContain(jaya)
  expect(await childPseudonyms({ pool, key: Buffer.alloc(32, 8) }).pidOf(jaya)).not.toBe(pid)
})

test('once a child’s row is deleted, the old pseudonym leads to nobody', async () => {
  const pool = cluster.pool(await cluster.ledgerDatabase('erased'))
  const pseudonyms = childPseudonyms({ pool, key })
  const [before, other] = [await pseudonyms.pidOf(jaya), await pseudonyms.pidOf(omar)]
  await pool.query('DELETE FROM child_pseudonym WHERE lookup = $1', [pseudonyms.lookupOf(jaya)])

  expect(await pseudonyms.pidOf(jaya)).not.toBe(before)
  expect(await pseudonyms.pidOf(omar)).toBe(other)
})

test('a record is known by an opaque id that depends on the custodian and on the key', () => {
  const idOf = recordIds({ key })
  expect(idOf('northshire-police', 'CR/1')).toBe(idOf('northshire-police', 'CR/1'))
  const ids = [
    idOf('northshire-police', 'CR/1'),
    idOf('northshire-police', 'CR/2'),
    idOf('northshire-hospital', 'CR/1'),
    idOf('northshire-policeC', 'R/1'),
    recordIds({ key: Buffer.alloc(32, 8) })('northshire-police', 'CR/1'),
  ]
  expect(new Set(ids).size).toBe(ids.length)
})

test('a key that could be tried out is refused', () => {
  expect(() => recordIds({ key: Buffer.from('secret') })).toThrow('at least 32 random bytes')
})
