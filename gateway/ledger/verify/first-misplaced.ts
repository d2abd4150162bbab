/**
 * Names the first record of an export that is not what was signed. Slow and thorough: it is asked only where something
 * is known to be wrong.
 */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '../../../schema/refusal.ts'
import { EXPORTED } from '../tree/export.ts'
import { HASH_BYTES, type Hash } from '../tree/merkle.ts'
import { leafOf } from '../tree/tile.ts'
import { fitsItself, LONGEST_LINE, RECORD_AT, readBetween } from './check.ts'
import type { Finding } from './finding.ts'

export interface Suspicion {
  readonly folder: string
  /** open file of the leaf hashes, which lead to the signed root */
  readonly leaves: number
  readonly size: number
  /** index of the first line that begins at this byte of the records, or after it */
  readonly from: number
  readonly at: number
}

const NEWLINE = 10
const HEAD = /^([0-9a-f-]{36}) ([0-9a-f]{64}) $/
const LEAVES_AT_ONCE = 32_768

interface ReadLine {
  readonly eventId: string
  readonly leaf: Hash
  /** the bytes are those of the hash, and carry the id */
  readonly fits: boolean
}

export async function firstMisplaced({ folder, leaves, size, from, at }: Suspicion): Promise<Finding> {
  let index = from
  for await (const line of linesOf(folder, at)) {
    if (index === size) return { kind: 'surplus', index }
    const read = readLine(line)
    const expected = readBetween(leaves, index * HASH_BYTES, (index + 1) * HASH_BYTES)
    if (!read?.leaf.equals(expected)) {
      const elsewhere = await stands(folder, expected)
      const eventId = read?.eventId ?? 'unreadable'
      const belongsAt = read ? placeOf(leaves, size, read.leaf) : -1
      if (belongsAt >= 0)
        return elsewhere ? { kind: 'reordered', index, eventId, belongsAt } : { kind: 'missing', index }
      return elsewhere ? { kind: 'inserted', index, eventId } : { kind: 'altered', index, eventId }
    }
    if (!read.fits) return { kind: 'altered', index, eventId: read.eventId }
    index++
  }
  if (index === size)
    throw new Refusal('EXPORT_CHANGED', 'the records were changed while they were checked; check them again')
  return { kind: 'missing', index }
}

/** @param at byte of the file; a line belongs to what follows if it begins there or later */
async function* linesOf(folder: string, at: number): AsyncGenerator<Buffer> {
  const start = Math.max(at - 1, 0)
  let [rest, skip] = [Buffer.alloc(0), at > 0]
  for await (const chunk of createReadStream(join(folder, EXPORTED.records), { start })) {
    rest = Buffer.concat([rest, chunk as Buffer])
    let begin = 0
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, begin)) {
      if (!skip) yield rest.subarray(begin, end)
      skip = false
      begin = end + 1
    }
    rest = rest.subarray(begin)
    if (rest.length > LONGEST_LINE) break
  }
  if (rest.length > 0 && !skip) yield rest
}

function readLine(line: Buffer): ReadLine | null {
  const [, eventId = '', sha256 = ''] = HEAD.exec(line.toString('latin1', 0, RECORD_AT)) ?? []
  if (eventId === '') return null
  const leaf = leafOf(eventId, Buffer.from(sha256, 'hex'))
  return { eventId, leaf, fits: fitsItself(line, 0, line.length) !== 'no' }
}

/** Whether a record is anywhere in the export. */
async function stands(folder: string, leaf: Hash): Promise<boolean> {
  for await (const line of linesOf(folder, 0)) if (readLine(line)?.leaf.equals(leaf)) return true
  return false
}

/** @returns where a leaf was signed; -1 for nowhere */
function placeOf(leaves: number, size: number, leaf: Hash): number {
  for (let begin = 0; begin < size; begin += LEAVES_AT_ONCE) {
    const end = Math.min(begin + LEAVES_AT_ONCE, size)
    const bytes = readBetween(leaves, begin * HASH_BYTES, end * HASH_BYTES)
    for (let at = bytes.indexOf(leaf); at >= 0; at = bytes.indexOf(leaf, at + 1))
      if (at % HASH_BYTES === 0) return begin + at / HASH_BYTES
  }
  return -1
}
