/** A PostgreSQL cluster of a test's own, in a folder for temporary files, with the ledger's tables. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Pool } from 'pg'
import { migrate } from '../../../gateway/ledger/migrate.ts'
import { someFree } from '../../../gateway/local/ports.ts'
import { type LocalPostgres, startPostgres } from '../../../gateway/local/postgres.ts'

export const ledgerMigrations = {
  name: 'ledger',
  directory: fileURLToPath(new URL('../../../gateway/ledger/migrations', import.meta.url)),
}

export interface Cluster {
  /** for what must lie outside the database; removed at the end */
  readonly folder: string
  readonly postgres: LocalPostgres
  /** a new database with the ledger's tables */
  ledgerDatabase(name: string): Promise<string>
  pool(url: string): Pool
  end(): Promise<void>
}

/** @param disk folder of another disk, for the data alone */
export async function ownCluster(flags: readonly string[] = [], disk?: string): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-ledger-'))
  const [port = 0] = await someFree(1)
  const postgres = await startPostgres({
    dataDir: join(disk ?? folder, 'data'),
    logFile: join(folder, 'postgres.log'),
    port,
    password: 'of-this-test-only',
    flags,
  })
  const pools: Pool[] = []
  return {
    folder,
    postgres,
    async ledgerDatabase(name) {
      await postgres.createDatabase(name)
      await migrate({ databaseUrl: postgres.url(name), folders: [ledgerMigrations] })
      return postgres.url(name)
    },
    pool(url) {
      const pool = new Pool({ connectionString: url, max: 4 })
      pool.on('error', () => undefined)
      pools.push(pool)
      return pool
    },
    async end() {
      await Promise.all(pools.map((pool) => pool.end()))
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
