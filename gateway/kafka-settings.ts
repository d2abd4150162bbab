/** Reads how the brokers are reached: addresses, topics, TLS and sign-in. Secrets rest in files, and only there. */
import { readFile } from 'node:fs/promises'
import type { SASLOptions } from 'kafkajs'
import type { Config } from './config.ts'
import type { RelaySettings } from './ledger/relay.ts'

const DAY = 24 * 60 * 60_000 // milliseconds

type Reached = Pick<RelaySettings, 'brokers' | 'topic' | 'partitions' | 'replicationFactor'> &
  Partial<Pick<RelaySettings, 'minInSync' | 'retentionMs' | 'connection'>>

/** @throws where a file that the settings name cannot be read */
export async function kafkaSettings(config: Config): Promise<Reached> {
  const { KAFKA_MIN_IN_SYNC: minInSync, KAFKA_RETENTION_DAYS: days } = config
  return {
    brokers: config.KAFKA_BROKERS,
    topic: config.KAFKA_TOPIC,
    partitions: config.KAFKA_PARTITIONS,
    replicationFactor: config.KAFKA_REPLICATION,
    ...(minInSync === undefined ? {} : { minInSync }),
    ...(days === undefined ? {} : { retentionMs: days * DAY }),
    connection: { ...(await tls(config)), ...(await signIn(config)) },
  }
}

async function tls(config: Config) {
  if (config.KAFKA_TLS !== 'on') return {}
  const { KAFKA_TLS_CA_FILE: ca, KAFKA_TLS_CERT_FILE: cert, KAFKA_TLS_KEY_FILE: key } = config
  return {
    ssl: {
      minVersion: 'TLSv1.2' as const,
      ...(ca ? { ca: await readFile(ca) } : {}),
      ...(cert && key ? { cert: await readFile(cert), key: await readFile(key) } : {}),
    },
  }
}

async function signIn(config: Config): Promise<{ sasl?: SASLOptions }> {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username } = config
  const file = config.KAFKA_SASL_PASSWORD_FILE
  if (!mechanism || !username || !file) return {}
  const password = (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  return { sasl: { mechanism, username, password } }
}
