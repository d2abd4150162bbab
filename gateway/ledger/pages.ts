/**
 * The log in pages, for those who carry it to Kafka: while a page is sent, the next is read. Who stands within a page that
 * another asked for in the same turn gets that one, whole, so that both go on from the same place. Refuses to keep a page
 * beyond the turn after its own: what was placed since would be missed.
 */
import type { Client } from 'pg'
import { BATCH, entriesAfter } from './carrier.ts'
import type { LedgerEntry } from './record-batch.ts'

/** Begins after that place, or before it: then it ends behind it, unless the log does not. */
export type Page = (after: number) => Promise<readonly LedgerEntry[]>

/** @returns what begins a turn */
export function pagesAhead(client: Client): () => Page {
  let ahead = new Map<number, Promise<readonly LedgerEntry[]>>()
  return () => {
    const now = ahead
    const next = new Map<number, Promise<readonly LedgerEntry[]>>()
    ahead = next
    return async (after) => {
      const within = [...now.keys()].find((start) => start <= after && after < start + BATCH)
      const page = now.get(within ?? after) ?? entriesAfter(client, after)
      now.set(within ?? after, page)
      const entries = await page
      const last = entries.at(-1)
      if (last && entries.length === BATCH && !next.has(last.index)) {
        const following = entriesAfter(client, last.index)
        following.catch(() => undefined) // told to whoever asks for it
        next.set(last.index, following)
      }
      return entries
    }
  }
}
