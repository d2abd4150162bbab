/**
 * The parts of a check that need no other part, so that each core can do its share: the lines of a stretch of exported
 * records, and the root over a stretch of leaf hashes. Pure but for reading the file. Refuses nothing: it tells what the
 * bytes say, and whoever compares it with what was signed decides.
 */
import { hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { accountedBy, ERASURE } from '../erasure-count.ts'
import { foldBytes, HASH_BYTES } from '../tree/merkle.ts'
import { entryOf } from '../tree/tile.ts'

export interface Stretch {
  readonly file: string
  /** bytes of the file; a line belongs to the stretch in which it begins */
  readonly begin: number
  readonly end: number
}

/** What the lines of a stretch say of the tree. */
export interface CheckedLines {
  /** leaf hashes, one behind the other, up to the first line that does not fit itself */
  readonly leaves: Uint8Array
  readonly erased: number
  /** records that the erasures among the lines say they erased */
  readonly onRecord: number
  /** a line whose bytes are not those of its hash, or that cannot be read, came next */
  readonly unfit: boolean
}

const NEWLINE = 10
const SPACE = 32
const ERASED = 45 // a dash
/** Lengths in a line: `<id> <hash> <record>`. */
const ID = 36
const HASH = 64
export const RECORD_AT = ID + 1 + HASH + 1
const MORE = 1 << 16 // bytes read at once beyond a stretch, for the end of its last line
/** Bytes; twice the largest record that the log carries. What goes on longer is no line of it. */
export const LONGEST_LINE = 2_000_000

/** An entry before it is hashed, with the byte that RFC 6962 puts before a leaf; id and hash are written into it. */
const entry = Buffer.concat([Buffer.from([0]), entryOf('i'.repeat(ID), Buffer.alloc(HASH_BYTES))])
const ID_AT = entry.indexOf('i'.repeat(ID))
const HASH_AT = entry.indexOf('0'.repeat(HASH))

/** How a record writes its own id. */
const ownId = Buffer.from(`"id":"${'i'.repeat(ID)}"`)
const OWN_ID_AT = ownId.indexOf('i'.repeat(ID))

export function checkLines(stretch: Stretch): CheckedLines {
  const bytes = linesOf(stretch)
  const leaves = Buffer.alloc(Math.ceil(bytes.length / (RECORD_AT + 2)) * HASH_BYTES)
  let [at, count, erased, onRecord, unfit] = [0, 0, 0, 0, false]
  let erasure = bytes.indexOf(ERASURE)
  while (at < bytes.length) {
    const found = bytes.indexOf(NEWLINE, at)
    const end = found < 0 ? bytes.length : found
    const fits = fitsItself(bytes, at, end)
    if (fits === 'no') {
      unfit = true
      break
    }
    if (fits === 'erased') erased++
    if (erasure >= at && erasure < end) {
      onRecord += accountedBy(bytes.subarray(at + RECORD_AT, end))
      erasure = bytes.indexOf(ERASURE, end)
    }
    bytes.copy(entry, ID_AT, at, at + ID)
    bytes.copy(entry, HASH_AT, at + ID + 1, at + ID + 1 + HASH)
    leaves.write(hash('sha256', entry, 'binary'), count++ * HASH_BYTES, HASH_BYTES, 'latin1')
    at = end + 1
  }
  return { leaves: copyOf(leaves.subarray(0, count * HASH_BYTES)), erased, onRecord, unfit }
}

/** What goes to another thread takes all with it that its memory is a part of. */
const copyOf = (bytes: Buffer): Uint8Array => new Uint8Array(bytes)

/** Whether a line holds a record with the hash and the id that stand before it. */
export function fitsItself(bytes: Buffer, at: number, end: number): 'yes' | 'erased' | 'no' {
  const record = at + RECORD_AT
  if (end <= record || end - at > LONGEST_LINE) return 'no'
  if (bytes[at + ID] !== SPACE || bytes[record - 1] !== SPACE) return 'no'
  if (bytes[record] === ERASED) return end === record + 1 ? 'erased' : 'no'
  const body = bytes.subarray(record, end)
  if (hash('sha256', body, 'hex') !== bytes.toString('latin1', at + ID + 1, record - 1)) return 'no'
  bytes.copy(ownId, OWN_ID_AT, at, at + ID)
  return body.lastIndexOf(ownId) >= 0 ? 'yes' : 'no' // from behind: it stands near the end
}

/** What is read of a stretch; nothing here waits, so one place is enough. */
let place = Buffer.alloc(0)

/** The whole lines that begin within the stretch, until the next stretch is read. */
function linesOf({ file, begin, end }: Stretch): Buffer {
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    // one byte before, to see whether a line begins where the stretch does
    const from = Math.max(begin - 1, 0)
    const length = Math.min(end, size) - from
    const until = (beyond: number) => {
      const wanted = Math.max(Math.min(end + beyond, size) - from, 0)
      if (place.length < wanted) place = Buffer.allocUnsafeSlow(wanted)
      return filledFrom(handle, from, place.subarray(0, wanted))
    }
    let bytes = until(MORE)
    const first = begin === 0 ? 0 : bytes.indexOf(NEWLINE) + 1
    if ((begin > 0 && first === 0) || first >= length) return Buffer.alloc(0)
    let last = bytes.indexOf(NEWLINE, length - 1)
    if (last < 0) {
      bytes = until(LONGEST_LINE)
      last = bytes.indexOf(NEWLINE, length - 1)
    }
    return bytes.subarray(first, last < 0 ? bytes.length : last + 1)
  } finally {
    closeSync(handle)
  }
}

/** The root over the leaf hashes in these bytes of a file; a power of two of them. */
export function rootBetween({ file, begin, end }: Stretch): Uint8Array {
  const handle = openSync(file, 'r')
  try {
    return copyOf(foldBytes(readBetween(handle, begin, end)))
  } finally {
    closeSync(handle)
  }
}

export const readBetween = (handle: number, begin: number, end: number): Buffer =>
  filledFrom(handle, begin, Buffer.allocUnsafe(Math.max(end - begin, 0)))

/** As many bytes of a file as there are. */
function filledFrom(handle: number, begin: number, bytes: Buffer): Buffer {
  let filled = 0
  while (filled < bytes.length) {
    const read = readSync(handle, bytes, filled, bytes.length - filled, begin + filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}
