/**
 * Checks a log where it is published (c2sp.org/tlog-tiles), from any machine: works out the root from its entries, and
 * holds every tile of hashes to it. Entries are ids and hashes; what the records say is checked on an export. Names the
 * first record or tile that is not what was signed. Refuses a log that does not answer.
 */
import { Refusal } from '../../../schema/refusal.ts'
import type { OpenedCheckpoint } from '../tree/checkpoint.ts'
import { withTiles } from '../tree/fetched-tiles.ts'
import { growingTree } from '../tree/growing-tree.ts'
import { consistencyProof, type Hash, provesGrowth } from '../tree/merkle.ts'
import { hashesIn, TILE_WIDTH, tilePath, tilesOf } from '../tree/tile.ts'
import { openThreads } from './check-thread.ts'
import { fetchFrom, type TileFault, type TileRange } from './check-tiles.ts'
import { checkpointFor, type Finding, type VerifySettings } from './finding.ts'

const SHARE = 64 // tiles that a thread is given at once: 16,384 records
/** Below so many records this thread is done before another has started. */
const WORTH_THREADS = 50_000

/**
 * @param url of the log, such as `https://gateway.example/ledger/`
 * @throws Refusal LOG_UNREACHABLE, and those of `openCheckpoint`
 */
export async function verifyTiles(url: string, settings: VerifySettings): Promise<Finding> {
  const { kept = [] } = settings
  const address = url.endsWith('/') ? url : `${url}/`
  try {
    const note = await fetchFrom(address, 'checkpoint')
    if (note === null) throw new Refusal('LOG_UNREACHABLE', `there is no signed log at ${address}`)
    const checkpoint = checkpointFor(note.toString('utf8'), settings)
    const { size, root } = checkpoint
    const back = kept.find((each) => each.size > size)
    if (back) return { kind: 'rolled-back', size, kept: back.size }
    const derived = await derivedFrom(address, size, settings)
    if ('fault' in derived) return derived.fault
    const altered = await alteredTile(address, size, derived.tiles)
    if (altered) return altered
    if (!derived.root.equals(root)) return { kind: 'forked', size }
    for (const each of kept)
      if (!(await growsFrom(address, each, checkpoint))) return { kind: 'not-grown-from', size: each.size }
    return { kind: 'whole', checkpoint, erased: 0 }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('LOG_UNREACHABLE', error instanceof Error ? error.message : 'the log does not answer')
  }
}

/** The tree as it follows from the entries. */
interface Derived {
  readonly root: Hash
  /** hashes of every tile above the leaves, by its path */
  readonly tiles: ReadonlyMap<string, readonly Hash[]>
}

async function derivedFrom(
  url: string,
  size: number,
  { threads, progress = () => undefined }: VerifySettings,
): Promise<Derived | { readonly fault: TileFault }> {
  const whole = Math.floor(size / TILE_WIDTH)
  const count = Math.ceil(size / TILE_WIDTH)
  const rangeOf = (share: number): TileRange => {
    const begin = share * SHARE
    return { url, size, begin, end: Math.min(begin + SHARE, count) }
  }
  // one after the other: how many there are is what the log says of itself
  function* ranges() {
    for (let share = 0; share * SHARE < count; share++) yield rangeOf(share)
  }
  /** grows by whole tiles, so that its level 0 is level 1 of the log */
  const above = growingTree(0, [])
  const tiles = new Map<string, readonly Hash[]>()
  let last: readonly Hash[] = []
  const checkers = openThreads(threads ?? (size < WORTH_THREADS ? 1 : undefined))
  try {
    let share = 0
    for await (const { hashes, fault } of checkers.inOrder('tiles', ranges())) {
      if (fault) return { fault }
      const found = hashesIn(Buffer.from(hashes))
      const { begin, end } = rangeOf(share++)
      const complete = Math.min(end, whole) - begin
      for (const hash of found.slice(0, complete))
        for (const tile of above.add(hash))
          tiles.set(tilePath({ level: tile.level + 1, index: tile.index, width: TILE_WIDTH }), tile.hashes)
      last = found.slice(complete)
      progress(Math.min(end * TILE_WIDTH, size), size)
    }
  } finally {
    await checkers.close()
  }
  const edges: (readonly Hash[])[] = [last]
  for (const { level, index, width } of tilesOf(size))
    if (level > 0 && width < TILE_WIDTH) {
      edges[level] = above.edge(level - 1)
      tiles.set(tilePath({ level, index, width }), above.edge(level - 1))
    }
  const levels = Array.from(edges, (edge) => edge ?? [])
  return { root: growingTree(size, levels).root(), tiles }
}

/** The first tile above the leaves that is served otherwise than it follows from the entries. */
async function alteredTile(url: string, size: number, derived: Derived['tiles']): Promise<Finding | null> {
  for (const place of tilesOf(size)) {
    const { level, index } = place
    if (level === 0) continue
    const path = tilePath(place)
    const expected = Buffer.concat([...(derived.get(path) ?? [])])
    if ((await fetchFrom(url, path))?.equals(expected)) continue
    const span = TILE_WIDTH ** (level + 1)
    return { kind: 'tile-altered', path, begin: index * span, end: Math.min((index + 1) * span, size) }
  }
  return null
}

async function growsFrom(
  url: string,
  kept: { readonly size: number; readonly root: Hash },
  now: OpenedCheckpoint,
): Promise<boolean> {
  if (kept.size === 0) return true
  const proof = await withTiles(
    now.size,
    (places) =>
      Promise.all(places.map(async (place) => (await fetchFrom(url, tilePath(place))) ?? Buffer.alloc(0))),
    (nodeAt) => consistencyProof(nodeAt, kept.size, now.size),
  )
  return provesGrowth(kept, now, proof)
}
