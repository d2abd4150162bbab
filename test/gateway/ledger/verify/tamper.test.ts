/**
 * What an operator could do to the log, with the database and even with the signing key in his hands, and who tells:
 * the gateway itself, the verifier of an agency, or a witness. The store is real, and so is the witness.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type Pool } from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  type Checkpoint,
  cosign,
  openCheckpoint,
  signCheckpoint,
} from '../../../../gateway/ledger/tree/checkpoint.ts'
import { exportLog } from '../../../../gateway/ledger/tree/export.ts'
import { openPublisher } from '../../../../gateway/ledger/tree/publish.ts'
import { publishedLog } from '../../../../gateway/ledger/tree/published-log.ts'
import { noteSigner } from '../../../../gateway/ledger/tree/signed-note.ts'
import type { VerifySettings } from '../../../../gateway/ledger/verify/finding.ts'
import { verifyExport } from '../../../../gateway/ledger/verify/verify-export.ts'
import { verifyTiles } from '../../../../gateway/ledger/verify/verify-tiles.ts'
import { originHash } from '../../../../gateway/ledger/witness/memory.ts'
import { submissionText } from '../../../../gateway/ledger/witness/submission.ts'
import { openSubmitter } from '../../../../gateway/ledger/witness/submit.ts'
import { closedAfterEach } from '../../../closed-after-each.ts'
import { type Cluster, ownCluster } from '../cluster.ts'
import { faultsHeard } from '../faults-heard.ts'
import { clock, signedLedger } from '../signed-ledger.ts'
import { type RunningWitness, runningWitness } from '../witness/running-witness.ts'

const SEEN = 600 // records that the witness has cosigned; it saw 400 of them before

let cluster: Cluster
let folder: string
const signer = noteSigner('log', 'northshire.sightline', Buffer.alloc(32, 3))
/** as the witness cosigned them */
const notes: Record<number, string> = {}

const silent = { warn: () => undefined, error: () => undefined }
const open = closedAfterEach()

/** The log of before any tampering, its checkpoint outside, and what a witness of the police remembers. */
beforeAll(async () => {
  cluster = await ownCluster()
  folder = await mkdtemp(join(tmpdir(), 'sightline-tamper-'))
  const ledger = await signedLedger(cluster, 'untouched', signer)
  const witness = await runningWitness(join(folder, 'untouched'), 'police.example/witness', signer)
  const submitter = openSubmitter({
    pool: ledger.pool,
    signer,
    witnesses: [witness],
    log: silent,
    alerts: faultsHeard(),
  })
  for (const size of [400, SEEN]) {
    await ledger.add(size === SEEN ? SEEN - 400 : 400)
    submitter.offer()
    const cosigned = async () => {
      const note = String((await publishedLog(ledger.pool).read('checkpoint'))?.body ?? '')
      const checkpoint = openCheckpoint(note, signer, [witness.verifier])
      if (checkpoint.size === size && checkpoint.witnesses.length === 1) notes[size] = note
      return notes[size]
    }
    await vi.waitFor(async () => expect(await cosigned()).toBeDefined(), { timeout: 15_000 })
  }
  await submitter.close()
  await witness.close()
  await ledger.end()
}, 120_000)
afterAll(async () => {
  await cluster.end()
  await rm(folder, { recursive: true, force: true })
})

interface Tampered {
  readonly client: Client
  readonly pool: Pool
  /** the gateway's own checkpoint outside the database */
  readonly file: string
  readonly witness: RunningWitness
  /** where it is published */
  readonly url: string
  /** what a verifier knows who named the witness */
  readonly trusting: VerifySettings
  /** signs all that stands there as if it had always been so; with the true key, if no other is given */
  resign(by?: typeof signer): Promise<Checkpoint>
  /** submits what is signed, and tells what came of it */
  submitted(): Promise<string[]>
  exported(): Promise<string>
}

/** A copy of the untouched log that somebody may tamper with. */
async function copyOf(name: string): Promise<Tampered> {
  const admin = new Client({ connectionString: cluster.postgres.url('postgres') })
  await admin.connect()
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'untouched'")
  await admin.query(`CREATE DATABASE ${name} TEMPLATE untouched`)
  await admin.end()
  const client = new Client({ connectionString: cluster.postgres.url(name) })
  await client.connect()
  const pool = cluster.pool(cluster.postgres.url(name))
  const file = join(cluster.folder, name)
  await cp(join(cluster.folder, 'untouched'), file)
  await cp(join(folder, 'untouched'), join(folder, name), { recursive: true })
  const witness = await runningWitness(join(folder, name), 'police.example/witness', signer)
  const log = publishedLog(pool)
  const server = createServer(async (request, response) => {
    const found = await log.read((request.url ?? '').replace('/ledger/', '')).catch(() => null)
    response.writeHead(found ? 200 : 404).end(found?.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({ close: () => client.end() }, witness, {
    close: async () => server.close().closeAllConnections(),
  })
  return {
    ...{ client, pool, file, witness },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ledger/`,
    trusting: { log: signer, witnesses: [witness.verifier] },
    async resign(by = signer) {
      await client.query('TRUNCATE log_tile, log_checkpoint, log_published')
      await rm(file)
      const publisher = await openPublisher({ client, signer: by, clock, file })
      while ((await publisher.publish()) > 0);
      return publisher.last
    },
    async submitted() {
      const heard: string[] = []
      const said = (about: { alert?: string; why?: string }) =>
        void heard.push(about.alert ?? about.why ?? '')
      const submitter = openSubmitter({
        pool,
        signer,
        witnesses: [witness],
        log: { warn: said, error: said },
        alerts: faultsHeard(),
      })
      await expect.poll(() => heard, { timeout: 15_000 }).toHaveLength(1)
      await submitter.close()
      return heard
    },
    async exported() {
      const path = join(folder, `export-${name}`)
      await exportLog(pool, path)
      return path
    },
  }
}

/** A checkpoint that an agency kept: what its witness shows of the log. */
async function keptBy({ url }: RunningWitness): Promise<Checkpoint> {
  const shown = await fetch(`${url}${originHash(signer.name)}/checkpoint`)
  return openCheckpoint(await shown.text(), signer)
}

const opening = ({ client, file }: Tampered) => openPublisher({ client, signer, clock, file })
const refusedWith = (code: string) => expect.objectContaining({ code })

const UP =
  'UPDATE access_leaf SET idx = idx + 100001 WHERE idx >= 123; UPDATE access_leaf SET idx = idx - 100000 WHERE idx > 100000'
const DOWN =
  'UPDATE access_leaf SET idx = idx + 99999 WHERE idx > 123; UPDATE access_leaf SET idx = idx - 100000 WHERE idx > 90000'

test('nobody has touched it: whole in an export and where it is published, seen by the witness', async () => {
  const log = await copyOf('none')
  const kept = [await keptBy(log.witness), openCheckpoint(notes[400] ?? '', signer)]
  const whole = { kind: 'whole', checkpoint: { size: SEEN, witnesses: [{ name: 'police.example/witness' }] } }
  expect(await verifyExport(await log.exported(), { ...log.trusting, kept })).toMatchObject(whole)
  for (const threads of [1, 2])
    expect(await verifyTiles(log.url, { ...log.trusting, kept, threads })).toMatchObject(whole)
})

test('what a record says was changed: its export names it', async () => {
  const log = await copyOf('edited')
  await log.client.query(
    `UPDATE access_event SET body = convert_to(replace(convert_from(body, 'UTF8'), '"s47"', '"s17"'), 'UTF8')
     WHERE event_id = (SELECT event_id FROM access_leaf WHERE idx = 123)`,
  )
  expect(await verifyExport(await log.exported(), log.trusting)).toMatchObject({
    kind: 'altered',
    index: 123,
  })
})

test('what a record says was taken out, as if somebody had been erased: its export tells', async () => {
  const log = await copyOf('emptied')
  await log.client.query(
    'DELETE FROM access_event WHERE event_id = (SELECT event_id FROM access_leaf WHERE idx = 123)',
  )
  expect(await verifyExport(await log.exported(), log.trusting)).toEqual({
    ...{ kind: 'emptied', erased: 1, onRecord: 0 },
  })
})

test.each([
  [
    'changed',
    'UPDATE access_leaf SET sha256 = sha256($$other$$) WHERE idx = 123',
    { kind: 'altered', index: 123 },
  ],
  ['deleted', `DELETE FROM access_leaf WHERE idx = 123; ${DOWN}`, { kind: 'missing', index: 123 }],
  [
    'moved',
    'UPDATE access_leaf SET idx = 100123 WHERE idx = 123; UPDATE access_leaf SET idx = 123 WHERE idx = 130; UPDATE access_leaf SET idx = 130 WHERE idx = 100123',
    { kind: 'reordered', index: 123, belongsAt: 130 },
  ],
  [
    'inserted',
    `${UP}; INSERT INTO access_leaf VALUES (123, gen_random_uuid(), sha256($$never$$))`,
    { kind: 'inserted', index: 123 },
  ],
])(
  'a record was %s in the database: named in an export and over HTTP, and nothing is signed any more',
  async (name, sql, finding) => {
    const log = await copyOf(name)
    await log.client.query(sql)
    expect(await verifyExport(await log.exported(), log.trusting)).toMatchObject(finding)
    expect(await verifyTiles(log.url, log.trusting)).toMatchObject(finding)
    // the gateway looks at its last tiles when it starts, and at all of them never: that is what a verifier is for
    await log.client.query('UPDATE access_leaf SET sha256 = sha256($$other$$) WHERE idx = 590')
    await expect(opening(log)).rejects.toEqual(refusedWith('LEDGER_ALTERED'))
  },
)

test('a tile of hashes was changed: the first record whose hash is gone, or the tile, is named', async () => {
  const log = await copyOf('tile')
  await log.client.query('UPDATE log_tile SET root = sha256($$other$$) WHERE level = 0 AND index = 1')
  expect(await verifyTiles(log.url, log.trusting)).toEqual({
    kind: 'tile-altered',
    path: 'tile/1/000.p/2',
    begin: 0,
    end: SEEN,
  })
  await log.client.query('UPDATE log_tile SET hashes = decode(repeat($$00$$, 8192), $$hex$$) WHERE index = 1')
  expect(await verifyTiles(log.url, log.trusting)).toMatchObject({ kind: 'altered', index: 256 })
  expect(await verifyExport(await log.exported(), log.trusting)).toEqual({ kind: 'forked', size: SEEN })
})

test('all was rewritten and signed again with the true key: the witness refuses it, and so does who trusts it', async () => {
  const log = await copyOf('forked')
  await log.client.query('UPDATE access_leaf SET sha256 = sha256($$other$$) WHERE idx = 123')
  expect(await log.resign()).toMatchObject({ size: SEEN })
  expect(await log.submitted()).toEqual(['CHECKPOINT_FORKED'])
  expect(log.witness.alerts).toEqual(['CHECKPOINT_FORKED'])
  await expect(verifyTiles(log.url, log.trusting)).rejects.toEqual(refusedWith('CHECKPOINT_UNWITNESSED'))
  const kept = [await keptBy(log.witness)]
  expect(await verifyTiles(log.url, { log: signer, kept })).toEqual({ kind: 'not-grown-from', size: SEEN })
})

test('it was rewritten and has grown since: no proof leads there from what the witness has seen', async () => {
  const log = await copyOf('forked_and_grown')
  await log.client.query('UPDATE access_leaf SET sha256 = sha256($$other$$) WHERE idx = 123')
  await log.client.query('INSERT INTO access_leaf VALUES (600, gen_random_uuid(), sha256($$new$$))')
  await log.resign()
  expect(await log.submitted()).toEqual(['GROWTH_UNPROVEN'])
  const kept = [await keptBy(log.witness)]
  expect(await verifyTiles(log.url, { log: signer, kept })).toEqual({ kind: 'not-grown-from', size: SEEN })
})

test('it was cut below what the witness has seen, with everything the operator keeps: the witness tells', async () => {
  const log = await copyOf('cut_below')
  await log.client.query('DELETE FROM access_leaf WHERE idx >= 400')
  await expect(opening(log)).rejects.toEqual(refusedWith('LEDGER_ALTERED'))
  await log.resign()
  expect(await log.submitted()).toEqual(['LEDGER_ROLLED_BACK'])
  const kept = [await keptBy(log.witness)]
  expect(await verifyTiles(log.url, { log: signer, kept })).toEqual({
    kind: 'rolled-back',
    size: 400,
    kept: SEEN,
  })
})

test('it was cut above what any witness has seen: the gateway’s own file tells, and nobody else can', async () => {
  const log = await copyOf('cut_above')
  const publisher = await opening(log)
  await log.client.query('INSERT INTO access_leaf VALUES (600, gen_random_uuid(), sha256($$new$$))')
  const { rows } = await log.client.query('SELECT size, note FROM log_checkpoint')
  expect(await publisher.publish()).toBe(1)
  await log.client.query('DELETE FROM access_leaf WHERE idx = 600')
  await log.client.query('UPDATE log_checkpoint SET size = $1, note = $2', [rows[0].size, rows[0].note])
  await expect(opening(log)).rejects.toEqual(refusedWith('LEDGER_ROLLED_BACK'))
  // with that file gone, too, the log is the one that the witness has seen; so checkpoints go to witnesses at once
  const kept = [await keptBy(log.witness)]
  expect(await verifyTiles(log.url, { ...log.trusting, kept })).toMatchObject({ kind: 'whole' })
})

test('an older checkpoint is shown, with all its signatures: who kept a newer one is not taken in', async () => {
  const log = await copyOf('older_shown')
  await log.client.query('UPDATE log_published SET size = 400, note = $1', [notes[400]])
  expect(await verifyTiles(log.url, log.trusting)).toMatchObject({ kind: 'whole', checkpoint: { size: 400 } })
  const kept = [await keptBy(log.witness)]
  expect(await verifyTiles(log.url, { ...log.trusting, kept })).toEqual({
    ...{ kind: 'rolled-back', size: 400, kept: SEEN },
  })
})

/** What the witness says to a note, at the size that it has seen. */
async function witnessSays({ witness }: Tampered, note: string): Promise<{ status: number; code: string }> {
  const body = submissionText({ old: SEEN, proof: [], note })
  const response = await fetch(`${witness.url}add-checkpoint`, { method: 'POST', body })
  return { status: response.status, code: (await response.text()).split(':')[0] ?? '' }
}

test('the key was swapped, the origin changed, a cosignature replayed: each is refused by verifier and witness', async () => {
  const log = await copyOf('notes')
  const now = openCheckpoint(notes[SEEN] ?? '', signer)
  const path = await log.exported()
  const showing = async (note: string) => {
    await log.client.query('UPDATE log_published SET note = $1', [note])
    await writeFile(join(path, 'checkpoint'), note)
    await expect(verifyExport(path, log.trusting)).rejects.toMatchObject({ code: expect.any(String) })
    return await verifyTiles(log.url, log.trusting).catch((error) => error.code)
  }

  const swapped = signCheckpoint(now, noteSigner('log', signer.name, Buffer.alloc(32, 4)), clock())
  expect(await showing(swapped)).toBe('CHECKPOINT_UNSIGNED')
  expect(await witnessSays(log, swapped)).toEqual({ status: 403, code: 'CHECKPOINT_UNSIGNED' })

  const elsewhere = noteSigner('log', 'eastmere.sightline', Buffer.alloc(32, 3))
  const renamed = signCheckpoint({ ...now, origin: elsewhere.name }, elsewhere, clock())
  expect(await showing(renamed)).toBe('CHECKPOINT_OF_ANOTHER_LOG')
  expect(await witnessSays(log, renamed)).toEqual({ status: 404, code: 'LOG_UNKNOWN' })

  const cosignature = (notes[SEEN] ?? '').trimEnd().split('\n').at(-1)
  const forged = signCheckpoint({ ...now, root: Buffer.alloc(32, 1) }, signer, clock())
  expect(await showing(`${forged}${cosignature}\n`)).toBe('NOTE_SIGNATURE_WRONG')
  expect(await witnessSays(log, `${forged}${cosignature}\n`)).toEqual({
    status: 422,
    code: 'CHECKPOINT_FORKED',
  })

  const impostor = noteSigner('witness', 'police.example/witness', Buffer.alloc(32, 5))
  const feigned = cosign(signCheckpoint(now, signer, clock()), impostor, clock())
  expect(await showing(feigned)).toBe('CHECKPOINT_UNWITNESSED')
  expect(await readFile(log.file, 'utf8')).toBe(signCheckpoint(now, signer, clock()))
})
