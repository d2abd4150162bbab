/**
 * The one narrow door to Kafka. kafkajs may report success for a record that was never stored, so four rules hold
 * here (reference: ledger.md, 3): one outstanding send; one partition in a send; an acknowledgement is believed only
 * where it names exactly that partition, without error, at an offset beyond the last; after any doubt the producer is
 * thrown away and the same batch is sent again.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Kafka, Producer } from 'kafkajs'
import { connectKafka, ensureTopic, type KafkaSettings, readTails, type Tail } from './kafka-topic.ts'
import { INDEX_HEADER, LOG_HEADER } from './topic-reader.ts'

export interface LedgerEntry {
  readonly index: number
  readonly eventId: string
  readonly partitionKey: string
  readonly bytes: Buffer
}

export interface KafkaSink {
  readonly tails: readonly Tail[]
  /**
   * @returns the offset of the batch's last record, once Kafka has it for certain
   * @throws Unacceptable where Kafka will never take the batch; another error where it stayed in doubt
   */
  send(partition: number, batch: readonly LedgerEntry[]): Promise<bigint>
  close(): Promise<void>
}

/** Kafka refuses the batch for what it is (too large, malformed); sending it again is useless. */
export class Unacceptable extends Error {}

const UNACCEPTABLE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP']
const SENDS = 3
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
  let producer: Producer | null = null
  let sending = false

  const sendOnce = async (partition: number, batch: readonly LedgerEntry[]): Promise<bigint> => {
    producer ??= await connectProducer(kafka)
    const acks = await producer.send({
      topic: settings.topic,
      acks: -1,
      messages: batch.map((entry) => ({
        partition,
        key: entry.partitionKey,
        value: entry.bytes,
        headers: {
          'content-type': 'application/cloudevents+json',
          [LOG_HEADER]: settings.log,
          [INDEX_HEADER]: String(entry.index),
        },
      })),
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

  const discardProducer = async () => {
    const doubtful = producer
    producer = null
    await doubtful?.disconnect().catch(() => undefined)
  }

  return {
    tails,
    async send(partition, batch) {
      if (sending) throw new Error('one send at a time: kafkajs loses records otherwise')
      sending = true
      try {
        for (let attempt = 1; ; attempt++) {
          try {
            const last = await sendOnce(partition, batch)
            acked.set(partition, last)
            return last
          } catch (fault) {
            await discardProducer()
            if (isUnacceptable(fault)) throw new Unacceptable('Kafka refuses the record', { cause: fault })
            if (attempt === SENDS) throw fault
            await pause(RESEND_AFTER * attempt)
          }
        }
      } finally {
        sending = false
      }
    },
    close: discardProducer,
  }
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
