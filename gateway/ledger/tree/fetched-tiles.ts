/**
 * Works on a tree whose tiles lie elsewhere. Which ones it needs follows from the shape of the tree alone, so the work is
 * first done dry, and then with all of them fetched at once. Refuses a tree that lacks one.
 */
import { EMPTY_ROOT, HASH_BYTES, type NodeAt } from './merkle.ts'
import { nodesIn, TILE_WIDTH, type TilePlace, tileWith } from './tile.ts'

/**
 * @param size of the tree: it says how wide the last tile of each level is
 * @param fetchTiles each with its hashes one behind the other, in the order in which they are asked for
 * @param work runs twice; which nodes it asks for must not depend on what they are
 */
export async function withTiles<Result>(
  size: number,
  fetchTiles: (places: readonly TilePlace[]) => Promise<readonly Buffer[]>,
  work: (nodeAt: NodeAt) => Result,
): Promise<Result> {
  const needed = new Map<string, TilePlace>()
  work((level, index) => {
    const place = placeIn(size, tileWith(level, index))
    needed.set(keyOf(place), place)
    return EMPTY_ROOT
  })
  const fetched = await fetchTiles([...needed.values()])
  const tiles = new Map<string, Buffer>()
  for (const [nth, [key, { width }]] of [...needed].entries()) {
    const tile = fetched[nth]
    if (tile?.length !== width * HASH_BYTES) throw new Error(`tile ${key} of the log is cut`)
    tiles.set(key, tile)
  }
  return work(nodesIn((level, index) => tiles.get(keyOf({ level, index })) ?? Buffer.alloc(0)))
}

type Tile = Omit<TilePlace, 'width'>

const keyOf = ({ level, index }: Tile): string => `${level}/${index}`

function placeIn(size: number, { level, index }: Tile): TilePlace {
  const count = Math.floor(size / TILE_WIDTH ** level)
  const width = Math.min(TILE_WIDTH, count - index * TILE_WIDTH)
  if (width < 1) throw new Error(`the log lacks tile ${keyOf({ level, index })}`)
  return { level, index, width }
}
