/** Opens everything that an answer needs, once at start, and closes it again. */
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Logger } from 'pino'
import { connectCustodians } from '../adapters/index.ts'
import { Refusal } from '../schema/refusal.ts'
import { authenticator } from './access/authenticate.ts'
import { childKeys } from './access/child-keys.ts'
import { openRegister } from './access/register.ts'
import { readRegister } from './access/register-file.ts'
import type { House } from './answer.ts'
import type { Config } from './config.ts'
import { accessRecorder } from './ledger/access-record.ts'
import { openLedger } from './ledger/append.ts'
import { migrate } from './ledger/migrate.ts'
import { childPseudonyms, recordIds } from './ledger/pseudonym.ts'
import { openRelay } from './ledger/relay.ts'
import { type PublishedLog, publishedLog } from './ledger/tree/published-log.ts'
import { logSigner } from './log-signer.ts'
import { type Readiness, readinessOf } from './readiness.ts'
import { composer } from './sharing/compose.ts'
import { loadBundle } from './sharing/policy/load.ts'
import { stitchedSchema } from './sharing/stitched-schema.ts'

export interface OpenedHouse {
  readonly house: House
  readonly readiness: Readiness
  readonly publishedLog: PublishedLog
  close(): Promise<void>
}

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const MIGRATIONS = [
  { name: 'ledger', directory: folder('./ledger/migrations') },
  { name: 'access', directory: folder('./access/migrations') },
]

/** Names of the operations that the product itself sends; any other is a caller's own word and not kept. */
const OPERATIONS = new Set(['Picture'])

export async function openHouse(
  config: Config,
  { log, clock, env }: { log: Logger; clock: () => Date; env: NodeJS.ProcessEnv },
): Promise<OpenedHouse> {
  const partnership = config.PARTNERSHIP_DIR
  const bundle = await loadBundle(partnership ? `${partnership}/policies` : folder('../policies'), (fault) =>
    log.error(fault, 'a policy could not be applied; the record is not shown'),
  )
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
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 8, connectionTimeoutMillis: 2_000 })
  pool.on('error', (error) => log.warn({ name: error.name }, 'a database connection was lost'))

  const key = config.PSEUDONYM_KEY
  const pseudonyms = childPseudonyms({ pool, key })
  const keys = childKeys(pseudonyms, key)
  const register = openRegister(pool, keys)
  if (config.REGISTER_FILE)
    await register.takeOver(await readRegister(config.REGISTER_FILE), config.OIDC_ISSUER)

  const ledger = await openLedger({
    databaseUrl,
    deadlineMs: config.LEDGER_DEADLINE_MS,
    onFault: () => log.error('the ledger could not write; answers are withheld'),
  })
  const relay = await openRelay({
    databaseUrl,
    brokers: config.KAFKA_BROKERS,
    topic: config.KAFKA_TOPIC,
    partitions: config.KAFKA_PARTITIONS,
    replicationFactor: config.KAFKA_REPLICATION,
    signing: { signer: logSigner(config), clock, file: config.LEDGER_CHECKPOINT_FILE },
    log,
  })
  const schema = stitchedSchema()
  const house: House = {
    clock,
    log,
    schema,
    compose: composer(schema),
    authenticate: authenticator({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE }),
    register,
    bundle,
    connections,
    unconnected,
    custodianDeadlineMs: config.CUSTODIAN_DEADLINE_MS,
    pseudonyms,
    keys,
    recordId: recordIds({ key }),
    accessRecord: accessRecorder({
      key,
      source: `urn:sightline:${config.PARTNERSHIP}`,
      node: config.NODE_NAME,
      build: env.npm_package_version ?? '0.1.0',
      known: () => ({
        purposes: new Set(bundle.purposes.keys()),
        thresholds: new Set(bundle.thresholds.keys()),
        lawfulBases: new Set(bundle.lawfulBases.keys()),
        operations: OPERATIONS,
      }),
    }),
    ledger,
  }
  const readiness = readinessOf({
    pool,
    policyBundle: bundle.version,
    custodians: { connected: connections.length, notConnected: unconnected.length },
    relay,
  })
  return {
    house,
    readiness,
    publishedLog: publishedLog(pool),
    async close() {
      await ledger.close()
      await relay.close()
      await Promise.all(connections.map((connection) => connection.close()))
      await pool.end()
    },
  }
}
