/**
 * Fills an agency's database once and keeps it, and gives the partnership's role SELECT on the agreed views and
 * nothing else. Loads again only where the content or the shape is not what it would be.
 */
import { createHash } from 'node:crypto'
import { Client, escapeIdentifier, escapeLiteral } from 'pg'

export type Rows = readonly Readonly<Record<string, unknown>>[]

export interface AgencyDatabase {
  /** of a superuser, to the agency's own database */
  readonly url: string
  readonly database: string
  /** the agency's tables and views, as its own administrator wrote them */
  readonly ddl: string
  /** schema of the tables, closed to the partnership */
  readonly base: string
  /** schema of the views, opened to the partnership */
  readonly shared: string
  /** table by table, those first that others refer to */
  readonly tables: readonly (readonly [table: string, rows: Rows])[]
  readonly reader: { readonly name: string; readonly password: string }
}

/** Rows per statement: long enough that the round trip does not count. */
const BATCH = 5_000

/** @returns whether it was loaded now, rather than found as it should be */
export async function fillDatabase(agency: AgencyDatabase): Promise<boolean> {
  const client = new Client({ connectionString: agency.url })
  await client.connect()
  try {
    const fingerprint = fingerprintOf(agency)
    const kept = await keptFingerprint(client)
    if (kept !== fingerprint) await load(client, agency, fingerprint)
    await grant(client, agency)
    return kept !== fingerprint
  } finally {
    await client.end()
  }
}

function fingerprintOf({ ddl, tables }: AgencyDatabase): string {
  const hash = createHash('sha256').update(ddl)
  for (const [table, rows] of tables) {
    hash.update(table)
    for (const row of rows) hash.update(JSON.stringify(row))
  }
  return hash.digest('hex')
}

async function keptFingerprint(client: Client): Promise<string | null> {
  const known = await client.query<{ there: string | null }>("SELECT to_regclass('loaded.content') AS there")
  if (!known.rows[0]?.there) return null
  const kept = await client.query<{ fingerprint: string }>('SELECT fingerprint FROM loaded.content')
  return kept.rows[0]?.fingerprint ?? null
}

async function load(client: Client, agency: AgencyDatabase, fingerprint: string): Promise<void> {
  await client.query('BEGIN; SET LOCAL synchronous_commit = off')
  for (const schema of ['loaded', agency.shared, agency.base])
    await client.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(schema)} CASCADE`)
  await client.query(agency.ddl)
  for (const [table, rows] of agency.tables) {
    const name = `${escapeIdentifier(agency.base)}.${escapeIdentifier(table)}`
    for (let from = 0; from < rows.length; from += BATCH) {
      await client.query(`INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, $1)`, [
        JSON.stringify(rows.slice(from, from + BATCH)),
      ])
    }
  }
  await client.query('CREATE SCHEMA loaded; CREATE TABLE loaded.content (fingerprint text NOT NULL)')
  await client.query('INSERT INTO loaded.content VALUES ($1)', [fingerprint])
  await client.query('COMMIT')
  await client.query('ANALYZE')
}

/** The role may sign in, read the views, and nothing else: no table, no temporary table, no other database's schema. */
async function grant(client: Client, { database, shared, reader }: AgencyDatabase): Promise<void> {
  const role = escapeIdentifier(reader.name)
  const known = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [reader.name])
  if (!known.rowCount) await client.query(`CREATE ROLE ${role}`)
  await client.query(`
    ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOBYPASSRLS CONNECTION LIMIT 40
      PASSWORD ${escapeLiteral(reader.password)};
    ALTER ROLE ${role} SET default_transaction_read_only = on;
    REVOKE ALL ON DATABASE ${escapeIdentifier(database)} FROM PUBLIC;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${escapeIdentifier(database)} TO ${role};
    GRANT USAGE ON SCHEMA ${escapeIdentifier(shared)} TO ${role};
    GRANT SELECT ON ALL TABLES IN SCHEMA ${escapeIdentifier(shared)} TO ${role};`)
}
