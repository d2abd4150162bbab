/**
 * The checks from outside, on a log of so many records: an export and a published log, on one thread and on all cores,
 * beside a plain hash chain over the same records; a proof, made and checked, with two cosignatures.
 */
import { fork } from 'node:child_process'
import { hash as digest, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Client, type Pool } from 'pg'
import { seal } from '../../gateway/ledger/seal.ts'
import { cosign } from '../../gateway/ledger/tree/checkpoint.ts'
import { EXPORTED, exportLog } from '../../gateway/ledger/tree/export.ts'
import { checkProof, proofFor } from '../../gateway/ledger/tree/proof-file.ts'
import { openPublisher } from '../../gateway/ledger/tree/publish.ts'
import { noteSigner } from '../../gateway/ledger/tree/signed-note.ts'
import type { Finding } from '../../gateway/ledger/verify/finding.ts'
import { verifyExport } from '../../gateway/ledger/verify/verify-export.ts'
import { verifyTiles } from '../../gateway/ledger/verify/verify-tiles.ts'
import { ownCluster } from '../gateway/ledger/cluster.ts'
import { record, released } from '../gateway/ledger/sample.ts'
import { at, type Row } from './table.ts'

const PROOFS = 500
const LOG = noteSigner('log', 'northshire.sightline', Buffer.alloc(32, 1))
const WITNESSES = ['police', 'council'].map((agency, place) =>
  noteSigner('witness', `northshire-${agency}.example/witness`, Buffer.alloc(32, 2 + place)),
)
const clock = () => new Date('2026-11-21T12:00:00Z')

/** @param records in the log: the promise is about 1,000,000 */
export async function verification(records: number): Promise<Row[]> {
  const cluster = await ownCluster(['-c', 'fsync=off', '-c', 'max_wal_size=4GB'])
  try {
    const databaseUrl = await cluster.ledgerDatabase('bench')
    const client = new Client({ connectionString: databaseUrl })
    client.on('error', () => undefined) // the cluster is stopped under it where something fails
    await client.connect()
    await fill(client, records)
    const publisher = await openPublisher({ client, signer: LOG, clock, file: join(cluster.folder, 'kept') })
    const signing = await timed(async () => {
      while ((await publisher.publish()) > 0);
    })
    const { rows } = await client.query<{ note: string }>('SELECT note FROM log_checkpoint')
    const note = WITNESSES.reduce((signed, witness) => cosign(signed, witness, clock()), rows[0]?.note ?? '')
    await client.query('INSERT INTO log_published (size, note) VALUES ($1, $2)', [records, note])
    const pool = cluster.pool(databaseUrl)
    const folder = join(cluster.folder, 'export')
    await exportLog(pool, folder)
    const trusting = { log: LOG, witnesses: WITNESSES }
    const row = (way: string, threads: number, seconds: number): Row => ({
      way,
      threads,
      records,
      'records/s': Math.round(records / seconds),
      'a thread': Math.round(records / seconds / Math.max(threads, 1)),
    })
    const table: Row[] = [row('sign: tree, tiles, checkpoints of 5,000', 1, signing)]
    table.push(row('rival: a hash chain over the export', 1, await timed(() => chained(folder))))
    for (const threads of new Set([1, availableParallelism()]))
      table.push(
        row('verify an export', threads, await whole(() => verifyExport(folder, { ...trusting, threads }))),
      )
    const server = await serve(databaseUrl)
    for (const threads of new Set([1, availableParallelism()]))
      table.push(
        row(
          'verify over HTTP',
          threads,
          await whole(() => verifyTiles(server.url, { ...trusting, threads })),
        ),
      )
    server.close()
    table.push(...(await proofs(pool, records)))
    await client.end()
    return table
  } finally {
    await cluster.end()
  }
}

/** Records of their usual length, each with an id of its own, placed as the sequencer places them. */
async function fill(client: Client, records: number): Promise<void> {
  const AT_ONCE = 5_000
  const { eventId, bytes } = seal(record(released()))
  await client.query('CREATE TEMP TABLE fresh (idx bigint, id uuid)')
  for (let begin = 0; begin < records; begin += AT_ONCE) {
    const ids = Array.from({ length: Math.min(AT_ONCE, records - begin) }, () => randomUUID())
    await client.query('TRUNCATE fresh')
    await client.query(
      'INSERT INTO fresh SELECT $1 + place - 1, id FROM unnest($2::uuid[]) WITH ORDINALITY AS each (id, place)',
      [begin, ids],
    )
    await client.query(
      `INSERT INTO access_event SELECT id, now(), 'no-child', convert_to(replace($1, $2, id::text), 'UTF8') FROM fresh`,
      [bytes.toString(), eventId],
    )
    await client.query(
      `INSERT INTO access_leaf SELECT idx, id, sha256(body) FROM fresh JOIN access_event ON event_id = id`,
    )
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1_000
}

const whole = (verify: () => Promise<Finding>): Promise<number> =>
  timed(async () => {
    const finding = await verify()
    if (finding.kind !== 'whole') throw new Error(`the log of the bench is ${finding.kind}`)
  })

/** What a chained log costs to check: line after line, each hash over the one before, out of the same bytes. */
async function chained(folder: string): Promise<void> {
  const HASH = 32
  let [hash, rest] = [Buffer.alloc(HASH), Buffer.alloc(0)]
  for await (const chunk of createReadStream(join(folder, EXPORTED.records), { highWaterMark: 2 ** 20 })) {
    const bytes = Buffer.concat([rest, chunk as Buffer])
    let begin = 0
    for (let end = bytes.indexOf('\n'); end >= 0; end = bytes.indexOf('\n', begin)) {
      hash = digest('sha256', Buffer.concat([hash, bytes.subarray(begin, end)]), 'buffer')
      begin = end + 1
    }
    rest = bytes.subarray(begin)
  }
}

/** The log in a process of its own, so that it takes no time from the thread that checks. */
async function serve(databaseUrl: string): Promise<{ url: string; close(): void }> {
  const child = fork(new URL('./serve-log.ts', import.meta.url), [databaseUrl], {
    execArgv: ['--import', 'tsx'],
  })
  const [port] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the log's server ended with ${code}`))),
  ])
  return { url: `http://127.0.0.1:${port}/ledger/`, close: () => child.kill() }
}

async function proofs(pool: Pool, records: number): Promise<Row[]> {
  const step = Math.max(1, Math.floor(records / PROOFS))
  const { rows } = await pool.query<{ id: string; body: Buffer }>(
    `SELECT event_id AS id, body FROM access_leaf JOIN access_event USING (event_id)
     WHERE idx % $1 = 0 ORDER BY idx LIMIT $2`,
    [step, PROOFS],
  )
  const made: number[] = []
  const checked: number[] = []
  const lengths: number[] = []
  for (const { id: eventId, body: bytes } of rows) {
    const start = performance.now()
    const proof = await proofFor(pool, eventId)
    made.push(performance.now() - start)
    lengths.push(proof.length)
    const begun = performance.now()
    checkProof(proof, { eventId, bytes }, { log: LOG, witnesses: WITNESSES })
    checked.push(performance.now() - begun)
  }
  const row = (way: string, waits: readonly number[]): Row => ({
    way,
    threads: 1,
    records,
    'p50 ms': at(waits, 0.5),
    'p99 ms': at(waits, 0.99),
    'most bytes': Math.max(...lengths),
  })
  return [row('make a proof, with two cosignatures', made), row('check it', checked)]
}
