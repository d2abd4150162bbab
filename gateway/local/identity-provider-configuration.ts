/**
 * Which clients, audiences, scopes and claims the local identity provider knows. Refuses an audience or a client that
 * it was not told of; says who a person is, and nothing of her role.
 */
import { type ClientMetadata, type Configuration, errors, interactionPolicy } from 'oidc-provider'
import { PERSONAS } from './personas.ts'
import { CLI_CLIENT, CLI_REDIRECT, GATEWAY_AUDIENCE } from './sign-in.ts'
import { ASSURANCE, SIGN_IN_PATH } from './sign-in-page.ts'
import type { SigningKey } from './signing-keys.ts'

/** A system that signs in for itself with `private_key_jwt`, such as the gateway towards a custodian. */
export interface ServiceClient {
  clientId: string
  /** of the tokens it gets; no other can be asked for */
  audience: string
  scope: string
  publicKeys: readonly SigningKey[]
}

export interface IdentityProviderOptions {
  /** keeps the signing keys */
  dataDir: string
  /** 0 for a free one */
  port: number
  /** audiences that people's tokens may have; the first where none is asked for */
  audiences?: readonly string[]
  services?: readonly ServiceClient[]
  /** the confidential client of the gateway's pages */
  pages?: { clientId: string; secret: string; redirectUris: string[]; signedOutUris?: string[] } | undefined
  /** seconds */
  accessTokenTtl?: number
}

export const PEOPLE_SCOPE = 'ask' // what a person's token is for: to ask the gateway a question
const HOUR = 3600 // seconds

export const audiencesOf = ({ audiences = [GATEWAY_AUDIENCE] }: IdentityProviderOptions) => audiences

export function configuration(options: IdentityProviderOptions): Configuration {
  const { services = [], accessTokenTtl = HOUR } = options
  const policy = interactionPolicy.base()
  policy.remove('consent') // who may see what is the gateway's to decide, not a tick in a box
  const serviceOf = (clientId: string) => services.find((service) => service.clientId === clientId)
  return {
    clients: clientsFor(options),
    acrValues: [ASSURANCE],
    claims: { openid: ['sub'], profile: ['name'] },
    conformIdTokenClaims: false, // the name is in the ID token, so that the pages need no second request
    scopes: ['openid', 'profile'],
    responseTypes: ['code'],
    clientAuthMethods: ['none', 'client_secret_basic', 'private_key_jwt'],
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256'],
      clientAuthSigningAlgValues: ['ES256', 'PS256', 'RS384', 'RS512'], // RS512: what NHS England asks for
    },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    pkce: { required: () => true },
    ttl: {
      AccessToken: accessTokenTtl,
      ClientCredentials: accessTokenTtl,
      IdToken: accessTokenTtl,
      Session: 8 * HOUR,
      Grant: 8 * HOUR,
      Interaction: HOUR,
    },
    interactions: { policy, url: (_, interaction) => `${SIGN_IN_PATH}${interaction.uid}` },
    findAccount: (_, subject) => {
      const persona = PERSONAS.find((known) => known.subject === subject)
      return persona && { accountId: subject, claims: () => ({ sub: subject, name: persona.name }) }
    },
    extraTokenClaims: (ctx, token) => {
      if (token.kind !== 'AccessToken') return undefined
      const { authTime, acr } = ctx.oidc.entities.AuthorizationCode ?? {}
      return {
        auth_time: authTime,
        acr,
        name: PERSONAS.find(({ subject }) => subject === token.accountId)?.name,
      }
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_, client) =>
          serviceOf(client.clientId)?.audience ?? audiencesOf(options)[0] ?? GATEWAY_AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, audience, client) => {
          const service = serviceOf(client.clientId)
          const known = service ? service.audience === audience : audiencesOf(options).includes(audience)
          if (!known) throw new errors.InvalidTarget()
          return {
            audience,
            scope: service?.scope ?? PEOPLE_SCOPE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: accessTokenTtl,
            jwt: { sign: { alg: 'ES256' } },
          }
        },
      },
    },
  }
}

function clientsFor({ pages, services = [] }: IdentityProviderOptions): ClientMetadata[] {
  const people = { grant_types: ['authorization_code'], response_types: ['code' as const] }
  return [
    {
      ...people,
      client_id: CLI_CLIENT,
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: [CLI_REDIRECT],
    },
    ...(pages
      ? [
          {
            ...people,
            client_id: pages.clientId,
            client_secret: pages.secret,
            redirect_uris: pages.redirectUris,
            post_logout_redirect_uris: pages.signedOutUris ?? [],
          },
        ]
      : []),
    ...services.map((service) => ({
      client_id: service.clientId,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'private_key_jwt' as const,
      jwks: { keys: [...service.publicKeys] },
    })),
  ]
}
