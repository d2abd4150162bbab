/**
 * The log in pages, for those who carry it to Kafka: while a page is sent, the next is read. Who stands at the same place
 * in one turn gets the same page. Refuses to keep a page beyond the turn after its own: what was placed since would be
 * missed.
 */
import type { Client } from 'pg'
import { BATCH, entriesAfter } from './carrier.ts'
import type { LedgerEntry } from './record-batch.ts'

export type Page = (after: number) => Promise<readonly LedgerEntry[]>

/** @returns what begins a turn */
export function pagesAhead(client: Client): () => Page {
  let ahead = new Map<number, Promise<readonly LedgerEntry[]>>()
  return () => {
    const now = ahead
    const next = new Map<number, Promise<readonly LedgerEntry[]>>()
    ahead = next
    return async (after) => {
      const page = now.get(after) ?? entriesAfter(client, after)
      now.set(after, page)
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
