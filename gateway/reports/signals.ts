/**
 * Signals of inappropriate access, each with its why in words. Refuses to say "none" of what could not be looked for:
 * where a file of the partnership's is missing, or does not speak of somebody, that is told.
 */
import { heading, when, wrapped } from '../commands/print-value.ts'
import { isQuestion, type Reading, readingLines } from './reading.ts'
import { type SignalName, type SignalRules, signalNames } from './signal-rules.ts'
import { type NeighbourFile, neighbourSignals } from './signals/neighbour.ts'
import { noCaseSignals } from './signals/no-case.ts'
import { offShiftSignals, type ShiftFile } from './signals/off-shift.ts'
import { searchWithoutViewSignals } from './signals/search-without-view.ts'
import type { Question, Signal } from './signals/signal.ts'
import { tieSignals } from './signals/tie.ts'
import { volumeSignals } from './signals/volume.ts'

export interface SignalsReport {
  readonly questions: number
  readonly signals: readonly Signal[]
  /** what could not be looked for, and why */
  readonly missing: readonly { readonly signal: SignalName; readonly why: string }[]
}

/** Files that the partnership may give; null where it gave none. */
export interface SignalFiles {
  readonly neighbours: NeighbourFile | null
  readonly shifts: ShiftFile | null
}

export function signalsReport(reading: Reading, rules: SignalRules, files: SignalFiles): SignalsReport {
  // of other agencies' people an IG lead is not told what the signals are read from
  const questions = reading.accesses
    .filter(isQuestion)
    .filter(({ by }) => reading.ofAgency === null || by?.agency === reading.ofAgency) as Question[]
  const near = files.neighbours && neighbourSignals(questions, files.neighbours)
  const off = files.shifts && offShiftSignals(questions, files.shifts, rules['off-shift'])
  const signals = [
    ...tieSignals(questions),
    ...(near?.signals ?? []),
    ...volumeSignals(questions, rules.volume),
    ...(off?.signals ?? []),
    ...noCaseSignals(questions, rules['no-case']),
    ...searchWithoutViewSignals(questions, rules['search-without-view']),
  ]
  return {
    questions: questions.length,
    signals: signals.sort(
      (a, b) => signalNames.indexOf(a.signal) - signalNames.indexOf(b.signal) || b.at.localeCompare(a.at),
    ),
    missing: [
      ...missingFor('neighbour', near, 'postcodes of staff and children', '--neighbours'),
      ...missingFor('off-shift', off, 'shifts', '--shifts'),
      ...untold(questions),
    ],
  }
}

function missingFor(
  signal: SignalName,
  done: { readonly notCompared: number } | null,
  what: string,
  option: string,
): SignalsReport['missing'] {
  if (done === null)
    return [{ signal, why: `not looked for: Sightline holds no ${what}; give a file with ${option}` }]
  const { notCompared } = done
  if (notCompared === 0) return []
  return [{ signal, why: `${notCompared} questions were not compared: the file does not hold their ${what}` }]
}

/** After an erasure nobody knows any more who was tied to the child. */
function untold(questions: readonly Question[]): SignalsReport['missing'] {
  const n = questions.filter(({ relationshipLive }) => relationshipLive === null).length
  if (n === 0) return []
  const why = `${n} questions not looked at: nobody can tell any more how she stood to the child`
  return (['self', 'relative', 'colleague', 'no-case'] as const).map((signal) => ({ signal, why }))
}

export function signalsInWords(
  { questions, signals, missing }: SignalsReport,
  reading: Reading,
  rules: SignalRules,
): string[] {
  const whose = reading.ofAgency === null ? 'everybody’s' : `those of ${reading.ofAgency}’s own people`
  return [
    ...readingLines(reading),
    ...wrapped(`Looked at ${questions} questions, ${whose}. A signal is a question to ask, never a finding.`),
    ...signalNames.flatMap((name) => {
      const found = signals.filter(({ signal }) => signal === name)
      const unseen = missing.filter(({ signal }) => signal === name)
      return [
        ...heading(`${name}: ${rules[name].why}`),
        ...(found.length === 0 && unseen.length === 0 ? ['  None.'] : []),
        ...unseen.flatMap(({ why }) => wrapped(why.toUpperCase().slice(0, 1) + why.slice(1), '  ')),
        ...found.flatMap(({ by, at, because, eventIds, child }) => [
          ...wrapped(
            `${by.name ?? by.subject} (${by.role ?? 'no role'}, ${by.agency ?? 'no agency'}), ${when(at)}${child ? `, ${child}` : ''}`,
            '  • ',
          ),
          ...wrapped(because, '    '),
          `    ${eventIds[0]}${eventIds.length > 1 ? ` and ${eventIds.length - 1} more; \`--json\` gives them all` : ''}`,
        ]),
        ...wrapped(`(${rules[name].source})`, '  '),
      ]
    }),
  ]
}
