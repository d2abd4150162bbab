/**
 * Whose information-governance leads read every access of the partnership. Everybody else's read what concerns their
 * own agency: its people asked, or its systems were asked. A list of the bundle of policies, as two people approved it.
 */
import { z } from 'zod'

export const LOG_READERS = 'log-readers.yaml'

export const logReadersFile = z.array(
  z.strictObject({
    agency: z.string().regex(/^[a-z0-9-]+$/),
    reads: z.literal('partnership'),
    /** where the partners agreed to it */
    because: z.string().min(10),
  }),
)

/** Agencies whose IG leads read all. */
export type LogReaders = ReadonlySet<string>

/** What of the log somebody may read. */
export type ReadingScope =
  | { readonly kind: 'partnership' }
  | { readonly kind: 'agency'; readonly agency: string }

/** @param listed null where there is no list: then nobody reads more than what concerns her own agency */
export const logReadersFrom = (listed: z.infer<typeof logReadersFile> | null): LogReaders =>
  new Set((listed ?? []).map(({ agency }) => agency))

export const scopeOf = (readers: LogReaders, agency: string): ReadingScope =>
  readers.has(agency) ? { kind: 'partnership' } : { kind: 'agency', agency }
