/** Works on a tree whose tiles lie elsewhere: each is fetched once, when it is first missed. */
import type { Hash, NodeAt } from './merkle.ts'
import { nodesIn, TILE_WIDTH, type TilePlace } from './tile.ts'

class Missed extends Error {
  readonly level: number
  readonly index: number
  constructor(level: number, index: number) {
    super('a tile was missed')
    this.level = level
    this.index = index
  }
}

/**
 * @param size of the tree: it says how wide the last tile of each level is
 * @param work may be run several times, until it misses no tile
 */
export async function withTiles<Result>(
  size: number,
  fetchTile: (place: TilePlace) => Promise<readonly Hash[]>,
  work: (nodeAt: NodeAt) => Result,
): Promise<Result> {
  const tiles = new Map<string, readonly Hash[]>()
  const nodeAt = nodesIn((level, index) => {
    const tile = tiles.get(`${level} ${index}`)
    if (!tile) throw new Missed(level, index)
    return tile
  })
  for (;;)
    try {
      return work(nodeAt)
    } catch (error) {
      if (!(error instanceof Missed)) throw error
      const { level, index } = error
      const count = Math.floor(size / TILE_WIDTH ** level)
      const width = Math.min(TILE_WIDTH, count - index * TILE_WIDTH)
      if (width < 1) throw new Error(`the log lacks tile ${level}/${index}`)
      const tile = await fetchTile({ level, index, width })
      if (tile.length !== width) throw new Error(`tile ${level}/${index} of the log is cut`)
      tiles.set(`${level} ${index}`, tile)
    }
}
