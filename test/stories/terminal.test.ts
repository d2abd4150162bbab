/** What a newcomer pastes into a terminal, run as she would run it: the real command, a child process, over HTTP. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { someFree } from '../../gateway/local/ports.ts'
import { sightline as run } from '../gateway/commands/from-terminal.ts'
import { type GatewayUnderTest, openGateway, register } from '../gateway-under-test.ts'

const MAYA = '9990000018'
const MAYAS_CASE = register.cases.find(({ nhsNumber }) => nhsNumber === MAYA)?.reference ?? ''

let gateway: GatewayUnderTest
let emptyFolder: string
let nobodyListens: string

beforeAll(async () => {
  gateway = await openGateway()
  emptyFolder = await mkdtemp(join(tmpdir(), 'sightline-terminal-'))
  nobodyListens = `http://127.0.0.1:${(await someFree(1))[0]}`
})
afterAll(async () => {
  await gateway.close()
  await rm(emptyFolder, { recursive: true, force: true })
})

const sightline = (...args: string[]) => {
  const { issuer, audience } = inject('partners')
  return run(args, { SIGHTLINE_URL: gateway.url, OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience })
}

const recordedEvents = async () => {
  const { rows } = await gateway.pool.query<{ event_id: string }>('select event_id from access_event')
  return rows.map(({ event_id }) => event_id)
}

test('a persona gets a token that the gateway accepts', async () => {
  const { code, out } = await sightline('token', 'lcpp')
  expect(code).toBe(0)
  const { body } = await gateway.post(JSON.stringify({ query: '{ __typename }' }), {
    authorization: `Bearer ${out.trim()}`,
  })
  expect(body).toMatchObject({ data: { __typename: 'Query' } })
})

test('the LCPP reads one picture: four sectors, every gap named, the receipt that the ledger holds', async () => {
  const { code, out, err } = await sightline('picture', '999 000 0018', '--as', 'lcpp', '--case', MAYAS_CASE)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const sector of ['POLICE', 'HEALTH', 'EDUCATION', "CHILDREN'S SOCIAL CARE"])
    expect(out).toContain(`\n${sector}\n`)
  expect(out).toContain('7 of 9 custodians answered. The others say nothing about what they know:')
  expect(out).toMatch(/NOT_ASKED +Westvale College/)
  expect(out).toMatch(/NOT_CONNECTED +Northshire Youth Justice Service/)
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(110)
  expect(await recordedEvents()).toContain(/receipt ([0-9a-f-]{36})/.exec(out)?.[1])
})

test('with --json the answer comes as the gateway gave it', async () => {
  const { out } = await sightline('picture', MAYA, '--as', 'lcpp', '--case', MAYAS_CASE, '--json')
  expect(JSON.parse(out).data.child.custodians).toHaveLength(9)
})

test.each([
  ['social-worker', 'NO_CASE_RELATIONSHIP'],
  ['lapsed-lcpp', 'NOMINATION_LAPSED'],
  ['ig-lead', 'ROLE_MAY_NOT_ASK'],
  ['it-engineer', 'ROLE_MAY_NOT_ASK'],
])(
  '%s is refused in words, with the receipt of the refused question, and reads nothing',
  async (who, refusal) => {
    const { code, out, err } = await sightline('picture', MAYA, '--as', who, '--case', MAYAS_CASE)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(new RegExp(`^${refusal}: [a-zA-Z].* \\(recorded; receipt [0-9a-f-]{36}\\)\\n$`))
    expect(await recordedEvents()).toContain(/receipt ([0-9a-f-]{36})/.exec(err)?.[1])
  },
)

test.each([
  ['a wrong number', ['9990000019', '--as', 'lcpp'], 'NHS_NUMBER_INVALID'],
  ['no case', [MAYA, '--as', 'lcpp'], 'CASE_NEEDED'],
  ['an unknown persona', [MAYA, '--as', 'nobody', '--case', MAYAS_CASE], 'UNKNOWN_PERSONA'],
  [
    'an unknown purpose',
    [MAYA, '--as', 'lcpp', '--case', MAYAS_CASE, '--purpose', 'research'],
    'PURPOSE_UNKNOWN',
  ],
])('%s: one line says what is wrong, and nothing is shown', async (_what, args, refusal) => {
  const { code, out, err } = await sightline('picture', ...args)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(new RegExp(`^${refusal}: .+\\n$`))
})

test('where nothing runs, the reader is told so, not shown a stack', async () => {
  const { issuer, audience } = inject('partners')
  const picture = ['picture', MAYA, '--as', 'lcpp', '--case', MAYAS_CASE]
  const answers = await Promise.all([
    run(picture, { SIGHTLINE_DATA: emptyFolder }),
    run(picture, { SIGHTLINE_URL: nobodyListens, OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience }),
    run(picture, { SIGHTLINE_URL: gateway.url, OIDC_ISSUER: nobodyListens, OIDC_AUDIENCE: audience }),
  ])
  expect(answers.map(({ code, out, err }) => [code, out, err.split(':')[0], err.split('\n').length])).toEqual(
    [
      [1, '', 'NOT_RUNNING', 2],
      [1, '', 'GATEWAY_UNREACHABLE', 2],
      [1, '', 'SIGN_IN_FAILED', 2],
    ],
  )
})
