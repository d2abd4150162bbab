/** PostgreSQL and Kafka for all tests of a file; left out together where no broker runs on this machine. */
import { afterAll, beforeAll } from 'vitest'
import { type Broker, brokerMissing, ownBroker } from './broker.ts'
import { type Cluster, ownCluster } from './cluster.ts'

/** To be asked for once, at the top of a file. Its parts are there while tests run, and not before. */
export function storeAndBroker(): { readonly cluster: Cluster; readonly kafka: Broker } {
  const on = {} as { cluster: Cluster; kafka: Broker }
  beforeAll(async () => {
    if (brokerMissing) return
    ;[on.cluster, on.kafka] = await Promise.all([ownCluster(), ownBroker()])
  }, 240_000)
  afterAll(async () => {
    if (brokerMissing) return
    await Promise.all([on.cluster.end(), on.kafka.end()])
  })
  return on
}
