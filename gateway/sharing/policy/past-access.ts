/** One past access, as far as a replay of policies needs it. Names nobody: whoever asked and the child are pseudonyms. */
import { z } from 'zod'
import { type Grounds, readGrounds } from './grounds.ts'

export interface PastAccess {
  readonly eventId: string
  readonly at: Date
  /** who asked, the same for all accesses of one person */
  readonly who: string
  /** the child's pseudonym; null once it was forgotten */
  readonly child: string | null
  readonly grounds: Grounds
}

const Written = z.strictObject({
  eventId: z.string(),
  at: z.iso.datetime(),
  who: z.string(),
  child: z.string().nullable(),
  grounds: z.unknown(),
})

/** @param line one line of NDJSON */
export function readPastAccess(line: string): PastAccess {
  const { at, grounds, ...rest } = Written.parse(JSON.parse(line))
  return { ...rest, at: new Date(at), grounds: readGrounds(Buffer.from(JSON.stringify(grounds))) }
}
