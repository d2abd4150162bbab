import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cosign, openCheckpoint, signCheckpoint } from '../../../../gateway/ledger/tree/checkpoint.ts'
import { EMPTY_ROOT, leafHash } from '../../../../gateway/ledger/tree/merkle.ts'
import {
  noteSigner,
  onlySignedBy,
  openNote,
  signatureLine,
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

/** Accepted with all three signatures by golang.org/x/mod/sumdb/note and github.com/transparency-dev/formats v0.1. */
const ACCEPTED = `northshire.example/sightline
1
g/jjpc4q6P6YCFFoOy42e3k/0Eq3wTIvMELnXBYUGDM=

— northshire.example/sightline lj5HmZRxFgabktWV1m4viIX4wkJL4rJXjkQYryb1c+VutsQvnKTf1p0WQVEuQNVS6MUVTI6Hfe0NfnFUqLoP1YoLdA0=
— police.northshire.example/witness SrsMyQAAAABrAYfAhTBpOlmrGPxezq8+FP1JGRsexDNRZ+GJLU/3g7RiIEp1D3JAYezklMemOv6v1+HKRdF8ZNzX3oa0YtORB3wBDA==
— council.northshire.example/witness PZz2DwAAAABrAYfAOiYHbnFF8pPmAGoYCBTvB3H+d0d/GMc/5vD35XhhPEm+c5SV8lemQ9SdxqKVA4eFJqfsj+GjqrWzaLw8jVtHDQ==
`

test('what we sign is, byte for byte, what tools that others wrote have accepted, under keys that they read', () => {
  const ours = noteSigner('log', 'northshire.example/sightline', Buffer.alloc(32, 1))
  const police = noteSigner('witness', 'police.northshire.example/witness', Buffer.alloc(32, 2))
  const council = noteSigner('witness', 'council.northshire.example/witness', Buffer.alloc(32, 3))
  const one = { origin: ours.name, size: 1, root: leafHash(Buffer.from('an entry')) }
  expect(cosign(cosign(signCheckpoint(one, ours, noon), police, noon), council, noon)).toBe(ACCEPTED)
  expect([ours, police, council].map(verifierText)).toEqual([
    'northshire.example/sightline+963e4799+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c',
    'police.northshire.example/witness+4abb0cc9+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU',
    'council.northshire.example/witness+3d9cf60f+BO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR',
  ])
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

test('a witness that bears the name of the log does not sign for the log', () => {
  const namesake = noteSigner('witness', log.name, randomBytes(32))
  const note = signCheckpoint(checkpoint, namesake, noon)
  expect(() => openCheckpoint(note, log, [namesake])).toThrow(
    expect.objectContaining({ code: 'CHECKPOINT_UNSIGNED' }),
  )
  const second = noteSigner('log', log.name, randomBytes(32))
  expect(() => openCheckpoint(signCheckpoint(checkpoint, second, noon), log, [second])).toThrow(
    expect.objectContaining({ code: 'CHECKPOINT_UNSIGNED' }),
  )
})

test('a witness that signed twice counts once, and a cosignature of another checkpoint not at all', () => {
  const note = signCheckpoint(checkpoint, log, noon)
  const twice = cosign(cosign(note, witness, noon), witness, new Date('2026-11-21T12:00:07Z'))
  expect(openCheckpoint(twice, log, [witness]).witnesses).toEqual([
    { name: witness.name, at: new Date('2026-11-21T12:00:07Z') },
  ])
  const later = signCheckpoint({ ...checkpoint, size: 8 }, log, noon)
  const replayed = later + cosign(note, witness, noon).slice(note.length)
  expect(() => openCheckpoint(replayed, log, [witness])).toThrow(
    expect.objectContaining({ code: 'NOTE_SIGNATURE_WRONG' }),
  )
})

test('of many signatures those of the known stay, in their order', () => {
  const note = signCheckpoint(checkpoint, log, noon)
  const stranger = noteSigner('witness', 'stranger.example', randomBytes(32))
  const full = cosign(cosign(note, stranger, noon), witness, noon)
  expect(onlySignedBy(full, [log, witness])).toBe(cosign(note, witness, noon))
})

/** Lines of a note, right and wrong ones mixed, so that the parser comes far before it refuses. */
const text = `${log.name}\n7\n${EMPTY_ROOT.toString('base64')}\n`
const line = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '',
    log.name,
    '7',
    '07',
    EMPTY_ROOT.toString('base64'),
    '— a AAAA',
    `— ${log.name} AAAAAAA=`,
  ),
  fc.constantFrom(
    signatureLine(text, log, noon).trimEnd(),
    signatureLine(text, witness, noon).trimEnd(),
    signatureLine('another\n', witness, noon).trimEnd(),
  ),
)

test('any text is a checkpoint that the log signed, or is refused with a code of its own', () => {
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), (lines, begun) => {
      const note = `${begun ? `${text}\n` : ''}${lines.join('\n')}\n`
      try {
        expect(openCheckpoint(note, log, [witness])).toMatchObject(checkpoint)
      } catch (error) {
        expect(error).toHaveProperty('code', expect.stringMatching(/^(NOTE|CHECKPOINT)_/))
      }
    }),
    { numRuns: 1_000 },
  )
})

test('a cosignature is read with the time that it states, and any other bytes under a known key are refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4_102_444_800 }), (seconds) => {
      const at = new Date(seconds * 1000)
      const note = cosign(signCheckpoint(checkpoint, log, noon), witness, at)
      expect(openCheckpoint(note, log, [witness]).witnesses).toEqual([{ name: witness.name, at }])
    }),
    { numRuns: 30 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 120 }), (bytes) => {
      const encoded = Buffer.concat([witness.id, bytes]).toString('base64')
      const note = `${signCheckpoint(checkpoint, log, noon)}— ${witness.name} ${encoded}\n`
      expect(() => openCheckpoint(note, log, [witness])).toThrow(
        expect.objectContaining({ code: 'NOTE_SIGNATURE_WRONG' }),
      )
    }),
  )
})
