/** Starts the gateway with its settings from the environment. Refuses to start on any that is missing or wrong. */
import { pino } from 'pino'
import { Refusal } from '../schema/refusal.ts'
import { readConfig } from './config.ts'
import { openHouse } from './house.ts'
import { listen } from './listen.ts'
import { metricsServer } from './metrics-server.ts'
import { buildServer } from './server.ts'

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const log = pino({ level: config.LOG_LEVEL, base: { node: config.NODE_NAME } })
  const opened = await openHouse(config, { log, clock: () => new Date(), env: process.env })
  const server = buildServer(opened.house, opened.readiness, opened.publishedLog)
  const metrics = metricsServer(opened.metrics, opened.readiness)
  const { METRICS_HOST: metricsHost, METRICS_PORT: metricsPort } = config
  // first: a gateway that nobody can watch, although somebody wants to, takes no question
  if (metricsPort === undefined)
    log.info('METRICS_PORT is not set: metrics, and what is amiss in full, are not served')
  else
    log.info(
      { address: await listen(metrics, { host: metricsHost, port: metricsPort }) },
      'metrics are served',
    )
  const address = await listen(server, { host: config.HOST, port: config.PORT })
  const { ledger } = await opened.readiness()
  log.info({ address, bundle: opened.house.policies.current().version, ledger }, 'the gateway is ready')

  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'the gateway stops, once what is under way is answered')
    await Promise.all([server.close(), metrics.close()])
    await opened.close()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal))
}

try {
  await start()
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`${error.code}: ${error.message}\n`)
  process.exit(1)
}
