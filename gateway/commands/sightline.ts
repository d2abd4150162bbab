/** The `sightline` command. One file per command beside this one. */
import { Command } from 'commander'
import { Refusal } from '../../schema/refusal.ts'
import { explainCommand } from './explain.ts'
import { ledgerCommand } from './ledger.ts'
import { pictureCommand } from './picture.ts'
import { policyCommand } from './policy.ts'
import { registerCommand } from './register.ts'
import { reviewCommand } from './review.ts'
import { reviewsCommand } from './reviews.ts'
import { tokenCommand } from './token.ts'

export const sightlineCommand = () =>
  new Command('sightline')
    .description('ask the gateway from a terminal, and look after it')
    .addCommand(tokenCommand())
    .addCommand(pictureCommand())
    .addCommand(registerCommand())
    .addCommand(policyCommand())
    .addCommand(ledgerCommand())
    .addCommand(reviewsCommand())
    .addCommand(reviewCommand())
    .addCommand(explainCommand())

export async function run(): Promise<void> {
  try {
    await sightlineCommand().parseAsync()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    process.stderr.write(`${error.code}: ${error.message}\n`)
    process.exitCode = 1
  }
}
