/** `sightline report rectification`: to whom a custodian's records of a child, or one record, were shown. */
import { Command } from 'commander'
import { rectificationInWords, rectificationReport } from '../reports/rectification.ts'
import { childOf, withPeriod } from './access-filter.ts'
import { printReport, type ReportOptions, readingFor } from './report-reading.ts'

interface Options extends ReportOptions {
  readonly child: string
  readonly custodian: string
  readonly recordType?: string
  readonly record?: string
}

export const reportRectificationCommand = () =>
  withPeriod(
    new Command('rectification')
      .description('which agencies and roles were shown a record, so that they can be told of its correction')
      .requiredOption('--as <persona>', 'who reads: ig-lead')
      .requiredOption('--child <child>', 'her pseudonym, or her NHS number')
      .requiredOption('--custodian <id>', 'whose record it is, such as northshire-police'),
  )
    .option('--record-type <kind>', 'with --record: its kind, such as police.crime')
    .option('--record <id>', 'the one record, by the custodian’s own id; any of the child where not given')
    .option('--json', 'print it as JSON')
    .action(async (options: Options) => {
      const { custodian, recordType = null, record: recordId = null } = options
      const child = childOf(options.child)
      const reading = await readingFor(options, { ...child, custodian, recordType, recordId })
      const unended = await readingFor(options, { ...child, decision: 'NO_OUTCOME' })
      const report = rectificationReport(reading, custodian, unended.accesses)
      printReport(options, reading, report, rectificationInWords(report, reading))
    })
