import { expect, test } from 'vitest'
import { growingTree } from '../../../../gateway/ledger/tree/growing-tree.ts'
import { type Hash, leafHash, rootOf } from '../../../../gateway/ledger/tree/merkle.ts'
import { nodesIn, TILE_WIDTH } from '../../../../gateway/ledger/tree/tile.ts'

test('a tree that grew leaf by leaf, also after a restart, has the root that its tiles give, at every size', () => {
  const tiles = new Map<string, readonly Hash[]>()
  const middles = new Map<string, Buffer>()
  let tree = growingTree(0, [])
  expect(tree.root()).toEqual(
    rootOf(
      nodesIn(() => Buffer.alloc(0)),
      0,
    ),
  )
  for (let size = 1; size <= 66_000; size++) {
    for (const { level, index, hashes, middle } of tree.add(leafHash(Buffer.from(String(size))))) {
      tiles.set(`${level} ${index}`, hashes)
      middles.set(`${level} ${index}`, Buffer.concat(middle))
    }
    if (size > 600 && size % 977 !== 0 && size % TILE_WIDTH > 1) continue
    const tileAt = (level: number, index: number) =>
      Buffer.concat(tiles.get(`${level} ${index}`) ?? tree.edge(level))
    expect(tree.root(), `at ${size}`).toEqual(rootOf(nodesIn(tileAt), size))
    tree = growingTree(tree.size, [0, 1, 2].map(tree.edge))
  }
  expect(tiles.get('1 0')).toHaveLength(TILE_WIDTH)
  const tileAt = (level: number, index: number) =>
    Buffer.concat(tiles.get(`${level} ${index}`) ?? tree.edge(level))
  const plain = nodesIn(tileAt)
  const quick = nodesIn(tileAt, (level, index) => middles.get(`${level} ${index}`) ?? null)
  for (let level = 0; 2 ** level <= tree.size; level++)
    for (const index of [0, 1, 7, Math.floor(tree.size / 2 ** level) - 1])
      if ((index + 1) * 2 ** level <= tree.size)
        expect(quick(level, index), `${level} ${index}`).toEqual(plain(level, index))
})
