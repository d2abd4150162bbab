/**
 * How we prove to a custodian's system who asks. Refuses to send a token to any address but the system's own
 * (`http.ts`), and keeps tokens in memory only, until shortly before they expire.
 */
import { z } from 'zod'
import { Fault, untilAborted } from './fault.ts'
import { faultOfStatus, type HttpClient, httpClient, isSuccess } from './http.ts'
import { address, secret, setting } from './setting.ts'
import { signedRequest, signingAlgorithms } from './signed-request.ts'

export const credentialsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('bearer'), token: secret }),
  z.strictObject({
    kind: z.literal('header'),
    name: z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/),
    value: secret,
  }),
  z.strictObject({
    kind: z.literal('client-secret'),
    tokenUrl: address,
    clientId: setting,
    clientSecret: secret,
    scope: z.string().optional(),
    resource: setting.optional(),
  }),
  z.strictObject({
    kind: z.literal('private-key-jwt'),
    tokenUrl: address,
    clientId: setting,
    /** PKCS #8 in PEM, or a JWK */
    privateKey: secret,
    keyId: z.string().optional(),
    /** the one that a JWK names where left out */
    algorithm: z.enum(signingAlgorithms).optional(),
    scope: z.string().optional(),
    /** the API that the token is for (RFC 8707) */
    resource: setting.optional(),
  }),
])
export type CredentialsPlan = z.infer<typeof credentialsSchema>
type Fetched = Extract<CredentialsPlan, { tokenUrl: string }>

export interface Credentials {
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>
  /** the system refused the token: the next question fetches another. @returns false where there is no other */
  forget(): boolean
  close(): Promise<void>
}

/** Fetched anew this long before it expires, so that none expires on the way. Milliseconds. */
const MARGIN = 30_000
/** RFC 6749 leaves it open where the answer does not say; seconds. */
const USUAL_LIFE = 300
const TOKEN_WITHIN = 10_000 // milliseconds

export function credentials(plan: CredentialsPlan | undefined, clock: () => Date): Credentials {
  const fixed = (headers: Readonly<Record<string, string>>): Credentials => ({
    headers: async () => headers,
    forget: () => false,
    close: async () => undefined,
  })
  if (plan === undefined) return fixed({})
  if (plan.kind === 'bearer') return fixed({ authorization: `Bearer ${plan.token}` })
  if (plan.kind === 'header') return fixed({ [plan.name.toLowerCase()]: plan.value })
  return fetched(plan, clock)
}

function fetched(plan: Fetched, clock: () => Date): Credentials {
  const tokenUrl = new URL(plan.tokenUrl)
  const http = httpClient(tokenUrl.origin)
  let kept: { token: string; until: number } | undefined
  let underWay: Promise<string> | undefined

  async function token(): Promise<string> {
    if (kept !== undefined && clock().getTime() < kept.until) return kept.token
    // those who ask at the same time share one request, whose life does not hang on any one of them
    underWay ??= requestToken(http, tokenUrl, plan, clock)
      .then((fresh) => {
        kept = { token: fresh.token, until: clock().getTime() + fresh.seconds * 1000 - MARGIN }
        return fresh.token
      })
      .finally(() => {
        underWay = undefined
      })
    return underWay
  }

  return {
    headers: async (signal) => ({ authorization: `Bearer ${await untilAborted(signal, token)}` }),
    forget() {
      kept = undefined
      return true
    },
    close: () => http.close(),
  }
}

const tokenAnswer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
  expires_in: z.coerce.number().positive().optional(),
})

async function requestToken(http: HttpClient, tokenUrl: URL, plan: Fetched, clock: () => Date) {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: plan.clientId,
    ...(plan.scope === undefined ? {} : { scope: plan.scope }),
    ...(plan.resource === undefined ? {} : { resource: plan.resource }),
    ...(plan.kind === 'client-secret'
      ? { client_secret: plan.clientSecret }
      : {
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await signedRequest(plan, clock),
        }),
  })
  const exchange = { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(TOKEN_WITHIN) }
  const answer = await http.post(tokenUrl, exchange, 'application/x-www-form-urlencoded', form.toString())
  if (answer.status === 400) throw new Fault('not-authorised') // RFC 6749 5.2: invalid_client and its like
  if (!isSuccess(answer.status)) throw faultOfStatus(answer.status)
  const read = tokenAnswer.safeParse(answer.body)
  if (!read.success)
    throw new Fault('malformed', 'the token service answered with something else than a token')
  return { token: read.data.access_token, seconds: read.data.expires_in ?? USUAL_LIFE }
}
