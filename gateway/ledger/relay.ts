/**
 * Brings the ledger to Kafka: places what waits in the outbox, signs the log, and sends it in the order of its places.
 * One relay works at a time, by a lock that its connection holds; the others stand by. Neither Kafka nor a witness ever
 * holds up an append, or the signing. Refuses to skip: a record that Kafka will not take stops its partition and is
 * reported.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Client, Pool } from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import { type Carrier, carry, resume } from './carrier.ts'
import type { KafkaSettings } from './kafka-topic.ts'
import { sequence } from './sequence.ts'
import { openPublisher, type PublisherSettings } from './tree/publish.ts'
import { type WaitingAccesses, waitingAccesses } from './waiting.ts'
import type { KnownWitness } from './witness/ask.ts'
import { openSubmitter } from './witness/submit.ts'

export interface RelaySettings {
  readonly databaseUrl: string
  /** empty where no Kafka is configured: accesses are placed, and wait */
  readonly brokers: readonly string[]
  /** TLS and sign-in, where the brokers ask for them */
  readonly connection?: Omit<KafkaSettings['connection'], 'brokers'>
  readonly topic: string
  readonly partitions: number
  readonly replicationFactor: number
  /** milliseconds that Kafka keeps an access, for a topic that is made now (default: for ever) */
  readonly retentionMs?: number
  /** name of this ledger, in the header `ledger-log` (default `sightline`) */
  readonly ledger?: string
  /** how the log is signed, and where its last checkpoint is kept outside the database */
  readonly signing: Omit<PublisherSettings, 'client'>
  /** who cosigns the log (default: nobody) */
  readonly witnesses?: readonly KnownWitness[]
  readonly log: RelayLog
  /** milliseconds between two looks into an empty outbox (default 250) */
  readonly pollMs?: number
}

export interface RelayLog {
  info(about: object, words: string): void
  warn(about: object, words: string): void
  error(about: object, words: string): void
}

export interface StoppedPartition {
  readonly partition: number
  /** place of the record that Kafka refuses */
  readonly index: number
}

export interface Relay {
  /** how many accesses Kafka does not have yet */
  waiting(): Promise<WaitingAccesses>
  /** of Kafka as this relay last found it; `up` also while another gateway's relay does the work */
  state(): 'up' | 'down' | 'not-configured'
  /** partitions that a refused record stopped: somebody must look */
  stopped(): readonly StoppedPartition[]
  /** lets the send under way end; nothing is lost by it */
  close(): Promise<void>
}

/** "relay" in ASCII; one ledger a database, so one lock. */
const LOCK = '491260539257'
const PLACED_AT_ONCE = 1_000 // records
const STAND_BY = 1_000 // milliseconds between two tries for the lock
const BACKOFF = { from: 250, to: 5_000 } // milliseconds, doubled each time

/**
 * Does not wait for Kafka: what it finds is told by `state` and the log.
 * @throws Refusal LEDGER_ROLLED_BACK or LEDGER_ALTERED, unless another gateway is at work on this ledger
 */
export async function openRelay(settings: RelaySettings): Promise<Relay> {
  await refuseAlteredLog(settings)
  const { databaseUrl, topic, log, pollMs = 250 } = settings
  const kafka = kafkaOf(settings)
  const pool = new Pool({ connectionString: databaseUrl, max: 2, connectionTimeoutMillis: 2_000 })
  pool.on('error', () => undefined) // the next count says so
  const stop = new AbortController()
  const rest = (milliseconds: number) =>
    pause(milliseconds, undefined, { signal: stop.signal }).catch(() => undefined)
  let state: ReturnType<Relay['state']> = kafka ? 'down' : 'not-configured'
  let stopped: readonly StoppedPartition[] = []

  /** A partition that stops is reported once, as an error. */
  const report = (carrier: Carrier) => {
    state = 'up'
    const known = new Set(stopped.map(({ partition }) => partition))
    stopped = [...carrier.stopped].map(([partition, index]) => ({ partition, index }))
    for (const about of stopped.filter(({ partition }) => !known.has(partition)))
      log.error({ topic, ...about }, 'Kafka refuses an access: its partition is stopped, nothing is skipped')
  }

  /** Works for as long as the connection, and with it the lock, lives: every statement goes through it. */
  async function work(client: Client): Promise<void> {
    const publisher = await openPublisher({ client, ...settings.signing })
    const { signer } = settings.signing
    const submitter = openSubmitter({ pool, signer, witnesses: settings.witnesses ?? [], log })
    const ended = new AbortController()
    const goesOn = () => !stop.signal.aborted && !ended.signal.aborted
    const carrying = kafka ? carryOn(client, kafka, goesOn) : null
    try {
      while (goesOn()) {
        const placed = await sequence(client, PLACED_AT_ONCE)
        while ((await publisher.publish()) > 0) submitter.offer()
        if (placed < PLACED_AT_ONCE) await rest(pollMs)
      }
    } finally {
      ended.abort()
      await Promise.all([carrying, submitter.close()])
    }
  }

  /** Beside the signing: a broker that is slow to answer, or does not answer, costs the log no checkpoint. */
  async function carryOn(client: Client, to: KafkaSettings, goesOn: () => boolean): Promise<void> {
    let carrier: Carrier | null = null
    let backoff = BACKOFF.from
    while (goesOn())
      try {
        carrier ??= await begin(client, to, log)
        const carried = await carry(carrier)
        report(carrier)
        backoff = BACKOFF.from
        if (carried === 0) await rest(pollMs)
      } catch (fault) {
        state = 'down'
        log.warn({ topic, why: wordsOf(fault), againInMs: backoff }, 'accesses wait for Kafka')
        await carrier?.sink.close()
        carrier = null
        await rest(backoff)
        backoff = Math.min(backoff * 2, BACKOFF.to)
      }
    await carrier?.sink.close()
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const client = inTurns(relayClient(databaseUrl))
      try {
        await client.connect()
        await client.query('SET synchronous_commit = on') // a place given must outlive a crash
        if (await hasLock(client)) {
          log.info({ topic }, 'this relay has the lock')
          await work(client)
        } else if (kafka) state = 'up'
      } catch (fault) {
        if (fault instanceof Refusal) log.error({ code: fault.code }, fault.message)
        else log.warn({ why: wordsOf(fault) }, 'the relay lost its database and tries again')
      } finally {
        await client.end().catch(() => undefined)
      }
      await rest(STAND_BY)
    }
  }

  const running = run()
  return {
    waiting: () => waitingAccesses(pool, topic),
    state: () => state,
    stopped: () => stopped,
    async close() {
      stop.abort()
      await running
      await pool.end()
    },
  }
}

/** A database that is older than what was signed over it must not serve: what was shown since would be forgotten. */
async function refuseAlteredLog({ databaseUrl, signing }: RelaySettings): Promise<void> {
  const client = relayClient(databaseUrl)
  await client.connect()
  try {
    if (await hasLock(client)) await openPublisher({ client, ...signing })
  } finally {
    await client.end()
  }
}

async function hasLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [LOCK])
  return rows[0]?.mine === true
}

async function begin(client: Client, kafka: KafkaSettings, log: RelayLog): Promise<Carrier> {
  const carrier = await resume(client, kafka)
  const { topic, cursor, lost } = carrier
  for (const what of lost) log.error({ topic, what }, 'Kafka lost accesses: they are sent again')
  log.info({ topic, after: cursor }, 'accesses go to Kafka')
  return carrier
}

function relayClient(databaseUrl: string): Client {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'sightline relay',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  })
  client.on('error', () => undefined) // what is under way fails with it
  return client
}

/** Signing and sending share the connection that holds the lock: it is given one statement at a time. */
function inTurns(client: Client): Client {
  const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>
  let before: Promise<unknown> = Promise.resolve()
  const inTurn = (...given: unknown[]) => {
    const turn = before.then(() => query(...given))
    before = turn.catch(() => undefined)
    return turn
  }
  return Object.assign(client, { query: inTurn })
}

function kafkaOf(settings: RelaySettings): KafkaSettings | null {
  const { brokers, connection = {}, topic, partitions, replicationFactor } = settings
  if (brokers.length === 0) return null
  const { retentionMs = -1, ledger = 'sightline' } = settings
  return {
    connection: { brokers: [...brokers], ...connection },
    topic,
    partitions,
    replicationFactor,
    retentionMs,
    log: ledger,
  }
}

/** Faults of database and broker: they name hosts and topics, never what a record holds. */
const wordsOf = (fault: unknown) => (fault instanceof Error ? fault.message : String(fault))
