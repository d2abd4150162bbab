/** Emergency access: who may open it, with what, for how long, and that it is never open unnoticed. */
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Alerts, openAlerts } from '../../../gateway/access/alert.ts'
import {
  type Emergencies,
  type EmergencyAsked,
  openEmergencies,
  SIGN_IN_AGAIN,
} from '../../../gateway/access/break-glass.ts'
import { sealedBox } from '../../../gateway/ledger/sealed-box.ts'
import { type Cluster, ownCluster } from '../ledger/cluster.ts'
import {
  key,
  later,
  leo,
  maya,
  NOON,
  type Northshire,
  newEvent,
  northshire,
  peopleWith,
  person,
} from './northshire.ts'

const REASON = 'She is locked in with him and the line went dead.'

let cluster: Cluster
let at: Northshire
let alerts: Alerts
let emergencies: Emergencies
beforeAll(async () => {
  cluster = await ownCluster()
  at = await northshire(cluster, 'emergencies')
  alerts = openAlerts({ pool: at.pool, url: undefined, log: { warn: () => undefined } })
  emergencies = openEmergencies({
    pool: at.pool,
    keys: at.keys,
    alerts,
    box: sealedBox(key, 'emergency-reason'),
    bankHolidays: new Set(),
  })
}, 60_000)
beforeEach(async () => {
  await at.takeOver()
  await at.pool.query('delete from emergency; delete from alert')
})
afterAll(async () => {
  await alerts.close()
  await cluster.end()
})

const open = async (changed: Partial<EmergencyAsked> = {}, subject = 'amina') => {
  const now = changed.now ?? NOON
  const practitioner = changed.practitioner ?? (await at.practitioner(subject, now))
  return await emergencies.open({
    who: { ...person(subject), authenticatedAt: later(-1, now) },
    practitioner,
    nhsNumber: maya,
    reason: REASON,
    conflict: null,
    eventId: newEvent(),
    now,
    ...changed,
  })
}

const rowsOf = async (table: 'emergency' | 'alert') =>
  (await at.pool.query(`select * from ${table} order by event_id`)).rows

describe('it opens', () => {
  test('for sixty minutes, with an alert at once and a review due in one working day', async () => {
    const eventId = newEvent()
    const opened = await open({ eventId })
    expect(opened).toEqual({ openedBy: eventId, expires: later(60) })
    expect(await rowsOf('alert')).toMatchObject([
      { event_id: eventId, kind: 'BREAK_GLASS', agency: 'northshire-council', role: 'lcpp', raised_at: NOON },
    ])
    const [review] = await emergencies.toReview(NOON)
    expect(review).toMatchObject({ eventId, name: 'Amina Yusuf', due: new Date('2026-11-23T12:00:00Z') })
  })

  test('and goes on without another sign-in, review or alert while it is open', async () => {
    const { openedBy } = await open()
    const again = await open({ now: later(59), who: { ...person('amina'), authenticatedAt: later(-600) } })
    expect(again).toEqual({ openedBy, expires: later(60) })
    expect(await rowsOf('emergency')).toHaveLength(1)
    expect(await rowsOf('alert')).toHaveLength(1)
  })

  test('and is over after sixty minutes, in mid-session', async () => {
    await open()
    const stale = { who: person('amina') }
    expect(await open({ ...stale, now: later(59.99) })).toBeDefined()
    await expect(open({ ...stale, now: later(60) })).rejects.toMatchObject({ code: 'FRESH_SIGN_IN_NEEDED' })
    const second = await open({ now: later(61) })
    expect(second.expires).toEqual(later(121))
    expect(await rowsOf('emergency')).toHaveLength(2)
  })

  test('once only, however many questions come at the same moment', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => open()))
    expect(new Set(opened.map(({ openedBy }) => openedBy)).size).toBe(1)
    expect(await rowsOf('emergency')).toHaveLength(1)
    expect(await rowsOf('alert')).toHaveLength(1)
  })

  test('for a social worker too, where the right is named', async () => {
    const breakGlass = { from: '2026-01-01', until: null }
    await at.takeOver({ practitioners: peopleWith('daniel', { breakGlass }) })
    expect(await open({}, 'daniel')).toBeDefined()
  })
})

describe('it stays shut', () => {
  test('for whoever does not hold the right, and from the minute that it ends, in an open emergency too', async () => {
    await expect(open({}, 'daniel')).rejects.toMatchObject({ code: 'BREAK_GLASS_NOT_YOURS' })
    const breakGlass = { from: '2026-01-01', until: later(10).toISOString() }
    await at.takeOver({ practitioners: peopleWith('amina', { breakGlass }) })
    await open()
    expect(await open({ now: later(9) })).toBeDefined()
    await expect(open({ now: later(10) })).rejects.toMatchObject({ code: 'BREAK_GLASS_NOT_YOURS' })
  })

  test('for a right that was named to a role that may not have it', async () => {
    const breakGlass = { from: '2026-01-01', until: null }
    await at.takeOver({ practitioners: peopleWith('tom', { breakGlass }) })
    await expect(open({}, 'tom')).rejects.toMatchObject({
      code: 'BREAK_GLASS_NOT_YOURS',
      message: expect.stringContaining('ring 999'),
    })
  })

  const THIN = [
    '',
    'urgent',
    'nineteen characters',
    'x'.repeat(40),
    ' '.repeat(40),
    `urgent${' '.repeat(30)}`,
  ]
  const INVISIBLE = [`urgent${'\u200B'.repeat(30)}`, 'x \u2060X '.repeat(12)]
  test.each([...THIN, ...INVISIBLE])('for the reason %j', async (reason) => {
    await expect(open({ reason })).rejects.toMatchObject({ code: 'BREAK_GLASS_REASON_TOO_SHORT' })
  })

  test('for a reason of one character, however often it is repeated, and for one that is too long', async () => {
    const one = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
    await fc.assert(
      fc.asyncProperty(one, fc.nat(1_200), async (character, times) => {
        await expect(open({ reason: character.repeat(times) })).rejects.toMatchObject({
          code: expect.stringMatching(/^BREAK_GLASS_REASON_TOO_(SHORT|LONG)$/),
        })
      }),
      { numRuns: 200 },
    )
    await expect(open({ reason: 'so '.repeat(400) })).rejects.toMatchObject({
      code: 'BREAK_GLASS_REASON_TOO_LONG',
    })
    expect(await open({ reason: 'so '.repeat(333) })).toBeDefined()
  })

  const SIGN_INS: readonly [what: string, at: Date | null][] = [
    ['nobody knows when', null],
    ['more than five minutes ago', later(-5.02)],
    ['in the future', later(1)],
    ['at no moment', new Date(Number.NaN)],
  ]
  test.each(SIGN_INS)('for a sign-in of %s', async (_what, authenticatedAt) => {
    const who = { ...person('amina'), authenticatedAt }
    await expect(open({ who })).rejects.toMatchObject({ code: 'FRESH_SIGN_IN_NEEDED' })
    expect(await rowsOf('emergency')).toEqual([])
    expect(await rowsOf('alert')).toEqual([])
  })

  test('just inside five minutes it does open', async () => {
    expect(await open({ who: { ...person('amina'), authenticatedAt: later(-5) } })).toBeDefined()
  })

  test('for another child, until she signs in again: each child has a sign-in, a review and an alert of its own', async () => {
    const who = person('amina')
    await open({ who })
    await expect(open({ who, nhsNumber: leo, now: later(1) })).rejects.toMatchObject({
      code: 'FRESH_SIGN_IN_NEEDED',
    })
    await open({ nhsNumber: leo, now: later(3), who: { ...who, authenticatedAt: later(2) } })
    expect(await rowsOf('emergency')).toHaveLength(2)
    expect(await rowsOf('alert')).toHaveLength(2)
    expect(await open({ who, now: later(4) })).toBeDefined() // the first goes on
  })

  test('for another person, whose own emergency it is not', async () => {
    const breakGlass = { from: '2026-01-01', until: null }
    await at.takeOver({ practitioners: peopleWith('daniel', { breakGlass }) })
    await open()
    await expect(open({ who: person('daniel', 60) }, 'daniel')).rejects.toMatchObject({
      code: 'FRESH_SIGN_IN_NEEDED',
    })
  })

  test('for a relative, also in an emergency that is open', async () => {
    await expect(open({ conflict: 'relative' })).rejects.toMatchObject({ code: 'CONFLICT_OF_INTEREST' })
    expect(await rowsOf('emergency')).toEqual([])
    await open()
    await expect(open({ conflict: 'colleague' })).rejects.toMatchObject({ code: 'CONFLICT_OF_INTEREST' })
  })

  test('where the alert cannot be written, and no review is left behind', async () => {
    await at.pool.query('alter table alert rename to alert_away')
    try {
      await expect(open()).rejects.not.toHaveProperty('code', 'FRESH_SIGN_IN_NEEDED')
    } finally {
      await at.pool.query('alter table alert_away rename to alert')
    }
    expect(await rowsOf('emergency')).toEqual([])
  })

  test('where the review cannot be written, and nobody is alerted to what did not happen', async () => {
    await at.pool.query('alter table emergency add constraint shut check (false)')
    try {
      await expect(open()).rejects.toThrow()
    } finally {
      await at.pool.query('alter table emergency drop constraint shut')
    }
    expect(await rowsOf('alert')).toEqual([])
  })
})

test('neither number nor reason of an emergency can be read in the database', async () => {
  await open()
  for (const table of ['emergency', 'alert'] as const) {
    const text = (await rowsOf(table))
      .flatMap((row) => Object.values(row))
      .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value)))
      .join('\n')
    expect(text).not.toContain(maya)
    expect(text).not.toContain('locked in')
  }
})

test('a client is told how fresh a sign-in must be, in the words of RFC 9470', () => {
  expect(SIGN_IN_AGAIN).toMatch(/^Bearer error="insufficient_user_authentication", .*max_age="300"$/)
})
