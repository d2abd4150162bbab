/**
 * Serves metrics to those who run the gateway, at an address of its own: how busy, how far behind and under which alerts a
 * gateway is, is nobody's business who may reach the address for questions. Refuses everything else.
 */
import Fastify, { type FastifyInstance } from 'fastify'
import type { LedgerMetrics } from './ledger/metrics.ts'

export function metricsServer(metrics: LedgerMetrics): FastifyInstance {
  const server = Fastify({ logger: false, forceCloseConnections: true })
  server.get('/metrics', async (_request, reply) => {
    const { body, type } = await metrics.scrape()
    return reply.headers({ 'content-type': type, 'cache-control': 'no-store' }).send(body)
  })
  server.setNotFoundHandler((_request, reply) => reply.status(404).send())
  // no figure is better than an old one, and no word of why: it could name hosts
  server.setErrorHandler((_error, _request, reply) => reply.status(503).send())
  return server
}
