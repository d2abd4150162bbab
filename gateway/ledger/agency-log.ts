/**
 * An agency's own access log, one line after another, however long it is: a JSON object a line, of which only the receipt
 * and the time are read. Refuses a line that is neither, by its number and without repeating it.
 */
import { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'

/** Some systems write ids in capitals. PostgreSQL holds no text with a NUL, and no receipt has one. */
const Receipt = z
  .string()
  .max(200)
  .regex(/^[^\0]*$/)
  .toLowerCase()
  .nullable()
const Line = z.union([
  z.object({ eventId: Receipt, at: z.iso.datetime({ offset: true }) }),
  z.object({ eventId: Receipt, time: z.iso.datetime({ offset: true }) }),
])

export interface LogEntry {
  /** the receipt; null for a request that carried none, which is not ours */
  readonly eventId: string | null
  readonly at: Date
}

/** Characters; what is longer is no line of a log, and would have to be held whole. */
const LONGEST_LINE = 1024 * 1024

/** @throws Refusal LOG_MALFORMED, which names the line and does not repeat it */
export async function* readAgencyLog(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LogEntry> {
  let number = 0
  for await (const line of linesIn(chunks)) {
    number += 1
    if (line.trim() === '') continue
    const read = line.length > LONGEST_LINE ? undefined : Line.safeParse(jsonIn(line)).data
    if (!read)
      throw new Refusal('LOG_MALFORMED', `line ${number} of the log is no JSON with \`eventId\` and \`at\``)
    yield { eventId: read.eventId, at: new Date('at' in read ? read.at : read.time) }
  }
}

/** Ends with the part of a line that is beyond all measure, and reads no further. */
async function* linesIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
    if (rest.length > LONGEST_LINE) break
  }
  yield rest
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
