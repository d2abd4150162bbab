/** Reads the thresholds of the signals, each with its why and its source. Refuses a list with any fault. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'

const words = { why: z.string().min(10), source: z.string().min(10) }
const count = z.int().min(1)

const SignalRules = z.strictObject({
  self: z.strictObject(words),
  relative: z.strictObject(words),
  colleague: z.strictObject(words),
  neighbour: z.strictObject(words),
  volume: z.strictObject({ ...words, childrenADay: count, timesUsual: z.number().min(1) }),
  'off-shift': z.strictObject({ ...words, graceMinutes: z.int().min(0) }),
  'no-case': z.strictObject({ ...words, mendWithinHours: count }),
  'search-without-view': z.strictObject({ ...words, children: count, days: count }),
})

export type SignalRules = z.infer<typeof SignalRules>
export type SignalName = keyof SignalRules
export const signalNames = Object.keys(SignalRules.shape) as readonly SignalName[]

const FILE = 'signals.yaml'

/** @param dir the folder of policies */
export async function readSignalRules(dir: string): Promise<SignalRules> {
  const text = await readFile(join(dir, FILE), 'utf8').catch(() => null)
  if (text === null) throw invalid(['the file is missing or cannot be read'])
  const read = SignalRules.safeParse(parse(text))
  if (read.success) return read.data
  throw invalid(read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
}

const invalid = (faults: readonly string[]) =>
  new Refusal('SIGNALS_INVALID', `${FILE} cannot be used:\n  ${faults.join('\n  ')}`)
