/**
 * Serves metrics, and all of what is amiss, to those who run the gateway, at an address of its own: how busy, how far behind
 * and under which alerts a gateway is, is nobody's business who may reach the address for questions. Refuses everything else.
 */
import Fastify, { type FastifyInstance } from 'fastify'
import type { LedgerMetrics } from './ledger/metrics.ts'
import type { Readiness } from './readiness.ts'

export function metricsServer(metrics: LedgerMetrics, readiness: Readiness): FastifyInstance {
  const server = Fastify({ logger: false, forceCloseConnections: true })
  server.get('/metrics', async (_request, reply) => {
    const { body, type } = await metrics.scrape()
    return reply.headers({ 'content-type': type, 'cache-control': 'no-store' }).send(body)
  })
  server.get('/health/ready', async (_request, reply) => {
    const state = await readiness()
    return reply
      .status(state.ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(state)
  })
  server.setNotFoundHandler((_request, reply) => reply.status(404).send())
  // no figure is better than an old one, and no word of why: it could name hosts
  server.setErrorHandler((_error, _request, reply) => reply.status(503).send())
  return server
}
