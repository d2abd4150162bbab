/**
 * Whether the gateway can serve: its own parts only. An agency that is down is an answer state, not unreadiness. The whole
 * of it is for those who run the gateway; anybody else is told no name, no count and no reason, only codes.
 */
import type { Pool } from 'pg'
import type { Reader } from './reader/reader.ts'
import type { LivePolicies } from './sharing/policy/live-policies.ts'

export interface ReadinessState {
  readonly ready: boolean
  readonly database: 'up' | 'down'
  /** the version that decides, and why a change in its folder is not live */
  readonly policies: { readonly version: string; readonly since: string; readonly held: string | null }
  readonly custodians: { readonly connected: number; readonly notConnected: number }
  /** Kafka may be away: accesses then wait in the outbox, and questions go on */
  readonly ledger: {
    readonly kafka: 'up' | 'down' | 'not-configured'
    readonly waiting: number | null
    readonly oldestWaiting: string | null
    /** partitions of topics that a refused record stopped: somebody must look */
    readonly stopped: readonly {
      readonly topic: string
      readonly partition: number
      readonly index: number
    }[]
  }
  /** what information-governance leads read; while it is down their lists say how much is missing */
  readonly reader: {
    readonly state: ReturnType<Reader['state']>
    readonly stopped: ReturnType<Reader['stopped']>
  }
}

export type Readiness = () => Promise<ReadinessState>

/** What somebody who runs the gateway should look at. */
export type AttentionCode =
  | 'DATABASE_DOWN'
  | 'KAFKA_DOWN'
  | 'KAFKA_RECORD_REFUSED'
  | 'READER_DOWN'
  | 'READER_STOPPED'
  | 'POLICY_CHANGE_HELD'

/** For whoever reaches the address for questions. */
export function toldToAnybody({ ready, database, policies, ledger, reader }: ReadinessState): {
  readonly ready: boolean
  readonly attention: readonly AttentionCode[]
} {
  const codes: Readonly<Record<AttentionCode, boolean>> = {
    DATABASE_DOWN: database === 'down',
    KAFKA_DOWN: ledger.kafka === 'down',
    KAFKA_RECORD_REFUSED: ledger.stopped.length > 0,
    READER_DOWN: reader.state === 'down',
    READER_STOPPED: reader.stopped.length > 0,
    POLICY_CHANGE_HELD: policies.held !== null,
  }
  return { ready, attention: (Object.keys(codes) as AttentionCode[]).filter((code) => codes[code]) }
}

export interface ReadinessParts {
  readonly pool: Pool
  readonly policies: Pick<LivePolicies, 'state'>
  readonly custodians: ReadinessState['custodians']
  readonly relay: {
    readonly state: () => ReadinessState['ledger']['kafka']
    readonly stopped: () => ReadinessState['ledger']['stopped']
    readonly waiting: () => Promise<{ readonly count: number; readonly oldest: Date | null }>
  }
  readonly reader: Pick<Reader, 'state' | 'stopped'>
}

export function readinessOf({
  pool,
  policies: live,
  custodians,
  relay,
  reader: read,
}: ReadinessParts): Readiness {
  return async () => {
    const { version, since, held } = live.state()
    const policies = { version, since: since.toISOString(), held: held?.why ?? null }
    const about = { kafka: relay.state(), stopped: relay.stopped() }
    const reader = { state: read.state(), stopped: read.stopped() }
    try {
      await pool.query('select 1')
      const { count, oldest } = await relay.waiting()
      const ledger = { ...about, waiting: count, oldestWaiting: oldest?.toISOString() ?? null }
      return { ready: true, database: 'up', policies, custodians, ledger, reader }
    } catch {
      const ledger = { ...about, waiting: null, oldestWaiting: null }
      return { ready: false, database: 'down', policies, custodians, ledger, reader }
    }
  }
}
