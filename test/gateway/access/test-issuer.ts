/** An identity provider of a test's own, which says when a person signed in: fresh or stale, on any day. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export interface TestIssuer {
  readonly issuer: string
  token(subject: string, audience: string, signedInAt: Date): Promise<string>
  /** a genuine token for eight hours, with whatever else it claims */
  claiming(claims: Readonly<Record<string, unknown>>, audience: string): Promise<string>
  close(): Promise<void>
}

export async function testIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'of-the-test', alg: 'ES256', use: 'sig' }]
  const server = createServer((request, response) => {
    const told = request.url === '/jwks' ? { keys } : { issuer, jwks_uri: `${issuer}/jwks` }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(told))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const claiming: TestIssuer['claiming'] = (claims, audience) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'of-the-test' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('8 h')
      .sign(privateKey)
  return {
    issuer,
    claiming,
    token: (sub, audience, signedInAt) =>
      claiming({ sub, auth_time: Math.floor(signedInAt.getTime() / 1000), acr: 'AAL2' }, audience),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
