/**
 * How fast records that wait in the outbox get their places and a signature, beside the same without the signature,
 * on a PostgreSQL that is as durable as in service.
 */
import { join } from 'node:path'
import { Client } from 'pg'
import { seal } from '../../gateway/ledger/seal.ts'
import { sequence } from '../../gateway/ledger/sequence.ts'
import { openPublisher } from '../../gateway/ledger/tree/publish.ts'
import { noteSigner } from '../../gateway/ledger/tree/signed-note.ts'
import { ownCluster } from '../gateway/ledger/cluster.ts'
import { record, released } from '../gateway/ledger/sample.ts'
import type { Row } from './table.ts'

const RECORDS = 60_000
const AT_ONCE = 1_000 // as the relay takes them

const FILL = `
  WITH event AS (
    INSERT INTO access_event (event_id, occurred_at, partition_key, body)
    SELECT gen_random_uuid(), now(), 'no-child', $1 FROM generate_series(1, $2) RETURNING event_id, occurred_at
  )
  INSERT INTO access_pending (event_id, occurred_at) SELECT event_id, occurred_at FROM event`

export async function sequencing(): Promise<Row[]> {
  const cluster = await ownCluster()
  try {
    const rows: Row[] = []
    for (const signed of [false, true]) {
      const name = signed ? 'signed' : 'placed'
      const client = new Client({ connectionString: await cluster.ledgerDatabase(name) })
      await client.connect()
      await client.query(FILL, [seal(record(released())).bytes, RECORDS])
      await client.query('ANALYZE')
      const signer = noteSigner('log', 'northshire.sightline', Buffer.alloc(32, 1))
      const file = join(cluster.folder, name)
      const publisher = await openPublisher({ client, signer, clock: () => new Date(), file })
      const start = performance.now()
      while ((await sequence(client, AT_ONCE)) > 0) if (signed) while ((await publisher.publish()) > 0);
      const seconds = (performance.now() - start) / 1_000
      await client.end()
      rows.push({
        way: signed ? 'place and sign, as the relay does' : 'place alone',
        records: RECORDS,
        'records/s': Math.round(RECORDS / seconds),
      })
    }
    return rows
  } finally {
    await cluster.end()
  }
}
