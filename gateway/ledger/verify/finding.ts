/** What a check of the log finds: that it is whole, or the first thing that is not as it was signed. */
import { type Checkpoint, type OpenedCheckpoint, openCheckpoint } from '../tree/checkpoint.ts'
import type { Trusted } from '../tree/proof-file.ts'

export type Finding =
  | { readonly kind: 'whole'; readonly checkpoint: OpenedCheckpoint; readonly erased: number }
  /** the leaves do not lead to the signed root: the log was rewritten, or the checkpoint belongs to another */
  | { readonly kind: 'forked'; readonly size: number }
  /** it does not grow from a checkpoint that the reader kept */
  | { readonly kind: 'not-grown-from'; readonly size: number }
  /** it holds fewer records than a checkpoint that the reader kept */
  | { readonly kind: 'rolled-back'; readonly size: number; readonly kept: number }
  /** what more records said is gone than the erasures on record account for: somebody took it out */
  | { readonly kind: 'emptied'; readonly erased: number; readonly onRecord: number }
  | { readonly kind: 'missing'; readonly index: number }
  | { readonly kind: 'altered'; readonly index: number; readonly eventId: string }
  /** the record at `index` is the one that was signed at `belongsAt` */
  | {
      readonly kind: 'reordered'
      readonly index: number
      readonly eventId: string
      readonly belongsAt: number
    }
  /** a record that was never signed stands before the one at `index` */
  | { readonly kind: 'inserted'; readonly index: number; readonly eventId: string }
  /** more records than were signed */
  | { readonly kind: 'surplus'; readonly index: number }
  /** a tile of hashes is not the one that was signed; it covers the records from `begin` up to `end` */
  | { readonly kind: 'tile-altered'; readonly path: string; readonly begin: number; readonly end: number }

export interface VerifySettings extends Trusted {
  /** checkpoints that the reader kept from before: the log must have grown from each */
  readonly kept?: readonly Checkpoint[]
  readonly progress?: (done: number, all: number) => void
  /** threads that check, this one among them (default: one for each core, where the log is large) */
  readonly threads?: number
}

/** @throws Refusal of `openCheckpoint` and CHECKPOINT_UNWITNESSED */
export const checkpointFor = (note: string, { log, witnesses, atLeast }: VerifySettings): OpenedCheckpoint =>
  openCheckpoint(note, log, witnesses, atLeast ?? witnesses?.length)
