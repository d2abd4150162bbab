/** The settings of the local broker: one node that is both broker and controller, on 127.0.0.1 only. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

export type BrokerSettings = Readonly<Record<string, string | number | boolean>>

interface Places {
  dataDir: string
  port: number
  controllerPort: number
  settings?: BrokerSettings
}

/** The storage tool takes no value that begins with a hyphen. */
export const newClusterId = (): string => randomBytes(16).toString('base64url').replace(/^-/, '_')

/** @returns the text of a server.properties */
export function serverProperties({ dataDir, port, controllerPort, settings: others }: Places): string {
  const settings: BrokerSettings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(dataDir, 'log'),
    'auto.create.topics.enable': false,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1, // 50 by default: slow to make, and one reader needs one
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // a broker that was killed may register again once its old session has timed out: 9 s by default
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    // one node has no replica to rely on: an acknowledged record must survive SIGKILL of machine and broker
    'log.flush.interval.messages': 1,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
    ...others,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
