/**
 * A real PostgreSQL 18 on this machine, for `npm start` and the tests. Listens on 127.0.0.1 only and always syncs to
 * disk: the ledger's promise rests on it. Refuses nothing itself; what PostgreSQL refuses is in its log.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, chown, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Client, escapeIdentifier } from 'pg'
import { type Part, type PartPlan, startPart } from './part.ts'
import { findPostgresHome, type PostgresHome } from './postgres-home.ts'

export interface PostgresOptions {
  /** made into a cluster on first use; kept by `stop` */
  dataDir: string
  port: number
  /** of the superuser `postgres` */
  password: string
  name?: string
  logFile?: string
  /** further server settings, such as `['-c', 'max_connections=200']` */
  flags?: readonly string[]
}

export interface LocalPostgres {
  readonly port: number
  pid(): number | undefined
  url(database: string, user?: { name: string; password: string }): string
  /** @returns false where the database was there already */
  createDatabase(database: string): Promise<boolean>
  stop(): Promise<void>
  /** SIGKILL: commits that were acknowledged must survive it */
  kill(): Promise<void>
  /** starts it again on the same port and data */
  start(): Promise<void>
}

const SUPERUSER = 'postgres'
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=on',
  'full_page_writes=on',
  'synchronous_commit=on',
  'logging_collector=off',
]
/** After SIGKILL the orphaned backends need a moment to notice; until then a new start is refused. */
const RESTART_ATTEMPTS = 20

export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const home = await findPostgresHome(options.dataDir)
  const logFile = options.logFile ?? join(dirname(options.dataDir), 'postgres.log')
  await initialise(home, options.password)
  let part: Part | undefined

  const url = (database: string, user = { name: SUPERUSER, password: options.password }) =>
    `postgres://${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@127.0.0.1:${options.port}/${encodeURIComponent(database)}`
  const withClient = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ connectionString: url('postgres'), connectionTimeoutMillis: 2_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await work(client)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
  const plan: PartPlan = {
    name: options.name ?? 'PostgreSQL',
    command: join(home.programs, 'postgres'),
    args: [
      ...['-D', home.dataDir, '-p', String(options.port)],
      ...SETTINGS.flatMap((setting) => ['-c', setting]),
      ...(options.flags ?? []),
    ],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    account: home.account,
    logFile,
    ready: () => withClient((client) => client.query('SELECT 1')).then(() => true),
    stopSignal: 'SIGINT', // PostgreSQL's "fast" shutdown: it waits for no client
  }

  const postgres: LocalPostgres = {
    port: options.port,
    pid: () => (part?.isRunning() ? part.pid : undefined),
    url,
    createDatabase: (database) =>
      withClient(async (client) => {
        const known = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
        if (known.rowCount) return false
        await client.query(`CREATE DATABASE ${escapeIdentifier(database)}`)
        return true
      }),
    stop: async () => part?.stop(),
    kill: async () => part?.kill(),
    async start() {
      for (let attempt = 1; !part?.isRunning(); attempt++) {
        try {
          part = await startPart(plan)
        } catch (error) {
          if (attempt === RESTART_ATTEMPTS || !/shared memory block/.test(String(error))) throw error
        }
      }
    },
  }
  await postgres.start()
  return postgres
}

async function initialise(home: PostgresHome, password: string): Promise<void> {
  const done = await access(join(home.dataDir, 'PG_VERSION')).then(
    () => true,
    () => false,
  )
  if (done) return
  const passwordFile = `${home.dataDir}.password`
  const initLog: Buffer[] = []
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  try {
    if (home.account) await chown(passwordFile, home.account.uid, home.account.gid)
    await Promise.all(['initdb', 'postgres'].map((program) => makeRunnable(join(home.programs, program))))
    const initdb = spawn(
      join(home.programs, 'initdb'),
      [
        `--pgdata=${home.dataDir}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        // the same order of text on every machine, whatever locales it has
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
      ],
      {
        ...(home.account ?? {}),
        env: { PATH: process.env.PATH, LC_ALL: 'C' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    initdb.stdout.on('data', (chunk: Buffer) => initLog.push(chunk))
    initdb.stderr.on('data', (chunk: Buffer) => initLog.push(chunk))
    const [code] = await once(initdb, 'close')
    if (code !== 0)
      throw new Error(`PostgreSQL cannot prepare its folder: ${Buffer.concat(initLog).toString('utf8')}`)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function makeRunnable(program: string): Promise<void> {
  await access(program, 1 /* X_OK */).catch(() => chmod(program, 0o755))
}
