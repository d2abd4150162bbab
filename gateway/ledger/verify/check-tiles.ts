/**
 * A stretch of a published log (c2sp.org/tlog-tiles): each bundle of entries against the tile of their hashes. Tells
 * what stands for each tile in the level above, worked out from the entries alone. Refuses a log that does not answer.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { bodyWithin } from '../body-within.ts'
import { foldBytes, HASH_BYTES, type Hash, leafHash } from '../tree/merkle.ts'
import { bundlePath, entriesIn, hashesIn, TILE_WIDTH, tilePath } from '../tree/tile.ts'
import type { Finding } from './finding.ts'

export interface TileRange {
  /** address of the log, with a slash at its end */
  readonly url: string
  /** records in the log */
  readonly size: number
  /** tiles of level 0, from and up to */
  readonly begin: number
  readonly end: number
}

/** The first thing that is not as its tile says. */
export type TileFault = Extract<
  Finding,
  { kind: 'missing' | 'surplus' | 'altered' | 'inserted' | 'reordered' | 'tile-altered' }
>

export interface CheckedTiles {
  /** of each whole tile the hash that stands for it; of the last of a log, which is not whole, its leaf hashes */
  readonly hashes: Uint8Array
  readonly fault: TileFault | null
}

const AT_ONCE = 8 // bundles under way
const TRIES = 3
const AGAIN_AFTER = 200 // milliseconds, times the try
const PATIENCE = 30_000 // milliseconds for one answer
const ANSWER_LIMIT = 64 * 1024 // bytes; a bundle of ours has 31 kB, a tile 8 kB

/** @returns null where there is no such thing. @throws where the log does not answer */
export async function fetchFrom(url: string, path: string): Promise<Buffer | null> {
  for (let tries = 1; ; tries++)
    try {
      const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(PATIENCE) })
      if (response.status === 404) return null
      if (!response.ok) throw new Error(`status ${response.status}`)
      return await bodyWithin(response, ANSWER_LIMIT)
    } catch (error) {
      if (tries === TRIES)
        throw new Error(
          `the log at ${url} does not give \`${path}\`: ${error instanceof Error ? error.message : error}`,
        )
      await pause(AGAIN_AFTER * tries)
    }
}

export async function checkTiles(range: TileRange): Promise<CheckedTiles> {
  const hashes: Uint8Array[] = []
  for (let index = range.begin; index < range.end; index += AT_ONCE) {
    const several = Array.from({ length: Math.min(AT_ONCE, range.end - index) }, (_, place) =>
      checkTile(range, index + place),
    )
    for (const tile of await Promise.all(several)) {
      if (tile.fault) return { hashes: new Uint8Array(), fault: tile.fault }
      hashes.push(tile.hashes)
    }
  }
  return { hashes: new Uint8Array(Buffer.concat(hashes)), fault: null }
}

async function checkTile({ url, size }: TileRange, index: number): Promise<CheckedTiles> {
  const begin = index * TILE_WIDTH
  const width = Math.min(TILE_WIDTH, size - begin)
  const path = tilePath({ level: 0, index, width })
  const [bundle, tile] = await Promise.all([fetchFrom(url, bundlePath(index, width)), fetchFrom(url, path)])
  const nothing = Buffer.alloc(0)
  if (!bundle || !tile) return { hashes: nothing, fault: { kind: 'missing', index: begin } }
  const entries = entriesIn(bundle)
  const leaves = entries.map(leafHash)
  const signed = hashesIn(tile)
  for (const [place, leaf] of leaves.entries()) {
    if (place >= width) return { hashes: nothing, fault: { kind: 'surplus', index: begin + place } }
    const expected = signed[place]
    if (!expected?.equals(leaf))
      return { hashes: nothing, fault: misplaced({ entries, leaves, signed, begin, place }) }
  }
  if (entries.length < width)
    return { hashes: nothing, fault: { kind: 'missing', index: begin + entries.length } }
  if (entries.reduce((bytes, { length }) => bytes + 2 + length, 0) < bundle.length)
    return { hashes: nothing, fault: { kind: 'surplus', index: begin + width } }
  if (tile.length !== width * HASH_BYTES)
    return { hashes: nothing, fault: { kind: 'tile-altered', path, begin, end: begin + width } }
  return { hashes: width === TILE_WIDTH ? Buffer.from(foldBytes(tile)) : tile, fault: null }
}

/** What stands where another entry was signed; as far as this bundle and its tile tell. */
function misplaced(at: {
  readonly entries: readonly Buffer[]
  readonly leaves: readonly Hash[]
  readonly signed: readonly Hash[]
  readonly begin: number
  readonly place: number
}): TileFault {
  const { entries, leaves, signed, begin, place } = at
  const eventId = /^\{"id":"([0-9a-f-]{36})"/.exec(entries[place]?.toString() ?? '')?.[1] ?? 'unreadable'
  const index = begin + place
  const elsewhere = leaves.some((leaf) => signed[place]?.equals(leaf))
  const belongs = signed.findIndex((hash) => leaves[place]?.equals(hash))
  if (belongs < 0) return { kind: elsewhere ? 'inserted' : 'altered', index, eventId }
  return elsewhere
    ? { kind: 'reordered', index, eventId, belongsAt: begin + belongs }
    : { kind: 'missing', index }
}
