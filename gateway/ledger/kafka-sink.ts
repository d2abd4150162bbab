/**
 * The one narrow door to Kafka. kafkajs may report success for a record that was never stored, so four rules hold
 * here (reference: ledger.md, 3): one outstanding send for each producer; one partition in a send; an acknowledgement is
 * believed only where it names exactly that partition, without error, at an offset beyond the last; after any doubt the
 * producer is thrown away and the same batch is sent again. A partition has one producer, so that its order holds.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Kafka, Producer } from 'kafkajs'
import { connectKafka, ensureTopic, type KafkaSettings, readTails, type Tail } from './kafka-topic.ts'
import { type LedgerEntry, messagesOf, WRITTEN_BY_US } from './record-batch.ts'

export interface KafkaSink {
  readonly tails: readonly Tail[]
  /** producers: partitions with the same remainder by it share one, and so wait for one another */
  readonly lanes: number
  /**
   * @returns the offset of the batch's last record, once Kafka has it for certain
   * @throws Unacceptable where Kafka will never take the batch; another error where it stayed in doubt
   */
  send(partition: number, batch: readonly LedgerEntry[]): Promise<bigint>
  close(): Promise<void>
}

/** One producer at a time; what it sends is written while the other lanes wait for their acknowledgements. */
interface Lane {
  producer: Producer | null
  sending: boolean
}

/** Kafka refuses the batch for what it is (too large, malformed); sending it again is useless. */
export class Unacceptable extends Error {}

const UNACCEPTABLE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP']
const SENDS = 3
const LANES = 2 // more gain nothing: writing a batch takes about as long as its acknowledgement
const RESEND_AFTER = 200 // milliseconds times the attempt: a leader that moves is known again after about so long

/**
 * @param acknowledged per partition: the offset that was acknowledged last
 * @throws where Kafka cannot be reached, or its topic is not fit to hold the ledger
 */
export async function openKafkaSink(
  settings: KafkaSettings,
  acknowledged: readonly bigint[] = [],
): Promise<KafkaSink> {
  const kafka = connectKafka(settings.connection)
  await ensureTopic(kafka, settings)
  const tails = await readTails(kafka, settings.topic, acknowledged)
  const acked = new Map(tails.map(({ partition, high }) => [partition, high - 1n]))
  const lanes = Array.from({ length: LANES }, (): Lane => ({ producer: null, sending: false }))

  const sendOnce = async (lane: Lane, partition: number, batch: readonly LedgerEntry[]): Promise<bigint> => {
    lane.producer ??= await connectProducer(kafka)
    const acks = await lane.producer.send({
      topic: settings.topic,
      acks: -1,
      compression: WRITTEN_BY_US,
      messages: messagesOf(batch, partition, settings.log),
    })
    const [ack] = acks
    const offset = BigInt(ack?.baseOffset ?? -1)
    const believed =
      acks.length === 1 &&
      ack?.topicName === settings.topic &&
      ack.partition === partition &&
      ack.errorCode === 0 &&
      offset > (acked.get(partition) ?? -1n)
    if (!believed) throw new Error(`Kafka's acknowledgement for partition ${partition} is not to be believed`)
    return offset + BigInt(batch.length) - 1n
  }

  return {
    tails,
    lanes: LANES,
    async send(partition, batch) {
      const lane = lanes[partition % LANES]
      if (!lane || lane.sending) throw new Error('one send at a time: kafkajs loses records otherwise')
      lane.sending = true
      try {
        for (let attempt = 1; ; attempt++) {
          try {
            const last = await sendOnce(lane, partition, batch)
            acked.set(partition, last)
            return last
          } catch (fault) {
            await discardProducer(lane)
            if (isUnacceptable(fault)) throw new Unacceptable('Kafka refuses the record', { cause: fault })
            if (attempt === SENDS) throw fault
            await pause(RESEND_AFTER * attempt)
          }
        }
      } finally {
        lane.sending = false
      }
    },
    async close() {
      await Promise.all(lanes.map(discardProducer))
    },
  }
}

async function discardProducer(lane: Lane): Promise<void> {
  const doubtful = lane.producer
  lane.producer = null
  await doubtful?.disconnect().catch(() => undefined)
}

async function connectProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, retry: { retries: 1 } })
  await producer.connect()
  return producer
}

function isUnacceptable(fault: unknown): boolean {
  for (let cause = fault; cause instanceof Error; cause = cause.cause)
    if ('type' in cause && UNACCEPTABLE.includes(String(cause.type))) return true
  return false
}
