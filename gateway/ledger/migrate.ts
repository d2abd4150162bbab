/**
 * Brings a database's tables up to date, forward only. Refuses a migration whose text changed after it was applied.
 * Gateways that start side by side wait for one another.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import { isStoreAway } from '../store-away.ts'

export interface MigrationFolder {
  /** stands for the folder in the database, so that the checkout may lie anywhere: `ledger`, `access` */
  readonly name: string
  readonly directory: string
}

/** Any number will do, so long as it never changes: "sightlin" in ASCII. */
const LOCK = '8316296580512901486'
const FILE_NAME = /^\d{4}-[a-z0-9-]+\.sql$/

const CONNECT_WITHIN = 10_000 // milliseconds

/**
 * @returns what was applied now, such as `ledger/0001-access-ledger.sql`, in order
 * @throws Refusal STORE_UNREACHABLE: the first to ask the database finds out whether it answers
 */
export async function migrate(settings: {
  databaseUrl: string
  folders: readonly MigrationFolder[]
}): Promise<string[]> {
  const { databaseUrl: connectionString } = settings
  const client = new Client({ connectionString, connectionTimeoutMillis: CONNECT_WITHIN })
  client.on('error', () => undefined) // what is under way fails with it
  await client.connect().catch((fault: unknown) => {
    throw unreachable(fault)
  })
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK])
    await client.query(`CREATE TABLE IF NOT EXISTS schema_migration (
      name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`)
    const { rows } = await client.query<{ name: string; sha256: string }>(
      'SELECT name, sha256 FROM schema_migration',
    )
    const applied = new Map(rows.map((row) => [row.name, row.sha256]))
    const done: string[] = []
    for (const folder of settings.folders) {
      for (const file of (await readdir(folder.directory)).filter((entry) => FILE_NAME.test(entry)).sort()) {
        const name = `${folder.name}/${file}`
        const sql = await readFile(join(folder.directory, file), 'utf8')
        const sha256 = createHash('sha256').update(sql).digest('hex')
        const before = applied.get(name)
        if (before === sha256) continue
        if (before)
          throw new Error(`migration \`${name}\` was changed after it was applied; add a new one instead`)
        await apply(client, name, sql, sha256)
        done.push(name)
      }
    }
    return done
  } catch (fault) {
    throw isStoreAway(fault) ? unreachable(fault) : fault
  } finally {
    await client.end() // and with it the lock
  }
}

async function apply(client: Client, name: string, sql: string, sha256: string): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(sql)
    await client.query('INSERT INTO schema_migration (name, sha256) VALUES ($1, $2)', [name, sha256])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    if (isStoreAway(error)) throw error
    throw new Error(`migration \`${name}\` cannot be applied`, { cause: error })
  }
}

/** Told by code alone: the database's own words may hold its address and account. */
function unreachable(fault: unknown): Refusal {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : 'no answer in time'
  return new Refusal(
    'STORE_UNREACHABLE',
    `the gateway's database does not answer (${code}); is it running, and is DATABASE_URL right?`,
  )
}
