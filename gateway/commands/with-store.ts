/** Lets a command work on the gateway's own store, and closes it whatever comes. */
import type pg from 'pg'
import type { Config } from '../config.ts'
import { openStore } from '../store.ts'
import { operatorSettings } from './operator-settings.ts'

/** @throws Refusal NOT_RUNNING, CONFIGURATION_INVALID */
export async function withStore<T>(work: (pool: pg.Pool, config: Config) => Promise<T>): Promise<T> {
  const config = await operatorSettings()
  const pool = openStore({ connectionString: config.DATABASE_URL, max: 4 })
  try {
    return await work(pool, config)
  } finally {
    await pool.end()
  }
}
