/** The HTTP side: one way to ask, the signed log for whoever checks it, health for those who run the gateway. */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { Refusal } from '../schema/refusal.ts'
import { answer } from './answer.ts'
import { deliverer } from './deliver.ts'
import { refusalOf } from './fault.ts'
import type { House } from './house.ts'
import type { PublishedLog } from './ledger/tree/published-log.ts'
import { LARGEST_BODY } from './question.ts'
import { type Readiness, toldToAnybody } from './readiness.ts'

/** Milliseconds in which a question must have arrived; who sends a letter a second holds no connection. */
const REQUEST_TIMEOUT = 10_000

/** Nothing of an answer may rest in a cache, be framed, or be taken for another type. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const

const asJson = (refusal: Refusal) =>
  JSON.stringify({ errors: [{ message: refusal.message, extensions: { code: refusal.code } }] })

const NOT_READABLE = new Refusal('REQUEST_NOT_READABLE', 'this is no request that can be read')
const NOT_FOUND = new Refusal('NO_SUCH_PAGE', 'there is nothing here; questions go to POST /graphql')

const refuseUnread = (_error: unknown, _request: unknown, reply: FastifyReply): void => {
  reply.headers(HEADERS).status(400).send(asJson(NOT_READABLE))
}

export function buildServer(house: House, readiness: Readiness, log: PublishedLog): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: LARGEST_BODY,
    requestTimeout: REQUEST_TIMEOUT,
    // what fails before any route repeats nothing of what was sent
    frameworkErrors: refuseUnread,
    forceCloseConnections: true,
  })
  // whatever the type, the text goes to the one story that records and refuses
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(HEADERS)
  })

  /** @param question null where it was too large to be read: that somebody tried is on record even so */
  async function ask({ headers }: FastifyRequest, reply: FastifyReply, question: string | null) {
    const { authorization, traceparent } = headers
    const { delivered, send } = deliverer(reply)
    const { status, body, challenge } = await answer(
      {
        authorization,
        traceparent: typeof traceparent === 'string' ? traceparent : undefined,
        body: question,
        delivered,
      },
      house,
    )
    if (challenge !== undefined) reply.header('www-authenticate', challenge)
    if (status === 503) reply.header('retry-after', '5')
    return send(reply.status(question === null && status === 400 ? 413 : status), body)
  }

  server.post('/graphql', (request, reply) =>
    ask(request, reply, typeof request.body === 'string' ? request.body : ''),
  )
  server.get<{ Params: { '*': string } }>('/ledger/*', async (request, reply) => {
    const published = await log.read(request.params['*'])
    if (!published) return reply.status(404).send(asJson(NOT_FOUND))
    reply.header('content-type', published.type)
    // hashes only: what never changes may rest anywhere
    if (published.immutable) reply.header('cache-control', 'public, max-age=31536000, immutable')
    return reply.send(published.body)
  })
  server.get('/health/live', async (_request, reply) => reply.send(JSON.stringify({ live: true })))
  server.get('/health/ready', async (_request, reply) => {
    const state = await readiness()
    return reply.status(state.ready ? 200 : 503).send(JSON.stringify(toldToAnybody(state)))
  })

  server.setNotFoundHandler((_request, reply) => reply.status(404).send(asJson(NOT_FOUND)))
  server.setErrorHandler((error, request, reply) => {
    const tooLarge = error instanceof Error && 'statusCode' in error && error.statusCode === 413
    if (tooLarge && request.routeOptions.url === '/graphql') return ask(request, reply, null)
    return reply.status(tooLarge ? 413 : 500).send(asJson(refusalOf(error, house.log)))
  })
  return server
}
