/**
 * Whether a fault says that PostgreSQL is away, full or too slow, and not that anything is wrong with the question: worth
 * another try. Custodians' databases are not meant: their faults never come this far.
 */
import pg from 'pg'

/**
 * SQLSTATE classes and codes, https://www.postgresql.org/docs/18/errcodes-appendix.html: 08 connection exception, 53
 * insufficient resources, 57 operator intervention (shutdown, statement timeout), 58 system error, 55P03 lock not
 * available, 25006 read only (a standby, or a disk that is full).
 */
const AWAY = /^(08|53|57|58)|^(55P03|25006)$/

/** Of the connection itself, as Node names them. */
const UNREACHED = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT']

/** What pg says without any code (lib/client.js and pg-pool). */
const WITHOUT_CODE =
  /^(Connection terminated|Client has encountered a connection error|Query read timeout|timeout exceeded when trying to connect|timeout expired)/

export function isStoreAway(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return AWAY.test(error.code ?? '')
  if (!(error instanceof Error)) return false
  if ('syscall' in error && 'code' in error) return UNREACHED.includes(String(error.code))
  return WITHOUT_CODE.test(error.message)
}
