import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import type { LedgerEntry } from '../../../gateway/ledger/record-batch.ts'
import { messagesOf, recordsOf } from '../../../gateway/ledger/record-batch.ts'
import { seal } from '../../../gateway/ledger/seal.ts'
import { record, released, somePid } from './sample.ts'

interface Encoder {
  readonly buffer: Buffer
}
/** kafkajs's own writers: what we write in their place must be the same, byte for byte */
const require = createRequire(import.meta.url)
const kafkajsRecord: (
  message: object,
) => Encoder = require('kafkajs/src/protocol/recordBatch/record/v0/index.js')
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch: (batch: object) => Promise<Encoder>
}
const byPartition: (
  send: object,
) => Record<string, object[]> = require('kafkajs/src/producer/groupMessagesPerPartition.js')

const entry = (index: number, bytes: Buffer, partitionKey: string = somePid()): LedgerEntry => ({
  ...{ index, bytes, partitionKey, eventId: '3f0e8f1e-0000-4000-8000-000000000000' },
})
const asKafkajsWritesThem = (batch: readonly LedgerEntry[]) =>
  batch.map(({ index, partitionKey: key, bytes: value }, offsetDelta) => {
    const headers = {
      'content-type': 'application/cloudevents+json',
      'ledger-log': 'sightline',
      'ledger-index': String(index),
    }
    return kafkajsRecord({ offsetDelta, timestampDelta: 0, key, value, headers })
  })

const batches: Record<string, readonly LedgerEntry[]> = {
  'one access': [entry(0, seal(record(released())).bytes, 'no-child')],
  'many accesses': Array.from({ length: 300 }, (_, n) => entry(n * 7, seal(record(released())).bytes)),
  'lengths about every boundary of a varint': [0, 1, 63, 64, 8_191, 8_192, 70_000].flatMap((length) => [
    entry(length, Buffer.alloc(length, 'é'), 'p-ä'.padEnd(length % 200, 'x')),
  ]),
  'the last place that a number can name': [entry(Number.MAX_SAFE_INTEGER, Buffer.from('{}'))],
}

for (const [what, batch] of Object.entries(batches)) {
  test(`${what}: Kafka gets the bytes that kafkajs itself would write`, async () => {
    const records = asKafkajsWritesThem(batch)
    expect(recordsOf(batch, 'sightline').equals(Buffer.concat(records.map(({ buffer }) => buffer)))).toBe(
      true,
    )

    const about = { lastOffsetDelta: batch.length - 1, firstTimestamp: 5, maxTimestamp: 5, producerId: 7 }
    const grouped = byPartition({ partitionMetadata: [{}], messages: messagesOf(batch, 2, 'sightline') })
    expect(Object.keys(grouped)).toEqual(['2'])
    const messages = grouped['2']?.map((message, offsetDelta) =>
      kafkajsRecord({ ...message, offsetDelta, timestampDelta: 0 }),
    )
    expect(messages).toHaveLength(batch.length)
    const ours = await RecordBatch({ ...about, firstSequence: 3, compression: 8, records: messages })
    const theirs = await RecordBatch({ ...about, firstSequence: 3, records })
    expect(ours.buffer.equals(theirs.buffer)).toBe(true)
  })
}
