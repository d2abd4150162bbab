import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cosign, openCheckpoint, signCheckpoint } from '../../../../gateway/ledger/tree/checkpoint.ts'
import { EMPTY_ROOT } from '../../../../gateway/ledger/tree/merkle.ts'
import {
  noteSigner,
  openNote,
  verifierFrom,
  verifierText,
} from '../../../../gateway/ledger/tree/signed-note.ts'

const log = noteSigner('log', 'northshire.example/sightline', randomBytes(32))
const witness = noteSigner('witness', 'hospital.example/witness', randomBytes(32))
const noon = new Date('2026-11-21T12:00:00.900Z')
const checkpoint = { origin: log.name, size: 7, root: EMPTY_ROOT }

test('a note that another tool signed is read: the example of golang.org/x/mod/sumdb/note', () => {
  const key = verifierFrom('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  const note = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`
  expect(openNote(note, [key]).signers).toEqual([{ name: 'PeterNeumann', at: null }])
  expect(() => openNote(note.replace('answer', 'question'), [key])).toThrow(
    expect.objectContaining({ code: 'NOTE_SIGNATURE_WRONG' }),
  )
})

test('a checkpoint names its log, its size, its root, and the witnesses with the time of each', () => {
  const note = cosign(signCheckpoint(checkpoint, log, noon), witness, noon)
  expect(openCheckpoint(note, log, [witness])).toEqual({
    ...checkpoint,
    witnesses: [{ name: witness.name, at: new Date('2026-11-21T12:00:00Z') }],
  })
  expect(openCheckpoint(note, log).witnesses).toEqual([])
})

test('a key that is handed over as text checks the same, and an altered one is refused', () => {
  for (const signer of [log, witness]) {
    const text = verifierText(signer)
    expect(verifierText(verifierFrom(text))).toBe(text)
    expect(() => verifierFrom(text.replace('example', 'examp1e'))).toThrow(
      expect.objectContaining({ code: 'NOTE_KEY_INVALID' }),
    )
  }
})

test('one altered character anywhere in a checkpoint, and it is refused or has lost a signature', () => {
  const note = cosign(signCheckpoint(checkpoint, log, noon), witness, noon)
  fc.assert(
    fc.property(fc.nat(note.length - 1), fc.constantFrom(...'aZ09+ \n'), (place, letter) => {
      if (note[place] === letter) return
      const altered = note.slice(0, place) + letter + note.slice(place + 1)
      try {
        expect(openCheckpoint(altered, log, [witness]).witnesses).toEqual([])
      } catch (error) {
        expect(error).toHaveProperty('code', expect.stringMatching(/^(NOTE|CHECKPOINT)_/))
      }
    }),
    { numRuns: 1_000 },
  )
})

test('a checkpoint of another log, of another key, or signed by a witness alone is refused', () => {
  const other = noteSigner('log', 'eastmere.example/sightline', randomBytes(32))
  const impostor = noteSigner('log', log.name, randomBytes(32))
  const refused = (note: string, code: string) =>
    expect(() => openCheckpoint(note, log, [witness])).toThrow(expect.objectContaining({ code }))
  refused(signCheckpoint({ ...checkpoint, origin: other.name }, other, noon), 'CHECKPOINT_OF_ANOTHER_LOG')
  refused(signCheckpoint(checkpoint, impostor, noon), 'CHECKPOINT_UNSIGNED')
  refused(signCheckpoint(checkpoint, witness, noon), 'CHECKPOINT_UNSIGNED')
  refused('hello', 'NOTE_MALFORMED')
})
