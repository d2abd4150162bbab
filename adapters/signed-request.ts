/**
 * Signs our request for a token (`private_key_jwt`, RFC 7523): what the NHS and SMART ask of a system that comes on
 * its own behalf. The private key never leaves this process.
 */
import { randomUUID } from 'node:crypto'
import { importJWK, importPKCS8, type JWK, SignJWT } from 'jose'
import { Fault } from './fault.ts'

/** SMART names RS384 and ES384. */
export const signingAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'EdDSA',
] as const
const USUAL_ALGORITHM = 'RS512' // what NHS England asks for
const LIVES = 60 // seconds

export interface SigningPlan {
  readonly tokenUrl: string
  readonly clientId: string
  /** PKCS #8 in PEM, or a JWK */
  readonly privateKey: string
  readonly keyId?: string | undefined
  readonly algorithm?: string | undefined
}

/** @throws Fault where our own key cannot be read */
export async function signedRequest(plan: SigningPlan, clock: () => Date): Promise<string> {
  const now = Math.floor(clock().getTime() / 1000)
  const jwk = jwkIn(plan.privateKey)
  const algorithm = plan.algorithm ?? jwk?.alg ?? USUAL_ALGORITHM
  const key = await (jwk === null
    ? importPKCS8(plan.privateKey, algorithm)
    : importJWK(jwk, algorithm)
  ).catch(() => {
    throw new Fault('not-authorised', 'our private key cannot be read')
  })
  const keyId = plan.keyId ?? jwk?.kid
  return new SignJWT()
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) })
    .setIssuer(plan.clientId)
    .setSubject(plan.clientId)
    .setAudience(plan.tokenUrl)
    .setJti(randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(now + LIVES)
    .sign(key)
}

function jwkIn(text: string): JWK | null {
  if (!text.trimStart().startsWith('{')) return null
  try {
    return JSON.parse(text) as JWK
  } catch {
    throw new Fault('not-authorised', 'our private key cannot be read')
  }
}
