/**
 * Asked outside her working hours. Sightline holds no shifts: the partnership gives a file, which is read for this
 * report and kept nowhere.
 */
import { z } from 'zod'
import { when } from '../../commands/print-value.ts'
import type { SignalRules } from '../signal-rules.ts'
import { type Question, type Signal, signalAt } from './signal.ts'

const moment = z.iso.datetime({ offset: true })

export const ShiftFile = z.array(
  z.strictObject({
    subject: z.string().min(1),
    shifts: z.array(z.strictObject({ from: moment, until: moment })),
  }),
)
export type ShiftFile = z.infer<typeof ShiftFile>

/** @returns with the signals whose shifts the file does not hold: nothing was compared for them */
export function offShiftSignals(
  questions: readonly Question[],
  file: ShiftFile,
  { graceMinutes }: SignalRules['off-shift'],
): { signals: Signal[]; notCompared: number } {
  const grace = graceMinutes * 60_000
  const shifts = new Map(file.map((each) => [each.subject, each.shifts]))
  const known = questions.filter(({ by }) => shifts.has(by.subject))
  const outside = known.filter(({ by, at }) => {
    const then = Date.parse(at)
    return !shifts
      .get(by.subject)
      ?.some(({ from, until }) => then >= Date.parse(from) - grace && then <= Date.parse(until) + grace)
  })
  return {
    signals: outside.map((question) =>
      signalAt(
        'off-shift',
        question,
        `asked ${when(question.at)}, outside every shift and ${graceMinutes} minutes around it`,
      ),
    ),
    notCompared: questions.length - known.length,
  }
}
