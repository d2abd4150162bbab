import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Hash,
  inclusionProof,
  leafHash,
  provesInclusion,
  rootOf,
} from '../../../../gateway/ledger/tree/merkle.ts'
import {
  bundleOf,
  bundlePath,
  entriesIn,
  fold,
  nodesIn,
  placeOf,
  TILE_WIDTH,
  tilePath,
  tilesOf,
} from '../../../../gateway/ledger/tree/tile.ts'

test('tiles lie where the C2SP form puts them', () => {
  expect(tilePath({ level: 0, index: 0, width: 256 })).toBe('tile/0/000')
  expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067')
  expect(tilePath({ level: 1, index: 0, width: 12 })).toBe('tile/1/000.p/12')
  expect(bundlePath(5, 3)).toBe('tile/entries/005.p/3')
})

test('a path is read back as the place that it names, and anything else is none', () => {
  fc.assert(
    fc.property(fc.nat(63), fc.nat(2 ** 31), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
      expect(placeOf(tilePath({ level, index, width }))).toEqual({ entries: false, level, index, width })
      expect(placeOf(bundlePath(index, width))).toEqual({ entries: true, index, width })
    }),
  )
  for (const path of [
    'tile/0/1',
    'tile/64/000',
    'tile/0/x000/001',
    'tile/0/000.p/256',
    'tile/0/000.p/0',
    '../x',
  ])
    expect(placeOf(path), path).toBeNull()
})

/** All tiles of a log, as its publisher would make them. */
function published(leaves: readonly Hash[]): Map<string, Hash[]> {
  const tiles = new Map<string, Hash[]>()
  for (const { level, index, width } of tilesOf(leaves.length)) {
    const places = Array.from({ length: width }, (_, place) => index * TILE_WIDTH + place)
    const below = (place: number) =>
      level === 0 ? (leaves[place] as Hash) : fold(tiles.get(`${level - 1} ${place}`) ?? [])
    tiles.set(`${level} ${index}`, places.map(below))
  }
  return tiles
}

test('from tiles alone every record of a log of seventy thousand can be proved', () => {
  const leaves = Array.from({ length: 70_001 }, (_, place) => leafHash(Buffer.from(String(place))))
  const tiles = published(leaves)
  const nodeAt = nodesIn((level, index) => Buffer.concat(tiles.get(`${level} ${index}`) ?? []))
  const root = rootOf(nodeAt, leaves.length)
  fc.assert(
    fc.property(fc.nat(70_000), (index) => {
      const proof = inclusionProof(nodeAt, index, leaves.length)
      expect(provesInclusion(leaves[index] as Hash, index, leaves.length, proof, root)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('a tile that is missing is a fault, never a wrong proof', () => {
  const nodeAt = nodesIn(() => Buffer.alloc(0))
  expect(() => rootOf(nodeAt, 3)).toThrow('the log lacks tile 0/0')
})

test('entries come out of a bundle as they went in, and of a cut bundle those that are whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), fc.nat(), (entries, cut) => {
      const bundle = bundleOf(entries.map((entry) => Buffer.from(entry)))
      expect(entriesIn(bundle).map((entry) => [...entry])).toEqual(entries.map((entry) => [...entry]))
      const short = bundle.length === 0 ? 0 : cut % bundle.length
      const whole = entriesIn(bundle.subarray(0, short))
      expect(whole.length).toBeLessThanOrEqual(Math.max(entries.length - 1, 0))
      expect(whole.map((entry) => [...entry])).toEqual(
        entries.slice(0, whole.length).map((each) => [...each]),
      )
    }),
  )
})
