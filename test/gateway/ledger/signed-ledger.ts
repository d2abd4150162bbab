/** A ledger of its own whose accesses are placed and signed as a relay does it, step by step. */
import { join } from 'node:path'
import { Client, type Pool } from 'pg'
import { openLedger } from '../../../gateway/ledger/append.ts'
import { sequence } from '../../../gateway/ledger/sequence.ts'
import { openPublisher, type Publisher } from '../../../gateway/ledger/tree/publish.ts'
import { type NoteSigner, noteSigner } from '../../../gateway/ledger/tree/signed-note.ts'
import type { Cluster } from './cluster.ts'
import { record, released } from './sample.ts'

export interface SignedLedger {
  readonly client: Client
  readonly pool: Pool
  readonly signer: NoteSigner
  /** where the last checkpoint is kept outside the database */
  readonly file: string
  open(): Promise<Publisher>
  /** @returns the new accesses' ids, once a checkpoint covers them */
  add(count: number): Promise<string[]>
  end(): Promise<void>
}

export const clock = () => new Date('2026-11-21T12:00:00Z')

export async function signedLedger(
  cluster: Cluster,
  name: string,
  signer: NoteSigner = noteSigner('log', 'northshire.sightline', Buffer.alloc(32, 3)),
): Promise<SignedLedger> {
  const databaseUrl = await cluster.ledgerDatabase(name)
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  client.on('error', () => undefined)
  const ledger = await openLedger({ databaseUrl, deadlineMs: 5_000 })
  const file = join(cluster.folder, name)
  const open = () => openPublisher({ client, signer, clock, file })
  return {
    client,
    pool: cluster.pool(databaseUrl),
    signer,
    file,
    open,
    async add(count) {
      const accesses = Array.from({ length: count }, () => record(released()))
      await Promise.all(accesses.map((access) => ledger.append(access)))
      while ((await sequence(client, 1_000)) > 0);
      const publisher = await open()
      while ((await publisher.publish()) > 0);
      return accesses.map(({ id }) => id)
    },
    async end() {
      await ledger.close()
      await client.end()
    },
  }
}
