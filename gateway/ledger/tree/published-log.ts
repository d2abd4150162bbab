/**
 * The log as anybody may read it over HTTP (c2sp.org/tlog-tiles): checkpoint, tiles of hashes, and entries, which hold
 * an id and a hash each. Nothing of a child or a practitioner is in it. Refuses what no signed checkpoint covers.
 */
import type { Pool } from 'pg'
import { handedOut } from './handed-out.ts'
import { leavesBetween, tilesAt } from './stored-tree.ts'
import { bundleOf, entryOf, placeOf, TILE_WIDTH } from './tile.ts'

export interface Published {
  readonly body: string | Buffer
  readonly type: 'text/plain; charset=utf-8' | 'application/octet-stream'
  /** it will never change: what is whole, and what was partial at a size */
  readonly immutable: boolean
}

export interface PublishedLog {
  /** @param path below `/ledger/`, such as `checkpoint` or `tile/0/x001/234`; null where there is nothing */
  read(path: string): Promise<Published | null>
}

export function publishedLog(pool: Pool): PublishedLog {
  return {
    async read(path) {
      if (path === 'checkpoint') {
        const checkpoint = await handedOut(pool)
        return checkpoint
          ? { body: checkpoint.note, type: 'text/plain; charset=utf-8', immutable: false }
          : null
      }
      const place = placeOf(path)
      if (!place) return null
      const size = (await handedOut(pool))?.size ?? 0
      const { index, width } = place
      const count = place.entries ? size : Math.floor(size / TILE_WIDTH ** place.level)
      if (index * TILE_WIDTH + width > count) return null
      const body = place.entries
        ? await entriesFrom(pool, index * TILE_WIDTH, width)
        : Buffer.concat(await tilesAt(pool, [place]))
      return { body, type: 'application/octet-stream', immutable: true }
    },
  }
}

async function entriesFrom(pool: Pool, begin: number, width: number): Promise<Buffer> {
  const leaves = await leavesBetween(pool, begin, begin + width)
  return bundleOf(leaves.map((leaf) => entryOf(leaf.event_id, leaf.sha256)))
}
