/** Starts the gateway with its settings from the environment. Refuses to start on any that is missing or wrong. */
import { pino } from 'pino'
import { Refusal } from '../schema/refusal.ts'
import { readConfig } from './config.ts'
import { openHouse } from './house.ts'
import { buildServer } from './server.ts'

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const log = pino({ level: config.LOG_LEVEL, base: { node: config.NODE_NAME } })
  const opened = await openHouse(config, { log, clock: () => new Date(), env: process.env })
  const server = buildServer(opened.house, opened.readiness, opened.publishedLog, opened.metrics)
  const address = await server.listen({ host: config.HOST, port: config.PORT })
  const { ledger } = await opened.readiness()
  log.info({ address, bundle: opened.house.policies.current().version, ledger }, 'the gateway is ready')

  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    await server.close()
    await opened.close()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop())
}

try {
  await start()
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`${error.code}: ${error.message}\n`)
  process.exit(1)
}
