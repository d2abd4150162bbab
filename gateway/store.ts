/**
 * Connections to PostgreSQL of which none can end the process: one that is lost while it is lent out, between two
 * statements or in the moment in which it is given, fails the next statement and nothing else.
 */
import pg from 'pg'

/** @param onLost hears of a connection that was lost while nobody used it (default: the next statement says so) */
export function openStore(config: pg.PoolConfig, onLost: (error: Error) => void = () => undefined): pg.Pool {
  const pool = new pg.Pool(config)
  pool.on('error', onLost)
  // pg listens itself only while a connection rests in the pool
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}
