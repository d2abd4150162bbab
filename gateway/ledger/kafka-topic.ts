/**
 * A topic that carries accesses: made where it is missing, checked where it is not, and read at its tails. Refuses one
 * that compaction could thin out, that a broker's loss could shorten, or whose partitions are not those configured.
 */
import { type Admin, Kafka, type KafkaConfig, logLevel } from 'kafkajs'
import { Refusal } from '../../schema/refusal.ts'
import { EVENT_ID } from './ledger-event.ts'
import { type PartitionSpan, partitionSpans, readSpans, refuseStranger } from './topic-reader.ts'

export interface KafkaSettings {
  readonly connection: Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl' | 'socketFactory'>
  readonly topic: string
  /** fixed for the life of the topic: the key's partition depends on it */
  readonly partitions: number
  readonly replicationFactor: number
  /** replicas that must have a record before Kafka acknowledges it (default the lesser of 2 and their number) */
  readonly minInSync?: number
  /** how long Kafka keeps a record, in milliseconds; -1 for ever. For the information governance lead to decide. */
  readonly retentionMs: number
  /** name of this ledger, in the header `ledger-log` */
  readonly log: string
}

interface Placed {
  readonly index: number
  readonly eventId: string
}

export interface Tail extends PartitionSpan {
  /** null where the partition holds nothing (any more) */
  readonly last: Placed | null
  /** what stands at the offset that was acknowledged last; null where nothing does (any more) */
  readonly acknowledged: Placed | null
}

const TOPIC = 2 // resource type of the Kafka protocol (ConfigResource.Type)
const TAIL_WITHIN = 30_000 // milliseconds: joining a consumer group takes a broker 3 s by default

export function connectKafka(connection: KafkaSettings['connection']): Kafka {
  return new Kafka({
    ...connection,
    clientId: 'sightline-ledger',
    logLevel: logLevel.NOTHING, // faults are reported by the relay, in its own words
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { retries: 1, initialRetryTime: 100 },
  })
}

/** @throws where Kafka cannot be reached; Refusal KAFKA_TOPIC_UNFIT where the topic is not fit to hold the ledger */
export async function ensureTopic(kafka: Kafka, settings: KafkaSettings): Promise<void> {
  const { topic, partitions, replicationFactor, retentionMs } = settings
  const { minInSync = Math.min(2, replicationFactor) } = settings
  const admin = kafka.admin()
  await admin.connect()
  try {
    if (!(await admin.listTopics()).includes(topic)) {
      const configEntries = Object.entries({
        'cleanup.policy': 'delete', // compaction by key would delete a child's access history
        'retention.ms': String(retentionMs),
        'min.insync.replicas': String(minInSync),
        'unclean.leader.election.enable': 'false',
      }).map(([name, value]) => ({ name, value }))
      await admin.createTopics({
        waitForLeaders: true,
        topics: [{ topic, numPartitions: partitions, replicationFactor, configEntries }],
      })
    }
    const unfit = await whyUnfit(admin, settings)
    if (unfit !== null) throw new Refusal('KAFKA_TOPIC_UNFIT', `topic \`${topic}\` ${unfit}`)
  } finally {
    await admin.disconnect()
  }
}

/** @returns why the topic that stands may not hold the ledger, and what to do; null where it may */
async function whyUnfit(admin: Admin, settings: KafkaSettings): Promise<string | null> {
  const { topic, partitions, replicationFactor, retentionMs } = settings
  const { minInSync = Math.min(2, replicationFactor) } = settings
  const configNames = ['cleanup.policy', 'min.insync.replicas', 'retention.ms']
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: TOPIC, name: topic, configNames }],
  })
  const entries = resources[0]?.configEntries ?? []
  const settingOf = (name: string) => entries.find(({ configName }) => configName === name)?.configValue
  const policy = settingOf('cleanup.policy')
  if (policy !== 'delete') return `has cleanup.policy \`${policy}\`: it would lose accesses; set it to delete`
  const found = (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions ?? []
  if (found.length !== partitions) return `has ${found.length} partitions where ${partitions} are configured`
  const copies = Math.min(...found.map(({ replicas }) => replicas.length))
  if (copies < replicationFactor)
    return `has ${copies} replicas where ${replicationFactor} are configured: the loss of a broker could lose accesses; add replicas`
  const inSync = Number(settingOf('min.insync.replicas'))
  if (!(inSync >= minInSync))
    return `has min.insync.replicas ${inSync}: an acknowledgement could rest on fewer replicas than ${minInSync}; raise it`
  const kept = Number(settingOf('retention.ms'))
  // for ever is what stands where nobody decided; then the topic's own setting is the brokers' owner's to make
  if (retentionMs !== -1 && kept !== retentionMs)
    return `has retention.ms ${kept} where ${retentionMs} is configured; set it`
  return null
}

/** @param acknowledged per partition: the offset that was acknowledged last */
export async function readTails(
  kafka: Kafka,
  topic: string,
  acknowledged: readonly bigint[] = [],
): Promise<Tail[]> {
  const spans = await partitionSpans(kafka, topic)
  const from = ({ partition, low, high }: PartitionSpan): bigint => {
    const offset = acknowledged[partition] ?? -1n
    return low <= offset && offset < high ? offset : high - 1n
  }
  const lasts = new Map<number, Placed>()
  const ours = new Map<number, Placed>()
  await readSpans(
    kafka,
    topic,
    spans.map((span) => (span.low < span.high ? { ...span, low: from(span) } : span)),
    ({ partition, offset, index, value }) => {
      const placed = { index, eventId: idIn(value) ?? refuseStranger(partition, offset) }
      lasts.set(partition, placed)
      if (offset === acknowledged[partition]) ours.set(partition, placed)
    },
    TAIL_WITHIN,
  )
  return spans.map((span) => ({
    ...span,
    last: lasts.get(span.partition) ?? null,
    acknowledged: ours.get(span.partition) ?? null,
  }))
}

/** Null where it is no record of an access. */
function idIn(value: Buffer): string | null {
  try {
    const record: unknown = JSON.parse(value.toString('utf8'))
    const id = typeof record === 'object' && record !== null && 'id' in record ? record.id : null
    return typeof id === 'string' && EVENT_ID.test(id) ? id : null
  } catch {
    return null
  }
}
