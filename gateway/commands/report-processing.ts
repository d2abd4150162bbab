/** `sightline report processing`: records of processing activities, as far as agreements and custodians tell. */
import { Command } from 'commander'
import { listCustodians } from '../reports/custodian-list.ts'
import { processingInWords, processingReport } from '../reports/processing.ts'
import { loadBundle } from '../sharing/policy/load.ts'
import { printReport } from './report-reading.ts'

interface Options {
  readonly dir: string
  readonly custodians: string[]
  readonly json?: true
}

export const reportProcessingCommand = () =>
  new Command('processing')
    .description('records of processing activities (UK GDPR Article 30); reads no access')
    .option('--dir <folder>', 'the folder of policies', 'policies')
    .option('--custodians <folder...>', 'folders of custodians', ['adapters/custodians'])
    .option('--json', 'print it as JSON')
    .action(async (options: Options) => {
      const bundle = await loadBundle(options.dir, () => {})
      const records = processingReport(bundle, await listCustodians(options.custodians), new Date())
      printReport(options, null, records, processingInWords(records))
    })
