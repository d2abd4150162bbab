/**
 * The hash tree of RFC 6962, section 2.1: roots, inclusion proofs and consistency proofs, made and checked. Pure.
 * Refuses to check growth from an empty tree: every tree has grown from it, so such a proof says nothing.
 */
import { hash as digest } from 'node:crypto'

/** SHA-256, 32 bytes */
export type Hash = Buffer

/** Hash of the whole subtree of 2^level leaves that begins at leaf index × 2^level. */
export type NodeAt = (level: number, index: number) => Hash

export const HASH_BYTES = 32
const LEAF = Buffer.from([0])

export const sha256 = (bytes: Uint8Array | string): Hash => digest('sha256', bytes, 'buffer')
export const leafHash = (entry: Uint8Array): Hash => sha256(Buffer.concat([LEAF, entry]))
export const EMPTY_ROOT: Hash = sha256('')

/** A node's bytes before they are hashed; nothing here waits, so one place is enough. */
const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1)

export function nodeHash(left: Hash, right: Hash): Hash {
  left.copy(node, 1)
  right.copy(node, 1 + HASH_BYTES)
  return sha256(node)
}

/**
 * The root over hashes that stand one behind the other, a power of two of them. Leaves nothing of them as it was.
 * A text of one byte a letter is the cheapest form in which Node hands out a hash.
 */
export function foldBytes(hashes: Buffer): Hash {
  for (let length = hashes.length; length > HASH_BYTES; length /= 2)
    for (let at = 0; at < length; at += 2 * HASH_BYTES) {
      hashes.copy(node, 1, at, at + 2 * HASH_BYTES)
      hashes.write(digest('sha256', node, 'binary'), at / 2, HASH_BYTES, 'latin1')
    }
  return hashes.subarray(0, HASH_BYTES)
}

/** The largest power of two that is smaller than `size`, which is 2 or more. */
function split(size: number): number {
  let half = 1
  while (half * 2 < size) half *= 2
  return half
}

/** Hash of the leaves from `begin` up to `end`, as it stands within a tree. `begin` is a multiple of its split. */
function rangeHash(nodeAt: NodeAt, begin: number, end: number): Hash {
  const size = end - begin
  const level = Math.log2(size)
  if (Number.isInteger(level) && begin % size === 0) return nodeAt(level, begin / size)
  const middle = begin + split(size)
  return nodeHash(rangeHash(nodeAt, begin, middle), rangeHash(nodeAt, middle, end))
}

export const rootOf = (nodeAt: NodeAt, size: number): Hash =>
  size === 0 ? EMPTY_ROOT : rangeHash(nodeAt, 0, size)

/** Proof that the leaf at `index` is in the tree of `size` leaves. */
export function inclusionProof(nodeAt: NodeAt, index: number, size: number): Hash[] {
  if (!isPlace(index) || !isPlace(size) || index >= size) throw new RangeError('no such leaf in the tree')
  const proof: Hash[] = []
  let [begin, end] = [0, size]
  while (end - begin > 1) {
    const middle = begin + split(end - begin)
    if (index < middle) {
      proof.unshift(rangeHash(nodeAt, middle, end))
      end = middle
    } else {
      proof.unshift(rangeHash(nodeAt, begin, middle))
      begin = middle
    }
  }
  return proof
}

/** Proof that the tree of `older` leaves is the beginning of the tree of `size` leaves. */
export function consistencyProof(nodeAt: NodeAt, older: number, size: number): Hash[] {
  if (!isPlace(older) || !isPlace(size) || older < 1 || older > size)
    throw new RangeError('a tree grows from one leaf or more')
  const proof: Hash[] = []
  let [begin, end] = [0, size]
  let whole = true // whether the older tree is still a part that its own root names
  while (end !== older) {
    const middle = begin + split(end - begin)
    if (older <= middle) {
      proof.unshift(rangeHash(nodeAt, middle, end))
      end = middle
    } else {
      proof.unshift(rangeHash(nodeAt, begin, middle))
      begin = middle
      whole = false
    }
  }
  return whole ? proof : [rangeHash(nodeAt, begin, end), ...proof]
}

/** @returns whether the proof leads from the leaf at `index` to the root of the tree of `size` leaves */
export function provesInclusion(
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
  root: Hash,
): boolean {
  if (!isPlace(index) || !isPlace(size) || index >= size || leaf.length !== 32) return false
  let [place, last, hash] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (last === 0 || sibling.length !== 32) return false
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash)
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)]
    } else hash = nodeHash(hash, sibling)
    ;[place, last] = [Math.floor(place / 2), Math.floor(last / 2)]
  }
  return last === 0 && hash.equals(root)
}

/** @returns whether the proof shows that the older tree is the beginning of the newer one; never for an empty one */
export function provesGrowth(
  older: { readonly size: number; readonly root: Hash },
  newer: { readonly size: number; readonly root: Hash },
  proof: readonly Hash[],
): boolean {
  if (!isPlace(older.size) || !isPlace(newer.size) || older.size < 1 || older.size > newer.size) return false
  if (older.size === newer.size) return proof.length === 0 && older.root.equals(newer.root)
  const path = Number.isInteger(Math.log2(older.size)) ? [older.root, ...proof] : [...proof]
  const first = path.shift()
  if (!first || proof.length === 0) return false
  let [place, last] = [older.size - 1, newer.size - 1]
  while (place % 2 === 1) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)]
  let [before, after] = [first, first]
  for (const sibling of path) {
    if (last === 0 || sibling.length !== 32) return false
    if (place % 2 === 1 || place === last) {
      before = nodeHash(sibling, before)
      after = nodeHash(sibling, after)
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)]
    } else after = nodeHash(after, sibling)
    ;[place, last] = [Math.floor(place / 2), Math.floor(last / 2)]
  }
  return last === 0 && before.equals(older.root) && after.equals(newer.root)
}

const isPlace = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
