/** Every emergency is reviewed by somebody else, who reads the reason; then it is wiped and the finding stays. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Alerts, openAlerts } from '../../../gateway/access/alert.ts'
import { type Emergencies, openEmergencies } from '../../../gateway/access/break-glass.ts'
import { type Finding, findings } from '../../../gateway/access/emergency-review.ts'
import { sealedBox } from '../../../gateway/ledger/sealed-box.ts'
import { type Cluster, ownCluster } from '../ledger/cluster.ts'
import { key, later, leo, maya, NOON, type Northshire, newEvent, northshire, person } from './northshire.ts'

let cluster: Cluster
let at: Northshire
let alerts: Alerts
let emergencies: Emergencies
beforeAll(async () => {
  cluster = await ownCluster()
  at = await northshire(cluster, 'reviews')
  alerts = openAlerts({ pool: at.pool, url: undefined, log: { warn: () => undefined } })
  emergencies = openEmergencies({
    pool: at.pool,
    keys: at.keys,
    alerts,
    box: sealedBox(key, 'emergency-reason'),
    bankHolidays: new Set(),
  })
}, 60_000)
beforeEach(() => at.pool.query('delete from emergency'))
afterAll(async () => {
  await alerts.close()
  await cluster.end()
})

const MONDAY_NOON = new Date('2026-11-23T12:00:00Z')
const samuel = person('samuel')

async function opened(nhsNumber = maya, now = NOON, subject = 'amina') {
  const eventId = newEvent()
  const who = { ...person(subject), authenticatedAt: later(-1, now) }
  const practitioner = { ...(await at.practitioner(subject)), breakGlassRight: true }
  const reason = 'She is locked in with him and the line went dead.'
  await emergencies.open({ who, practitioner, nhsNumber, reason, conflict: null, eventId, now })
  return { eventId, ask: { who, practitioner, nhsNumber, reason, conflict: null } }
}

const close = (eventId: string, by = samuel, finding: Finding = 'justified') =>
  emergencies.close({ eventId, by, finding, now: later(120) })

test('the IG lead reads who opened what kind of access, why, and by when she must say; not which child', async () => {
  const { eventId } = await opened()
  expect(await emergencies.toReview(NOON)).toEqual([
    {
      eventId,
      openedAt: NOON,
      expires: later(60),
      due: MONDAY_NOON,
      overdue: false,
      name: 'Amina Yusuf',
      agency: 'northshire-council',
      role: 'lcpp',
      reason: 'She is locked in with him and the line went dead.',
    },
  ])
})

test('what is due first comes first, and what is overdue says so', async () => {
  const second = await opened(leo, later(30))
  const first = await opened(maya, later(-30), 'daniel')
  const listed = await emergencies.toReview(MONDAY_NOON)
  expect(listed.map(({ eventId }) => eventId)).toEqual([first.eventId, second.eventId])
  expect(listed.map(({ overdue }) => overdue)).toEqual([true, false])
})

test.each(findings)('once it is closed as %s, the reason is gone and the finding stays', async (finding) => {
  const { eventId } = await opened()
  await close(eventId, samuel, finding)
  expect(await emergencies.toReview(NOON)).toEqual([])
  const { rows } = await at.pool.query('select finding, reason, closed_at, closed_by_subject from emergency')
  expect(rows).toEqual([{ finding, reason: null, closed_at: later(120), closed_by_subject: 'samuel' }])
})

test('a review that is closed ends the emergency: no access can follow it unreviewed', async () => {
  const { eventId, ask } = await opened()
  await emergencies.close({ eventId, by: samuel, finding: 'not-justified', now: later(5) })
  await expect(emergencies.open({ ...ask, eventId: newEvent(), now: later(6) })).rejects.toMatchObject({
    code: 'FRESH_SIGN_IN_NEEDED',
  })
})

test('nobody reviews her own, nothing is reviewed twice, and what was not opened is unknown', async () => {
  const { eventId } = await opened()
  await expect(close(eventId, person('amina'))).rejects.toMatchObject({ code: 'REVIEW_OWN' })
  expect(await emergencies.toReview(NOON)).toHaveLength(1)
  await close(eventId)
  await expect(close(eventId)).rejects.toMatchObject({ code: 'REVIEW_CLOSED' })
  for (const other of [newEvent(), 'no event', ''])
    await expect(close(other)).rejects.toMatchObject({ code: 'REVIEW_UNKNOWN' })
})

test('two IG leads who close it at the same moment: one finding, and the other is told', async () => {
  const { eventId } = await opened()
  const both = await Promise.allSettled([
    close(eventId, samuel, 'justified'),
    close(eventId, person('judith'), 'referred'),
  ])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'REVIEW_CLOSED' },
  })
})
