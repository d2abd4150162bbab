/** The witnesses' signatures reach whoever reads the log; a witness that is away, slow, or says no stops nothing. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRelay } from '../../../../gateway/ledger/relay.ts'
import { openCheckpoint } from '../../../../gateway/ledger/tree/checkpoint.ts'
import { exportLog } from '../../../../gateway/ledger/tree/export.ts'
import { checkProof, proofFor } from '../../../../gateway/ledger/tree/proof-file.ts'
import { publishedLog } from '../../../../gateway/ledger/tree/published-log.ts'
import { noteSigner } from '../../../../gateway/ledger/tree/signed-note.ts'
import { verifyExport } from '../../../../gateway/ledger/verify/verify-export.ts'
import type { KnownWitness } from '../../../../gateway/ledger/witness/ask.ts'
import { openSubmitter } from '../../../../gateway/ledger/witness/submit.ts'
import { closedAfterEach } from '../../../closed-after-each.ts'
import { faultProxy } from '../../../fault-proxy.ts'
import { type Cluster, ownCluster } from '../cluster.ts'
import { faultsHeard } from '../faults-heard.ts'
import { clock, type SignedLedger, signedLedger } from '../signed-ledger.ts'
import { runningWitness } from './running-witness.ts'

let cluster: Cluster
let folder: string
beforeAll(async () => {
  cluster = await ownCluster()
  folder = await mkdtemp(join(tmpdir(), 'sightline-submit-'))
}, 60_000)
const open = closedAfterEach()
afterAll(async () => {
  await cluster.end()
  await rm(folder, { recursive: true, force: true })
})

interface Said {
  readonly witness?: string
  readonly alert?: string
  readonly why?: string
  readonly seen?: number
}
const said: Said[] = []
/** A witness has a second for its answer, which a busy machine may need once and again; it is asked again. */
const saidInTime = () => said.filter(({ why }) => why !== 'no answer in time')
const alerts = faultsHeard()
const log = { warn: (about: Said) => void said.push(about), error: (about: Said) => void said.push(about) }

async function ledgerNamed(name: string): Promise<SignedLedger> {
  const ledger = await signedLedger(cluster, name)
  open.push({ close: () => ledger.end() })
  return ledger
}

let folders = 0
async function witnessNamed(ledger: SignedLedger, name: string, own = `${name}-${folders++}`, port = 0) {
  const witness = await runningWitness(
    join(folder, own),
    `${name}.northshire.example/witness`,
    ledger.signer,
    port,
  )
  open.push(witness)
  return witness
}

function submitterFor({ pool, signer }: SignedLedger, witnesses: readonly KnownWitness[]) {
  said.length = 0
  alerts.standing.length = 0
  const submitter = openSubmitter({ pool, signer, witnesses, log, alerts })
  open.push(submitter)
  return submitter
}

/** What is handed out now. */
async function handedOut({ pool, signer }: SignedLedger, witnesses: readonly KnownWitness[]) {
  const published = await publishedLog(pool).read('checkpoint')
  const checkpoint = openCheckpoint(
    String(published?.body ?? ''),
    signer,
    witnesses.map(({ verifier }) => verifier),
  )
  return { size: checkpoint.size, seenBy: checkpoint.witnesses.map(({ name }) => name) }
}

const untilHandedOut = (
  ledger: SignedLedger,
  witnesses: readonly KnownWitness[],
  size: number,
  seenBy: readonly KnownWitness[],
) =>
  expect
    .poll(() => handedOut(ledger, witnesses), { timeout: 15_000 })
    .toEqual({ size, seenBy: seenBy.map(({ verifier }) => verifier.name) })

test('two agencies cosign every checkpoint, and their signatures are in the log, an export and a proof', async () => {
  const ledger = await ledgerNamed('cosigned')
  const two = [await witnessNamed(ledger, 'police'), await witnessNamed(ledger, 'council')]
  const verifiers = two.map(({ verifier }) => verifier)
  const [first = ''] = await ledger.add(300)
  const submitter = submitterFor(ledger, two)
  await untilHandedOut(ledger, two, 300, two)
  await ledger.add(400)
  submitter.offer()
  await untilHandedOut(ledger, two, 700, two)

  const path = join(folder, 'export')
  await exportLog(ledger.pool, path)
  const finding = await verifyExport(path, { log: ledger.signer, witnesses: verifiers })
  expect(finding).toMatchObject({ kind: 'whole', checkpoint: { size: 700, witnesses: [{}, {}] } })

  const proof = await proofFor(ledger.pool, first)
  const { rows } = await ledger.pool.query('SELECT body FROM access_event WHERE event_id = $1', [first])
  const proved = checkProof(
    proof,
    { eventId: first, bytes: rows[0].body },
    { log: ledger.signer, witnesses: verifiers },
  )
  expect(proved.checkpoint.witnesses).toHaveLength(2)
  expect(proof.length).toBeLessThan(1_500)
  expect(saidInTime()).toEqual([])
})

test('a witness that was away is told from where it stands, and cosigns again', async () => {
  const ledger = await ledgerNamed('behind')
  const police = await witnessNamed(ledger, 'police', 'away')
  await ledger.add(10)
  const submitter = submitterFor(ledger, [police])
  await untilHandedOut(ledger, [police], 10, [police])

  await police.close()
  open.splice(open.indexOf(police), 1)
  await ledger.add(500)
  submitter.offer()
  await untilHandedOut(ledger, [police], 510, [])
  expect(new Set(said.map(({ why }) => why))).toEqual(new Set(['ECONNREFUSED']))

  await witnessNamed(ledger, 'police', 'away', Number(new URL(police.url).port))
  await untilHandedOut(ledger, [police], 510, [police])
})

test('a gateway that starts anew learns from the witness where it stands', async () => {
  const ledger = await ledgerNamed('anew')
  const police = await witnessNamed(ledger, 'police')
  await ledger.add(10)
  await submitterFor(ledger, [police]).close()
  submitterFor(ledger, [police])
  await untilHandedOut(ledger, [police], 10, [police])
  const submitter = submitterFor(ledger, [police])
  await ledger.add(30)
  submitter.offer()
  await untilHandedOut(ledger, [police], 40, [police])
  expect(saidInTime()).toEqual([])
})

test('a witness that hangs holds up neither the other nor the log', async () => {
  const ledger = await ledgerNamed('hangs')
  const [police, council] = [await witnessNamed(ledger, 'police'), await witnessNamed(ledger, 'council')]
  const proxy = await faultProxy(council.url)
  open.push(proxy)
  proxy.fail('hang')
  const witnesses = [police, { ...council, url: proxy.through(council.url) }]
  await ledger.add(10)
  const submitter = submitterFor(ledger, witnesses)
  await untilHandedOut(ledger, witnesses, 10, [police])
  await ledger.add(10)
  submitter.offer()
  await untilHandedOut(ledger, witnesses, 20, [police])
  expect(said[0]).toMatchObject({ witness: council.verifier.name, why: 'no answer in time' })
})

test('a log that was rewritten is an alert, once, and the witness is not asked again', async () => {
  const ledger = await ledgerNamed('rewritten')
  const police = await witnessNamed(ledger, 'police')
  await ledger.add(10)
  const before = submitterFor(ledger, [police])
  await untilHandedOut(ledger, [police], 10, [police])
  await before.close()

  await ledger.client.query("UPDATE access_leaf SET sha256 = sha256('another') WHERE idx = 4")
  await ledger.client.query('TRUNCATE log_checkpoint, log_tile, log_published')
  await rm(ledger.file)
  await ledger.add(3)
  const submitter = submitterFor(ledger, [police])
  await untilHandedOut(ledger, [police], 13, [])
  await ledger.add(3)
  submitter.offer()
  await untilHandedOut(ledger, [police], 16, [])
  expect(said).toEqual([{ alert: 'GROWTH_UNPROVEN', witness: police.verifier.name, size: 13 }])
  const { name } = police.verifier
  const about = { witness: name, says: 'GROWTH_UNPROVEN', size: 13 }
  expect(alerts.standing).toEqual([{ kind: 'WITNESS_REFUSED', scope: 'witnesses', place: name, about }])
  expect(police.alerts).toEqual(['GROWTH_UNPROVEN'])
  const { rows } = await ledger.pool.query('SELECT refused FROM log_witness')
  expect(rows).toEqual([{ refused: 'GROWTH_UNPROVEN' }])
})

test('an older backup, restored with all that was kept outside it, is told by the witness', async () => {
  const ledger = await ledgerNamed('restored')
  const police = await witnessNamed(ledger, 'police')
  await ledger.add(10)
  const { rows } = await ledger.pool.query('SELECT size, note FROM log_checkpoint')
  await ledger.add(7)
  const before = submitterFor(ledger, [police])
  await untilHandedOut(ledger, [police], 17, [police])
  await before.close()

  await ledger.client.query('DELETE FROM access_leaf WHERE idx >= 10')
  await ledger.client.query('UPDATE log_checkpoint SET size = $1, note = $2', [rows[0].size, rows[0].note])
  await ledger.client.query('TRUNCATE log_published')
  submitterFor(ledger, [police])
  await expect
    .poll(() => said, { timeout: 15_000 })
    .toEqual([{ alert: 'LEDGER_ROLLED_BACK', witness: police.verifier.name, size: 10, seen: 17 }])
})

test.each([
  ['a cosignature of another key', 200, (name: string) => otherLine(name)],
  ['no cosignature at all', 200, () => 'hello\n'],
  ['an answer without end', 200, () => 'x'.repeat(200_000)],
  ['ever another size', 409, () => '3\n'],
  ['a status that means nothing here', 418, () => ''],
])('a witness that answers with %s is believed nothing', async (what, status, body) => {
  const ledger = await ledgerNamed(what.replaceAll(/\W/g, '_').slice(0, 40))
  const police = await witnessNamed(ledger, 'police')
  const impostor = await listening(
    createServer((_request, response) => response.writeHead(status).end(body(police.verifier.name))),
  )
  await ledger.add(10)
  const witnesses = [{ ...police, url: impostor }]
  submitterFor(ledger, witnesses)
  await expect
    .poll(() => said, { timeout: 15_000 })
    .toEqual([expect.objectContaining({ witness: police.verifier.name, why: expect.any(String) })])
  await untilHandedOut(ledger, witnesses, 10, [])
})

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({ close: async () => server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function otherLine(name: string): string {
  const { id } = noteSigner('witness', name, Buffer.alloc(32, 9))
  return `— ${name} ${Buffer.concat([id, Buffer.alloc(72, 1)]).toString('base64')}\n`
}

test('while Kafka hangs, accesses are signed and cosigned all the same', async () => {
  const ledger = await ledgerNamed('kafka_hangs')
  const police = await witnessNamed(ledger, 'police')
  const broker = await faultProxy('http://127.0.0.1:1')
  open.push(broker)
  broker.fail('hang')
  const { host, port, user, password, database } = ledger.client
  const relay = await openRelay({
    databaseUrl: `postgres://${user}:${password}@${host}:${port}/${database}`,
    ...{
      brokers: [`127.0.0.1:${broker.port}`],
      topic: 'hangs',
      partitions: 1,
      replicationFactor: 1,
      pollMs: 20,
    },
    ...{ signing: { signer: ledger.signer, clock, file: ledger.file }, witnesses: [police] },
    log: { info: () => undefined, ...log },
    alerts,
  })
  open.push(relay)
  await expect.poll(broker.connections, { timeout: 15_000 }).toBe(1)
  for (let i = 0; i < 5; i++)
    await ledger.client.query(
      `WITH e AS (INSERT INTO access_event VALUES (gen_random_uuid(), now(), 'no-child', '{}') RETURNING *)
       INSERT INTO access_pending SELECT occurred_at, event_id FROM e`,
    )
  await untilHandedOut(ledger, [police], 5, [police])
  expect(broker.connections(), 'the first call still waits for Kafka').toBe(1)
})
