/**
 * A tree that grows leaf by leaf and keeps only its right edge: of each level of tiles the one that is not whole yet.
 * Pure. Refuses nothing; what it is given, it holds.
 */
import { EMPTY_ROOT, type Hash, nodeHash } from './merkle.ts'
import { fold, middleOf, TILE_WIDTH, type TilePlace } from './tile.ts'

/** A tile that will never change again. */
export type WholeTile = Omit<TilePlace, 'width'> & {
  readonly hashes: readonly Hash[]
  readonly middle: readonly Hash[]
  /** what stands for it in the tile above */
  readonly root: Hash
}

export interface GrowingTree {
  readonly size: number
  /** @returns the tiles that this leaf made whole, lowest level first */
  add(leaf: Hash): WholeTile[]
  root(): Hash
  /** hashes of the tile of a level that is not whole yet */
  edge(level: number): readonly Hash[]
}

/** @param size of the tree so far; @param edges the tile of each level that is not whole, lowest level first */
export function growingTree(size: number, edges: readonly (readonly Hash[])[]): GrowingTree {
  const levels = edges.map((edge) => [...edge])
  let leaves = size
  return {
    get size() {
      return leaves
    },
    edge: (level) => levels[level] ?? [],
    add(leaf) {
      const whole: WholeTile[] = []
      leaves += 1
      let span = 1
      for (let level = 0, hash = leaf; ; level++) {
        const edge = levels[level] ?? []
        levels[level] = edge
        edge.push(hash)
        span *= TILE_WIDTH
        if (edge.length < TILE_WIDTH) return whole
        const middle = middleOf(edge)
        hash = fold(middle)
        whole.push({ level, index: leaves / span - 1, hashes: [...edge], middle, root: hash })
        edge.length = 0
      }
    },
    root() {
      let root: Hash | null = null
      // whole subtrees from the smallest, at the right, to the largest: a left neighbour joins what stands to its right
      for (const edge of levels) {
        let end = edge.length
        for (let width = 1; width <= end; width *= 2) {
          if (end % (2 * width) === 0) continue
          const part = fold(edge.slice(end - width, end))
          root = root ? nodeHash(part, root) : part
          end -= width
        }
      }
      return root ?? EMPTY_ROOT
    },
  }
}
