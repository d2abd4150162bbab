/**
 * Signs a persona in at the local identity provider without a browser, by the genuine authorization-code flow with
 * PKCE. It works with no other provider: it knows that one's sign-in page. Refuses an unknown persona.
 */
import * as oidc from 'openid-client'
import { Refusal } from '../../schema/refusal.ts'
import { PERSONAS } from './personas.ts'

/** what tokens for the local gateway are issued for, unless OIDC_AUDIENCE says otherwise */
export const GATEWAY_AUDIENCE = 'https://gateway.sightline.example'
/** the public client of the command line, and its redirect (RFC 8252: any port on loopback) */
export const CLI_CLIENT = 'sightline-cli'
export const CLI_REDIRECT = 'http://127.0.0.1/callback'

export interface SignInRequest {
  issuer: string
  /** id of a persona, such as `lcpp` */
  persona: string
  audience?: string
  /** seconds since the person last signed in */
  maxAge?: number
}

const MOST_STEPS = 10 // the flow takes four redirects; more means that it runs in a circle

/** @returns an access token (a JWT) for the audience */
export async function accessTokenFor(request: SignInRequest): Promise<string> {
  const { issuer, persona, audience = GATEWAY_AUDIENCE, maxAge } = request
  const client = await oidc.discovery(new URL(issuer), CLI_CLIENT, undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests], // loopback only
  })
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const start = oidc.buildAuthorizationUrl(client, {
    redirect_uri: CLI_REDIRECT,
    scope: 'openid profile ask',
    resource: audience,
    state,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
  })
  const callback = await walkThroughSignIn(start, persona)
  const tokens = await oidc.authorizationCodeGrant(
    client,
    callback,
    { pkceCodeVerifier: verifier, expectedState: state, ...(maxAge === undefined ? {} : { maxAge }) },
    { resource: audience },
  )
  return tokens.access_token
}

/** Does what a browser would: follows redirects, keeps cookies, chooses the persona on the page. */
async function walkThroughSignIn(start: URL, persona: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let url = start
  let init: RequestInit = {}
  for (let step = 0; step < MOST_STEPS; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } })
    keepCookies(cookies, response)
    await response.arrayBuffer()
    const location = response.headers.get('location')
    if (location === null && init.method === 'POST') throw unknownPersona(persona)
    if (location === null && response.status !== 200)
      throw new Error(`the identity provider answered ${response.status}`)
    url = new URL(location ?? url, url)
    if (url.href.startsWith(CLI_REDIRECT)) return url
    init = location === null ? { method: 'POST', body: new URLSearchParams({ persona }) } : {}
  }
  throw new Error('the sign-in at the identity provider came to no end')
}

function keepCookies(cookies: Map<string, string>, response: Response): void {
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (name === undefined) continue
    if (value) cookies.set(name, value)
    else cookies.delete(name)
  }
}

const unknownPersona = (persona: string): Refusal =>
  new Refusal(
    'UNKNOWN_PERSONA',
    `there is no persona \`${persona}\`; try ${PERSONAS.map(({ id }) => id).join(', ')}`,
  )
