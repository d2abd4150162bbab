/**
 * How far the ledger is behind itself, for whoever watches it: what Kafka does not have, what is not signed, what a
 * witness has not seen. Worked out when it is asked for, by two short queries. Tells counts and ages, never of what.
 */
import type { Pool } from 'pg'
import { Gauge, Registry } from 'prom-client'
import type { LedgerAlerts } from './ledger-alert.ts'
import type { Relay } from './relay.ts'

export interface LedgerMetrics {
  /** @throws where the database does not answer: no figure is better than an old one */
  scrape(): Promise<{ readonly body: string; readonly type: string }>
}

/** What has no signature over it yet, and how far each witness came. */
const STATE = `
  WITH signed AS (
    SELECT coalesce((SELECT size FROM log_checkpoint), 0) AS size
  ), unplaced AS (
    SELECT count(*) AS n, min(occurred_at) AS oldest FROM access_pending
  ), unsigned AS (
    SELECT coalesce((SELECT max(idx) + 1 FROM access_leaf), 0) - size AS n,
      (SELECT occurred_at FROM access_leaf JOIN access_event USING (event_id) WHERE idx = size) AS oldest
    FROM signed
  )
  SELECT signed.size::float8 AS signed, (unplaced.n + unsigned.n)::float8 AS unsigned,
    least(unplaced.oldest, unsigned.oldest) AS oldest,
    (SELECT coalesce(json_agg(json_build_object('name', name, 'size', size, 'refused', refused)), '[]')
     FROM log_witness) AS witnesses
  FROM signed, unplaced, unsigned`

interface State {
  readonly signed: number
  readonly unsigned: number
  readonly oldest: Date | null
  readonly witnesses: readonly {
    readonly name: string
    readonly size: number
    readonly refused: string | null
  }[]
}

export function ledgerMetrics({
  pool,
  relay,
  alerts,
  clock,
}: {
  readonly pool: Pool
  readonly relay: Pick<Relay, 'waiting' | 'waitingByTopic' | 'stopped'>
  readonly alerts: Pick<LedgerAlerts, 'standing'>
  readonly clock: () => Date
}): LedgerMetrics {
  const registry = new Registry()
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `sightline_ledger_${name}`, help, labelNames, registers: [registry] })
  const waiting = gauge('waiting_records', 'Accesses that Kafka does not have yet')
  const waitingSeconds = gauge(
    'oldest_waiting_seconds',
    'Age of the oldest access that Kafka does not have yet',
  )
  const byTopic = gauge('topic_waiting_records', 'Accesses that a topic was not given yet', ['topic'])
  const byTopicSeconds = gauge(
    'topic_oldest_waiting_seconds',
    'Age of the oldest access that a topic was not given yet',
    ['topic'],
  )
  const signed = gauge('signed_records', 'Accesses under the last signed checkpoint')
  const unsigned = gauge('unsigned_records', 'Accesses that no signed checkpoint covers yet')
  const unsignedSeconds = gauge(
    'unsigned_seconds',
    'Age of the oldest access that no signed checkpoint covers yet',
  )
  const behind = gauge('witness_behind_records', 'Signed accesses that a witness has not cosigned yet', [
    'witness',
  ])
  const refused = gauge('witness_refused', '1 where a witness says that this log was cut or rewritten', [
    'witness',
  ])
  const stopped = gauge('stopped_partitions', 'Partitions that a record which Kafka refuses has stopped')
  const alert = gauge('alert_active', 'Places where a fault of the ledger stands, for a person to mend', [
    'kind',
  ])

  return {
    async scrape() {
      const age = (since: Date | null) =>
        since ? Math.max(0, clock().getTime() - since.getTime()) / 1_000 : 0
      const [{ count, oldest }, topics, { rows }, standing] = await Promise.all([
        relay.waiting(),
        relay.waitingByTopic(),
        pool.query<State>(STATE),
        alerts.standing(),
      ])
      const [state] = rows
      if (!state) throw new Error('the ledger tells nothing of itself')
      waiting.set(count)
      waitingSeconds.set(age(oldest))
      signed.set(state.signed)
      unsigned.set(state.unsigned)
      unsignedSeconds.set(age(state.oldest))
      stopped.set(relay.stopped().length)
      for (const [kind, places] of standing) alert.set({ kind }, places)
      for (const each of [behind, refused, byTopic, byTopicSeconds]) each.reset()
      for (const [topic, { count: n, oldest: since }] of topics) {
        byTopic.set({ topic }, n)
        byTopicSeconds.set({ topic }, age(since))
      }
      for (const { name: witness, size, refused: code } of state.witnesses) {
        behind.set({ witness }, Math.max(0, state.signed - size))
        refused.set({ witness }, code === null ? 0 : 1)
      }
      return { body: await registry.metrics(), type: registry.contentType }
    },
  }
}
