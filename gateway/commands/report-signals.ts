/** `sightline report signals`: accesses worth a second look, each with its why. Files that it is given stay here. */
import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { parse } from 'yaml'
import type { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'
import { SIGNALS } from '../reports/signal-rules.ts'
import { NeighbourFile } from '../reports/signals/neighbour.ts'
import { ShiftFile } from '../reports/signals/off-shift.ts'
import { signalsInWords, signalsReport } from '../reports/signals.ts'
import { loadApproved } from '../sharing/policy/approved.ts'
import { withPeriod } from './access-filter.ts'
import { printReport, type ReportOptions, readingFor } from './report-reading.ts'

interface Options extends ReportOptions {
  readonly dir: string
  readonly shifts?: string
  readonly neighbours?: string
}

export const reportSignalsCommand = () =>
  withPeriod(
    new Command('signals')
      .description('accesses worth a second look, each with its why: questions to ask, no findings')
      .requiredOption('--as <persona>', 'who reads: ig-lead'),
  )
    .option('--shifts <file>', 'who worked when (YAML or JSON); read here, and kept nowhere')
    .option(
      '--neighbours <file>',
      'postcodes of staff and of children by pseudonym; read here, and kept nowhere',
    )
    .option('--dir <folder>', 'the folder of policies, with signals.yaml', 'policies')
    .option('--json', 'print it as JSON')
    .action(async (options: Options) => {
      const { signals: rules } = await loadApproved(options.dir)
      if (rules === null)
        throw new Refusal(
          'SIGNALS_MISSING',
          `there is no ${SIGNALS} in \`${options.dir}\`; without it nothing is looked for`,
        )
      const files = {
        shifts: await given(options.shifts, ShiftFile),
        neighbours: await given(options.neighbours, NeighbourFile),
      }
      const reading = await readingFor(options)
      const report = signalsReport(reading, rules, files)
      printReport(options, reading, report, signalsInWords(report, reading, rules))
    })

/** The file is not quoted: it says where people live. */
async function given<T>(path: string | undefined, shape: z.ZodType<T>): Promise<T | null> {
  if (path === undefined) return null
  const wrong = (what: string) => new Refusal('SIGNAL_FILE_WRONG', `\`${path}\` cannot be used: ${what}`)
  const text = await readFile(path, 'utf8').catch(() => {
    throw wrong('it cannot be read')
  })
  let value: unknown
  try {
    value = parse(text)
  } catch {
    throw wrong('it is neither YAML nor JSON')
  }
  const read = shape.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw wrong(`${issue?.path.join('.')} ${issue?.message}`)
}
