/**
 * Brings the ledger to Kafka: places what waits in the outbox, signs the log, and sends it in the order of its places.
 * One relay works at a time, by a lock that its connection holds; the others stand by. Neither Kafka nor a witness ever
 * holds up an append, or the signing. Refuses to skip: a record that Kafka will not take stops its partition and is
 * reported.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import { openStore } from '../store.ts'
import { type AgencyTopics, agencyTopics } from './agency-topics.ts'
import { type FaultReports, isLedgerAlertKind } from './alert-kind.ts'
import { wordsOf } from './kafka-fault.ts'
import type { KafkaSettings } from './kafka-topic.ts'
import type { OperatorLog } from './operator-log.ts'
import { pagesAhead } from './pages.ts'
import { sequence } from './sequence.ts'
import { type StoppedPartition, type TopicSupply, topicSupply } from './topic-supply.ts'
import { openPublisher, type PublisherSettings } from './tree/publish.ts'
import { type WaitingAccesses, waitingAccesses, waitingByTopic } from './waiting.ts'
import type { KnownWitness } from './witness/ask.ts'
import { openSubmitter } from './witness/submit.ts'

export interface RelaySettings {
  readonly databaseUrl: string
  /** empty where no Kafka is configured: accesses are placed, and wait */
  readonly brokers: readonly string[]
  /** TLS and sign-in, where the brokers ask for them */
  readonly connection?: Omit<KafkaSettings['connection'], 'brokers'>
  /** takes every record */
  readonly topic: string
  /** each has a topic of its own, with copies of what concerned it; looked up again and again (default: nobody) */
  readonly agencies?: () => Promise<readonly string[]>
  readonly partitions: number
  readonly replicationFactor: number
  /** replicas that must have a record before Kafka acknowledges it (default the lesser of 2 and their number) */
  readonly minInSync?: number
  /** milliseconds that Kafka keeps an access, for a topic that is made now (default: for ever) */
  readonly retentionMs?: number
  /** name of this ledger, in the header `ledger-log` (default `sightline`) */
  readonly ledger?: string
  /** how the log is signed, and where its last checkpoint is kept outside the database */
  readonly signing: Omit<PublisherSettings, 'client'>
  /** who cosigns the log (default: nobody) */
  readonly witnesses?: readonly KnownWitness[]
  readonly log: OperatorLog
  /** told of what a person must mend */
  readonly alerts: FaultReports
  /** milliseconds between two looks into an empty outbox (default 250) */
  readonly pollMs?: number
  /** milliseconds for one statement; a database that says nothing for so long is taken for gone (default 30 s) */
  readonly statementMs?: number
  /** milliseconds between two looks for agencies that have none yet (default one minute) */
  readonly agenciesMs?: number
}

export interface Relay {
  /** how many accesses Kafka does not have yet */
  waiting(): Promise<WaitingAccesses>
  /** the same of every topic, those of agencies too */
  waitingByTopic(): Promise<ReadonlyMap<string, WaitingAccesses>>
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
/** What may be found each time the log is opened, and is mended where it opens. */
const OF_THE_LOG = ['LEDGER_ROLLED_BACK', 'LEDGER_ALTERED', 'CHECKPOINT_NOT_KEPT'] as const
const STAND_BY = 1_000 // milliseconds between two tries for the lock
const STATEMENT = 30_000 // milliseconds

/**
 * Does not wait for Kafka: what it finds is told by `state` and the log.
 * @throws Refusal LEDGER_ROLLED_BACK, LEDGER_ALTERED or CHECKPOINT_NOT_KEPT, unless another gateway is at work on this ledger
 */
export async function openRelay(settings: RelaySettings): Promise<Relay> {
  await refuseAlteredLog(settings)
  const {
    databaseUrl,
    topic,
    log,
    alerts,
    pollMs = 250,
    agenciesMs = 60_000,
    statementMs = STATEMENT,
  } = settings
  const kafka = kafkaOf(settings)
  const pool = openStore({
    ...{ connectionString: databaseUrl, max: 2, connectionTimeoutMillis: 2_000 },
    query_timeout: statementMs,
  })
  const stop = new AbortController()
  const rest = (milliseconds: number) =>
    pause(milliseconds, undefined, { signal: stop.signal }).catch(() => undefined)
  const whole = kafka && topicSupply(kafka, settings)
  const copies = kafka && agencyTopics(kafka, settings)
  let standingBy = false

  /** Works for as long as the connection, and with it the lock, lives: every statement goes through it. */
  async function work(client: Client): Promise<void> {
    const publisher = await openPublisher({ client, ...settings.signing })
    for (const kind of OF_THE_LOG) alerts.mended(kind, 'ledger')
    const { signer } = settings.signing
    const submitter = openSubmitter({ pool, signer, witnesses: settings.witnesses ?? [], log, alerts })
    const ended = new AbortController()
    const goesOn = () => !stop.signal.aborted && !ended.signal.aborted
    const carrying =
      whole && copies ? [carryAll(client, whole, goesOn), carryCopies(client, whole, copies, goesOn)] : []
    try {
      while (goesOn()) {
        const placed = await sequence(client, PLACED_AT_ONCE)
        while ((await publisher.publish()) > 0) submitter.offer()
        if (placed < PLACED_AT_ONCE) await rest(pollMs)
      }
    } finally {
      ended.abort()
      await Promise.all([...carrying, submitter.close()])
    }
  }

  /** Beside the signing: a broker that is slow to answer, or does not answer, costs the log no checkpoint. */
  async function carryAll(client: Client, to: TopicSupply, goesOn: () => boolean): Promise<void> {
    const turn = pagesAhead(client)
    while (goesOn()) if ((await to.supply(client, turn())) === 0) await rest(pollMs)
    await to.end()
  }

  /** Beside both. While the topic of all accesses is behind, the agencies' wait for it. */
  async function carryCopies(
    client: Client,
    all: TopicSupply,
    copies: AgencyTopics,
    goesOn: () => boolean,
  ): Promise<void> {
    const turn = pagesAhead(client)
    let nextLook = 0
    while (goesOn()) {
      if (Date.now() >= nextLook) {
        await copies.admit(client)
        nextLook = Date.now() + agenciesMs
      }
      if (all.isBehind() || (await copies.supply(client, turn())) === 0) await rest(pollMs)
    }
    await copies.end()
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const client = inTurns(relayClient(settings))
      try {
        await client.connect()
        await client.query('SET synchronous_commit = on') // a place given must outlive a crash
        if (await hasLock(client)) {
          log.info({ topic }, 'this relay has the lock')
          standingBy = false
          await work(client)
        } else standingBy = true
      } catch (fault) {
        if (fault instanceof Refusal) refused(settings, fault)
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
    waitingByTopic: async () =>
      copies ? await waitingByTopic(pool, [topic, ...(await copies.names(pool))]) : new Map(),
    state: () => (standingBy && whole ? 'up' : (whole?.state() ?? 'not-configured')),
    stopped: () => [whole, copies].flatMap((supply) => supply?.stopped() ?? []),
    async close() {
      stop.abort()
      await running
      await pool.end()
    },
  }
}

/** A database that is older than what was signed over it must not serve: what was shown since would be forgotten. */
async function refuseAlteredLog(settings: RelaySettings): Promise<void> {
  const client = relayClient(settings)
  await client.connect()
  try {
    if (await hasLock(client)) await openPublisher({ client, ...settings.signing })
  } catch (fault) {
    if (fault instanceof Refusal) refused(settings, fault)
    throw fault
  } finally {
    await client.end()
  }
}

function refused({ log, alerts }: RelaySettings, { code, message }: Refusal): void {
  log.error({ code }, message)
  if (isLedgerAlertKind(code)) alerts.raise({ kind: code, scope: 'ledger', about: { why: message } })
}

async function hasLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [LOCK])
  return rows[0]?.mine === true
}

function relayClient({ databaseUrl, statementMs = STATEMENT }: RelaySettings): Client {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'sightline relay',
    connectionTimeoutMillis: 5_000,
    query_timeout: statementMs,
    keepAlive: true,
  })
  client.on('error', () => undefined) // what is under way fails with it
  return client
}

/** In pg's words (lib/client.js). */
const NO_ANSWER = 'Query read timeout'

/**
 * Signing and sending share the connection that holds the lock: it is given one statement at a time. One that got no
 * answer ends the connection, and with it all that would wait behind it: a machine that is gone says nothing, and the
 * system would wait a quarter of an hour for it.
 */
function inTurns(client: Client): Client {
  const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>
  let before: Promise<unknown> = Promise.resolve()
  const inTurn = (...given: unknown[]) => {
    const turn = before.then(() => query(...given))
    before = turn.catch((fault) => {
      if (wordsOf(fault) === NO_ANSWER) void client.end()
    })
    return turn
  }
  return Object.assign(client, { query: inTurn })
}

function kafkaOf(settings: RelaySettings): KafkaSettings | null {
  const { brokers, connection = {}, topic, partitions, replicationFactor } = settings
  if (brokers.length === 0) return null
  const { minInSync, retentionMs = -1, ledger = 'sightline' } = settings
  return {
    connection: { brokers: [...brokers], ...connection },
    topic,
    partitions,
    replicationFactor,
    ...(minInSync === undefined ? {} : { minInSync }),
    retentionMs,
    log: ledger,
  }
}
