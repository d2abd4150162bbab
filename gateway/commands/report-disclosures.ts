/** `sightline report disclosures`: what left which agency for which, and on which lawful basis. */
import { Command } from 'commander'
import { disclosuresInWords, disclosuresReport } from '../reports/disclosures.ts'
import { loadBundle } from '../sharing/policy/load.ts'
import { withPeriod } from './access-filter.ts'
import { printReport, type ReportOptions, readingFor } from './report-reading.ts'

export const reportDisclosuresCommand = () =>
  withPeriod(
    new Command('disclosures')
      .description('what left which agency for which, and on which lawful basis, over a period')
      .requiredOption('--as <persona>', 'who reads: ig-lead'),
  )
    .option('--dir <folder>', 'the folder of policies, for the words of lawful bases', 'policies')
    .option('--json', 'print it as JSON')
    .action(async (options: ReportOptions & { readonly dir: string }) => {
      const { lawfulBases } = await loadBundle(options.dir, () => {})
      const titleOf = (code: string) => {
        const basis = lawfulBases.get(code)
        return basis === undefined ? code : `${basis.title} (${basis.citation})`
      }
      const reading = await readingFor(options)
      const report = disclosuresReport(reading)
      printReport(options, reading, report, disclosuresInWords(report, reading, titleOf))
    })
