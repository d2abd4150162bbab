/**
 * Keeps one topic supplied from the ledger, turn by turn. Where Kafka is away or refuses, the topic waits and is tried
 * again; the other topics go on. A record that Kafka will not take stops its partition of this topic, and a person is
 * told.
 */
import type { Client } from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import { type FaultReports, isLedgerAlertKind } from './alert-kind.ts'
import { BATCH, type Carrier, carry, resume } from './carrier.ts'
import { kafkaFault } from './kafka-fault.ts'
import type { KafkaSettings } from './kafka-topic.ts'
import type { OperatorLog } from './operator-log.ts'
import type { LedgerEntry } from './record-batch.ts'

export interface StoppedPartition {
  readonly topic: string
  readonly partition: number
  /** place of the record that Kafka refuses */
  readonly index: number
}

export interface TopicSupply {
  /** of Kafka as this topic last found it */
  state(): 'up' | 'down'
  stopped(): readonly StoppedPartition[]
  /** how far in the log it has come; null until it has found where to go on, which takes seconds */
  place(): number | null
  /** after a fault it is not tried again yet */
  resting(): boolean
  /** the last turn was a full one: more waits */
  isBehind(): boolean
  /**
   * @param client holds the relay's lock
   * @returns how many records were looked at; 0 also while the topic waits after a fault
   */
  supply(client: Client, page?: (after: number) => Promise<readonly LedgerEntry[]>): Promise<number>
  /** the next turn begins anew, with another client */
  end(): Promise<void>
}

const BACKOFF = { from: 250, to: 5_000 } // milliseconds, doubled each time

/** What stands in the way of a whole topic until somebody mends it. */
const OF_TOPICS = ['KAFKA_TOPIC_MADE_ANEW', 'KAFKA_TOPIC_FOREIGN', 'KAFKA_TOPIC_UNFIT'] as const

export function topicSupply(
  kafka: KafkaSettings,
  { log, alerts }: { readonly log: OperatorLog; readonly alerts: FaultReports },
  bytesOf?: Carrier['bytesOf'],
): TopicSupply {
  const { topic } = kafka
  let carrier: Carrier | null = null
  let state: 'up' | 'down' = 'down'
  let stopped: readonly StoppedPartition[] = []
  let nextTry = 0
  let behind = false
  let backoff = BACKOFF.from

  async function begin(client: Client): Promise<Carrier> {
    const begun = await resume(client, kafka, bytesOf)
    for (const kind of OF_TOPICS) alerts.mended(kind, topic)
    if (begun.lost.length > 0)
      alerts.raise({ kind: 'KAFKA_LOST_ACCESSES', scope: topic, about: { lost: begun.lost.join('; ') } })
    log.info({ topic, after: begun.cursor }, 'accesses go to Kafka')
    return begun
  }

  /** What stopped before stands until all is looked at and its partition goes on: a new carrier comes to it late. */
  function report(of: Carrier, atTheEnd: boolean): void {
    const known = new Set(stopped.map(({ partition }) => partition))
    stopped = [...of.stopped].map(([partition, index]) => ({ topic, partition, index }))
    for (const { partition, index } of stopped.filter((each) => !known.has(each.partition))) {
      const about = { topic, partition, index }
      alerts.raise({ kind: 'KAFKA_RECORD_REFUSED', scope: topic, place: String(partition), about })
    }
    if (!atTheEnd) return
    alerts.mended('KAFKA_RECORD_REFUSED', topic, [...of.stopped.keys()].map(String))
    alerts.mended('KAFKA_LOST_ACCESSES', topic)
  }

  const resting = () => Date.now() < nextTry

  async function end(): Promise<void> {
    await carrier?.sink.close()
    carrier = null
  }

  return {
    state: () => state,
    stopped: () => stopped,
    place: () => carrier?.cursor ?? null,
    resting,
    isBehind: () => behind,
    end,
    async supply(client, page) {
      if (resting()) return 0
      try {
        carrier ??= await begin(client)
        const carried = await carry(carrier, page)
        behind = carried === BATCH
        report(carrier, !behind)
        state = 'up'
        backoff = BACKOFF.from
        return carried
      } catch (fault) {
        state = 'down'
        behind = false
        if (fault instanceof Refusal && isLedgerAlertKind(fault.code))
          alerts.raise({ kind: fault.code, scope: topic, about: { why: fault.message } })
        log.warn({ topic, ...kafkaFault(fault), againInMs: backoff }, 'accesses wait for Kafka')
        await end()
        nextTry = Date.now() + backoff
        backoff = Math.min(backoff * 2, BACKOFF.to)
        return 0
      }
    },
  }
}
