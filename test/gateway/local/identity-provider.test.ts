import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteJWKSet, decodeProtectedHeader, importJWK, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type IdentityProvider, startIdentityProvider } from '../../../gateway/local/identity-provider.ts'
import { PERSONAS } from '../../../gateway/local/personas.ts'
import { serviceClients } from '../../../gateway/local/service-clients.ts'
import { accessTokenFor, GATEWAY_AUDIENCE } from '../../../gateway/local/sign-in.ts'
import { newSigningKey, type SigningKey } from '../../../gateway/local/signing-keys.ts'

const OTHER_AUDIENCE = 'https://another-service.northshire.example'
let dir: string
let provider: IdentityProvider
let hospitalKey: SigningKey

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-identity-'))
  hospitalKey = await newSigningKey()
  provider = await startIdentityProvider({
    dataDir: dir,
    port: 0,
    audiences: [GATEWAY_AUDIENCE, OTHER_AUDIENCE],
    services: serviceClients({ 'northshire-hospital': hospitalKey }).slice(0, 1),
  })
}, 30_000)

afterAll(async () => {
  await provider.stop()
  await rm(dir, { recursive: true, force: true })
})

const verify = (token: string, audience = GATEWAY_AUDIENCE) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${provider.issuer}/jwks`)), {
    issuer: provider.issuer,
    audience,
    algorithms: ['ES256'],
    typ: 'at+jwt',
  })

describe('a person signs in', () => {
  test.each(PERSONAS)(
    '$id has a token that verifies and says who she is, and nothing of her role',
    async (persona) => {
      const { payload } = await verify(await accessTokenFor({ issuer: provider.issuer, persona: persona.id }))
      expect(payload).toMatchObject({
        sub: persona.subject,
        name: persona.name,
        client_id: 'sightline-cli',
        acr: 'AAL2',
      })
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600)
      expect(payload.auth_time).toBeTypeOf('number')
      expect(payload).not.toHaveProperty('role')
    },
  )

  test('with a fresh sign-in where the caller limits its age', async () => {
    const token = await accessTokenFor({ issuer: provider.issuer, persona: 'lcpp', maxAge: 60 })
    expect((await verify(token)).payload.sub).toBe(PERSONAS[0]?.subject)
  })

  test('but a token for another service does not verify for the gateway', async () => {
    const token = await accessTokenFor({ issuer: provider.issuer, persona: 'lcpp', audience: OTHER_AUDIENCE })
    expect((await verify(token, OTHER_AUDIENCE)).payload.aud).toBe(OTHER_AUDIENCE)
    await expect(verify(token)).rejects.toMatchObject({
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
      claim: 'aud',
    })
  })

  test('but an unknown persona is refused by the provider, with the ones that there are', async () => {
    await expect(accessTokenFor({ issuer: provider.issuer, persona: 'superuser' })).rejects.toMatchObject({
      code: 'UNKNOWN_PERSONA',
      message: expect.stringMatching(/`superuser`; try lcpp, macpt-police/),
    })
  })

  test('but an audience that nobody registered gets no token', async () => {
    await expect(
      accessTokenFor({ issuer: provider.issuer, persona: 'lcpp', audience: 'https://elsewhere.example' }),
    ).rejects.toMatchObject({ error: 'invalid_target' })
  })

  test('and subjects and ids of personas are each used once', () => {
    expect(new Set(PERSONAS.map(({ id }) => id)).size).toBe(PERSONAS.length)
    expect(new Set(PERSONAS.map(({ subject }) => subject)).size).toBe(PERSONAS.length)
  })
})

describe('the gateway signs in to a custodian with a signed request', () => {
  async function ask(
    key: SigningKey,
    resource?: string,
  ): Promise<{ status: number; body: Record<string, string> }> {
    const clientId = 'sightline-at-northshire-hospital'
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: key.kid })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(`${provider.issuer}/token`)
      .setJti(randomUUID())
      .setExpirationTime('60 s')
      .sign(await importJWK(key, 'ES256'))
    const response = await fetch(`${provider.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        scope: 'system/*.read',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
        ...(resource ? { resource } : {}),
      }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, string> }
  }

  test('and gets a token for that custodian alone', async () => {
    const { body } = await ask(hospitalKey)
    const { payload } = await verify(body.access_token ?? '', 'https://northshire-hospital.example/fhir')
    expect(payload).toMatchObject({ client_id: 'sightline-at-northshire-hospital', scope: 'system/*.read' })
    expect(payload).not.toHaveProperty('name')
  })

  test('but gets none with a key that the custodian does not know', async () => {
    expect(await ask({ ...(await newSigningKey()), kid: hospitalKey.kid })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
  })

  test.each([GATEWAY_AUDIENCE, 'https://northshire-community-health.example/fhir'])(
    'but gets none for %s',
    async (other) => {
      expect(await ask(hospitalKey, other)).toMatchObject({ status: 400, body: { error: 'invalid_target' } })
    },
  )
})

test('after a rotation a new key signs, and tokens in use still verify', async () => {
  const before = await accessTokenFor({ issuer: provider.issuer, persona: 'lcpp' })
  await provider.rotateKeys()
  const after = await accessTokenFor({ issuer: provider.issuer, persona: 'lcpp' })
  expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid)
  await expect(verify(after)).resolves.toBeDefined()
  await expect(verify(before)).resolves.toBeDefined()
})

test('the signing keys are kept on this machine, readable for their owner only, and used again', async () => {
  expect((await stat(join(dir, 'signing-keys.json'))).mode & 0o777).toBe(0o600)
  const token = await accessTokenFor({ issuer: provider.issuer, persona: 'lcpp' })
  const again = await startIdentityProvider({ dataDir: dir, port: 0 })
  try {
    const next = await accessTokenFor({ issuer: again.issuer, persona: 'lcpp' })
    expect(decodeProtectedHeader(next).kid).toBe(decodeProtectedHeader(token).kid)
    const published = (await (await fetch(`${again.issuer}/jwks`)).json()) as { keys: object[] }
    for (const key of published.keys) expect(key).not.toHaveProperty('d')
  } finally {
    await again.stop()
  }
})
