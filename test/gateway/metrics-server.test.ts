/** Metrics are for those who run the gateway: not to be had where questions are asked, nor where nobody asked for them. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { someFree } from '../../gateway/local/ports.ts'
import { metricsServer } from '../../gateway/metrics-server.ts'
import { type GatewayProcess, gatewayProcess } from '../faults/gateway-process.ts'
import { type Cluster, ownCluster } from './ledger/cluster.ts'

let cluster: Cluster
let gateway: GatewayProcess
let metricsUrl: string
beforeAll(async () => {
  cluster = await ownCluster()
  const [port = 0] = await someFree(1)
  metricsUrl = `http://127.0.0.1:${port}`
  await cluster.postgres.createDatabase('metrics')
  const url = cluster.postgres.url('metrics')
  gateway = await gatewayProcess(inject('partners'), url, { METRICS_PORT: String(port), KAFKA_BROKERS: '' })
  await gateway.start()
}, 120_000)
afterAll(async () => {
  await gateway.end()
  await cluster.end()
})

const statusAt = async (url: string) => (await fetch(url)).status

test('who may ask questions reads no metrics there', async () => {
  for (const path of ['/metrics', '/metrics/', '/METRICS', '/ledger/../metrics'])
    expect(await statusAt(`${gateway.url}${path}`)).toBe(404)
})

test('at their own address there are metrics, of no child, and nothing else', async () => {
  const found = await fetch(`${metricsUrl}/metrics`)
  expect(found.headers.get('content-type')).toMatch(/^text\/plain; version=/)
  expect(await found.text()).toContain('sightline_ledger_alert_active{kind="KAFKA_RECORD_REFUSED"} 0')
  for (const path of ['/', '/graphql', '/ledger/checkpoint', '/health/live'])
    expect(await statusAt(`${metricsUrl}${path}`)).toBe(404)
})

test('what waits and what has stopped is told in full there, and to others only whether the gateway serves', async () => {
  const [ours, anybodys] = await Promise.all(
    [metricsUrl, gateway.url].map(async (url) => (await fetch(`${url}/health/ready`)).json()),
  )
  expect(ours).toMatchObject({ ready: true, ledger: { waiting: 0, stopped: [] }, custodians: {} })
  expect(anybodys).toEqual({ ready: true, attention: [] })
})

test('where they cannot be worked out there is none, and no word of why', async () => {
  const scrape = async () => {
    throw new Error('password authentication failed for user "sightline"')
  }
  const server = metricsServer({ scrape }, scrape)
  for (const path of ['/metrics', '/health/ready']) {
    const { statusCode, body } = await server.inject(path)
    expect({ statusCode, body }).toEqual({ statusCode: 503, body: '' })
  }
  await server.close()
})

test('a gateway that is to be watched, and cannot be, takes no question', async () => {
  await gateway.stop()
  const never = () => new Promise<never>(() => undefined)
  const taken = metricsServer({ scrape: never }, never)
  await taken.listen({ host: '127.0.0.1', port: Number(new URL(metricsUrl).port) })
  await expect(gateway.start()).rejects.toThrow()
  await taken.close()
}, 60_000)
