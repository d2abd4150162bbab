/** The local identity provider's one page: it lists the personas and signs in the one that is chosen. No password. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type Provider from 'oidc-provider'
import { PERSONAS, type Persona } from './personas.ts'

export const SIGN_IN_PATH = '/sign-in/'

/** What NHS CIS2 and NIST SP 800-63B call a sign-in with two factors; the persona stands in for both. */
export const ASSURANCE = 'AAL2'

/** Answers GET and POST below SIGN_IN_PATH. An unknown persona is refused with 400. */
export async function answerSignIn(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const underWay = await provider.interactionDetails(request, response).catch(() => undefined)
  if (!underWay)
    return send(response, 400, '<p>This sign-in is no longer under way. Start again from the service.</p>')
  if (request.method !== 'POST') return send(response, 200, personaForm())
  const chosen = new URLSearchParams(await text(request)).get('persona')
  const persona = PERSONAS.find(({ id }) => id === chosen)
  if (!persona) return send(response, 400, `<p>There is no such persona.</p>${personaForm()}`)
  await provider.interactionFinished(
    request,
    response,
    { login: { accountId: persona.subject, acr: ASSURANCE, remember: false } },
    { mergeWithLastSubmission: false },
  )
}

const personaForm = (): string =>
  `<p>These people are invented. Choose who you are.</p><form method="post">${PERSONAS.map(personaButton).join('')}</form>`

const personaButton = ({ id, name, organisation, role, shows }: Persona): string =>
  `<p><button name="persona" value="${id}">${name}</button> ${role}, ${organisation}<br>Shows ${shows}.</p>`

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  })
  response.end(
    `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Sign in to Northshire (local)</title><main><h1>Sign in to Northshire</h1>${body}</main></html>`,
  )
}
