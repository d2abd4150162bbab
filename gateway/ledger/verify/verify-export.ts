/**
 * Checks an exported log without a network and without trusting who wrote it: signature, tree, and every record's
 * bytes, on all cores. Names the first record that was altered, is missing, or stands in another's place.
 */
import { closeSync, fstatSync, openSync } from 'node:fs'
import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '../../../schema/refusal.ts'
import { EXPORTED } from '../tree/export.ts'
import { foldBytes, HASH_BYTES, type Hash, type NodeAt, rootOf } from '../tree/merkle.ts'
import { fold } from '../tree/tile.ts'
import { type CheckedLines, readBetween, type Stretch } from './check.ts'
import { openThreads, type Threads } from './check-thread.ts'
import { checkpointFor, type Finding, type VerifySettings } from './finding.ts'
import { firstMisplaced } from './first-misplaced.ts'

const SHARE_LEVEL = 15 // of the tree: a thread folds 32,768 leaves at once, 1 MB
const SHARE_LEAVES = 2 ** SHARE_LEVEL
const SHARE_BYTES = 1024 * 1024 // of records, for a thread at once: about 500, as much as stays near the processor
/** Below so many records this thread is done before another has started. */
const WORTH_THREADS = 50_000

const LARGEST_CHECKPOINT = 64 * 1024 // bytes, with the signatures of many witnesses

/** @throws Refusal EXPORT_MALFORMED, EXPORT_CHANGED, and those of `openCheckpoint` and CHECKPOINT_UNWITNESSED */
export async function verifyExport(folder: string, settings: VerifySettings): Promise<Finding> {
  const { kept = [], progress = () => undefined } = settings
  await refuseOddFiles(folder)
  const checkpoint = checkpointFor(await readFile(join(folder, EXPORTED.checkpoint), 'utf8'), settings)
  const { size, root } = checkpoint
  const back = kept.find((each) => each.size > size)
  if (back) return { kind: 'rolled-back', size, kept: back.size }
  const file = join(folder, EXPORTED.leaves)
  const leaves = openSync(file, 'r')
  const threads = openThreads(settings.threads ?? (size < WORTH_THREADS ? 1 : undefined))
  try {
    if (fstatSync(leaves).size !== size * HASH_BYTES) return { kind: 'forked', size }
    const nodeAt = await nodesOf(file, leaves, size, threads)
    for (const each of kept)
      if (!rootOf(nodeAt, each.size).equals(each.root)) return { kind: 'not-grown-from', size: each.size }
    if (!rootOf(nodeAt, size).equals(root)) return { kind: 'forked', size }
    const checked = await checkRecords(folder, leaves, size, threads, progress)
    if ('kind' in checked) return checked
    const { erased, onRecord } = checked
    return erased > onRecord ? { kind: 'emptied', erased, onRecord } : { kind: 'whole', checkpoint, erased }
  } finally {
    closeSync(leaves)
    await threads.close()
  }
}

/** A link or a pipe would have us read another file, or for ever. */
async function refuseOddFiles(folder: string): Promise<void> {
  for (const name of Object.values(EXPORTED)) {
    const found = await lstat(join(folder, name)).catch(() => null)
    const most = name === EXPORTED.checkpoint ? LARGEST_CHECKPOINT : Number.POSITIVE_INFINITY
    if (!found?.isFile() || found.size > most)
      throw new Refusal(
        'EXPORT_MALFORMED',
        `${folder} is no folder of \`ledger export\`: \`${name}\` is not there, or is no file as an export has it`,
      )
  }
}

/** Any node of the tree, out of the file of leaf hashes; those that much hangs from are worked out side by side. */
async function nodesOf(file: string, leaves: number, size: number, threads: Threads): Promise<NodeAt> {
  const shares = Array.from({ length: Math.floor(size / SHARE_LEAVES) }, (_, share): Stretch => {
    const begin = share * SHARE_LEAVES * HASH_BYTES
    return { file, begin, end: begin + SHARE_LEAVES * HASH_BYTES }
  })
  const roots: Hash[] = []
  for await (const root of threads.inOrder('root', shares)) roots.push(Buffer.from(root))
  return (level, index) => {
    if (level < SHARE_LEVEL) {
      const bytes = 2 ** level * HASH_BYTES
      return foldBytes(readBetween(leaves, index * bytes, (index + 1) * bytes))
    }
    const span = 2 ** (level - SHARE_LEVEL)
    return fold(roots.slice(index * span, (index + 1) * span))
  }
}

/** @returns how many records were erased and of how many that is on record, or the first that is not what the leaves say */
async function checkRecords(
  folder: string,
  leaves: number,
  size: number,
  threads: Threads,
  progress: (done: number, all: number) => void,
): Promise<Finding | Pick<CheckedLines, 'erased' | 'onRecord'>> {
  const file = join(folder, EXPORTED.records)
  let [index, erased, onRecord, stretch] = [0, 0, 0, 0]
  for await (const lines of threads.inOrder('lines', stretchesOf(file))) {
    const count = lines.leaves.length / HASH_BYTES
    const signed = readBetween(leaves, index * HASH_BYTES, Math.min(index + count, size) * HASH_BYTES)
    if (lines.unfit || !signed.equals(lines.leaves))
      return await firstMisplaced({ folder, leaves, size, from: index, at: stretch * SHARE_BYTES })
    index += count
    erased += lines.erased
    onRecord += lines.onRecord
    stretch++
    progress(index, size)
  }
  return index < size ? { kind: 'missing', index } : { erased, onRecord }
}

function* stretchesOf(file: string): Generator<Stretch> {
  const handle = openSync(file, 'r')
  const { size } = fstatSync(handle)
  closeSync(handle)
  for (let begin = 0; begin < size; begin += SHARE_BYTES)
    yield { file, begin, end: Math.min(begin + SHARE_BYTES, size) }
}
