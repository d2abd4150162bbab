/** Whatever a genuine token says of itself, the access that comes with it can be recorded. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Authenticate, authenticator } from '../../../gateway/access/authenticate.ts'
import { seal } from '../../../gateway/ledger/seal.ts'
import { record, released } from '../ledger/sample.ts'
import { type TestIssuer, testIssuer } from './test-issuer.ts'

const AUDIENCE = 'https://gateway.sightline.example'

let identity: TestIssuer
let authenticate: Authenticate
beforeAll(async () => {
  identity = await testIssuer()
  authenticate = authenticator({ issuer: identity.issuer, audience: AUDIENCE })
})
afterAll(() => identity.close())

const signedIn = async (claims: Readonly<Record<string, unknown>>) =>
  await authenticate(`Bearer ${await identity.claiming(claims, AUDIENCE)}`)

test.each([
  { what: 'an id that is a number', claims: { jti: 4_711 } },
  { what: 'an id that is an NHS number', claims: { jti: '9990000018' } },
  { what: 'a sign-in in milliseconds', claims: { auth_time: 1_795_000_000_000 } },
  { what: 'a sign-in that no calendar holds', claims: { auth_time: 1e20 } },
  { what: 'a sign-in before there were any', claims: { auth_time: -1e14 } },
  { what: 'half a character', claims: { jti: '\ud800', acr: '\udfff' } },
])('a token with $what is on record as any other', async ({ claims }) => {
  const who = await signedIn({ sub: 'lcpp', auth_time: 1_795_000_000, ...claims })
  const authn = { acr: who.acr, jti: who.tokenId, at: who.authenticatedAt }
  const actor = { subject: who.subject, issuer: who.issuer, agency: null, role: null, authn }
  expect(seal(record({ ...released(), actor })).bytes.toString()).not.toContain('9990000018')
})

test.each([
  ['a number', 9_990_000_018],
  ['empty', ''],
  ['a list', ['lcpp']],
])('a token whose subject is %s names nobody, and is not trusted', async (_what, sub) => {
  await expect(signedIn({ sub })).rejects.toMatchObject({ code: 'TOKEN_NOT_TRUSTED' })
})
