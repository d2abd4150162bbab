/** `sightline review <id>` decides, as an agency's reviewer, whether her agency shares in this case. */
import { Command, Option } from 'commander'
import { Refusal } from '../../schema/refusal.ts'
import { askDesk } from './ask-desk.ts'
import { object, text, when } from './print-value.ts'

interface Options {
  readonly as: string
  readonly share?: true
  readonly doNotShare?: true
  readonly reasonClass?: string
  readonly detrimental?: 'yes' | 'no'
  readonly recordedIn?: string
  /** false with `--do-not-acknowledge` */
  readonly acknowledge: boolean
}

const DECIDE = `mutation DecideReview($id: ID!, $decision: ReviewDecision!, $reasonClass: String,
  $detriment: DetrimentTestInput, $acknowledge: Boolean) {
  decideReview(id: $id, decision: $decision, reasonClass: $reasonClass, detriment: $detriment, acknowledge: $acknowledge) {
    decision validUntil } }`

function variablesOf(id: string, options: Options) {
  const { share, doNotShare, reasonClass, detrimental, recordedIn, acknowledge } = options
  if ((share === undefined) === (doNotShare === undefined))
    throw new Refusal('DECISION_NEEDED', 'say either --share or --do-not-share (nothing was decided)')
  if ((detrimental === undefined) !== (recordedIn === undefined))
    throw new Refusal(
      'DETRIMENT_TEST_MISSING',
      'give --detrimental and --recorded-in together (nothing was decided)',
    )
  const detriment =
    detrimental === undefined ? undefined : { moreDetrimental: detrimental === 'yes', recordedIn }
  return share
    ? { id, decision: 'SHARE', reasonClass, detriment }
    : { id, decision: 'DO_NOT_SHARE', reasonClass, detriment, acknowledge }
}

async function decide(id: string, options: Options): Promise<void> {
  const { decideReview } = await askDesk(options.as, DECIDE, variablesOf(id, options))
  const { decision, validUntil } = object(decideReview)
  const words = text(decision) === 'SHARE' ? 'shared in this case' : 'not shared in this case'
  process.stdout.write(`decided: ${words}, from the next question until ${when(validUntil)}\n`)
}

export const reviewCommand = () =>
  new Command('review')
    .description('decide a review of your agency; a later decision takes the place of an earlier one')
    .argument('<id>', 'of the review, as `sightline reviews` lists it')
    .requiredOption('--as <persona>', 'who decides, such as school-reviewer')
    .option('--share', 'it is shared in this case')
    .option('--do-not-share', 'it is not')
    .option('--reason-class <code>', 'code of policies/review-reasons.yaml; with --do-not-share')
    .addOption(
      new Option(
        '--detrimental <yes|no>',
        'would sharing be more detrimental to the child than not sharing?',
      ).choices(['yes', 'no']),
    )
    .option('--recorded-in <reference>', 'under which your agency keeps its reasoning')
    .option('--do-not-acknowledge', 'the practitioner reads no more than where nothing is held')
    .action(
      (
        id: string,
        { doNotAcknowledge, ...options }: Omit<Options, 'acknowledge'> & { doNotAcknowledge?: true },
      ) => decide(id, { ...options, acknowledge: doNotAcknowledge !== true }),
    )
