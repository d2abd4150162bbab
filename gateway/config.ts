/** Every setting, read once from the environment. A missing or wrong one stops the start; all are named at once. */
import { z } from 'zod'
import { Refusal } from '../schema/refusal.ts'
import { holdsNhsNumber } from './ledger/nhs-number-scan.ts'
import { witnessesIn } from './ledger/witness/known-witnesses.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const url = (protocol: RegExp, words: string) =>
  z.url({ protocol, error: `must be an address that starts with ${words}` })

/** Keys that are fetched without TLS could be anybody's. */
const overTlsOrLoopback = (text: string) => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
}

/** What every access record states, in a form that one takes: else no access could be recorded. */
const fitsRecords = (text: string) => !holdsNhsNumber(text)
const NO_RECORD = 'holds ten digits that could be an NHS number, which no access record takes'

/** 256 bits, so that nobody can try all NHS numbers against the ledger's pseudonyms. */
const key = z
  .string()
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length >= 32, 'must be at least 32 random bytes in base64')

const file = z.string().min(1).optional()

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/

/** Comfort has defaults; safety has none. */
const Stated = z.object({
  DATABASE_URL: url(/^postgres(ql)?$/, 'postgres://').describe(
    'PostgreSQL 15 or later, for the ledger and the register',
  ),
  OIDC_ISSUER: url(/^https?$/, 'https://')
    .refine(overTlsOrLoopback, 'must start with https://, except on loopback')
    .regex(
      /^https?:\/\/[A-Za-z0-9][A-Za-z0-9._:/~-]{0,199}$/,
      'may hold letters, digits and . _ : / ~ - alone',
    )
    .refine(fitsRecords, NO_RECORD)
    .describe('the OpenID provider whose tokens are accepted'),
  OIDC_AUDIENCE: z.string().min(1).describe('what a token must be issued for'),
  PSEUDONYM_KEY: key.describe('secret under which children stand in register and ledger'),
  LEDGER_SIGNING_KEY: key
    .refine((bytes) => bytes.length === 32, 'must be exactly 32 random bytes in base64')
    .describe('secret with which the access log is signed'),
  LEDGER_CHECKPOINT_FILE: z
    .string()
    .min(1)
    .describe('where the last signed checkpoint is kept, outside the database and its backups'),
  LEDGER_ORIGIN: z
    .string()
    .regex(/^[^\s+]{1,200}$/u, 'may hold no space and no plus')
    .optional()
    .describe('name of the log in its checkpoints'),
  LEDGER_WITNESSES: z
    .string()
    .default('')
    .transform((text, context) => {
      try {
        return witnessesIn(text)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        context.addIssue({ code: 'custom', message: error.message })
        return z.NEVER
      }
    })
    .describe('who cosigns the log: address and verifier key of each witness'),
  ALERT_URL: url(/^https?$/, 'https://')
    .refine(overTlsOrLoopback, 'must start with https://, except on loopback')
    .optional()
    .describe('where alerts are posted, such as the duty desk’s'),
  POLICY_SAMPLE: z.coerce
    .number()
    .min(0.001)
    .max(1)
    .default(0.01)
    .describe('share of policy decisions that Cedar itself makes again before an answer leaves'),
  POLICY_SHADOW_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('folder of a candidate’s policies, run beside those that decide; only differences are logged'),
  PARTNERSHIP: z
    .string()
    .regex(/^[a-z0-9-]{1,100}$/)
    .refine(fitsRecords, NO_RECORD)
    .default('northshire')
    .describe('name of the partnership, in the source of every access record'),
  PARTNERSHIP_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('folder with the partnership’s policies/ and custodians/'),
  CUSTODIANS_DIRS: z
    .string()
    .default('')
    .transform((text) => text.split(':').filter((dir) => dir !== ''))
    .describe('further folders of custodians'),
  REGISTER_FILE: z.string().min(1).optional().describe('register to take over at start'),
  KAFKA_BROKERS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((broker) => broker !== ''))
    .describe('brokers; without any, accesses wait in the outbox'),
  KAFKA_TOPIC: z
    .string()
    .regex(/^[\w.-]{1,200}$/)
    .default('sightline.access.v1'),
  KAFKA_PARTITIONS: z.coerce.number().int().min(1).max(1_000).default(6),
  KAFKA_REPLICATION: z.coerce.number().int().min(1).max(9).default(3),
  KAFKA_MIN_IN_SYNC: z.coerce
    .number()
    .int()
    .min(1)
    .max(9)
    .optional()
    .describe('replicas that must have an access before Kafka acknowledges it'),
  KAFKA_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .optional()
    .describe('days for which Kafka keeps an access; for ever where it is not set'),
  KAFKA_TLS: z.enum(['on', 'off']).optional().describe('whether brokers are reached over TLS'),
  KAFKA_TLS_CA_FILE: file.describe('certificate of who vouches for the brokers'),
  KAFKA_TLS_CERT_FILE: file.describe('the gateway’s own certificate, where brokers ask for one'),
  KAFKA_TLS_KEY_FILE: file.describe('its private key'),
  KAFKA_SASL_MECHANISM: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['plain', 'scram-sha-256', 'scram-sha-512']))
    .optional()
    .describe('how the gateway signs in to the brokers'),
  KAFKA_SASL_USERNAME: z.string().min(1).optional().describe('under which name'),
  KAFKA_SASL_PASSWORD_FILE: file.describe('file with the password and nothing else'),
  LEDGER_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .optional()
    .describe('days for which the store keeps an access; for ever where it is not set'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(4000),
  METRICS_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('where metrics are served, without sign-in: for those who run the gateway alone'),
  METRICS_PORT: port.optional().describe('port for metrics; without it they are not served'),
  CUSTODIAN_DEADLINE_MS: z.coerce.number().int().min(50).max(60_000).default(3_000),
  LEDGER_DEADLINE_MS: z.coerce.number().int().min(50).max(60_000).default(3_000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  NODE_NAME: z
    .string()
    .regex(
      /^[A-Za-z0-9][\w.-]{0,59}$/,
      'begins with a letter or a digit, and has 60 at most of those, . _ and -',
    )
    .refine(fitsRecords, NO_RECORD)
    .default('gateway-1'),
})

/** What a setting asks of another. */
const Settings = Stated.superRefine((set, { addIssue }) => {
  const refuse = (name: keyof typeof Stated.shape, message: string) =>
    addIssue({ code: 'custom', path: [name], message })
  const away = set.KAFKA_BROKERS.some((broker) => !LOOPBACK.test(broker))
  if (away && set.KAFKA_TLS === undefined)
    refuse('KAFKA_TLS', 'must be stated, on or off, for brokers on other machines')
  if ((set.KAFKA_MIN_IN_SYNC ?? 1) > set.KAFKA_REPLICATION)
    refuse('KAFKA_MIN_IN_SYNC', 'may not be more than KAFKA_REPLICATION')
  const together = (names: readonly (keyof typeof Stated.shape)[]) => {
    const stated = names.find((name) => set[name] !== undefined)
    for (const name of stated ? names : [])
      if (set[name] === undefined) refuse(name, `is not set, and ${stated} needs it`)
  }
  for (const name of ['KAFKA_TLS_CA_FILE', 'KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE'] as const)
    if (set[name] !== undefined && set.KAFKA_TLS !== 'on') refuse(name, 'goes only with KAFKA_TLS on')
  together(['KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE'])
  together(['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD_FILE'])
  if (set.KAFKA_SASL_MECHANISM === 'plain' && set.KAFKA_TLS !== 'on')
    refuse('KAFKA_SASL_MECHANISM', 'may be plain only over TLS: the password would be readable on its way')
})

export type Config = z.infer<typeof Settings>

/** Where a setting has no words of its own. The value is never repeated: it may be a secret in the wrong place. */
export const inPlainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type')
    return issue.expected === 'int' ? 'must be a whole number' : `must be a ${issue.expected}`
  if (issue.code === 'invalid_value') return `must be ${issue.values.join(' or ')}`
  if (issue.origin === 'string') return undefined
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`
  return issue.code === 'too_big' ? `must be at most ${issue.maximum}` : undefined
}

export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const read = Settings.safeParse(set, { error: inPlainWords })
  if (read.success) return read.data
  const faults = read.error.issues.map((issue) => {
    const name = String(issue.path[0])
    const about = Stated.shape[name as keyof typeof Stated.shape]?.description
    const what = set[name] === undefined && issue.code !== 'custom' ? 'is not set' : issue.message
    return `  ${name} ${what}${about ? ` (${about})` : ''}`
  })
  throw new Refusal(
    'CONFIGURATION_INVALID',
    `the gateway does not start; mend these settings:\n${faults.join('\n')}`,
  )
}
