/** A backlog of accesses as the gateway writes them: through its own flush, of several children, one after another in time. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Client } from 'pg'
import { connectDurably } from '../../gateway/ledger/durable-connection.ts'
import { flush } from '../../gateway/ledger/flush.ts'
import { type SealedRecord, seal } from '../../gateway/ledger/seal.ts'
import { sequence } from '../../gateway/ledger/sequence.ts'
import { openPublisher } from '../../gateway/ledger/tree/publish.ts'
import type { NoteSigner } from '../../gateway/ledger/tree/signed-note.ts'
import { record, released, somePid } from '../gateway/ledger/sample.ts'

const CHILDREN = 200
const EVERY = 2 // milliseconds between two accesses: an outage at 500 a second
const FLUSH = 500 // records
const WRITERS = 2 // as many connections as a gateway has for its flushes

/** Records of several children, each under an id and a time of its own; the rest of the bytes is one record's a child. */
const samples = Array.from({ length: CHILDREN }, () => seal(record(released(somePid()))))
const began = Date.UTC(2026, 10, 21, 10)

export function sampleOf(n: number): SealedRecord {
  const sample = samples[n % CHILDREN]
  if (!sample) throw new Error('no sample')
  const eventId = randomUUID()
  const time = new Date(began + n * EVERY).toISOString()
  const text = sample.bytes.toString('utf8').replace(sample.eventId, eventId).replace(sample.time, time)
  return { ...sample, eventId, time, bytes: Buffer.from(text) }
}

/** They wait in the outbox, without a place. */
export async function fillOutbox(url: string, records: number): Promise<void> {
  let done = 0
  const write = async () => {
    const connection = await connectDurably(url, 60_000)
    while (done < records) {
      const first = done
      done += FLUSH
      const batch = Array.from({ length: Math.min(FLUSH, records - first) }, (_, n) => sampleOf(first + n))
      await flush(connection, batch)
    }
    await connection.client.end()
  }
  await Promise.all(Array.from({ length: WRITERS }, write))
}

/** As the relay leaves them while Kafka is away: placed and signed, and not sent. */
export async function placeAndSign(url: string, signer: NoteSigner, folder: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const publisher = await openPublisher({
    client,
    signer,
    clock: () => new Date(),
    file: join(folder, 'checkpoint'),
  })
  while ((await sequence(client, 1_000)) > 0);
  while ((await publisher.publish()) > 0);
  await client.end()
}
