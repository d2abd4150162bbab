/**
 * Names the first record of an export that is not what was signed. Slow and thorough: it is asked only where something
 * is known to be wrong.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { EXPORTED } from '../tree/export.ts'
import type { Hash } from '../tree/merkle.ts'
import { leafOf } from '../tree/tile.ts'
import { readBetween } from './check.ts'
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

const HASH_BYTES = 32
const LINE = /^([0-9a-f-]{36}) ([0-9a-f]{64}) (-|\{.*\})$/
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
  if (index === size) throw new Error('the records were changed while they were checked')
  return { kind: 'missing', index }
}

/** @param at byte of the file; a line belongs to what follows if it begins there or later */
async function* linesOf(folder: string, at: number): AsyncGenerator<string> {
  const start = Math.max(at - 1, 0)
  const lines = createInterface({
    input: createReadStream(join(folder, EXPORTED.records), { start }),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  let skip = at > 0
  for await (const line of lines) {
    if (!skip) yield line
    skip = false
  }
}

function readLine(line: string): ReadLine | null {
  const [, eventId = '', sha256 = '', record = ''] = LINE.exec(line) ?? []
  if (eventId === '') return null
  const leaf = leafOf(eventId, Buffer.from(sha256, 'hex'))
  if (record === '-') return { eventId, leaf, fits: true }
  const fits =
    createHash('sha256').update(record).digest('hex') === sha256 && record.includes(`"id":"${eventId}"`)
  return { eventId, leaf, fits }
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
