/** The tree as the ledger's database holds it: leaves with their places, and every tile that is whole. */
import type { ClientBase, Pool } from 'pg'
import { type GrowingTree, growingTree } from './growing-tree.ts'
import { HASH_BYTES, type Hash } from './merkle.ts'
import { fold, hashesIn, leafOf, TILE_WIDTH, type TilePlace } from './tile.ts'

type Reader = Pick<ClientBase | Pool, 'query'>

/** The database lacks what its own checkpoint covers: it was tampered with, or an older backup was restored. */
export class TreeIncomplete extends Error {
  constructor(what: string) {
    super(`the ledger's database lacks ${what}`)
    this.name = 'TreeIncomplete'
  }
}

interface Leaf {
  readonly event_id: string
  readonly sha256: Buffer
}

/** Leaves from `begin` up to `end`, in order; fewer where there are no more. */
export async function leavesBetween(reader: Reader, begin: number, end: number): Promise<Leaf[]> {
  const { rows } = await reader.query<Leaf & { idx: string }>({
    name: 'sightline-leaves',
    text: 'SELECT idx, event_id, sha256 FROM access_leaf WHERE idx >= $1 AND idx < $2 ORDER BY idx',
    values: [begin, end],
  })
  rows.forEach(({ idx }, place) => {
    if (Number(idx) !== begin + place) throw new TreeIncomplete(`the record at index ${begin + place}`)
  })
  return rows
}

/** Tiles from `begin` up to `end`, in one statement: a connection is given one at a time. */
async function wholeTiles(reader: Reader, level: number, begin: number, end: number): Promise<Hash[][]> {
  const { rows } = await reader.query<{ index: string; hashes: Buffer }>({
    name: 'sightline-tiles',
    text: 'SELECT index, hashes FROM log_tile WHERE level = $1 AND index >= $2 AND index < $3 ORDER BY index',
    values: [level, begin, end],
  })
  return Array.from({ length: end - begin }, (_, place) => {
    const row = rows[place]
    if (Number(row?.index) !== begin + place || !row)
      throw new TreeIncomplete(`tile ${level}/${begin + place}`)
    return hashesIn(row.hashes)
  })
}

async function wholeTile(reader: Reader, level: number, index: number): Promise<Hash[]> {
  const [tile = []] = await wholeTiles(reader, level, index, index + 1)
  return tile
}

/** What stands for whole tiles in the level above them. */
async function rootsBetween(reader: Reader, level: number, begin: number, end: number): Promise<Hash[]> {
  const { rows } = await reader.query<{ index: string; root: Buffer | null }>({
    name: 'sightline-tile-roots',
    text: 'SELECT index, root FROM log_tile WHERE level = $1 AND index >= $2 AND index < $3 ORDER BY index',
    values: [level, begin, end],
  })
  const roots: Hash[] = []
  for (let index = begin; index < end; index++) {
    const row = rows[index - begin]
    if (Number(row?.index) !== index) throw new TreeIncomplete(`tile ${level}/${index}`)
    roots.push(row?.root ?? fold(await wholeTile(reader, level, index)))
  }
  return roots
}

/** A tile that is `asked` for as it was signed, not as rows have it now. Logs of before have no last hashes, or roots. */
export const TILE_HASHES = `
  CASE
    WHEN level = 0 OR width = ${TILE_WIDTH} THEN coalesce(
      (SELECT hashes FROM log_tile WHERE level = asked.level AND index = asked.index),
      (SELECT edge FROM log_checkpoint WHERE asked.level = 0 AND size / ${TILE_WIDTH} = asked.index))
    ELSE (
      SELECT string_agg(root, '' ORDER BY index) FROM log_tile
      WHERE level = asked.level - 1
        AND index >= asked.index * ${TILE_WIDTH} AND index < asked.index * ${TILE_WIDTH} + asked.width)
  END`

const TILES = `
  SELECT ${TILE_HASHES} AS hashes
  FROM ROWS FROM (json_to_recordset($1) AS (level smallint, index bigint, width smallint))
    WITH ORDINALITY AS asked (level, index, width, nth)
  ORDER BY nth`

/**
 * The first `width` hashes of each tile, one behind the other, in one statement. They are asked for in JSON: elements of an
 * array are counted by PostgreSQL, which then plans the statement anew each time.
 */
export async function tilesAt(reader: Reader, places: readonly TilePlace[]): Promise<Buffer[]> {
  const { rows } = await reader.query<{ hashes: Buffer | null }>({
    name: 'sightline-tiles-at',
    text: TILES,
    values: [JSON.stringify(places)],
  })
  const tiles: Buffer[] = []
  for (const [nth, place] of places.entries()) {
    const length = place.width * HASH_BYTES
    const hashes = rows[nth]?.hashes?.subarray(0, length)
    tiles.push(hashes?.length === length ? hashes : Buffer.concat(await tileFromBelow(reader, place)))
  }
  return tiles
}

/** A tile of which not everything stands ready, made from what lies below it. @throws TreeIncomplete */
async function tileFromBelow(reader: Reader, { level, index, width }: TilePlace): Promise<Hash[]> {
  if (width === TILE_WIDTH) return await wholeTile(reader, level, index)
  const begin = index * TILE_WIDTH
  return level > 0
    ? await rootsBetween(reader, level - 1, begin, begin + width)
    : await leafHashes(reader, begin, begin + width)
}

async function leafHashes(reader: Reader, begin: number, end: number): Promise<Hash[]> {
  const leaves = await leavesBetween(reader, begin, end)
  if (leaves.length < end - begin) throw new TreeIncomplete(`the record at index ${begin + leaves.length}`)
  return leaves.map((leaf) => leafOf(leaf.event_id, leaf.sha256))
}

/** The same out of the tiles themselves: whoever signs on believes no hash that stands beside a tile. */
const foldedBetween = async (reader: Reader, level: number, begin: number, end: number): Promise<Hash[]> =>
  (await wholeTiles(reader, level, begin, end)).map(fold)

/** The tree as it was at a size, ready to grow. */
export async function treeAt(reader: Reader, size: number): Promise<GrowingTree> {
  const edges: Hash[][] = []
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH
    const begin = count - width
    edges.push(
      level === 0
        ? await leafHashes(reader, begin, count)
        : await foldedBetween(reader, level - 1, begin, count),
    )
  }
  return growingTree(size, edges)
}
