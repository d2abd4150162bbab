/**
 * Reads how the brokers are reached: addresses, topics, TLS and sign-in. Secrets rest in files, and only there. Refuses
 * files that could not work, all of them at once and by the name of the setting, before anybody connects.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { SASLOptions } from 'kafkajs'
import { Refusal } from '../schema/refusal.ts'
import type { Config } from './config.ts'
import type { RelaySettings } from './ledger/relay.ts'

const DAY = 24 * 60 * 60_000 // milliseconds

type Reached = Pick<RelaySettings, 'brokers' | 'topic' | 'partitions' | 'replicationFactor'> &
  Partial<Pick<RelaySettings, 'minInSync' | 'retentionMs' | 'connection'>>

type FileSetting =
  | 'KAFKA_TLS_CA_FILE'
  | 'KAFKA_TLS_CERT_FILE'
  | 'KAFKA_TLS_KEY_FILE'
  | 'KAFKA_SASL_PASSWORD_FILE'

/** @throws Refusal KAFKA_FILES_INVALID, which names the settings and repeats nothing of what their files hold */
export async function kafkaSettings(config: Config): Promise<Reached> {
  const { KAFKA_MIN_IN_SYNC: minInSync, KAFKA_RETENTION_DAYS: days } = config
  return {
    brokers: config.KAFKA_BROKERS,
    topic: config.KAFKA_TOPIC,
    partitions: config.KAFKA_PARTITIONS,
    replicationFactor: config.KAFKA_REPLICATION,
    ...(minInSync === undefined ? {} : { minInSync }),
    ...(days === undefined ? {} : { retentionMs: days * DAY }),
    connection: await connectionOf(config),
  }
}

async function connectionOf(config: Config): Promise<NonNullable<Reached['connection']>> {
  const faults: string[] = []
  /** @param sound throws where the file holds something else */
  const read = async (name: FileSetting, sound: (bytes: Buffer) => unknown, what: string) => {
    const file = config[name]
    if (file === undefined) return undefined
    try {
      const bytes = await readFile(file)
      sound(bytes)
      return bytes
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      faults.push(
        `  ${name} ${code?.startsWith('E') && !code.startsWith('ERR_') ? `cannot be read (${code})` : what}`,
      )
      return undefined
    }
  }
  const certificate = (bytes: Buffer) => new X509Certificate(bytes)
  const ca = await read('KAFKA_TLS_CA_FILE', certificate, 'holds no certificate in PEM')
  const cert = await read('KAFKA_TLS_CERT_FILE', certificate, 'holds no certificate in PEM')
  const key = await read(
    'KAFKA_TLS_KEY_FILE',
    createPrivateKey,
    'holds no private key in PEM without a passphrase',
  )
  const password = await read('KAFKA_SASL_PASSWORD_FILE', passwordIn, 'holds no password')
  if (cert && key && !certificate(cert).checkPrivateKey(createPrivateKey(key)))
    faults.push('  KAFKA_TLS_KEY_FILE holds the key of another certificate than KAFKA_TLS_CERT_FILE')
  if (faults.length > 0)
    throw new Refusal(
      'KAFKA_FILES_INVALID',
      `the brokers cannot be reached like this; mend the files of these settings:\n${faults.join('\n')}`,
    )
  const own = cert && key ? { cert, key } : {}
  return {
    ...(config.KAFKA_TLS === 'on' ? { ssl: { minVersion: 'TLSv1.2', ...(ca ? { ca } : {}), ...own } } : {}),
    ...signIn(config, password && passwordIn(password)),
  }
}

function signIn(config: Config, password: string | undefined): { sasl?: SASLOptions } {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username } = config
  return mechanism && username && password ? { sasl: { mechanism, username, password } } : {}
}

/** Editors end a file with a line break. */
function passwordIn(bytes: Buffer): string {
  const password = bytes.toString('utf8').replace(/\r?\n$/, '')
  if (password === '') throw new Error('empty')
  return password
}
