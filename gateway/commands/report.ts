/** `sightline report …`: what an information-governance lead has to show, made of the accesses that she may read. */
import { Command } from 'commander'
import { reportDisclosuresCommand } from './report-disclosures.ts'
import { reportProcessingCommand } from './report-processing.ts'
import { reportRectificationCommand } from './report-rectification.ts'
import { reportSignalsCommand } from './report-signals.ts'
import { reportSubjectAccessCommand } from './report-subject-access.ts'

export const reportCommand = () =>
  new Command('report')
    .description(
      'disclosures, processing, subject access, rectification, and signals of inappropriate access',
    )
    .addCommand(reportDisclosuresCommand())
    .addCommand(reportSignalsCommand())
    .addCommand(reportSubjectAccessCommand())
    .addCommand(reportRectificationCommand())
    .addCommand(reportProcessingCommand())
