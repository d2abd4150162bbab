/** The `sightline` command. One file per command beside this one. */
import { Command } from 'commander'
import { Refusal } from '../../schema/refusal.ts'
import { accessesCommand } from './accesses.ts'
import { explainCommand } from './explain.ts'
import { ledgerCommand } from './ledger.ts'
import { pictureCommand } from './picture.ts'
import { policyCommand } from './policy.ts'
import { readerCommand } from './reader.ts'
import { registerCommand } from './register.ts'
import { reportCommand } from './report.ts'
import { reviewCommand } from './review.ts'
import { reviewsCommand } from './reviews.ts'
import { tokenCommand } from './token.ts'
import { witnessCommand } from './witness.ts'

export const sightlineCommand = () =>
  new Command('sightline')
    .description('ask the gateway from a terminal, and look after it')
    .addCommand(tokenCommand())
    .addCommand(pictureCommand())
    .addCommand(registerCommand())
    .addCommand(policyCommand())
    .addCommand(ledgerCommand())
    .addCommand(witnessCommand())
    .addCommand(reviewsCommand())
    .addCommand(reviewCommand())
    .addCommand(explainCommand())
    .addCommand(accessesCommand())
    .addCommand(readerCommand())
    .addCommand(reportCommand())

/** By convention 128 and the number of SIGPIPE. */
const READ_NO_FURTHER = 141

export async function run(): Promise<void> {
  // `| head` has read enough: no fault
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(READ_NO_FURTHER)
  })
  try {
    await sightlineCommand().parseAsync()
  } catch (error) {
    const refusal = isUnreachable(error) ? STORE_UNREACHABLE : error
    if (!(refusal instanceof Refusal)) throw error
    process.stderr.write(`${refusal.code}: ${refusal.message}\n`)
    process.exitCode = 1
  }
}

const STORE_UNREACHABLE = new Refusal(
  'STORE_UNREACHABLE',
  "the gateway's database does not answer; is `npm start` running, or DATABASE_URL right?",
)

/** Of what a command connects to by itself there is only the store: a gateway that is down is told by who asks it. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && ['connect', 'getaddrinfo'].includes(String(error.syscall))
