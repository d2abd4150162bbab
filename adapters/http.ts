/**
 * Asks one system over HTTP, and only its own address. Refuses redirects, answers that are too large, and answers
 * that are not JSON. Errors that a system words itself are never read.
 */
import { Agent, type Dispatcher } from 'undici'
import { Fault } from './fault.ts'

/** The largest answer that is read. Bytes; one child's whole record is far below. */
export const LARGEST_ANSWER = 5_000_000
/** Milliseconds; the question's own deadline is usually shorter. */
const CONNECT_WITHIN = 5_000
const CONNECTIONS = 8

/** PEM texts: whom we trust beside the usual authorities, and our own certificate for mutual TLS. */
export interface Tls {
  readonly ca?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}

export interface Exchange {
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

export interface HttpClient {
  /** @param address within the origin that the client was made for; any other is a fault */
  get(address: URL, exchange: Exchange): Promise<Answer>
  /** for tokens and for GraphQL queries, which have no other way */
  post(address: URL, exchange: Exchange, contentType: string, body: string): Promise<Answer>
  close(): Promise<void>
}

export function httpClient(origin: string, tls: Tls = {}): HttpClient {
  const agent = new Agent({
    connections: CONNECTIONS,
    pipelining: 1,
    maxHeaderSize: 16_384,
    connect: {
      timeout: CONNECT_WITHIN,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
    },
  })

  async function send(
    address: URL,
    { headers, signal }: Exchange,
    rest: { method: 'GET' | 'POST'; contentType?: string; body?: string },
  ): Promise<Answer> {
    if (address.origin !== origin) throw new Fault('malformed', 'the answer points to another address')
    const response = await agent.request({
      origin,
      path: address.pathname + address.search,
      method: rest.method,
      headers: {
        'accept-encoding': 'identity',
        ...headers,
        ...(rest.contentType === undefined ? {} : { 'content-type': rest.contentType }),
      },
      body: rest.body ?? null,
      signal,
    })
    return {
      status: response.statusCode,
      headers: response.headers,
      body: isSuccess(response.statusCode) ? await json(response) : discard(response),
    }
  }

  return {
    get: (address, exchange) => send(address, exchange, { method: 'GET' }),
    post: (address, exchange, contentType, body) =>
      send(address, exchange, { method: 'POST', contentType, body }),
    close: () => agent.destroy(),
  }
}

export const isSuccess = (status: number) => status >= 200 && status < 300

/** What a status means where the mapping says nothing about it. */
export function faultOfStatus(status: number): Fault {
  if (status === 401 || status === 403) return new Fault('not-authorised')
  if (status >= 300 && status < 400)
    return new Fault('failed', 'the system sends us elsewhere; we do not follow')
  if (status === 429) return new Fault('failed', 'the system has had too many questions')
  return new Fault('failed')
}

async function json(response: Dispatcher.ResponseData): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.length
    if (size > LARGEST_ANSWER) throw new Fault('malformed', 'the answer is too large')
    chunks.push(chunk)
  }
  if (size === 0) return null
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch {
    throw new Fault('malformed')
  }
}

function discard({ body }: Dispatcher.ResponseData): null {
  body.on('error', () => undefined)
  body.destroy()
  return null
}
