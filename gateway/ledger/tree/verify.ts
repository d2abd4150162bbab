/**
 * Checks an exported log without a network and without trusting who wrote it: signature, tree, and every record's
 * bytes. Names the first record that was altered, is missing, or stands in another's place.
 */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Checkpoint, type OpenedCheckpoint, openCheckpoint } from './checkpoint.ts'
import { EXPORTED } from './export.ts'
import { growingTree } from './growing-tree.ts'
import type { Hash } from './merkle.ts'
import type { NoteVerifier } from './signed-note.ts'
import { hashesIn, leafOf } from './tile.ts'

export type Finding =
  | { readonly kind: 'whole'; readonly checkpoint: OpenedCheckpoint; readonly erased: number }
  /** the leaves do not lead to the signed root: the log was rewritten, or the checkpoint belongs to another */
  | { readonly kind: 'forked'; readonly size: number }
  /** it does not grow from a checkpoint that the reader kept */
  | { readonly kind: 'not-grown-from'; readonly size: number }
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

export interface VerifySettings {
  readonly log: NoteVerifier
  readonly witnesses?: readonly NoteVerifier[]
  /** checkpoints that the reader kept from before: the log must have grown from each */
  readonly kept?: readonly Checkpoint[]
  readonly progress?: (done: number, all: number) => void
}

const LINE = /^([0-9a-f-]{36}) ([0-9a-f]{64}) (-|\{.*\})$/

/** @throws Refusal of `openCheckpoint` */
export async function verifyExport(folder: string, settings: VerifySettings): Promise<Finding> {
  const { log, witnesses = [], kept = [], progress = () => undefined } = settings
  const checkpoint = openCheckpoint(await readFile(join(folder, EXPORTED.checkpoint), 'utf8'), log, witnesses)
  const { size, root } = checkpoint
  const leaves = hashesIn(await readFile(join(folder, EXPORTED.leaves)))
  const forked = firstFork(leaves, { size, root }, kept)
  if (forked) return forked

  const lines = createInterface({ input: createReadStream(join(folder, EXPORTED.records)) })
  let index = 0
  let erased = 0
  for await (const line of lines) {
    if (index === size) return { kind: 'surplus', index }
    const read = readLine(line)
    const expected = leaves[index] as Hash
    if (!read?.leaf.equals(expected)) {
      lines.close()
      return misplaced(leaves, index, read, await stands(folder, expected))
    }
    if (!read.fits) return { kind: 'altered', index, eventId: read.eventId }
    if (read.erased) erased++
    index++
    if (index % 10_000 === 0) progress(index, size)
  }
  if (index < size) return { kind: 'missing', index }
  progress(size, size)
  return { kind: 'whole', checkpoint, erased }
}

/** Leaves against the signed root, and against what the reader kept. */
function firstFork(
  leaves: readonly Hash[],
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
  kept: readonly Checkpoint[],
): Finding | null {
  if (leaves.length !== size) return { kind: 'forked', size }
  const tree = growingTree(0, [])
  const roots = new Map(kept.map((each) => [each.size, each.root]))
  for (const each of roots.keys()) if (each > size) return { kind: 'not-grown-from', size: each }
  for (const leaf of leaves) {
    tree.add(leaf)
    const known = roots.get(tree.size)
    if (known && !known.equals(tree.root())) return { kind: 'not-grown-from', size: tree.size }
  }
  return tree.root().equals(root) ? null : { kind: 'forked', size }
}

interface ReadLine {
  readonly eventId: string
  readonly leaf: Hash
  /** the bytes are those of the hash, and carry the id */
  readonly fits: boolean
  readonly erased: boolean
}

function readLine(line: string): ReadLine | null {
  const [, eventId = '', sha256 = '', record = ''] = LINE.exec(line) ?? []
  if (eventId === '') return null
  const leaf = leafOf(eventId, Buffer.from(sha256, 'hex'))
  if (record === '-') return { eventId, leaf, fits: true, erased: true }
  const fits =
    createHash('sha256').update(record).digest('hex') === sha256 && record.includes(`"id":"${eventId}"`)
  return { eventId, leaf, fits, erased: false }
}

/** Whether a record is anywhere in the export. */
async function stands(folder: string, leaf: Hash): Promise<boolean> {
  const lines = createInterface({ input: createReadStream(join(folder, EXPORTED.records)) })
  for await (const line of lines) if (readLine(line)?.leaf.equals(leaf)) return true
  return false
}

/** What stands where another record was signed. @param elsewhere whether that one is somewhere else */
function misplaced(
  leaves: readonly Hash[],
  index: number,
  read: ReadLine | null,
  elsewhere: boolean,
): Finding {
  const eventId = read?.eventId ?? 'unreadable'
  const belongsAt = read ? leaves.findIndex((leaf) => leaf.equals(read.leaf)) : -1
  if (belongsAt >= 0)
    return elsewhere ? { kind: 'reordered', index, eventId, belongsAt } : { kind: 'missing', index }
  return elsewhere ? { kind: 'inserted', index, eventId } : { kind: 'altered', index, eventId }
}
