/** Brokers that ask for TLS and for who is there: a real one, every way in, and every way in which it goes wrong. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { kafkaSettings } from '../../gateway/kafka-settings.ts'
import { openLedger } from '../../gateway/ledger/append.ts'
import { connectKafka } from '../../gateway/ledger/kafka-topic.ts'
import { openRelay } from '../../gateway/ledger/relay.ts'
import { readTopic } from '../../gateway/ledger/topic-reader.ts'
import { noteSigner } from '../../gateway/ledger/tree/signed-note.ts'
import { kafkaCacheDir, missingForKafka } from '../../gateway/local/kafka-install.ts'
import { rebuild } from '../../gateway/reader/rebuild.ts'
import { closedAfterEach } from '../closed-after-each.ts'
import { type Cluster, ownCluster } from './ledger/cluster.ts'
import { faultsHeard } from './ledger/faults-heard.ts'
import { record, released } from './ledger/sample.ts'
import { type SecuredBroker, securedBroker, USER } from './ledger/secured-broker.ts'

const missing = await missingForKafka(kafkaCacheDir())
if (missing) console.warn(`left out, because ${missing} is missing: brokers that ask for TLS and sign-in`)

let cluster: Cluster
let broker: SecuredBroker
beforeAll(async () => {
  if (missing) return
  ;[cluster, broker] = await Promise.all([ownCluster(), securedBroker()])
}, 240_000)
afterAll(async () => {
  if (missing) return
  await Promise.all([cluster.end(), broker.end()])
})

const open = closedAfterEach()

const signer = noteSigner('log', 'northshire.example/sightline', Buffer.alloc(32, 3))

/** As an operator sets them. */
const settingsOf = (stated: Readonly<Record<string, string>>) =>
  kafkaSettings(
    readConfig({
      ...{ DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/sightline', KAFKA_REPLICATION: '1', KAFKA_TLS: 'on' },
      ...{ OIDC_ISSUER: 'https://identity.northshire.example', OIDC_AUDIENCE: 'https://gateway.example' },
      PSEUDONYM_KEY: Buffer.alloc(32, 7).toString('base64'),
      LEDGER_SIGNING_KEY: Buffer.alloc(32, 8).toString('base64'),
      LEDGER_CHECKPOINT_FILE: '/var/lib/sightline/checkpoint',
      KAFKA_TOPIC: `sightline.${randomBytes(6).toString('hex')}.v1`,
      ...stated,
    }),
  )

const signedIn = (mechanism: string) => ({
  ...{ KAFKA_BROKERS: broker.signedIn, KAFKA_TLS_CA_FILE: broker.files.ca, KAFKA_SASL_MECHANISM: mechanism },
  ...{ KAFKA_SASL_USERNAME: USER.name, KAFKA_SASL_PASSWORD_FILE: broker.files.password },
})
const withCertificate = () => ({
  ...{ KAFKA_BROKERS: broker.mutual, KAFKA_TLS_CA_FILE: broker.files.ca },
  ...{ KAFKA_TLS_CERT_FILE: broker.files.cert, KAFKA_TLS_KEY_FILE: broker.files.key },
})

/** One access is made, and the relay is told to bring it to Kafka. */
async function serviceWith(stated: Readonly<Record<string, string>>) {
  const kafka = await settingsOf(stated)
  const name = `s${randomBytes(6).toString('hex')}`
  const databaseUrl = await cluster.ledgerDatabase(name)
  const said: { readonly about: Record<string, unknown>; readonly words: string }[] = []
  const heard = (about: object, words: string) => void said.push({ about: { ...about }, words })
  const ledger = await openLedger({ databaseUrl, deadlineMs: 5_000 })
  const { eventId } = await ledger.append(record(released()))
  const relay = await openRelay({
    ...{ databaseUrl, ...kafka, pollMs: 20, alerts: faultsHeard() },
    log: { info: heard, warn: heard, error: heard },
    signing: { signer, clock: () => new Date(), file: join(cluster.folder, name) },
  })
  open.push(ledger, relay)
  return { kafka, databaseUrl, eventId, relay, said }
}

for (const way of ['plain', 'scram-sha-256', 'SCRAM-SHA-512', 'a certificate of its own'])
  test.skipIf(missing)(
    `the gateway signs in by ${way}, over TLS: accesses arrive, and can be read`,
    async () => {
      const stated = way.startsWith('a ') ? withCertificate() : signedIn(way)
      const { kafka, eventId, relay } = await serviceWith(stated)
      await expect.poll(async () => (await relay.waiting()).count, { timeout: 60_000 }).toBe(0)

      const client = connectKafka({ brokers: [...kafka.brokers], ...kafka.connection })
      const { accesses } = await readTopic(client, kafka.topic)
      expect(accesses.map(({ value }) => JSON.parse(value.toString('utf8')).id)).toEqual([eventId])
    },
    90_000,
  )

const wrong: Readonly<Record<string, readonly [string, () => Promise<Record<string, string>>]>> = {
  'a wrong password': [
    'KAFKA_SIGN_IN_REFUSED',
    async () => {
      const file = join(broker.folder, 'wrong')
      await writeFile(file, 'not-this-one-4Xk')
      return { ...signedIn('scram-sha-512'), KAFKA_SASL_PASSWORD_FILE: file }
    },
  ],
  'a wrong plain password': [
    'KAFKA_SIGN_IN_REFUSED',
    async () => {
      const file = join(broker.folder, 'wrong-plain')
      await writeFile(file, 'not-this-one-4Xk')
      return { ...signedIn('plain'), KAFKA_SASL_PASSWORD_FILE: file }
    },
  ],
  'a broker for whom somebody else vouches': [
    'KAFKA_NOT_TRUSTED',
    async () => ({ ...signedIn('scram-sha-512'), KAFKA_TLS_CA_FILE: broker.files.otherCa }),
  ],
  'no certificate where the broker asks for one': [
    'KAFKA_TLS_REFUSED',
    async () => ({ KAFKA_BROKERS: broker.mutual, KAFKA_TLS_CA_FILE: broker.files.ca }),
  ],
}

for (const [what, [code, stated]] of Object.entries(wrong))
  test.skipIf(missing)(
    `${what}: ${code}, what to look at, and nothing leaks; accesses wait`,
    async () => {
      const { kafka, databaseUrl, relay, said } = await serviceWith(await stated())
      await expect
        .poll(() => said.map(({ about }) => about), { timeout: 60_000 })
        .toContainEqual(expect.objectContaining({ code, why: expect.stringContaining('; check KAFKA_') }))

      expect({ state: relay.state(), waiting: (await relay.waiting()).count }).toEqual({
        state: 'down',
        waiting: 1,
      })
      const settings = {
        pool: cluster.pool(databaseUrl),
        ...kafka,
        log: { info() {}, warn() {}, error() {} },
      }
      await expect(rebuild(settings)).rejects.toMatchObject({ code })
      expect(JSON.stringify(said)).not.toMatch(/not-this-one|of-this-test-only|BEGIN/)
    },
    90_000,
  )

test.skipIf(missing)(
  'files that could not work are named, all at once, and nothing of them is repeated',
  async () => {
    const empty = join(broker.folder, 'empty')
    await writeFile(empty, '\n')
    const stated = {
      ...{ ...signedIn('plain'), ...withCertificate() },
      ...{ KAFKA_TLS_CA_FILE: broker.files.password, KAFKA_TLS_CERT_FILE: '/nowhere/client.pem' },
      ...{ KAFKA_TLS_KEY_FILE: broker.files.cert, KAFKA_SASL_PASSWORD_FILE: empty },
    }
    const refusal = await settingsOf(stated).catch((fault: Error) => fault)
    expect(refusal).toMatchObject({ code: 'KAFKA_FILES_INVALID' })
    const { message } = refusal as Error
    for (const words of [
      'KAFKA_TLS_CA_FILE holds no certificate',
      'KAFKA_TLS_CERT_FILE cannot be read (ENOENT)',
      'KAFKA_TLS_KEY_FILE holds no private key',
      'KAFKA_SASL_PASSWORD_FILE holds no password',
    ])
      expect(message).toContain(words)
    expect(message).not.toContain(USER.password)

    await expect(
      settingsOf({ ...withCertificate(), KAFKA_TLS_KEY_FILE: broker.files.otherKey }),
    ).rejects.toThrow('KAFKA_TLS_KEY_FILE holds the key of another certificate')
  },
)
