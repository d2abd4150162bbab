/** The thresholds of the signals, each with its why and its source: a list of the bundle of policies. */
import { z } from 'zod'

export const SIGNALS = 'signals.yaml'

const words = { why: z.string().min(10), source: z.string().min(10) }
const count = z.int().min(1)

export const signalsFile = z.strictObject({
  self: z.strictObject(words),
  relative: z.strictObject(words),
  colleague: z.strictObject(words),
  neighbour: z.strictObject(words),
  volume: z.strictObject({ ...words, childrenADay: count, timesUsual: z.number().min(1) }),
  'off-shift': z.strictObject({ ...words, graceMinutes: z.int().min(0) }),
  'no-case': z.strictObject({ ...words, mendWithinHours: count }),
  'search-without-view': z.strictObject({ ...words, children: count, days: count }),
})

export type SignalRules = z.infer<typeof signalsFile>
export type SignalName = keyof SignalRules
export const signalNames = Object.keys(signalsFile.shape) as readonly SignalName[]
