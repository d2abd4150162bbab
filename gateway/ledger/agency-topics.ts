/**
 * The agencies' own topics, side by side, each with its copies of what concerned it. With its first asker an agency gets a
 * topic, from the first access on; one that has a topic keeps it. Refuses to let one agency's topic hold up another's.
 */
import type { Client, Pool } from 'pg'
import { agencyCopyBytes, agencyOf, agencyTopic } from './agency-copy.ts'
import type { FaultReports } from './alert-kind.ts'
import { BATCH } from './carrier.ts'
import { wordsOf } from './kafka-fault.ts'
import type { KafkaSettings } from './kafka-topic.ts'
import type { OperatorLog } from './operator-log.ts'
import type { Page } from './pages.ts'
import { type StoppedPartition, type TopicSupply, topicSupply } from './topic-supply.ts'

export interface AgencyTopicsSettings {
  /** looked up again and again (default: nobody) */
  readonly agencies?: () => Promise<readonly string[]>
  readonly log: OperatorLog
  readonly alerts: FaultReports
}

export interface AgencyTopics {
  /** looks for agencies that have no topic yet */
  admit(client: Client): Promise<void>
  /** @returns how many records the topic that had most was taken on by */
  supply(client: Client, page: Page): Promise<number>
  /** of all topics that are supplied, or were begun by another relay; in order */
  names(reader: Pick<Pool, 'query'>): Promise<string[]>
  stopped(): readonly StoppedPartition[]
  end(): Promise<void>
}

const CALLED_IN = 5 * BATCH // places: so far behind, others are waited for

/** @param kafka of the topic of all accesses */
export function agencyTopics(kafka: KafkaSettings, settings: AgencyTopicsSettings): AgencyTopics {
  const supplies = new Map<string, TopicSupply>()

  async function begunIn(reader: Pick<Pool, 'query'>): Promise<string[]> {
    const { rows } = await reader.query<{ topic: string }>('SELECT topic FROM access_relayed')
    return rows.flatMap((row) => agencyOf(kafka.topic, row.topic) ?? [])
  }

  const supplyOf = (agency: string): TopicSupply =>
    topicSupply({ ...kafka, topic: agencyTopic(kafka.topic, agency) }, settings, ({ bytes }) =>
      agencyCopyBytes(bytes, agency),
    )

  return {
    async admit(client) {
      try {
        const begun = await begunIn(client)
        for (const agency of [...((await settings.agencies?.()) ?? []), ...begun])
          if (agency && !supplies.has(agency)) supplies.set(agency, supplyOf(agency))
      } catch (fault) {
        settings.log.warn({ why: wordsOf(fault) }, 'agencies that have no topic yet are looked up again')
      }
    },
    async supply(client, page) {
      const due = dueOf([...supplies.values()])
      const turns = await Promise.allSettled(due.map((supply) => supply.supply(client, page)))
      const failed = turns.find((turn) => turn.status === 'rejected')
      if (failed) throw failed.reason
      return Math.max(0, ...turns.map((turn) => (turn.status === 'fulfilled' ? turn.value : 0)))
    },
    async names(reader) {
      const agencies = new Set([...supplies.keys(), ...(await begunIn(reader))])
      return [...agencies].map((agency) => agencyTopic(kafka.topic, agency)).sort()
    },
    stopped: () => [...supplies.values()].flatMap((supply) => supply.stopped()),
    async end() {
      await Promise.all([...supplies.values()].map((supply) => supply.end()))
    },
  }
}

/**
 * A record is read, and parsed, once for all that stand within a page of one another: who is a few pages ahead waits for
 * those behind, and whoever is further behind holds up nobody. One at most begins in a turn, as finding where to go on
 * takes seconds, and none that rests after a fault: others come first.
 */
function dueOf(supplies: readonly TopicSupply[]): TopicSupply[] {
  const begun = supplies.flatMap((supply) => {
    const place = supply.place()
    return place === null ? [] : [{ supply, place }]
  })
  const waits = (place: number) =>
    begun.some((other) => other.place <= place - BATCH && other.place >= place - CALLED_IN)
  const together = begun.filter(({ place }) => !waits(place)).sort((a, b) => a.place - b.place)
  const next = supplies.find((supply) => supply.place() === null && !supply.resting())
  return [...together.map(({ supply }) => supply), ...(next ? [next] : [])]
}
