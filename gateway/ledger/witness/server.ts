/** A witness over HTTP (c2sp.org/tlog-witness). Whoever asks is known by the signature on the checkpoint alone. */
import Fastify, { type FastifyInstance } from 'fastify'
import { Refusal } from '../../../schema/refusal.ts'
import type { Witness } from './witness.ts'

/** Bytes of a submission at most: 63 hashes and a note with many signatures have less. */
const BODY_LIMIT = 64 * 1024
const REQUEST_TIMEOUT = 10_000 // milliseconds

/** Status codes of c2sp.org/tlog-witness. Any other fault is ours: 500, and nothing was cosigned. */
const STATUS: Readonly<Record<string, number>> = {
  SUBMISSION_MALFORMED: 400,
  NOTE_MALFORMED: 400,
  CHECKPOINT_MALFORMED: 400,
  CHECKPOINT_UNSIGNED: 403,
  NOTE_SIGNATURE_WRONG: 403,
  LOG_UNKNOWN: 404,
  CHECKPOINT_FORKED: 422,
  GROWTH_UNPROVEN: 422,
}

/** @throws Refusal SUBMISSION_MALFORMED where the bytes are no text */
function textOf(body: unknown): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body as Buffer)
  } catch {
    throw new Refusal('SUBMISSION_MALFORMED', 'this is no text in UTF-8')
  }
}

export function buildWitnessServer(
  witness: Witness,
  log: { error(about: object, words: string): void },
): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT,
    forceCloseConnections: true,
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    reply.type('text/plain; charset=utf-8')
  })

  server.post('/add-checkpoint', async (request, reply) => {
    const verdict = await witness.addCheckpoint(textOf(request.body ?? Buffer.alloc(0)))
    if (verdict.kind === 'cosigned') return reply.send(verdict.line)
    return reply.status(409).type('text/x.tlog.size').send(`${verdict.size}\n`)
  })
  server.get<{ Params: { hash: string } }>('/:hash/checkpoint', async (request, reply) => {
    const note = await witness.lastOf(request.params.hash)
    return note === null ? reply.status(404).send('NOT_SEEN: no such log was seen here\n') : reply.send(note)
  })

  server.setNotFoundHandler((_request, reply) =>
    reply.status(404).send('NO_SUCH_PAGE: see c2sp.org/tlog-witness\n'),
  )
  server.setErrorHandler((error, _request, reply) => {
    const status = error instanceof Refusal ? STATUS[error.code] : undefined
    if (error instanceof Refusal && status !== undefined)
      return reply.status(status).send(`${error.code}: ${error.message}\n`)
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 413)
      return reply.status(400).send('SUBMISSION_MALFORMED: this is too long for a submission\n')
    log.error(
      { code: error instanceof Refusal ? error.code : undefined },
      error instanceof Error ? error.message : 'fault',
    )
    return reply.status(500).send('FAULT: something failed here; nothing was cosigned\n')
  })
  return server
}
