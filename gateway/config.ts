/** Every setting, read once from the environment. A missing or wrong one stops the start; all are named at once. */
import { z } from 'zod'
import { Refusal } from '../schema/refusal.ts'
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

/** 256 bits, so that nobody can try all NHS numbers against the ledger's pseudonyms. */
const key = z
  .string()
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length >= 32, 'must be at least 32 random bytes in base64')

/** Comfort has defaults; safety has none. */
const Settings = z.object({
  DATABASE_URL: url(/^postgres(ql)?$/, 'postgres://').describe(
    'PostgreSQL 15 or later, for the ledger and the register',
  ),
  OIDC_ISSUER: url(/^https?$/, 'https://')
    .refine(overTlsOrLoopback, 'must start with https://, except on loopback')
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
    .regex(/^[a-z0-9-]+$/)
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
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(4000),
  CUSTODIAN_DEADLINE_MS: z.coerce.number().int().min(50).max(60_000).default(3_000),
  LEDGER_DEADLINE_MS: z.coerce.number().int().min(50).max(60_000).default(3_000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  NODE_NAME: z
    .string()
    .regex(/^[\w.-]{1,60}$/)
    .default('gateway-1'),
})

export type Config = z.infer<typeof Settings>

export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const read = Settings.safeParse(set)
  if (read.success) return read.data
  const faults = read.error.issues.map((issue) => {
    const name = String(issue.path[0])
    const about = Settings.shape[name as keyof typeof Settings.shape]?.description
    const what = set[name] === undefined ? 'is not set' : issue.message
    return `  ${name} ${what}${about ? ` (${about})` : ''}`
  })
  throw new Refusal(
    'CONFIGURATION_INVALID',
    `the gateway does not start; mend these settings:\n${faults.join('\n')}`,
  )
}
