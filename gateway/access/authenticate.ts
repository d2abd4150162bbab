/** Who asks: checks the bearer token against the identity provider. Knows nothing of roles or cases. */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'

/** A person as the identity provider vouches for her. */
export interface SignedIn {
  readonly issuer: string
  readonly subject: string
  readonly authenticatedAt: Date | null
  /** authentication context class, as the provider states it */
  readonly acr: string | null
  /** id of the token, where it has one */
  readonly tokenId: string | null
}

export type Authenticate = (authorization: string | undefined) => Promise<SignedIn>

/** Asymmetric only: with `none` or a shared secret anyone who reads a configuration could sign. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']

/** Milliseconds between two fetches of the provider's keys at most; a rotated key is known after that. */
const KEY_COOLDOWN = 1_000

/** Seconds by which two servers' clocks may differ. */
const CLOCK_TOLERANCE = 5

/** Seconds since 1970; the end of the year 9999, the last that ISO 8601 writes in four digits. */
const LATEST = 253_402_300_799

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() })

const REFUSALS: Readonly<Record<string, readonly [code: string, words: string]>> = {
  ERR_JWT_EXPIRED: ['TOKEN_EXPIRED', 'your sign-in has expired; sign in again'],
  aud: ['TOKEN_NOT_FOR_SIGHTLINE', 'this token was issued for another service; sign in to Sightline'],
  iss: [
    'TOKEN_FROM_ANOTHER_ISSUER',
    'this token comes from an identity provider that Sightline does not use',
  ],
}

const untrusted = () => new Refusal('TOKEN_NOT_TRUSTED', 'this token cannot be trusted; sign in again')

function refusalFor(error: unknown): unknown {
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
    const [code, words] = REFUSALS[error.code] ?? REFUSALS[error.claim] ?? []
    return code && words ? new Refusal(code, words) : untrusted()
  }
  if (error instanceof errors.JWKSTimeout) return error
  return error instanceof errors.JOSEError ? untrusted() : error
}

/** Reads the provider's published keys on the first token, so that the gateway starts without it. */
function remoteKeys(issuer: string): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined
  const discover = async () => {
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(3_000),
      redirect: 'error',
    })
    const found = Discovery.parse(await response.json())
    if (found.issuer !== issuer)
      throw new Error('the identity provider names another issuer than OIDC_ISSUER')
    return createRemoteJWKSet(new URL(found.jwks_uri), {
      cooldownDuration: KEY_COOLDOWN,
      timeoutDuration: 3_000,
    })
  }
  return async (header, token) => {
    keys ??= discover()
    try {
      return await (await keys)(header, token)
    } catch (error) {
      if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) throw error
      keys = undefined
      throw new Refusal(
        'IDENTITY_PROVIDER_UNREACHABLE',
        'your sign-in cannot be checked because the identity provider does not answer; try again shortly',
      )
    }
  }
}

/** What a claim says in another form than it should is not said: the access is recorded all the same. */
const textOf = (claim: unknown): string | null => (typeof claim === 'string' ? claim : null)
const instantOf = (claim: unknown): Date | null =>
  typeof claim === 'number' && claim >= 0 && claim <= LATEST ? new Date(claim * 1000) : null

/**
 * @param issuer URL of any OpenID provider; its keys may rotate while the gateway runs
 * @param audience what a token must be issued for
 */
export function authenticator({ issuer, audience }: { issuer: string; audience: string }): Authenticate {
  const keys = remoteKeys(issuer)
  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/.exec(authorization ?? '')?.[1]
    if (token === undefined)
      throw new Refusal('TOKEN_MISSING', 'sign in first: send `authorization: Bearer <access token>`')
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE,
        requiredClaims: ['sub', 'exp', 'iat'],
      })
      const { auth_time: authTime, acr, jti, sub } = payload
      if (typeof sub !== 'string' || sub === '') throw untrusted()
      return {
        issuer,
        subject: sub,
        authenticatedAt: instantOf(authTime),
        acr: textOf(acr),
        tokenId: textOf(jti),
      }
    } catch (error) {
      throw refusalFor(error)
    }
  }
}
