/**
 * Signed notes as C2SP defines them (c2sp.org/signed-note), with Ed25519 signatures and timestamped cosignatures
 * (c2sp.org/tlog-cosignature). Refuses a note whose text was altered, or that nobody known has signed.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { Refusal } from '../../../schema/refusal.ts'

/** Signature types of c2sp.org/signed-note: 0x01 signs the text, 0x04 signs a time and the text. */
const TYPES = { log: 1, witness: 4 } as const
export type SignerKind = keyof typeof TYPES

/** Whoever reads a note trusts these. */
export interface NoteVerifier {
  readonly kind: SignerKind
  readonly name: string
  /** first four bytes of SHA-256 over name, type and public key */
  readonly id: Buffer
  readonly publicKey: KeyObject
}

export interface NoteSigner extends NoteVerifier {
  readonly privateKey: KeyObject
}

/** DER before the 32 raw bytes of an Ed25519 key (RFC 8410, sections 4 and 7). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
/** No spaces and no plus: the grammar of key names. */
const NAME = /^[^\s+]{1,200}$/u
/** Control characters but the line break. */
const CONTROL = /[^\P{Cc}\n]/u
const LINES = 64 // signatures in a note; the specification asks for 16 at least
const LATEST = 8_640_000_000_000n // seconds: what a Date can hold

const rawOf = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' }).subarray(SPKI.length)

function verifierOf(kind: SignerKind, name: string, publicKey: KeyObject): NoteVerifier {
  if (!NAME.test(name)) throw new Refusal('NOTE_KEY_INVALID', 'a key name has no spaces and no plus')
  const typed = Buffer.concat([Buffer.from([TYPES[kind]]), rawOf(publicKey)])
  const id = createHash('sha256').update(`${name}\n`).update(typed).digest().subarray(0, 4)
  return { kind, name, id, publicKey }
}

/** @param seed the 32 secret bytes of an Ed25519 key */
export function noteSigner(kind: SignerKind, name: string, seed: Buffer): NoteSigner {
  if (seed.length !== 32) throw new Refusal('NOTE_KEY_INVALID', 'a signing key has 32 secret bytes')
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  return { ...verifierOf(kind, name, createPublicKey(privateKey)), privateKey }
}

/** Base64 as it was written: what decodes to the same bytes in another spelling is none, and gives no bytes. */
export function decoded(encoded: string): Buffer {
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.toString('base64') === encoded ? bytes : Buffer.alloc(0)
}

/** What is handed to whoever is to check: `<name>+<id>+<type and public key>`. */
export function verifierText({ kind, name, id, publicKey }: NoteVerifier): string {
  const typed = Buffer.concat([Buffer.from([TYPES[kind]]), rawOf(publicKey)])
  return `${name}+${id.toString('hex')}+${typed.toString('base64')}`
}

/** @throws Refusal NOTE_KEY_INVALID */
export function verifierFrom(text: string): NoteVerifier {
  const [, name = '', id, encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text) ?? []
  const typed = decoded(encoded)
  const kind = typed[0] === TYPES.log ? 'log' : typed[0] === TYPES.witness ? 'witness' : null
  if (kind === null || typed.length !== 33)
    throw new Refusal('NOTE_KEY_INVALID', 'this is no verifier key; it looks like `name+1a2b3c4d+AQ…`')
  const key = createPublicKey({ key: Buffer.concat([SPKI, typed.subarray(1)]), format: 'der', type: 'spki' })
  const verifier = verifierOf(kind, name, key)
  if (verifier.id.toString('hex') !== id)
    throw new Refusal('NOTE_KEY_INVALID', `the verifier key of \`${name}\` was altered: its id does not fit`)
  return verifier
}

/** A cosignature is about the text at a time: "I saw no other log of this origin up to now". */
const timed = (seconds: number | bigint, text: string) => `cosignature/v1\ntime ${seconds}\n${text}`

/** @returns the line to append; @param text ends in a newline, as the whole note does */
export function signatureLine(text: string, signer: NoteSigner, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000)
  const signed = Buffer.from(signer.kind === 'log' ? text : timed(seconds, text))
  const time = Buffer.alloc(signer.kind === 'log' ? 0 : 8)
  if (time.length > 0) time.writeBigUInt64BE(BigInt(seconds))
  const bytes = Buffer.concat([signer.id, time, sign(null, signed, signer.privateKey)])
  return `— ${signer.name} ${bytes.toString('base64')}\n`
}

export interface OpenedNote {
  readonly text: string
  /** names of those among the given verifiers who signed it, with the time that a witness states */
  readonly signers: readonly { readonly name: string; readonly at: Date | null }[]
}

/**
 * @throws Refusal NOTE_MALFORMED, or NOTE_SIGNATURE_WRONG where a known key's signature does not fit: then the text,
 *   or the signature, is not what was signed
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): OpenedNote {
  const end = note.lastIndexOf('\n\n')
  const text = note.slice(0, end + 1)
  const lines = note.slice(end + 2).split('\n')
  if (end < 0 || lines.pop() !== '' || lines.length === 0 || lines.length > LINES) throw malformed()
  if (CONTROL.test(note)) throw malformed()
  const signers = lines.flatMap((line) => {
    const [, name = '', encoded = ''] = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? []
    const bytes = decoded(encoded)
    if (name === '' || bytes.length < 5) throw malformed()
    const known = verifiers.find((each) => each.name === name && each.id.equals(bytes.subarray(0, 4)))
    return known ? [signedBy(known, text, bytes.subarray(4))] : []
  })
  return { text, signers }
}

function signedBy(verifier: NoteVerifier, text: string, bytes: Buffer): OpenedNote['signers'][number] {
  const { name, kind, publicKey } = verifier
  const before = kind === 'log' ? 0 : 8
  if (bytes.length !== before + 64) throw wrong(name)
  const seconds = before === 0 ? null : bytes.readBigUInt64BE()
  // a time of zero says nothing of when; one that no calendar holds is none
  if (seconds !== null && (seconds === 0n || seconds > LATEST)) throw wrong(name)
  const signed = Buffer.from(seconds === null ? text : timed(seconds, text))
  if (!verify(null, signed, publicKey, bytes.subarray(before))) throw wrong(name)
  return { name, at: seconds === null ? null : new Date(Number(seconds) * 1000) }
}

/** The note with the signatures of these alone, in the order in which they stand. */
export function onlySignedBy(note: string, verifiers: readonly NoteVerifier[]): string {
  const end = note.lastIndexOf('\n\n') + 2
  const lines = note
    .slice(end)
    .split('\n')
    .filter((line) =>
      verifiers.some(({ name, id }) => {
        const [, by, encoded = ''] = line.split(' ')
        return by === name && decoded(encoded).subarray(0, 4).equals(id)
      }),
    )
  return `${note.slice(0, end)}${lines.map((line) => `${line}\n`).join('')}`
}

const malformed = () => new Refusal('NOTE_MALFORMED', 'this is no signed note')
const wrong = (name: string) =>
  new Refusal('NOTE_SIGNATURE_WRONG', `the signature of \`${name}\` does not fit: the note was altered`)
