/**
 * A connection to the ledger's database that is fit to promise durability. Refuses a server that may forget what it
 * has confirmed. Can be cut at once, even while the server hangs.
 */
import { Socket } from 'node:net'
import { Client } from 'pg'
import { Refusal } from '../../schema/refusal.ts'

export interface DurableConnection {
  readonly client: Client
  /** true once the server warned since it was connected: a commit that it confirmed may not have reached its standby */
  warned(): boolean
  /** drops the connection without a word to the server */
  cut(): void
}

/**
 * Server settings without which a confirmed commit can be lost in a power cut (PostgreSQL manual, 19.5). Each can be
 * turned off while the server runs.
 */
const SAFE_SETTINGS = ['fsync', 'full_page_writes'] as const

/** Columns that tell how they are at this moment. */
export const SETTINGS_NOW = SAFE_SETTINGS.map((name) => `current_setting('${name}') AS ${name}`).join(', ')

/** @param settings as the server has them. @throws Refusal LEDGER_NOT_DURABLE where one of them is not on */
export function refuseUnsafe(settings: Readonly<Record<string, unknown>>): void {
  for (const setting of SAFE_SETTINGS)
    if (settings[setting] !== 'on')
      throw new Refusal(
        'LEDGER_NOT_DURABLE',
        `the ledger's database runs with \`${setting}\` off, so an access that it confirmed could be lost; turn it on and start again`,
      )
}

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
  // "canceling wait for synchronous replication": committed here, but perhaps not on the standby. Whatever comes counts:
  // less than a warning is not sent, and what a warning is called depends on the server's language
  client.on('notice', () => {
    warned = true
  })
  const cut = () => {
    socket.destroy()
    client.end().catch(() => undefined)
  }
  try {
    await client.connect()
    await client.query("SET client_min_messages = 'warning'")
    const { rows } = await client.query<Record<string, unknown>>(`SELECT ${SETTINGS_NOW}`)
    refuseUnsafe(rows[0] ?? {})
    warned = false // of the database itself, such as that its order of text is another since an upgrade
    return { client, warned: () => warned, cut }
  } catch (error) {
    cut()
    throw error
  }
}
