/**
 * What a log sends to a witness (c2sp.org/tlog-witness, `add-checkpoint`): the size that the witness is thought to
 * have seen, the proof that the log has grown from it, and the signed checkpoint. Refuses what is written otherwise.
 */
import { Refusal } from '../../../schema/refusal.ts'
import type { Hash } from '../tree/merkle.ts'
import { decoded } from '../tree/signed-note.ts'

export interface Submission {
  /** size of the last checkpoint that the witness cosigned; 0 for none */
  readonly old: number
  /** of growth from `old` to the checkpoint; at most 63 hashes */
  readonly proof: readonly Hash[]
  /** the checkpoint as the log signed it */
  readonly note: string
}

const MOST_HASHES = 63

export const submissionText = ({ old, proof, note }: Submission): string =>
  `${[`old ${old}`, ...proof.map((hash) => hash.toString('base64'))].join('\n')}\n\n${note}`

/** @throws Refusal SUBMISSION_MALFORMED */
export function readSubmission(body: string): Submission {
  const end = body.indexOf('\n\n')
  const [first = '', ...lines] = body.slice(0, Math.max(end, 0)).split('\n')
  const old = Number(/^old (0|[1-9]\d{0,15})$/.exec(first)?.[1] ?? Number.NaN)
  const proof = lines.map(decoded)
  if (!Number.isSafeInteger(old) || lines.length > MOST_HASHES || proof.some(({ length }) => length !== 32))
    throw new Refusal(
      'SUBMISSION_MALFORMED',
      'this is no submission: it has a line `old <size>`, at most 63 hashes in base64, an empty line, and a checkpoint',
    )
  return { old, proof, note: body.slice(end + 2) }
}
