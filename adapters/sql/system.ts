/**
 * Asks an agency's PostgreSQL views: one read-only transaction, one statement, one question.
 * Refuses to ask through a role that could write.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Pool, type PoolClient } from 'pg'
import type { CustodianQuestion } from '../contract.ts'
import type { SqlFile } from '../custodian-file.ts'
import { Fault, untilAborted } from '../fault.ts'
import type { System } from '../system.ts'
import { powerToWrite } from './read-only.ts'
import { type PartRow, statementFor } from './statement.ts'

/** Milliseconds until a connection that does not come is given up, whoever waits for it. */
const CONNECT_WITHIN = 5_000
/** Milliseconds for the proof at the start; a database that is down is no reason not to start. */
const PROOF_WITHIN = 3_000
/** Seconds. A role whose grants change is found out at the latest then: each new connection proves itself. */
const CONNECTION_LIVES = 600

/** @param deadlineMs after which the database itself stops a statement, should our cancelling not reach it */
export function sqlSystem(file: SqlFile, deadlineMs: number): System {
  const { url, tls, connections } = file.connection
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: CONNECT_WITHIN,
    idleTimeoutMillis: 60_000,
    maxLifetimeSeconds: CONNECTION_LIVES,
    allowExitOnIdle: true,
    application_name: 'sightline',
    ...(tls === undefined ? {} : { ssl: { ca: tls.ca, cert: tls.certificate, key: tls.key } }),
  })
  // A connection that breaks tells its query; told to nobody besides, it would end the whole process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  pool.on('error', () => undefined)
  const proven = new WeakSet<PoolClient>()

  async function prove(client: PoolClient): Promise<void> {
    if (proven.has(client)) return
    const power = await powerToWrite(client)
    if (power !== null) throw new Fault('not-authorised', `our role is not read-only: ${power}`)
    proven.add(client)
  }

  /** The connection goes back to the pool, or is destroyed where its state is unknown. */
  async function withClient<T>(signal: AbortSignal, work: (client: PoolClient) => Promise<T>): Promise<T> {
    const connecting = pool.connect()
    const client = await untilAborted(signal, () => connecting).catch((error: unknown) => {
      connecting.then((late) => late.release()).catch(() => undefined)
      throw error
    })
    const cancel = () => cancelIn(pool, client)
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const result = await untilAborted(signal, () => work(client))
      client.release()
      return result
    } catch (error) {
      client.release(true)
      throw error
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  return {
    ask: (question) =>
      withClient(question.signal, async (client) => {
        await prove(client)
        const statement = statementFor(file, question.recordTypes)
        await client.query(
          `BEGIN READ ONLY; SET LOCAL statement_timeout = ${deadlineMs}; SET LOCAL TimeZone = 'UTC'; ${nameOf(question)}`,
        )
        const { rows } = await client.query<PartRow>(statement.text, [question.nhsNumber])
        await client.query('COMMIT')
        return statement.read(rows)
      }),
    proveReadOnly: () => withClient(AbortSignal.timeout(PROOF_WITHIN), powerToWrite).catch(() => null), // `ask` will tell
    close: () => Promise.race([pool.end(), pause(PROOF_WITHIN, undefined, { ref: false })]),
  }
}

/** The agency finds our access in its own log. Reduced to letters, digits and hyphens: it cannot end the statement. */
const nameOf = ({ eventId }: CustodianQuestion) =>
  `SET LOCAL application_name = '${eventId.replaceAll(/[^A-Za-z0-9-]/g, '').slice(0, 63)}'`

/** Tells the database to stop, over another connection of the pool where one is free; else its timeout does it. */
function cancelIn(pool: Pool, client: PoolClient): void {
  const { processID } = client as PoolClient & { processID?: unknown }
  const free = pool.idleCount > 0 || pool.totalCount < pool.options.max
  if (typeof processID !== 'number' || !free) return
  pool.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => undefined)
}
