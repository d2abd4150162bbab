/** `sightline explain <receipt>` tells an IG lead why the decision of an access came out as it did. */
import { Command } from 'commander'
import { Refusal } from '../../schema/refusal.ts'
import { askDesk } from './ask-desk.ts'
import { printedExplanation } from './print-explanation.ts'
import { object } from './print-value.ts'

const EXPLANATION = `query Explanation($eventId: ID!) { explanation(eventId: $eventId) {
  bundle
  classes { custodian recordType about n steps { action allowed policies reason nearest { ...Nearest } } }
  notAsked { custodian recordType reason policies nearest { ...Nearest } } } }
fragment Nearest on NearestPermit { policy title unmet }`

async function explain(eventId: string, { as }: { as: string }): Promise<void> {
  const { explanation } = await askDesk(as, EXPLANATION, { eventId })
  if (explanation === null)
    throw new Refusal(
      'NOTHING_DECIDED',
      'no access has this receipt, or it was refused before anything was decided; its record in the ledger says why',
    )
  process.stdout.write(`${printedExplanation(object(explanation))}\n`)
}

export const explainCommand = () =>
  new Command('explain')
    .description('why the decision of an access came out as it did (IG leads only)')
    .argument('<receipt>', 'event id of the access, as every answer quotes it')
    .requiredOption('--as <persona>', 'who asks: ig-lead')
    .action(explain)
