/** Break-glass: one child, one hour, one reason, noticed at once and reviewed. It never opens what is sealed. */
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { SIGN_IN_AGAIN } from '../../gateway/access/break-glass.ts'
import { type RegisterFile, registerFrom } from '../../gateway/access/register-file.ts'
import { pictureDocument } from '../../gateway/commands/picture-document.ts'
import { PERSONAS } from '../../gateway/local/personas.ts'
import { storyOf } from '../../gateway/local/population/stories.ts'
import { type Desk, openDesk } from '../gateway/access/alert-desk.ts'
import { type TestIssuer, testIssuer } from '../gateway/access/test-issuer.ts'
import {
  codeOf,
  type GatewayUnderTest,
  NOON,
  openGateway,
  type Reply,
  register,
  statesOf,
} from '../gateway-under-test.ts'

const REASON = 'She is locked in with him and the line went dead.'

let gateway: GatewayUnderTest
let provider: TestIssuer
let desk: Desk
let now = NOON
const at = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000)
beforeAll(async () => {
  provider = await testIssuer()
  desk = await openDesk()
  gateway = await openGateway({
    clock: () => now,
    env: { OIDC_ISSUER: provider.issuer, ALERT_URL: desk.url },
  })
})
beforeEach(async () => {
  now = NOON
  await takeOver({})
  await gateway.pool.query('delete from emergency')
})
afterAll(async () => {
  await gateway.close()
  await desk.close()
  await provider.close()
})

const takeOver = (changed: Partial<RegisterFile>) =>
  gateway.opened.house.register.takeOver(
    registerFrom({ ...register, ...changed }, 'northshire'),
    provider.issuer,
  )

const subjectOf = (persona: string) => PERSONAS.find(({ id }) => id === persona)?.subject ?? ''
const caseOf = (story: string) =>
  register.cases.find(({ nhsNumber }) => nhsNumber === storyOf(story).nhsNumber)

interface Emergency {
  readonly persona?: string
  /** minutes after noon; a minute ago where not said */
  readonly signedIn?: number
  readonly reason?: string | null
  readonly who?: Readonly<Record<string, string | null>>
}

async function ask(story: string, { persona = 'lcpp', signedIn, reason = REASON, who }: Emergency = {}) {
  const child = caseOf(story)
  const signedInAt = signedIn === undefined ? new Date(now.getTime() - 60_000) : at(signedIn)
  const token = await provider.token(subjectOf(persona), inject('partners').audience, signedInAt)
  const variables = {
    nhsNumber: storyOf(story).nhsNumber,
    dateOfBirth: child?.dateOfBirth,
    givenName: child?.givenNames[0],
    familyName: child?.familyNames[0],
    ...who,
    reason: {
      purpose: 's47-enquiry',
      threshold: 'S47',
      lawfulBasis: { article6: 'GDPR-6-1-d', condition: 'GDPR-9-2-c', function: 'CA89-47' },
      ...(reason === null ? { caseReference: child?.reference } : { breakGlass: { reason } }),
    },
  }
  const body = JSON.stringify({ query: pictureDocument, variables })
  return await gateway.post(body, { authorization: `Bearer ${token}` })
}

const shown = (reply: Reply) =>
  Object.entries(statesOf(reply)).filter(([, state]) => state === 'RECORDS_SHOWN').length

const receiptOf = (reply: Reply): string => reply.body.extensions.sightline.eventId
/** What came of these questions: an alert of an earlier test may still be on its way. */
const toldOf = (...replies: Reply[]) =>
  desk.received.filter(({ eventId }) => replies.some((reply) => receiptOf(reply) === eventId))
/** Their alerts, which are on record before an answer leaves, told or not yet. */
async function alertsOf(...replies: Reply[]): Promise<string[]> {
  const { rows } = await gateway.pool.query('select event_id from alert where event_id = any($1)', [
    replies.map(receiptOf),
  ])
  return rows.map(({ event_id }) => event_id)
}
const soon = <Found>(look: () => Found) => expect.poll(look, { timeout: 10_000 })

test('in an emergency an LCPP without the case reads every agency, and her IG lead knows at once', async () => {
  const reply = await ask('all-four')
  expect(codeOf(reply)).toBeUndefined()
  expect(statesOf(reply)).toMatchObject({
    'northshire-police': 'RECORDS_SHOWN',
    'northshire-hospital': 'RECORDS_SHOWN',
    'hollybank-school': 'RECORDS_SHOWN',
    'northshire-childrens-services': 'RECORDS_SHOWN',
  })
  const { eventId } = reply.body.extensions.sightline
  await soon(() => toldOf(reply)).toMatchObject([{ kind: 'BREAK_GLASS', eventId, role: 'lcpp' }])
  expect(await gateway.opened.house.emergencies.toReview(now)).toMatchObject([
    { eventId, name: 'Amina Yusuf', reason: REASON, due: new Date('2026-11-23T12:00:00Z') },
  ])
})

test('the alert names no child', async () => {
  const reply = await ask('all-four')
  await soon(() => toldOf(reply).length).toBe(1)
  const { nhsNumber, name, dateOfBirth } = storyOf('all-four')
  const text = JSON.stringify(toldOf(reply))
  for (const secret of [nhsNumber, name, dateOfBirth, REASON, 'NS-2026']) expect(text).not.toContain(secret)
})

test('access ends after sixty minutes, in mid-session', async () => {
  const opened = await ask('all-four', { signedIn: -1 })
  expect(shown(opened)).toBeGreaterThan(0)
  now = at(59)
  const again = await ask('all-four', { signedIn: -1 })
  expect(shown(again)).toBeGreaterThan(0)
  now = at(60)
  const over = await ask('all-four', { signedIn: -1 })
  expect(codeOf(over)).toBe('FRESH_SIGN_IN_NEEDED')
  expect(over.body.data).toBeUndefined()
  expect(await alertsOf(opened, again, over)).toEqual([receiptOf(opened)])
})

test('it is one child’s: a second needs a sign-in of its own', async () => {
  await ask('all-four', { signedIn: -1 })
  expect(codeOf(await ask('border', { signedIn: -1 }))).toBe('FRESH_SIGN_IN_NEEDED')
  now = at(2)
  expect(codeOf(await ask('border', { signedIn: 1 }))).toBeUndefined()
  expect(await gateway.opened.house.emergencies.toReview(now)).toHaveLength(2)
})

test('an old sign-in is answered with how fresh it must be', async () => {
  const reply = await ask('all-four', { signedIn: -6 })
  expect(reply.status).toBe(401)
  expect(codeOf(reply)).toBe('FRESH_SIGN_IN_NEEDED')
  expect(reply.headers.get('www-authenticate')).toBe(SIGN_IN_AGAIN)
  expect(await alertsOf(reply)).toEqual([])
})

test.each(['adopted', 'refuge', 'siblings'])(
  'adoption, a refuge and a staff record stay sealed in an emergency, while the rest is shown: %s',
  async (story) => {
    const reply = await ask(story)
    expect(shown(reply)).toBeGreaterThan(0)
    expect(storyOf(story).neverShown.length).toBeGreaterThan(0)
    for (const words of storyOf(story).neverShown) expect(reply.text).not.toContain(words)
  },
)

test.each(['adopted-before', 'protected', 'sealed'])(
  'what is not acknowledged is not acknowledged in an emergency: %s reads like a child nobody knows',
  async (story) => {
    const reply = await ask(story)
    for (const words of storyOf(story).neverShown) expect(reply.text).not.toContain(words)
    const { police } = reply.body.data.child
    for (const records of Object.values(police as Record<string, unknown[]>)) expect(records).toEqual([])
    now = at(2) // a minute after she signed in again
    const nobodys = statesOf(await ask('no-record'))
    expect(statesOf(reply)['northshire-police']).toBe(nobodys['northshire-police'])
  },
)

test('vital interests open nothing where no emergency was declared', async () => {
  const reply = await ask('all-four', { reason: null })
  expect(codeOf(reply) ?? shown(reply)).toBe(0)
})

const REFUSED: readonly [what: string, emergency: Emergency, status: number, code: string][] = [
  ['without the named right', { persona: 'social-worker' }, 403, 'BREAK_GLASS_NOT_YOURS'],
  ['by a MACPT member of the police', { persona: 'macpt-police' }, 403, 'BREAK_GLASS_NOT_YOURS'],
  ['without a reason that says anything', { reason: 'urgent' }, 400, 'BREAK_GLASS_REASON_TOO_SHORT'],
  ['of one letter', { reason: 'a'.repeat(30) }, 400, 'BREAK_GLASS_REASON_TOO_SHORT'],
  ['for a child without a name', { who: { familyName: null } }, 400, 'BREAK_GLASS_IDENTITY_NEEDED'],
  ['for a child without a birthday', { who: { dateOfBirth: null } }, 400, 'BREAK_GLASS_IDENTITY_NEEDED'],
  ['by an IG lead', { persona: 'ig-lead' }, 403, 'ROLE_MAY_NOT_ASK'],
]
test.each(REFUSED)('an emergency %s is refused', async (_what, emergency, status, code) => {
  const reply = await ask('all-four', emergency)
  expect(codeOf(reply)).toBe(code)
  expect(reply.status).toBe(status)
  expect(await gateway.opened.house.emergencies.toReview(now)).toEqual([])
})

test('another child’s name shows nothing of this one', async () => {
  const reply = await ask('all-four', { who: { givenName: 'Zoe' } })
  expect(Object.values(statesOf(reply))).toContain('IDENTITY_UNCONFIRMED')
  expect(shown(reply)).toBe(0)
})

test('a relative is refused in an emergency, too, and the desk is alerted', async () => {
  await takeOver({
    connections: [
      {
        subject: subjectOf('lcpp'),
        nhsNumber: storyOf('all-four').nhsNumber as RegisterFile['cases'][number]['nhsNumber'],
        kind: 'relative',
        source: 'her own declaration',
        from: '2026-01-01',
        until: null,
      },
    ],
  })
  const reply = await ask('all-four')
  expect(codeOf(reply)).toBe('CONFLICT_OF_INTEREST')
  await soon(() => toldOf(reply)).toMatchObject([{ kind: 'CONFLICT_OF_INTEREST' }])
})

test('the ledger holds that it was an emergency, and no table holds the reason in clear', async () => {
  const { eventId } = (await ask('all-four')).body.extensions.sightline
  const again = (await ask('all-four')).body.extensions.sightline.eventId
  const { rows } = await gateway.pool.query(
    "select event_id, convert_from(body, 'utf8') as text from access_event where event_id in ($1, $2)",
    [eventId, again],
  )
  for (const { text } of rows) {
    expect(JSON.parse(text).data.emergency).toMatchObject({ openedBy: eventId })
    expect(text).not.toContain('locked in')
  }
  const { rows: open } = await gateway.pool.query('select * from emergency')
  const values = open.flatMap((row) => Object.values(row))
  const text = values.map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value)))
  expect(text.join('\n')).not.toContain('locked in')
})
