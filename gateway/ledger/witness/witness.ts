/**
 * Watches logs for an agency that does not trust who keeps them: cosigns a checkpoint only where the log has grown from
 * what it showed before, and remembers it before it says so. Refuses a smaller or rewritten log, and raises an alert.
 */
import { Refusal } from '../../../schema/refusal.ts'
import type { OperatorLog } from '../operator-log.ts'
import { openCheckpoint, readCheckpoint } from '../tree/checkpoint.ts'
import {
  type NoteSigner,
  type NoteVerifier,
  onlySignedBy,
  openNote,
  signatureLine,
} from '../tree/signed-note.ts'
import type { HeldFolder } from './held-folder.ts'
import { judge } from './judge.ts'
import { originHash, witnessMemory } from './memory.ts'
import { readSubmission, type Submission } from './submission.ts'

export interface WitnessSettings {
  /** the agency's own key */
  readonly signer: NoteSigner
  /** whose checkpoints are cosigned; a log's name is its origin */
  readonly logs: readonly NoteVerifier[]
  /** where what was seen is kept */
  readonly folder: HeldFolder
  readonly clock: () => Date
  readonly log: OperatorLog
}

export type Verdict =
  /** the line to append to the checkpoint */
  | { readonly kind: 'cosigned'; readonly line: string }
  /** the witness last cosigned this size, not the one that the submission names */
  | { readonly kind: 'stale'; readonly size: number }

export interface Witness {
  /**
   * @param body as c2sp.org/tlog-witness writes it
   * @throws Refusal SUBMISSION_MALFORMED, NOTE_MALFORMED, CHECKPOINT_MALFORMED, LOG_UNKNOWN, CHECKPOINT_UNSIGNED,
   *   NOTE_SIGNATURE_WRONG, CHECKPOINT_FORKED, GROWTH_UNPROVEN
   */
  addCheckpoint(body: string): Promise<Verdict>
  /** the last checkpoint that was cosigned of a log. @param hash SHA-256 of its origin, in hex */
  lastOf(hash: string): Promise<string | null>
}

/** @throws Refusal WITNESS_MEMORY_ALTERED where what was kept is not what was cosigned */
export async function openWitness({ signer, logs, folder, clock, log }: WitnessSettings): Promise<Witness> {
  const memory = witnessMemory(folder, signer)
  for (const each of logs) await memory.last(each)
  const turns = new Map<string, Promise<unknown>>()
  let alerted = ''

  /** One at a time for each log: whoever came second is judged by what came first. */
  async function inTurn<T>({ name }: NoteVerifier, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(name) ?? Promise.resolve()).then(work)
    turns.set(
      name,
      turn.catch(() => undefined),
    )
    return await turn
  }

  async function consider(from: NoteVerifier, submission: Submission): Promise<Verdict> {
    const { note } = submission
    const offered = openCheckpoint(note, from)
    const seen = await memory.last(from)
    const about = { origin: from.name, offered: offered.size, seen: seen?.checkpoint.size ?? 0 }
    try {
      const judgement = judge(submission, offered, seen?.checkpoint ?? null)
      if (judgement.kind === 'stale') {
        if (offered.size < judgement.size) log.warn(about, 'a log offers fewer records than it showed before')
        return judgement
      }
    } catch (refused) {
      if (seen) alert(refused, about, seen.note, note)
      throw refused
    }
    const { text } = openNote(note, [from])
    const line = signatureLine(text, signer, clock())
    await memory.keep(from, `${onlySignedBy(note, [from])}${line}`)
    return { kind: 'cosigned', line }
  }

  /** Once for each note, with both: two signatures of the log that cannot be true together are the proof. */
  function alert(refused: unknown, about: object, seen: string, offered: string): void {
    if (!(refused instanceof Refusal) || refused.code === 'SUBMISSION_MALFORMED' || offered === alerted)
      return
    alerted = offered
    const alert = { alert: refused.code, ...about, notes: { seen, offered } }
    log.error(alert, `a log is not what it was seen to be: ${refused.message}`)
  }

  return {
    async addCheckpoint(body) {
      const submission = readSubmission(body)
      const { origin } = readCheckpoint(openNote(submission.note, []).text)
      const from = logs.find(({ name }) => name === origin)
      if (!from)
        throw new Refusal('LOG_UNKNOWN', 'this witness does not watch a log of that origin; ask its agency')
      return await inTurn(from, () => consider(from, submission))
    },
    async lastOf(hash) {
      const from = logs.find(({ name }) => originHash(name) === hash)
      return (from && (await memory.last(from))?.note) ?? null
    },
  }
}
