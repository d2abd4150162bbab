/**
 * What a witness remembers of each log: the last checkpoint that it cosigned, in a file of its own, durable before
 * anybody is told. Refuses a file that it did not write itself, and one that is gone or older than what it wrote since it
 * started: forgetting would let a log go back unseen.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '../../../schema/refusal.ts'
import { writeDurably } from '../durable-file.ts'
import { type OpenedCheckpoint, openCheckpoint } from '../tree/checkpoint.ts'
import type { NoteVerifier } from '../tree/signed-note.ts'
import type { HeldFolder } from './held-folder.ts'

export interface Remembered {
  readonly checkpoint: OpenedCheckpoint
  /** as it was cosigned: signed by the log and by this witness */
  readonly note: string
}

export interface WitnessMemory {
  /** @returns null where no checkpoint of the log was cosigned yet. @throws Refusal WITNESS_MEMORY_ALTERED */
  last(log: NoteVerifier): Promise<Remembered | null>
  keep(log: NoteVerifier, note: string): Promise<void>
}

/** Name of a log in paths, as c2sp.org/tlog-witness writes it. */
export const originHash = (origin: string): string => createHash('sha256').update(origin).digest('hex')

export function witnessMemory({ path: folder }: HeldFolder, witness: NoteVerifier): WitnessMemory {
  const fileOf = (log: NoteVerifier) => join(folder, originHash(log.name))
  /** sizes by the log's name, since the start */
  const seen = new Map<string, number>()
  return {
    async last(log) {
      const note = await readFile(fileOf(log), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
      const checkpoint = note === null ? null : ownCheckpoint(note, log, witness)
      if ((checkpoint?.size ?? 0) < (seen.get(log.name) ?? 0)) throw altered(log)
      return note === null || checkpoint === null ? null : { checkpoint, note }
    },
    async keep(log, note) {
      const { size } = ownCheckpoint(note, log, witness)
      await writeDurably(fileOf(log), note)
      seen.set(log.name, size)
    },
  }
}

function ownCheckpoint(note: string, log: NoteVerifier, witness: NoteVerifier): OpenedCheckpoint {
  try {
    const checkpoint = openCheckpoint(note, log, [witness])
    if (checkpoint.witnesses.length > 0) return checkpoint
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
  throw altered(log)
}

const altered = ({ name }: NoteVerifier) =>
  new Refusal(
    'WITNESS_MEMORY_ALTERED',
    `what was kept of the log \`${name}\` is not what this witness cosigned under that log's key; find out who changed it before the witness goes on`,
  )
