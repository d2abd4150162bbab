/**
 * The tree as tiles (c2sp.org/tlog-tiles): 256 hashes a tile, each level of tiles eight levels of the tree. A whole
 * tile never changes; the last of a level is partial. Refuses a tile that is not there or too short.
 */
import { foldBytes, HASH_BYTES, type Hash, leafHash, type NodeAt } from './merkle.ts'

/** Hashes of a whole tile; entries of a whole bundle. */
export const TILE_WIDTH = 256
const TILE_HEIGHT = 8
/** Hashes of a whole tile of which each hash of its middle is made. */
const MIDDLE_SPAN = 16

export interface TilePlace {
  /** of the tiles: 0 holds leaf hashes, 1 the hashes of whole tiles of level 0 … */
  readonly level: number
  readonly index: number
  /** hashes in it, 1 to 256 */
  readonly width: number
}

/** `x001/x234/067`: three digits at a time, all but the last after an x. */
function inThrees(index: number): string {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const parts = padded.match(/\d{3}/g) ?? []
  return parts.map((part, place) => (place < parts.length - 1 ? `x${part}` : part)).join('/')
}

const partial = (width: number) => (width === TILE_WIDTH ? '' : `.p/${width}`)

/** Path below `/ledger/`. */
export const tilePath = ({ level, index, width }: TilePlace): string =>
  `tile/${level}/${inThrees(index)}${partial(width)}`
export const bundlePath = (index: number, width: number): string =>
  `tile/entries/${inThrees(index)}${partial(width)}`

/** @returns null for a path that is none of a tile or bundle */
export function placeOf(
  path: string,
): (TilePlace & { entries: false }) | { entries: true; index: number; width: number } | null {
  const found =
    /^tile\/(entries|\d|[1-5]\d|6[0-3])\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-5]))?$/.exec(
      path,
    )
  if (!found) return null
  const [, level, parts = '', width] = found
  const index = Number(parts.replaceAll(/[x/]/g, ''))
  if (!Number.isSafeInteger(index) || inThrees(index) !== parts) return null
  const place = { index, width: width === undefined ? TILE_WIDTH : Number(width) }
  return level === 'entries'
    ? { entries: true, ...place }
    : { entries: false, level: Number(level), ...place }
}

/** Every tile of a tree of this size, the partial ones last of their level. */
export function* tilesOf(size: number): Generator<TilePlace> {
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH))
    for (let index = 0; index * TILE_WIDTH < count; index++)
      yield { level, index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) }
}

export const hashesIn = (tile: Buffer): Hash[] =>
  Array.from({ length: tile.length / HASH_BYTES }, (_, place) =>
    tile.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES),
  )

/** Halfway between the hashes of a whole tile and its root, one for each sixteen: a proof then folds the rest alone. */
export const middleOf = (hashes: readonly Hash[]): Hash[] =>
  Array.from({ length: hashes.length / MIDDLE_SPAN }, (_, place) =>
    fold(hashes.slice(place * MIDDLE_SPAN, (place + 1) * MIDDLE_SPAN)),
  )

/** Root over a power of two of hashes: of a whole tile, what stands for it in the tile above. */
export function fold(hashes: readonly Hash[]): Hash {
  const [only, ...others] = hashes
  if (!only) throw new Error('nothing to fold')
  return others.length === 0 ? only : foldBytes(Buffer.concat(hashes))
}

/** The tile that a node of the tree is in, or is folded from, and where its hashes stand there. */
export function tileWith(level: number, index: number) {
  const tileLevel = Math.floor(level / TILE_HEIGHT)
  const span = 2 ** (level - tileLevel * TILE_HEIGHT)
  const first = index * span
  return { level: tileLevel, index: Math.floor(first / TILE_WIDTH), begin: first % TILE_WIDTH, span }
}

type HashesAt<Held> = (level: number, index: number) => Held

/**
 * Any node of the tree, out of its tiles.
 * @param tileAt its hashes one behind the other, as many as there are
 * @param middleAt its middle in the same way, where it is at hand
 */
export const nodesIn =
  (tileAt: HashesAt<Buffer>, middleAt: HashesAt<Buffer | null> = () => null): NodeAt =>
  (level, index) => {
    const tile = tileWith(level, index)
    const middle = tile.span < MIDDLE_SPAN ? null : middleAt(tile.level, tile.index)
    const bytes = middle ? HASH_BYTES / MIDDLE_SPAN : HASH_BYTES // for each hash of the tile
    const [begin, length] = [tile.begin * bytes, tile.span * bytes]
    const hashes = (middle ?? tileAt(tile.level, tile.index)).subarray(begin, begin + length)
    if (hashes.length < length) throw new Error(`the log lacks tile ${tile.level}/${tile.index}`)
    return foldBytes(Buffer.from(hashes))
  }

/** Entries of a bundle, each after its length in two bytes. */
export const bundleOf = (entries: readonly Buffer[]): Buffer =>
  Buffer.concat(entries.flatMap((entry) => [Buffer.from([entry.length >> 8, entry.length & 255]), entry]))

/** Where the bundle was cut, those that are whole. */
export function entriesIn(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = []
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 + (at + 2 <= bundle.length ? bundle.readUInt16BE(at) : Number.POSITIVE_INFINITY)
    if (end > bundle.length) break
    entries.push(bundle.subarray(at + 2, end))
    at = end
  }
  return entries
}

/**
 * What the tree holds of one record: its id, and the hash of its exact bytes. Once the record is erased, nothing can
 * be read from what stays: the record held 128 random bits.
 */
export const entryOf = (eventId: string, sha256: Buffer): Buffer =>
  Buffer.from(`{"id":"${eventId}","sha256":"${sha256.toString('hex')}"}`)

export const leafOf = (eventId: string, sha256: Buffer): Hash => leafHash(entryOf(eventId, sha256))
