/** Promise 4, who may ask: not about her own, not a relative's, not a colleague's; and what ends does so in mid-session. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { type RegisterFile, registerFrom } from '../../gateway/access/register-file.ts'
import { PERSONAS } from '../../gateway/local/personas.ts'
import { storyOf } from '../../gateway/local/population/stories.ts'
import { type Desk, openDesk } from '../gateway/access/alert-desk.ts'
import {
  codeOf,
  type GatewayUnderTest,
  NOON,
  openGateway,
  type Reply,
  register,
  statesOf,
} from '../gateway-under-test.ts'

let gateway: GatewayUnderTest
let desk: Desk
let now = NOON
beforeAll(async () => {
  desk = await openDesk()
  gateway = await openGateway({ clock: () => now, env: { ALERT_URL: desk.url } })
})
beforeEach(async () => {
  now = NOON
  await takeOver({})
})
afterAll(async () => {
  await gateway.close()
  await desk.close()
})

const takeOver = (changed: Partial<RegisterFile>) =>
  gateway.opened.house.register.takeOver(
    registerFrom({ ...register, ...changed }, 'northshire'),
    inject('partners').issuer,
  )

const subjectOf = (persona: string) => PERSONAS.find(({ id }) => id === persona)?.subject ?? ''

const tied = (persona: string, story: string): Partial<RegisterFile> => ({
  connections: [
    {
      subject: subjectOf(persona),
      nhsNumber: storyOf(story).nhsNumber as RegisterFile['cases'][number]['nhsNumber'],
      kind: 'relative',
      source: 'her own declaration',
      from: '2026-01-01',
      until: null,
    },
  ],
})

const withChange = (persona: string, change: Partial<RegisterFile['practitioners'][number]>) => ({
  practitioners: register.practitioners.map((each) =>
    each.subject === subjectOf(persona) ? { ...each, ...change } : each,
  ),
})

const receiptOf = (reply: Reply): string => reply.body.extensions.sightline.eventId
/** What came of this question: an alert of an earlier test may still be on its way. */
const toldOf = (reply: Reply) => desk.received.filter(({ eventId }) => eventId === receiptOf(reply))
const soon = <Found>(look: () => Found) => expect.poll(look, { timeout: 10_000 })

describe('a conflict of interest', () => {
  test('a relative who works on the case is refused before any agency is asked, and the desk is alerted', async () => {
    await takeOver(tied('macpt-police', 'all-four'))
    const reply = await gateway.ask('macpt-police', 'all-four')
    expect(reply.status).toBe(403)
    expect(codeOf(reply)).toBe('CONFLICT_OF_INTEREST')
    expect(reply.body.data).toBeUndefined()
    const { eventId } = reply.body.errors[0].extensions
    const { rows } = await gateway.pool.query(
      "select convert_from(body, 'utf8')::json as record from access_event where event_id = $1",
      [eventId],
    )
    expect(rows[0]?.record.data.decision).toMatchObject({ effect: 'deny', refusal: 'CONFLICT_OF_INTEREST' })
    expect(rows[0]?.record.data.disclosure.sources).toEqual([])
    await soon(() => toldOf(reply)).toMatchObject([
      { kind: 'CONFLICT_OF_INTEREST', eventId, agency: 'northshire-police', role: 'macpt-police' },
    ])
  })

  test('the alert names no child and no case', async () => {
    const { nhsNumber, name, dateOfBirth } = storyOf('all-four')
    await takeOver(tied('macpt-police', 'all-four'))
    const reply = await gateway.ask('macpt-police', 'all-four')
    await soon(() => toldOf(reply).length).toBe(1)
    expect(Object.keys(toldOf(reply)[0] ?? {}).sort()).toEqual(['agency', 'at', 'eventId', 'kind', 'role'])
    const text = JSON.stringify(toldOf(reply))
    for (const secret of [nhsNumber, name, dateOfBirth, 'NS-2026-0001']) expect(text).not.toContain(secret)
  })

  test('to who has no tie to the case the number alone betrays nothing; the desk is alerted all the same', async () => {
    await takeOver(tied('social-worker', 'all-four'))
    const [hers, another] = [
      await gateway.ask('social-worker', 'all-four'),
      await gateway.ask('social-worker', 'border'),
    ]
    expect(codeOf(hers)).toBe('NO_CASE_RELATIONSHIP')
    expect(hers.status).toBe(another.status)
    expect(hers.body.errors[0].message).toBe(another.body.errors[0].message)
    await soon(() => toldOf(hers)).toMatchObject([{ kind: 'CONFLICT_OF_INTEREST' }])
  })

  test('a colleague’s relative is refused in the same words, and others go on', async () => {
    await takeOver(tied('ig-lead', 'all-four')) // who is with the council, as the LCPP is
    const colleague = await gateway.ask('lcpp', 'all-four')
    expect((await gateway.ask('macpt-police', 'all-four')).status).toBe(200)
    await takeOver(tied('lcpp', 'all-four'))
    const relative = await gateway.ask('lcpp', 'all-four')
    expect(codeOf(relative)).toBe('CONFLICT_OF_INTEREST')
    expect(colleague.body.errors[0].message).toBe(relative.body.errors[0].message)
  })

  test('a tie that is declared between two questions refuses the second', async () => {
    const before = await gateway.ask('macpt-police', 'all-four')
    expect(before.status).toBe(200)
    // an alert is on record before an answer leaves
    const raised = 'select from alert where event_id = $1'
    expect((await gateway.pool.query(raised, [receiptOf(before)])).rowCount).toBe(0)
    await takeOver(tied('macpt-police', 'all-four'))
    expect(codeOf(await gateway.ask('macpt-police', 'all-four'))).toBe('CONFLICT_OF_INTEREST')
  })
})

describe('in mid-session', () => {
  const aMinute = 60_000
  const until = NOON.toISOString()
  const theMinuteBefore = () => {
    now = new Date(NOON.getTime() - aMinute)
  }
  const theMinuteAfter = () => {
    now = new Date(NOON.getTime() + aMinute)
  }

  test('vetting that lapsed at noon hides intelligence at one minute past', async () => {
    await takeOver(withChange('macpt-police', { vettingUntil: until }))
    const content = async () =>
      (await gateway.ask('macpt-police', 'all-four')).body.data.child.police.intelligence.map(
        (each: { content: string | null }) => each.content,
      )
    theMinuteBefore()
    expect((await content()).some(Boolean)).toBe(true)
    theMinuteAfter()
    expect((await content()).some(Boolean)).toBe(false)
  })

  test('training that lapsed at noon opens nothing at one minute past, and says why', async () => {
    await takeOver(withChange('lcpp', { training: { until } }))
    theMinuteBefore()
    expect(Object.values(statesOf(await gateway.ask('lcpp', 'all-four')))).toContain('RECORDS_SHOWN')
    theMinuteAfter()
    const reply = await gateway.ask('lcpp', 'all-four')
    const { custodians } = reply.body.data.child
    const asked = custodians.filter(({ state }: { state: string }) => state !== 'NOT_CONNECTED')
    for (const custodian of asked)
      expect(custodian).toMatchObject({ state: 'NOT_ASKED', reason: { code: 'TRAINING_LAPSED' } })
  })

  test('a nomination that ends between two questions is over at the second', async () => {
    const nominations = register.nominations.map((each) =>
      each.subject === subjectOf('lcpp') ? { ...each, until } : each,
    )
    await takeOver({ nominations })
    theMinuteBefore()
    expect((await gateway.ask('lcpp', 'all-four')).status).toBe(200)
    theMinuteAfter()
    expect(codeOf(await gateway.ask('lcpp', 'all-four'))).toBe('NOMINATION_LAPSED')
  })
})
