/** Expiry and key rotation, with an identity provider of the test's own whose tokens live a second. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startIdentityProvider } from '../../gateway/local/identity-provider.ts'
import { someFree } from '../../gateway/local/ports.ts'
import { accessTokenFor, GATEWAY_AUDIENCE } from '../../gateway/local/sign-in.ts'
import { codeOf, type GatewayUnderTest, openGateway } from '../gateway-under-test.ts'

const TTL = 2 // seconds
let gateway: GatewayUnderTest
let provider: Awaited<ReturnType<typeof startIdentityProvider>>
let dataDir: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sightline-idp-'))
  const [port = 0] = await someFree(1)
  provider = await startIdentityProvider({
    dataDir,
    port,
    audiences: [GATEWAY_AUDIENCE],
    accessTokenTtl: TTL,
  })
  gateway = await openGateway({ env: { OIDC_ISSUER: provider.issuer } })
})
afterAll(async () => {
  await gateway.close()
  await provider.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const ask = async (token: string) =>
  codeOf(
    await gateway.post(JSON.stringify({ query: '{ __typename }' }), { authorization: `Bearer ${token}` }),
  )

// signed in, but in no register under this issuer: the token was accepted
const ACCEPTED = 'PRACTITIONER_UNKNOWN'
const fresh = () => accessTokenFor({ issuer: provider.issuer, persona: 'lcpp' })

test('a token is accepted until it expires, and refused with its code after', async () => {
  const token = await fresh()
  expect(await ask(token)).toBe(ACCEPTED)
  await pause((TTL + 6) * 1000) // five seconds are allowed for two clocks that differ
  expect(await ask(token)).toBe('TOKEN_EXPIRED')
})

test('keys may rotate while the gateway runs', async () => {
  expect(await ask(await fresh())).toBe(ACCEPTED)
  await provider.rotateKeys()
  await pause(1_100)
  expect(await ask(await fresh())).toBe(ACCEPTED)
})

test('an identity provider that does not answer is named as the reason', async () => {
  const elsewhere = await openGateway({ env: { OIDC_ISSUER: 'http://127.0.0.1:9' } })
  try {
    const reply = await elsewhere.post('{}', { authorization: `Bearer ${await fresh()}` })
    expect(reply.status).toBe(503)
    expect(codeOf(reply)).toBe('IDENTITY_PROVIDER_UNREACHABLE')
  } finally {
    await elsewhere.close()
  }
})
