/** Who asks is beyond doubt: a token that is expired, forged, for another audience or unsigned opens nothing. */
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { PERSONAS } from '../../gateway/local/personas.ts'
import { accessTokenFor } from '../../gateway/local/sign-in.ts'
import { OTHER_AUDIENCE } from '../../gateway/local/stack.ts'
import { codeOf, type GatewayUnderTest, openGateway } from '../gateway-under-test.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway.close())

const lcpp = PERSONAS.find(({ id }) => id === 'lcpp')
const body = JSON.stringify({ query: '{ __typename }' })
const withToken = (token: string) => gateway.post(body, { authorization: `Bearer ${token}` })

const claims = () => {
  const { issuer, audience } = inject('partners')
  return { iss: issuer, aud: audience, sub: lcpp?.subject ?? '', iat: 1_700_000_000, exp: 4_000_000_000 }
}

test('a genuine token is accepted', async () => {
  const reply = await withToken(await gateway.token('lcpp'))
  expect(reply.status).toBe(200)
  expect(reply.body.data.__typename).toBe('Query')
})

test('no token, or something that is none, is refused', async () => {
  for (const authorization of [undefined, 'Bearer', 'Basic bGNwcDpsY3Bw', 'Bearer a.b']) {
    const reply = await gateway.post(body, authorization === undefined ? {} : { authorization })
    expect(reply.status).toBe(401)
    expect(codeOf(reply)).toBe('TOKEN_MISSING')
    expect(reply.headers.get('www-authenticate')).toBe('Bearer')
  }
})

test('a genuine token for another service is refused', async () => {
  const { issuer } = inject('partners')
  const token = await accessTokenFor({ issuer, persona: 'lcpp', audience: OTHER_AUDIENCE })
  const reply = await withToken(token)
  expect(reply.status).toBe(401)
  expect(codeOf(reply)).toBe('TOKEN_NOT_FOR_SIGHTLINE')
})

test('`alg: none` is refused', async () => {
  const reply = await withToken(new UnsecuredJWT(claims()).encode())
  expect(codeOf(reply)).toBe('TOKEN_NOT_TRUSTED')
})

test('a token signed with a key of its own making is refused, whatever key id it claims', async () => {
  const { issuer } = inject('partners')
  const { jwks_uri: keysAt } = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as {
    jwks_uri: string
  }
  const published = (await (await fetch(keysAt)).json()) as { keys: { kid: string; alg?: string }[] }
  const { privateKey } = await generateKeyPair('ES256')
  for (const kid of [published.keys[0]?.kid ?? '', 'another'])
    expect(
      codeOf(
        await withToken(
          await new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey),
        ),
      ),
    ).toBe('TOKEN_NOT_TRUSTED')
})

test("a token signed with the provider's public key as a shared secret is refused", async () => {
  const { publicKey } = await generateKeyPair('ES256')
  const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(publicKey)))
  const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256' }).sign(secret)
  expect(codeOf(await withToken(token))).toBe('TOKEN_NOT_TRUSTED')
})

test('an altered token is refused', async () => {
  const [header = '', payload = '', signature = ''] = (await gateway.token('ig-lead')).split('.')
  const altered = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: lcpp?.subject }
  const forged = Buffer.from(JSON.stringify(altered)).toString('base64url')
  expect(codeOf(await withToken(`${header}.${forged}.${signature}`))).toBe('TOKEN_NOT_TRUSTED')
})

test('every refused token is on record, as an access by nobody established', async () => {
  const reply = await withToken(new UnsecuredJWT(claims()).encode())
  const { rows } = await gateway.pool.query(
    "select convert_from(body, 'utf8')::json as record from access_event where event_id = $1",
    [reply.body.errors[0].extensions.eventId],
  )
  expect(rows[0]?.record.type).toBe('sightline.access.denied.v1')
  expect(rows[0]?.record.data.actor).toEqual({ kind: 'not-established' })
})
