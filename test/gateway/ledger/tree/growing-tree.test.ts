import { expect, test } from 'vitest'
import { growingTree } from '../../../../gateway/ledger/tree/growing-tree.ts'
import { type Hash, leafHash, rootOf } from '../../../../gateway/ledger/tree/merkle.ts'
import { nodesIn, TILE_WIDTH } from '../../../../gateway/ledger/tree/tile.ts'

test('a tree that grew leaf by leaf, also after a restart, has the root that its tiles give, at every size', () => {
  const tiles = new Map<string, readonly Hash[]>()
  let tree = growingTree(0, [])
  expect(tree.root()).toEqual(
    rootOf(
      nodesIn(() => Buffer.alloc(0)),
      0,
    ),
  )
  for (let size = 1; size <= 66_000; size++) {
    for (const { level, index, hashes } of tree.add(leafHash(Buffer.from(String(size)))))
      tiles.set(`${level} ${index}`, hashes)
    if (size > 600 && size % 977 !== 0 && size % TILE_WIDTH > 1) continue
    const tileAt = (level: number, index: number) =>
      Buffer.concat(tiles.get(`${level} ${index}`) ?? tree.edge(level))
    expect(tree.root(), `at ${size}`).toEqual(rootOf(nodesIn(tileAt), size))
    tree = growingTree(tree.size, [0, 1, 2].map(tree.edge))
  }
  expect(tiles.get('1 0')).toHaveLength(TILE_WIDTH)
})
