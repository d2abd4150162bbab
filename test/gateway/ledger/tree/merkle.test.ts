import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  consistencyProof,
  EMPTY_ROOT,
  type Hash,
  inclusionProof,
  leafHash,
  type NodeAt,
  nodeHash,
  provesGrowth,
  provesInclusion,
  rootOf,
} from '../../../../gateway/ledger/tree/merkle.ts'

/** transparency-dev/merkle's own vectors, beside the checkout where the partners keep shared data. */
const vectors = fileURLToPath(new URL('../../../../../shared/data/merkle-vectors/', import.meta.url))
const read = (name: string) => JSON.parse(readFileSync(`${vectors}${name}.json`, 'utf8'))
const bytes = (text: string | null) => Buffer.from(text ?? '', 'base64')
const hashes = (texts: string[] | null) => (texts ?? []).map(bytes)

test.skipIf(!existsSync(vectors))(
  'all 98 inclusion proofs of the outside vectors are judged as their authors judge them',
  () => {
    const cases = read('inclusion')
    expect(cases).toHaveLength(98)
    for (const { name, leafIdx, treeSize, root, leafHash: leaf, proof, wantErr } of cases)
      expect(provesInclusion(bytes(leaf), leafIdx, treeSize, hashes(proof), bytes(root)), name).toBe(!wantErr)
  },
)

test.skipIf(!existsSync(vectors))(
  'all 98 consistency proofs are, too; growth from an empty tree is never accepted',
  () => {
    const cases = read('consistency')
    expect(cases).toHaveLength(98)
    for (const { name, size1, size2, root1, root2, proof, wantErr } of cases) {
      const [older, newer] = [
        { size: size1, root: bytes(root1) },
        { size: size2, root: bytes(root2) },
      ]
      expect(provesGrowth(older, newer, hashes(proof)), name).toBe(!wantErr)
    }
  },
)

/** Every node of the tree over these leaves, straight from the definition in RFC 6962. */
function treeOver(leaves: readonly Hash[]): NodeAt {
  const levels: Hash[][] = [[...leaves]]
  for (let below = leaves; below.length > 1; below = levels.at(-1) ?? []) {
    const level: Hash[] = []
    for (let place = 0; place + 1 < below.length; place += 2)
      level.push(nodeHash(below[place] as Hash, below[place + 1] as Hash))
    levels.push(level)
  }
  return (level, index) => {
    const hash = levels[level]?.[index]
    if (!hash) throw new Error('the tree has no such whole subtree')
    return hash
  }
}

function definedRoot(leaves: readonly Hash[]): Hash {
  const [only] = leaves
  if (!only) return EMPTY_ROOT
  if (leaves.length === 1) return only
  const half = 2 ** Math.ceil(Math.log2(leaves.length) - 1)
  return nodeHash(definedRoot(leaves.slice(0, half)), definedRoot(leaves.slice(half)))
}

const LEAVES = Array.from({ length: 300 }, (_, place) => leafHash(Buffer.from(`access ${place}`)))
const nodeAt = treeOver(LEAVES)
const sizes = fc.integer({ min: 1, max: LEAVES.length })

test('the root is the one that RFC 6962 defines, for every size', () => {
  for (let size = 0; size <= LEAVES.length; size++)
    expect(rootOf(nodeAt, size)).toEqual(definedRoot(LEAVES.slice(0, size)))
})

test('a proof holds for its own leaf, place, size and root, and for no other', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (size, at, other, flip) => {
      const index = at % size
      const proof = inclusionProof(nodeAt, index, size)
      const leaf = LEAVES[index] as Hash
      const root = rootOf(nodeAt, size)
      expect(provesInclusion(leaf, index, size, proof, root)).toBe(true)
      const elsewhere = other % size
      if (elsewhere !== index) {
        expect(provesInclusion(leaf, elsewhere, size, proof, root)).toBe(false)
        expect(provesInclusion(LEAVES[elsewhere] as Hash, index, size, proof, root)).toBe(false)
      }
      expect(provesInclusion(leaf, index, size, [...proof, leaf], root)).toBe(false)
      if (proof.length === 0) return
      expect(provesInclusion(leaf, index, size, proof.slice(1), root)).toBe(false)
      expect(provesInclusion(leaf, index, size, altered(proof, flip), root)).toBe(false)
    }),
    { numRuns: 500 },
  )
})

test('growth is proved from every older size, and a forked, cut or altered log is not', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (size, at, flip) => {
      const older = { size: 1 + (at % size), root: rootOf(nodeAt, 1 + (at % size)) }
      const newer = { size, root: rootOf(nodeAt, size) }
      const proof = consistencyProof(nodeAt, older.size, size)
      expect(provesGrowth(older, newer, proof)).toBe(true)
      expect(provesGrowth(newer, older, proof)).toBe(older.size === size)
      const fork = { ...older, root: leafHash(older.root) }
      expect(provesGrowth(fork, newer, proof)).toBe(false)
      expect(provesGrowth(older, { ...newer, root: leafHash(newer.root) }, proof)).toBe(false)
      if (proof.length > 0) expect(provesGrowth(older, newer, altered(proof, flip))).toBe(false)
    }),
    { numRuns: 500 },
  )
})

function altered(proof: readonly Hash[], flip: number): Hash[] {
  const place = flip % proof.length
  return proof.map((hash, index) => {
    if (index !== place) return hash
    const copy = Buffer.from(hash)
    copy[flip % 32] = (copy[flip % 32] ?? 0) ^ 1
    return copy
  })
}
