/**
 * A real OpenID provider (`oidc-provider`) with invented people, for a laptop and the tests. The gateway and the
 * agencies know it by its issuer URL only, so that any provider can take its place. Refuses an audience, a client or
 * a persona that it was not told of.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Provider, { type Configuration, type Grant } from 'oidc-provider'
import {
  audiencesOf,
  configuration,
  type IdentityProviderOptions,
  PEOPLE_SCOPE,
} from './identity-provider-configuration.ts'
import { signInMemory } from './sign-in-memory.ts'
import { answerSignIn, SIGN_IN_PATH } from './sign-in-page.ts'
import { keepSigningKeys, newSigningKey, signingKeysIn } from './signing-keys.ts'

export interface IdentityProvider {
  readonly issuer: string
  /** From now on a new key signs; the old ones stay published, so that tokens in use still verify. */
  rotateKeys(): Promise<void>
  stop(): Promise<void>
}

export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const keyFile = join(options.dataDir, 'signing-keys.json')
  let keys = await signingKeysIn(keyFile)
  const memory = signInMemory()
  const cookieKey = randomBytes(32).toString('base64url')
  let answer: RequestListener = (_, response) => response.writeHead(503).end()
  const server = createServer((request, response) => answer(request, response))
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const useKeys = () => {
    const provider: Provider = new Provider(issuer, {
      ...configuration(options),
      adapter: memory,
      jwks: { keys },
      cookies: { keys: [cookieKey] },
      loadExistingGrant: (ctx) => grantWhatIsAsked(provider, ctx.oidc, options),
    })
    const protocol = provider.callback()
    answer = (request, response) => {
      if (!request.url?.startsWith(SIGN_IN_PATH)) return void protocol(request, response)
      answerSignIn(provider, request, response).catch(() => response.destroy())
    }
  }
  useKeys()

  return {
    issuer,
    async rotateKeys() {
      keys = [await newSigningKey(), ...keys]
      await keepSigningKeys(keyFile, keys)
      useKeys()
    },
    async stop() {
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}

type OidcContext = Parameters<NonNullable<Configuration['loadExistingGrant']>>[0]['oidc']

/** Stands in for the consent screen: the client has what it asked for, for the audiences that people may use. */
async function grantWhatIsAsked(
  provider: Provider,
  { client, session }: OidcContext,
  options: IdentityProviderOptions,
): Promise<Grant | undefined> {
  if (!client || !session?.accountId) return undefined
  const known = session.grantIdFor(client.clientId)
  if (known) return provider.Grant.find(known)
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope('openid profile')
  for (const audience of audiencesOf(options)) grant.addResourceScope(audience, PEOPLE_SCOPE)
  await grant.save()
  return grant
}
