/** `sightline report subject-access`: the disclosure list for a request about one child, with what is held back by rule. */
import { Command, Option } from 'commander'
import { Refusal } from '../../schema/refusal.ts'
import { listCustodians } from '../reports/custodian-list.ts'
import { sectorsFrom } from '../reports/sectors.ts'
import { subjectAccessInWords, subjectAccessReport } from '../reports/subject-access.ts'
import { type Requester, requesters, SUBJECT_ACCESS } from '../reports/subject-access-rules.ts'
import { loadApproved } from '../sharing/policy/approved.ts'
import { childOf, withPeriod } from './access-filter.ts'
import { printReport, type ReportOptions, readingFor } from './report-reading.ts'

interface Options extends ReportOptions {
  readonly child: string
  readonly requester: Requester
  readonly dir: string
  readonly custodians: string[]
}

export const reportSubjectAccessCommand = () =>
  withPeriod(
    new Command('subject-access')
      .description(
        'what was disclosed about a child, to whom and why, and what is held back by rule: a decision per row',
      )
      .requiredOption('--as <persona>', 'who reads: ig-lead')
      .requiredOption('--child <child>', 'her pseudonym, or her NHS number')
      .addOption(
        new Option('--requester <who>', 'who asks: a parent is held to more than the child herself')
          .choices(requesters)
          .makeOptionMandatory(),
      ),
  )
    .option('--dir <folder>', 'the folder of policies, with subject-access.yaml', 'policies')
    .option('--custodians <folder...>', 'folders of custodians: what they say can only hold more back', [
      'adapters/custodians',
    ])
    .option('--json', 'print it as JSON, with a place for each decision')
    .action(async (options: Options) => {
      const { subjectAccess: rules, agreements } = await loadApproved(options.dir)
      if (rules === null)
        throw new Refusal(
          'SUBJECT_ACCESS_RULES_MISSING',
          `there is no ${SUBJECT_ACCESS} in \`${options.dir}\`; without it nothing would be held back`,
        )
      const sectors = sectorsFrom(agreements, await listCustodians(options.custodians))
      const reading = await readingFor(options, childOf(options.child))
      const report = subjectAccessReport(reading, rules, sectors, options.requester)
      printReport(options, reading, report, subjectAccessInWords(report, reading))
    })
