/**
 * Whose information-governance leads read every access of the partnership. Everybody else's read what concerns their
 * own agency: its people asked, or its systems were asked. Refuses a list with any fault.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'

const LogReaders = z.array(
  z.strictObject({
    agency: z.string().regex(/^[a-z0-9-]+$/),
    reads: z.literal('partnership'),
    /** where the partners agreed to it */
    because: z.string().min(10),
  }),
)

const LOG_READERS = 'log-readers.yaml'

/** Agencies whose IG leads read all. */
export type LogReaders = ReadonlySet<string>

/** What of the log somebody may read. */
export type ReadingScope =
  | { readonly kind: 'partnership' }
  | { readonly kind: 'agency'; readonly agency: string }

/** @param dir the folder of policies; where it holds no list, nobody reads more than what concerns her own agency */
export async function readLogReaders(dir: string): Promise<LogReaders> {
  const text = await readFile(join(dir, LOG_READERS), 'utf8').catch(() => '[]')
  const read = LogReaders.safeParse(parse(text))
  if (read.success) return new Set(read.data.map(({ agency }) => agency))
  const faults = read.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`)
  throw new Refusal('LOG_READERS_INVALID', `${LOG_READERS} cannot be used:\n${faults.join('\n')}`)
}

export const scopeOf = (readers: LogReaders, agency: string): ReadingScope =>
  readers.has(agency) ? { kind: 'partnership' } : { kind: 'agency', agency }
