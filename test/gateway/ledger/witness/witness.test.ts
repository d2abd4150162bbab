/** A witness that an agency runs: what it cosigns, what it refuses, and what it never forgets. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  type Checkpoint,
  openCheckpoint,
  signCheckpoint,
} from '../../../../gateway/ledger/tree/checkpoint.ts'
import { growingTree } from '../../../../gateway/ledger/tree/growing-tree.ts'
import { consistencyProof, EMPTY_ROOT, leafHash } from '../../../../gateway/ledger/tree/merkle.ts'
import { noteSigner, verifierFrom } from '../../../../gateway/ledger/tree/signed-note.ts'
import { nodesIn } from '../../../../gateway/ledger/tree/tile.ts'
import { holdFolder } from '../../../../gateway/ledger/witness/held-folder.ts'
import { WITNESS_FILES, witnessSigner } from '../../../../gateway/ledger/witness/key.ts'
import { buildWitnessServer } from '../../../../gateway/ledger/witness/server.ts'
import { readSubmission, submissionText } from '../../../../gateway/ledger/witness/submission.ts'
import { openWitness } from '../../../../gateway/ledger/witness/witness.ts'

const log = noteSigner('log', 'northshire.sightline', randomBytes(32))
const noon = new Date('2026-11-21T12:00:00Z')
const clock = () => noon

let folder: string
let next = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-witness-'))
})
const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const alerts: { alert?: string; notes?: { seen: string; offered: string } }[] = []
const quiet = {
  info: () => undefined,
  warn: () => undefined,
  error: (about: object) => void alerts.push(about),
}

/** A witness of the police, and how it is asked; with a folder it is the same one, started again. */
async function witnessIn(own = join(folder, String(next++)), logs = [log]) {
  const held = await holdFolder(own)
  open.push({ close: held.release })
  const signer = await witnessSigner(held, 'police.northshire.example/witness')
  const witness = await openWitness({ signer, logs, folder: held, clock, log: quiet })
  const server = buildWitnessServer(witness, quiet)
  open.push(server)
  const post = async (payload: string | Buffer) => {
    const { statusCode, headers, body } = await server.inject({
      method: 'POST',
      url: '/add-checkpoint',
      payload,
    })
    return { status: statusCode, type: headers['content-type'], body }
  }
  return { own, held, signer, server, post }
}

/** The log at a size. @param branch other words from the leaf 5 on make another log of it */
function grown(size: number, branch = 'a') {
  const leaves = Array.from({ length: size }, (_, i) =>
    leafHash(Buffer.from(i < 5 ? `${i}` : `${branch}${i}`)),
  )
  const tree = growingTree(0, [])
  for (const leaf of leaves) tree.add(leaf)
  const checkpoint: Checkpoint = { origin: log.name, size, root: tree.root() }
  const nodeAt = nodesIn(() => Buffer.concat(leaves))
  return {
    checkpoint,
    note: signCheckpoint(checkpoint, log, noon),
    from: (old: number) => (old === 0 ? [] : consistencyProof(nodeAt, old, size)),
  }
}
const submission = (old: number, size: number, branch = 'a') => {
  const { note, from } = grown(size, branch)
  return submissionText({ old, proof: from(old), note })
}

test('a log that has grown is cosigned, with the time, and the witness shows what it cosigned', async () => {
  const { post, signer, server } = await witnessIn()
  for (const [old, size] of [
    [0, 7],
    [7, 7],
    [7, 9],
    [9, 200],
  ] as const) {
    const { status, body } = await post(submission(old, size))
    expect({ status, body }, body).toMatchObject({ status: 200 })
    const cosigned = openCheckpoint(grown(size).note + body, log, [signer])
    expect(cosigned).toMatchObject({ size, witnesses: [{ name: signer.name, at: noon }] })
  }
  const hash = createHash('sha256').update(log.name).digest('hex')
  const shown = await server.inject({ url: `/${hash}/checkpoint` })
  expect(openCheckpoint(shown.body, log, [signer])).toMatchObject({ size: 200, witnesses: [{ at: noon }] })
  expect((await server.inject({ url: `/${'0'.repeat(64)}/checkpoint` })).statusCode).toBe(404)
})

test('what it has seen outlives it: the next start knows the size, and refuses a smaller log', async () => {
  const first = await witnessIn()
  expect((await first.post(submission(0, 9))).status).toBe(200)
  await first.held.release()
  const again = await witnessIn(first.own)
  expect(again.signer.id).toEqual(first.signer.id)
  expect(await again.post(submission(0, 7))).toEqual({ status: 409, type: 'text/x.tlog.size', body: '9\n' })
  expect(await again.post(submission(5, 12))).toMatchObject({ status: 409, body: '9\n' })
  expect((await again.post(submission(9, 12))).status).toBe(200)
})

test('a rewritten log is refused in plain words, and one alert holds the two signatures that prove it', async () => {
  const { post } = await witnessIn()
  await post(submission(0, 9))
  alerts.length = 0
  const sameSize = await post(submissionText({ old: 9, proof: [], note: grown(9, 'b').note }))
  expect(sameSize).toMatchObject({
    status: 422,
    body: expect.stringMatching(/^CHECKPOINT_FORKED: .*rewritten\n$/),
  })
  for (const _ of ['once', 'twice', 'again']) {
    const larger = await post(submission(9, 12, 'b'))
    expect(larger).toMatchObject({
      status: 422,
      body: expect.stringMatching(/^GROWTH_UNPROVEN: nothing proves/),
    })
  }
  expect(alerts.map(({ alert }) => alert)).toEqual(['CHECKPOINT_FORKED', 'GROWTH_UNPROVEN'])
  const { seen = '', offered = '' } = alerts[0]?.notes ?? {}
  expect(openCheckpoint(seen, log).root).not.toEqual(openCheckpoint(offered, log).root)
  expect((await post(submission(9, 12))).status, 'the true log goes on').toBe(200)
})

test('each wrong submission is refused with the status that the protocol gives it, and changes nothing', async () => {
  const { post } = await witnessIn()
  await post(submission(0, 9))
  const other = noteSigner('log', 'eastmere.sightline', randomBytes(32))
  const impostor = noteSigner('log', log.name, randomBytes(32))
  const { checkpoint, note, from } = grown(12)
  const with12 = (signed: string) => submissionText({ old: 9, proof: from(9), note: signed })
  const cases: readonly (readonly [string, string | Buffer, number, string])[] = [
    ['nothing', '', 400, 'SUBMISSION_MALFORMED'],
    ['no old size', with12(note).replace('old 9\n', ''), 400, 'SUBMISSION_MALFORMED'],
    ['leading zero', with12(note).replace('old 9', 'old 09'), 400, 'SUBMISSION_MALFORMED'],
    ['old beyond the checkpoint', submissionText({ old: 13, proof: [], note }), 400, 'SUBMISSION_MALFORMED'],
    ['a hash cut', with12(note).replace('=\n', '\n'), 400, 'SUBMISSION_MALFORMED'],
    [
      '64 hashes',
      submissionText({ old: 9, proof: Array(64).fill(EMPTY_ROOT), note }),
      400,
      'SUBMISSION_MALFORMED',
    ],
    ['no text', Buffer.from([0x6f, 0xff, 0xfe]), 400, 'SUBMISSION_MALFORMED'],
    ['too long', 'x'.repeat(70_000), 400, 'SUBMISSION_MALFORMED'],
    ['unsigned', with12(note.slice(0, note.indexOf('—'))), 400, 'NOTE_MALFORMED'],
    ['a control character', with12(note.replace('\n12\n', '\n12\n\t\n')), 400, 'NOTE_MALFORMED'],
    [
      'a size that no program counts',
      with12(signCheckpoint({ ...checkpoint, size: 2 ** 53 }, log, noon)),
      400,
      'CHECKPOINT_MALFORMED',
    ],
    [
      'another log',
      with12(signCheckpoint({ ...checkpoint, origin: other.name }, other, noon)),
      404,
      'LOG_UNKNOWN',
    ],
    ['another key', with12(signCheckpoint(checkpoint, impostor, noon)), 403, 'CHECKPOINT_UNSIGNED'],
    ['altered after signing', with12(note.replace('\n12\n', '\n13\n')), 403, 'NOTE_SIGNATURE_WRONG'],
    ['proof of another size', submissionText({ old: 9, proof: from(8), note }), 422, 'GROWTH_UNPROVEN'],
    ['no proof', submissionText({ old: 9, proof: [], note }), 422, 'GROWTH_UNPROVEN'],
  ]
  for (const [name, body, status, code] of cases)
    expect(await post(body), name).toMatchObject({ status, body: expect.stringMatching(`^${code}: `) })
  expect((await post(submission(9, 12))).status).toBe(200)
})

test('an empty log has the empty root, and needs no proof to grow', async () => {
  const { post } = await witnessIn()
  const wrong = signCheckpoint({ origin: log.name, size: 0, root: leafHash(Buffer.from('')) }, log, noon)
  expect((await post(submissionText({ old: 0, proof: [], note: wrong }))).status).toBe(422)
  expect((await post(submission(0, 0))).status).toBe(200)
  const proof = [EMPTY_ROOT]
  expect((await post(submissionText({ old: 0, proof, note: grown(3).note }))).status).toBe(422)
  expect((await post(submission(0, 3))).status).toBe(200)
})

test('of many submissions at once each is judged by the one before: no size is ever taken back', async () => {
  const { own, post, signer } = await witnessIn()
  const sizes = Array.from({ length: 20 }, (_, i) => 10 + i)
  const replies = await Promise.all(sizes.map((size) => post(submission(0, size))))
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 409]))
  const [kept = ''] = (await readdir(own)).filter((name) => /^[0-9a-f]{64}$/.test(name))
  expect(openCheckpoint(await readFile(join(own, kept), 'utf8'), log, [signer]).size).toBe(10)
})

test('what somebody else put in the place of its memory is refused, at the start and afterwards', async () => {
  const { own, held, post } = await witnessIn()
  await post(submission(0, 9))
  const file = join(own, createHash('sha256').update(log.name).digest('hex'))
  await writeFile(file, grown(7).note)
  expect((await post(submission(7, 9))).status).toBe(500)
  await held.release()
  await expect(witnessIn(own)).rejects.toMatchObject({ code: 'WITNESS_MEMORY_ALTERED' })
})

test('what was taken away of its memory, or put back as it was before, lets no log go back', async () => {
  const { own, post } = await witnessIn()
  await post(submission(0, 7))
  const file = join(own, createHash('sha256').update(log.name).digest('hex'))
  const before = await readFile(file, 'utf8')
  await post(submission(7, 9))
  await writeFile(file, before)
  expect((await post(submission(7, 8))).status).toBe(500)
  await rm(file)
  expect((await post(submission(0, 5))).status).toBe(500)
})

test('its key is made once, for its owner’s eyes only, and never under another name', async () => {
  const own = join(folder, 'own-key')
  const held = await holdFolder(own)
  open.push({ close: held.release })
  await expect(witnessSigner(held, undefined)).rejects.toMatchObject({ code: 'WITNESS_UNNAMED' })
  const signer = await witnessSigner(held, 'council.northshire.example/witness')
  expect(verifierFrom((await readFile(join(own, WITNESS_FILES.verifier), 'utf8')).trim()).id).toEqual(
    signer.id,
  )
  expect((await witnessSigner(held, undefined)).id).toEqual(signer.id)
  await expect(witnessSigner(held, 'other')).rejects.toMatchObject({ code: 'WITNESS_RENAMED' })
})

test.each([
  '',
  '{"name":"council.northshire.example/witness","seed":"c2VjcmV0',
  '{"name":"x","seed":7}',
  'c2VjcmV0',
])('a damaged key (%j) is no reason for a new one, and is not quoted', async (damaged) => {
  const own = join(folder, `damaged-${Buffer.from(damaged).length}`)
  const held = await holdFolder(own)
  open.push({ close: held.release })
  await writeFile(join(own, WITNESS_FILES.key), damaged)
  const refused = await witnessSigner(held, 'council.northshire.example/witness').catch((error) => error)
  expect(refused).toMatchObject({ code: 'WITNESS_KEY_UNREADABLE' })
  expect(refused.message).not.toContain('c2Vj')
  expect(await readFile(join(own, WITNESS_FILES.key), 'utf8')).toBe(damaged)
})

test('a submission is read as it was written, and any text is read or refused', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.array(hash, { maxLength: 63 }), fc.string(), (old, proof, note) => {
      expect(readSubmission(submissionText({ old, proof, note }))).toEqual({ old, proof, note })
    }),
  )
  const lines = fc.oneof(
    fc.string(),
    fc.constantFrom('old 0', 'old 7', 'old -1', '', EMPTY_ROOT.toString('base64')),
  )
  fc.assert(
    fc.property(fc.array(lines), (text) => {
      try {
        readSubmission(text.join('\n'))
      } catch (error) {
        expect(error).toHaveProperty('code', 'SUBMISSION_MALFORMED')
      }
    }),
  )
})
