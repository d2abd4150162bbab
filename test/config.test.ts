/** Settings: a missing or wrong one stops the start, and every fault is named at once. */
import { expect, test } from 'vitest'
import { readConfig } from '../gateway/config.ts'
import { noteSigner, verifierText } from '../gateway/ledger/tree/signed-note.ts'

const GOOD = {
  DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/sightline',
  OIDC_ISSUER: 'https://identity.northshire.example',
  OIDC_AUDIENCE: 'https://gateway.sightline.example',
  PSEUDONYM_KEY: Buffer.alloc(32, 7).toString('base64'),
  LEDGER_SIGNING_KEY: Buffer.alloc(32, 8).toString('base64'),
  LEDGER_CHECKPOINT_FILE: '/var/lib/sightline/checkpoint',
}

const log = noteSigner('log', 'northshire.sightline', Buffer.alloc(32, 1))
const police = verifierText(noteSigner('witness', 'police.example', Buffer.alloc(32, 2)))
const sameKey = verifierText(noteSigner('witness', 'council.example', Buffer.alloc(32, 2)))

test('the settings that safety needs have no default, and all that are missing are named at once', () => {
  expect(() => readConfig({})).toThrow(
    expect.objectContaining({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringMatching(
        /DATABASE_URL[\s\S]*OIDC_ISSUER[\s\S]*OIDC_AUDIENCE[\s\S]*PSEUDONYM_KEY[\s\S]*LEDGER_SIGNING_KEY[\s\S]*LEDGER_CHECKPOINT_FILE/,
      ),
    }),
  )
})

test.each([
  ['DATABASE_URL', 'mysql://elsewhere/db'],
  ['OIDC_ISSUER', 'not a url'],
  ['OIDC_ISSUER', 'http://identity.northshire.example'],
  ['OIDC_ISSUER', 'https://identity.northshire.example/realms/north%20shire'],
  ['OIDC_ISSUER', 'https://identity.northshire.example/9990000018'],
  ['NODE_NAME', '_gateway'],
  ['NODE_NAME', 'gateway-9990000018'],
  ['PARTNERSHIP', 'n'.repeat(200)],
  ['PSEUDONYM_KEY', 'c2hvcnQ='],
  ['LEDGER_SIGNING_KEY', Buffer.alloc(33, 8).toString('base64')],
  ['LEDGER_ORIGIN', 'two words'],
  ['LEDGER_WITNESSES', 'http://127.0.0.1:4070'],
  ['LEDGER_WITNESSES', `http://127.0.0.1:4070 ${verifierText(log)}`],
  ['LEDGER_WITNESSES', `http://127.0.0.1:4070 ${police}, http://127.0.0.1:4071 ${police}`],
  ['LEDGER_WITNESSES', `http://127.0.0.1:4070 ${police}, http://127.0.0.1:4071 ${sameKey}`],
  ['PORT', '70000'],
  ['CUSTODIAN_DEADLINE_MS', 'soon'],
  ['KAFKA_TOPIC', 'no spaces, please'],
  ['KAFKA_MIN_IN_SYNC', '4'],
  ['KAFKA_RETENTION_DAYS', '0'],
  ['KAFKA_TLS_KEY_FILE', '/etc/sightline/kafka.key'],
  ['KAFKA_TLS_CA_FILE', '/etc/sightline/ca.pem'],
  ['KAFKA_SASL_MECHANISM', 'gssapi'],
])('a wrong %s is named, and no secret is repeated', (name, value) => {
  try {
    readConfig({ ...GOOD, [name]: value })
    expect.unreachable()
  } catch (error) {
    const { message } = error as Error
    expect(message).toContain(name)
    expect(message).not.toContain(GOOD.PSEUDONYM_KEY)
    expect(message).not.toContain(GOOD.LEDGER_SIGNING_KEY)
  }
})

test.each([
  [{ METRICS_PORT: 'abc' }, 'METRICS_PORT must be a number (port for metrics'],
  [{ PORT: '80.5' }, 'PORT must be a whole number'],
  [{ PORT: '70000' }, 'PORT must be at most 65535'],
  [{ KAFKA_RETENTION_DAYS: '0' }, 'KAFKA_RETENTION_DAYS must be at least 1 (days'],
  [{ KAFKA_TLS: 'yes' }, 'KAFKA_TLS must be on or off (whether'],
])('%j is refused in words for whoever set it', (wrong, words) => {
  expect(() => readConfig({ ...GOOD, ...wrong })).toThrow(words)
})

test('an empty setting counts as not set', () => {
  expect(() => readConfig({ ...GOOD, OIDC_AUDIENCE: '' })).toThrow(/OIDC_AUDIENCE is not set/)
})

test('witnesses are told by address and key, as many as there are', () => {
  const council = verifierText(noteSigner('witness', 'council.example', Buffer.alloc(32, 3)))
  const LEDGER_WITNESSES = `https://police.example/witness ${police}, http://127.0.0.1:4071 ${council}`
  expect(readConfig({ ...GOOD, LEDGER_WITNESSES }).LEDGER_WITNESSES).toMatchObject([
    { url: 'https://police.example/witness', verifier: { name: 'police.example' } },
    { url: 'http://127.0.0.1:4071', verifier: { name: 'council.example' } },
  ])
  expect(readConfig(GOOD).LEDGER_WITNESSES).toEqual([])
})

test('brokers on other machines: TLS is stated, and a plain password never travels without it', () => {
  const away = { ...GOOD, KAFKA_BROKERS: 'kafka.northshire.example:9093' }
  expect(() => readConfig(away)).toThrow(/KAFKA_TLS must be stated/)
  expect(readConfig({ ...away, KAFKA_TLS: 'off' }).KAFKA_TLS).toBe('off')
  expect(readConfig({ ...GOOD, KAFKA_BROKERS: '127.0.0.1:9092' }).KAFKA_TLS).toBeUndefined()
  const signIn = {
    ...{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'sightline' },
    KAFKA_SASL_PASSWORD_FILE: '/run/secrets/kafka',
  }
  for (const where of [away, GOOD])
    expect(() => readConfig({ ...where, ...signIn, KAFKA_TLS: 'off' })).toThrow(/only over TLS/)
  expect(readConfig({ ...away, ...signIn, KAFKA_TLS: 'on' }).KAFKA_SASL_MECHANISM).toBe('plain')
})

test('metrics are served nowhere without a port, and with one on loopback where nothing else is said', () => {
  expect(readConfig(GOOD)).toMatchObject({ METRICS_HOST: '127.0.0.1' })
  expect(readConfig(GOOD).METRICS_PORT).toBeUndefined()
  expect(readConfig({ ...GOOD, METRICS_PORT: '9464' })).toMatchObject({
    METRICS_HOST: '127.0.0.1',
    METRICS_PORT: 9464,
  })
})

test('half a sign-in, or half a certificate: every setting that is missing is named', () => {
  const faultsOf = (stated: Record<string, string>) => {
    try {
      readConfig({ ...GOOD, ...stated })
      return []
    } catch (error) {
      return (error as Error).message.match(/KAFKA_\w+ (is not set|goes only)/g)
    }
  }
  expect(faultsOf({ KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' })).toEqual([
    'KAFKA_SASL_USERNAME is not set',
    'KAFKA_SASL_PASSWORD_FILE is not set',
  ])
  expect(faultsOf({ KAFKA_SASL_PASSWORD_FILE: '/run/secrets/kafka' })).toEqual([
    'KAFKA_SASL_MECHANISM is not set',
    'KAFKA_SASL_USERNAME is not set',
  ])
  expect(faultsOf({ KAFKA_TLS: 'on', KAFKA_TLS_CERT_FILE: '/etc/sightline/kafka.pem' })).toEqual([
    'KAFKA_TLS_KEY_FILE is not set',
  ])
  expect(faultsOf({ KAFKA_TLS_CA_FILE: '/etc/sightline/ca.pem' })).toEqual(['KAFKA_TLS_CA_FILE goes only'])
})
