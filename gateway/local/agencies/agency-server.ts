/**
 * The HTTP side that the agencies' servers have in common: listen on loopback, write the access log, answer in JSON,
 * close with every connection. Refuses nothing itself: each agency checks its own credentials.
 */
import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AccessLog, withoutValues } from './access-log.ts'

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly type?: string
  /** kinds of record that were asked for */
  readonly kinds?: readonly string[]
  /** fields that were asked for; all of these kinds where nothing is said */
  readonly fields?: readonly string[]
  /** the path as the log may hold it, where the path itself names a person */
  readonly path?: string
}

export interface AgencyServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string
  stop(): Promise<void>
}

export async function listen(port: number, answer: RequestListener): Promise<AgencyServer> {
  const server = createServer(answer)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    async stop() {
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}

/** Serves one agency. A fault inside it is a 500 without a word, as its own users would see it. */
export const serveAgency = (
  port: number,
  log: AccessLog,
  answer: (url: URL, request: IncomingMessage) => Promise<Answer> | Answer,
): Promise<AgencyServer> =>
  listen(port, (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`)
    const reply = (given: Answer) => {
      const { status, body, type = 'application/json', kinds = [], path = withoutValues(url) } = given
      const { fields = kinds.length === 0 ? ['*'] : kinds.map((kind) => `${kind}.*`) } = given
      log.write({ method: request.method ?? '', path, eventId: eventIdOf(request), kinds, fields, status })
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
      response.end(JSON.stringify(body))
    }
    Promise.resolve()
      .then(() => answer(url, request))
      .then(reply, () => reply({ status: 500, body: { error: 'internal error' } }))
  })

export function eventIdOf(request: IncomingMessage): string | null {
  const value = request.headers['sightline-event-id']
  return typeof value === 'string' ? value : null
}

/** Compares a secret in constant time. */
export function sameSecret(given: string | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

export const bearerOf = (request: IncomingMessage): string | undefined =>
  /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]

/** @throws where the body is longer than any form of ours */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > 65_536) throw new Error('the body is too long')
  }
  return text
}
