/** Opens everything that an answer needs, once at start, and closes it again. */
import { fileURLToPath } from 'node:url'
import type { GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import type { Connection, Custodian } from '../adapters/contract.ts'
import { connectCustodians } from '../adapters/index.ts'
import { Refusal } from '../schema/refusal.ts'
import { type Alerts, openAlerts } from './access/alert.ts'
import { type Authenticate, authenticator } from './access/authenticate.ts'
import { readBankHolidays } from './access/bank-holidays.ts'
import { type Emergencies, openEmergencies } from './access/break-glass.ts'
import type { ChildKeys } from './access/child-keys.ts'
import { childKeys } from './access/child-keys.ts'
import { openRegister, type Register } from './access/register.ts'
import { readRegister } from './access/register-file.ts'
import type { Config } from './config.ts'
import { type Desk, deskOperations } from './desk/desk.ts'
import { readReviewReasons } from './desk/review-reasons.ts'
import { maskedFault } from './fault.ts'
import { kafkaSettings } from './kafka-settings.ts'
import { type AccessInput, accessRecorder } from './ledger/access-record.ts'
import { type Ledger, openLedger } from './ledger/append.ts'
import { completionRecorder } from './ledger/completion-record.ts'
import { openLedgerAlerts } from './ledger/ledger-alert.ts'
import type { AccessRecord } from './ledger/ledger-event.ts'
import { type LedgerMetrics, ledgerMetrics } from './ledger/metrics.ts'
import { migrate } from './ledger/migrate.ts'
import { type PastAccesses, pastAccesses } from './ledger/past-accesses.ts'
import { type ChildPseudonyms, childPseudonyms, recordIds } from './ledger/pseudonym.ts'
import { openRelay } from './ledger/relay.ts'
import { sealedBox } from './ledger/sealed-box.ts'
import { type PublishedLog, publishedLog } from './ledger/tree/published-log.ts'
import { logSigner } from './log-signer.ts'
import { openReader } from './reader/reader.ts'
import { type Readiness, readinessOf } from './readiness.ts'
import { openRetention } from './retention.ts'
import { type Compose, composer } from './sharing/compose.ts'
import { openPace, type Pace } from './sharing/pace.ts'
import type { Alarm } from './sharing/policy/decide.ts'
import { type LivePolicies, openLivePolicies } from './sharing/policy/live-policies.ts'
import { openSecondOpinion, type SecondOpinion } from './sharing/policy/second-opinion.ts'
import { openShadow, type Shadow } from './sharing/policy/shadow.ts'
import { openShelf } from './sharing/policy/shelf.ts'
import { stitchedSchema } from './sharing/stitched-schema.ts'
import { openStore } from './store.ts'

/** Everything that an answer needs. */
export interface House {
  readonly clock: () => Date
  readonly log: Logger
  readonly schema: GraphQLSchema
  readonly compose: Compose
  readonly authenticate: Authenticate
  readonly register: Register
  readonly alerts: Alerts
  readonly emergencies: Emergencies
  readonly policies: LivePolicies
  readonly secondOpinion: SecondOpinion
  /** of all policy decisions, how many get a second opinion: from 0.001 to 1 */
  readonly sampleShare: number
  readonly shadow: Shadow | null
  readonly connections: readonly Connection[]
  readonly unconnected: readonly Custodian[]
  readonly custodianDeadlineMs: number
  readonly pace: Pace
  readonly pseudonyms: ChildPseudonyms
  readonly keys: ChildKeys
  readonly recordId: (custodian: string, sourceId: string) => string
  readonly desk: Desk
  readonly accessRecord: (input: AccessInput) => AccessRecord
  readonly completionRecord: ReturnType<typeof completionRecorder>
  readonly pastAccesses: PastAccesses
  readonly ledger: Ledger
}

export interface OpenedHouse {
  readonly house: House
  readonly readiness: Readiness
  readonly publishedLog: PublishedLog
  readonly metrics: LedgerMetrics
  close(): Promise<void>
}

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const MIGRATIONS = [
  { name: 'ledger', directory: folder('./ledger/migrations') },
  { name: 'access', directory: folder('./access/migrations') },
  { name: 'policy', directory: folder('./sharing/policy/migrations') },
  { name: 'desk', directory: folder('./desk/migrations') },
  { name: 'reader', directory: folder('./reader/migrations') },
]

/**
 * Milliseconds. A store that hangs must not keep a practitioner waiting: PostgreSQL ends a statement that waits for a
 * lock, and we end one to which PostgreSQL itself says nothing any more.
 */
const STORE_DEADLINES = { connectionTimeoutMillis: 5_000, statement_timeout: 4_000, query_timeout: 5_000 }

/** Milliseconds that a gateway which does not start waits until somebody was told why. */
const TELL_BEFORE_END = 10_000

/** Names of the operations that the product itself sends; any other is a caller's own word and not kept. */
const OPERATIONS = new Set(['Picture', ...deskOperations])

const agenciesOf = (custodians: readonly Custodian[]) => [...new Set(custodians.map(({ agency }) => agency))]

export async function openHouse(
  config: Config,
  { log, clock, env }: { log: Logger; clock: () => Date; env: NodeJS.ProcessEnv },
): Promise<OpenedHouse> {
  const partnership = config.PARTNERSHIP_DIR
  const { connections, unconnected } = await connectCustodians({
    folders: [
      partnership ? `${partnership}/custodians` : folder('../adapters/custodians'),
      ...config.CUSTODIANS_DIRS,
    ],
    deadlineMs: config.CUSTODIAN_DEADLINE_MS,
    env,
  })
  // an answer without a custodian would read like "nothing known"
  if (connections.length === 0)
    throw new Refusal(
      'NO_CUSTODIANS',
      'no custodian is connected; add at least one file to the custodians folder',
    )
  const databaseUrl = config.DATABASE_URL
  await migrate({ databaseUrl, folders: MIGRATIONS })
  const pool = openStore({ connectionString: databaseUrl, max: 10, ...STORE_DEADLINES }, (error) =>
    log.warn({ name: error.name }, 'a database connection was lost'),
  )

  const policyDir = partnership ? `${partnership}/policies` : folder('../policies')
  const alarm: Alarm = (fault) => log.error(fault, 'a policy could not be applied; the record is not shown')
  const policies = await openLivePolicies({ dir: policyDir, shelf: openShelf(pool), alarm, log })

  const key = config.PSEUDONYM_KEY
  const pseudonyms = childPseudonyms({ pool, key })
  const keys = childKeys(pseudonyms, key)
  const register = openRegister(pool, keys)
  if (config.REGISTER_FILE)
    await register.takeOver(await readRegister(config.REGISTER_FILE), config.OIDC_ISSUER)

  const bankHolidays = await readBankHolidays(`${policyDir}/bank-holidays.yaml`)
  const alerts = openAlerts({ pool, url: config.ALERT_URL, log })
  const emergencies = openEmergencies({
    ...{ pool, keys, alerts, bankHolidays },
    box: sealedBox(key, 'emergency-reason'),
  })

  const ledger = await openLedger({
    databaseUrl,
    deadlineMs: config.LEDGER_DEADLINE_MS,
    onFault: (fault) => {
      const { name, code } = maskedFault(fault)
      log.error({ name, code }, 'the ledger could not write; answers are withheld')
    },
  })
  const kafka = await kafkaSettings(config)
  const { ALERT_URL: url, NODE_NAME: node } = config
  const ledgerAlerts = openLedgerAlerts({ pool, url, node, clock, log })
  const relay = await openRelay({
    databaseUrl,
    ...kafka,
    agencies: async () => [
      ...agenciesOf([...connections.map(({ custodian }) => custodian), ...unconnected]),
      ...(await register.agencies()),
    ],
    signing: { signer: logSigner(config), clock, file: config.LEDGER_CHECKPOINT_FILE },
    witnesses: config.LEDGER_WITNESSES,
    log,
    alerts: ledgerAlerts,
  }).catch(async (fault: unknown) => {
    await ledgerAlerts.told(TELL_BEFORE_END)
    throw fault
  })
  const reader = openReader({ pool, ...kafka, log, alerts: ledgerAlerts })
  const recordId = recordIds({ key })
  const gateway = {
    source: `urn:sightline:${config.PARTNERSHIP}`,
    node: config.NODE_NAME,
    build: env.npm_package_version ?? '0.1.0',
  }
  const days = config.LEDGER_RETENTION_DAYS
  const kept = { pool, ledger, recorder: gateway, clock, kafka: kafka.brokers.length > 0 }
  const endRetention = days === undefined ? async () => undefined : openRetention({ ...kept, days }, log)
  const past = pastAccesses({ pool, key })
  const secondOpinion = await openSecondOpinion({ log, bundle: policies.current() })
  const shadowDir = config.POLICY_SHADOW_DIR
  const { current, bundleOf } = policies
  const schema = stitchedSchema()
  const compose = composer(schema)
  const house: House = {
    clock,
    log,
    schema,
    compose,
    authenticate: authenticator({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE }),
    register,
    alerts,
    emergencies,
    policies,
    secondOpinion,
    sampleShare: config.POLICY_SAMPLE,
    shadow: shadowDir ? await openShadow({ dir: shadowDir, live: policies.current, log }) : null,
    connections,
    unconnected,
    custodianDeadlineMs: config.CUSTODIAN_DEADLINE_MS,
    pace: openPace({ defaultDeadlineMs: config.CUSTODIAN_DEADLINE_MS }),
    pseudonyms,
    keys,
    recordId,
    desk: {
      schema,
      compose,
      emergencies,
      reviews: {
        ...{ pool, key, keys, bankHolidays },
        box: sealedBox(key, 'review'),
        reasons: await readReviewReasons(policyDir),
      },
      explaining: { pool, find: past.find, current, bundleOf },
      reading: {
        ...{ pool, topic: kafka.topic, keys, recordId, current, bundleOf, keptDays: days ?? null },
      },
    },
    completionRecord: completionRecorder(gateway),
    accessRecord: accessRecorder({
      ...gateway,
      key,
      known: () => {
        const { purposes, thresholds, lawfulBases } = policies.current()
        return { purposes, thresholds, lawfulBases, operations: OPERATIONS }
      },
    }),
    pastAccesses: past,
    ledger,
  }
  const readiness = readinessOf({
    pool,
    policies,
    custodians: { connected: connections.length, notConnected: unconnected.length },
    relay,
    reader,
  })
  return {
    house,
    readiness,
    publishedLog: publishedLog(pool),
    metrics: ledgerMetrics({ pool, relay, alerts: ledgerAlerts, clock }),
    async close() {
      await ledger.close()
      await policies.close()
      await secondOpinion.close()
      await alerts.close()
      await relay.close()
      await reader.close()
      await ledgerAlerts.close()
      await endRetention()
      await Promise.all(connections.map((connection) => connection.close()))
      await pool.end()
    },
  }
}
