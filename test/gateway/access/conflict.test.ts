/** Nobody asks about her own, and whoever tries is noticed. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Alert, openAlerts } from '../../../gateway/access/alert.ts'
import { alertConflict, refuseConflict } from '../../../gateway/access/conflict.ts'
import type { Conflict } from '../../../gateway/access/register.ts'
import { type Cluster, ownCluster } from '../ledger/cluster.ts'
import { connection, maya, NOON, type Northshire, newEvent, northshire, person } from './northshire.ts'

let cluster: Cluster
let at: Northshire
beforeAll(async () => {
  cluster = await ownCluster()
  at = await northshire(cluster, 'conflict')
}, 60_000)
beforeEach(() => at.takeOver())
afterAll(() => cluster.end())

async function attempt(subject: string) {
  const raised: Alert[] = []
  const alerts = { raise: async (alert: Alert) => void raised.push(alert) }
  const eventId = newEvent()
  const practitioner = await at.practitioner(subject)
  const asked = { who: person(subject), practitioner, nhsNumber: maya, eventId, now: NOON }
  const conflict = await alertConflict({ register: at.register, alerts }, asked)
  return { conflict, raised, eventId }
}

const TIES: readonly [conflict: Conflict, asks: string, declared: ReturnType<typeof connection>][] = [
  ['self', 'amina', connection('amina', maya, 'self')],
  ['relative', 'amina', connection('amina', maya)],
  ['colleague', 'amina', connection('daniel', maya)],
]
test.each(TIES)('an attempt at a child who is %s raises an alert', async (expected, asks, declared) => {
  await at.takeOver({ connections: [declared] })
  const { conflict, raised, eventId } = await attempt(asks)
  expect(conflict).toBe(expected)
  expect(raised).toEqual([
    { kind: 'CONFLICT_OF_INTEREST', eventId, agency: 'northshire-council', role: 'lcpp', at: NOON },
  ])
})

test('somebody who audits, and may not ask at all, is noticed too', async () => {
  await at.takeOver({ connections: [connection('samuel', maya)] })
  expect((await attempt('samuel')).raised).toHaveLength(1)
})

test('where nobody is tied to the child, nobody is alerted', async () => {
  await at.takeOver({ connections: [connection('tom', maya)] })
  expect(await attempt('amina')).toMatchObject({ conflict: null, raised: [] })
})

test('the refusal reads the same for all three, and does not say whose relative the child is', () => {
  const words = TIES.map(([conflict]) => {
    try {
      refuseConflict(conflict)
    } catch (error) {
      return error
    }
    return null
  })
  expect(words[0]).toMatchObject({ code: 'CONFLICT_OF_INTEREST', message: expect.stringMatching(/ring 999/) })
  expect(new Set(words.map((error) => String(error))).size).toBe(1)
  expect(String(words[0])).not.toMatch(/relative|colleague|yourself/)
  expect(() => refuseConflict(null)).not.toThrow()
})

test('where the alert cannot be written, nothing goes on', async () => {
  await at.takeOver({ connections: [connection('amina', maya)] })
  const alerts = openAlerts({ pool: at.pool, url: undefined, log: { warn: () => undefined } })
  const asked = {
    who: person('amina'),
    practitioner: await at.practitioner('amina'),
    nhsNumber: maya,
    now: NOON,
  }
  await expect(
    alertConflict({ register: at.register, alerts }, { ...asked, eventId: 'no event' }),
  ).rejects.toThrow()
  await alerts.close()
})
