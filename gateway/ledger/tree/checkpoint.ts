/**
 * A checkpoint: how large the log is and what its root is, signed (c2sp.org/tlog-checkpoint). Whoever keeps two of
 * them can prove that nothing between was altered, taken out or put in. Refuses one of another log.
 */
import { Refusal } from '../../../schema/refusal.ts'
import type { Hash } from './merkle.ts'
import { decoded, type NoteSigner, type NoteVerifier, openNote, signatureLine } from './signed-note.ts'

export interface Checkpoint {
  /** name of the log, such as `northshire.example/sightline` */
  readonly origin: string
  /** records in the log */
  readonly size: number
  readonly root: Hash
}

export interface OpenedCheckpoint extends Checkpoint {
  /** witnesses that signed it, each once, with when it last saw it */
  readonly witnesses: readonly { readonly name: string; readonly at: Date }[]
}

export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`

/** @returns the note: text, a blank line, and the signature of the log */
export function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner, at: Date): string {
  const text = checkpointText(checkpoint)
  return `${text}\n${signatureLine(text, signer, at)}`
}

/** Adds the line of a witness to a signed checkpoint. */
export const cosign = (note: string, witness: NoteSigner, at: Date): string =>
  note + signatureLine(note.slice(0, note.lastIndexOf('\n\n') + 1), witness, at)

/** What the text of a note says, whoever signed it. @throws Refusal CHECKPOINT_MALFORMED */
export function readCheckpoint(text: string): Checkpoint {
  const [, origin = '', written = '', encoded = ''] =
    /^(\S+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/u.exec(text) ?? []
  const [size, root] = [Number(written), decoded(encoded)]
  if (origin === '' || !Number.isSafeInteger(size) || root.length !== 32)
    throw new Refusal('CHECKPOINT_MALFORMED', 'this is no checkpoint of a log')
  return { origin, size, root }
}

/**
 * @param log whose signature there must be; its name is the origin
 * @param atLeast of the witnesses, how many must have signed
 * @throws Refusal CHECKPOINT_MALFORMED, CHECKPOINT_UNSIGNED, CHECKPOINT_OF_ANOTHER_LOG, CHECKPOINT_UNWITNESSED, and
 *   those of `openNote`
 */
export function openCheckpoint(
  note: string,
  log: NoteVerifier,
  witnesses: readonly NoteVerifier[] = [],
  atLeast = 0,
): OpenedCheckpoint {
  const trusted = witnesses.filter(({ kind }) => kind === 'witness')
  const { text, signers } = openNote(note, [log, ...trusted])
  const checkpoint = readCheckpoint(text)
  if (checkpoint.origin !== log.name)
    throw new Refusal(
      'CHECKPOINT_OF_ANOTHER_LOG',
      `this is a checkpoint of \`${checkpoint.origin}\`, not of \`${log.name}\``,
    )
  // a witness may bear the name of the log; only the log signs without a time
  if (!signers.some(({ name, at }) => at === null && name === log.name))
    throw new Refusal('CHECKPOINT_UNSIGNED', `the checkpoint is not signed by the key of \`${log.name}\``)
  const seen = new Map(signers.flatMap(({ name, at }) => (at === null ? [] : [[name, at] as const])))
  if (seen.size < atLeast)
    throw new Refusal(
      'CHECKPOINT_UNWITNESSED',
      `${seen.size} of the ${trusted.length} witnesses that were named have signed the checkpoint over ${checkpoint.size} records, and ${atLeast} must have`,
    )
  return { ...checkpoint, witnesses: [...seen].map(([name, at]) => ({ name, at })) }
}
