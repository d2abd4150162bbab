/**
 * A connection to the ledger's database that is fit to promise durability. Refuses a server that may forget what it
 * has confirmed. Can be cut at once, even while the server hangs.
 */
import { Socket } from 'node:net'
import { Client } from 'pg'
import { Refusal } from '../../schema/refusal.ts'

export interface DurableConnection {
  readonly client: Client
  /** true once the server warned: a commit that it confirmed may not have reached its standby */
  warned(): boolean
  /** drops the connection without a word to the server */
  cut(): void
}

/** Server settings without which a confirmed commit can be lost in a power cut (PostgreSQL manual, 19.5). */
const SAFE_SETTINGS = ['fsync', 'full_page_writes'] as const

/**
 * @param timeoutMs for connecting and for each statement
 * @throws Refusal LEDGER_NOT_DURABLE where the server's settings break the promise
 */
export async function connectDurably(databaseUrl: string, timeoutMs: number): Promise<DurableConnection> {
  const socket = new Socket()
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'sightline ledger',
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
    stream: () => socket,
  })
  let warned = false
  client.on('error', () => undefined) // what is under way fails with it, and is told so there
  // "canceling wait for synchronous replication": committed here, but perhaps not on the standby
  client.on('notice', (notice) => {
    if (notice.severity === 'WARNING') warned = true
  })
  const cut = () => {
    socket.destroy()
    client.end().catch(() => undefined)
  }
  try {
    await client.connect()
    await client.query("SET client_min_messages = 'warning'")
    for (const setting of SAFE_SETTINGS) {
      const { rows } = await client.query<Record<string, string>>(`SHOW ${setting}`)
      if (rows[0]?.[setting] !== 'on')
        throw new Refusal(
          'LEDGER_NOT_DURABLE',
          `the ledger's database runs with \`${setting}\` off, so an access that it confirmed could be lost; turn it on and start again`,
        )
    }
    return { client, warned: () => warned, cut }
  } catch (error) {
    cut()
    throw error
  }
}
