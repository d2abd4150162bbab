/**
 * The `sightline` command. One file per command beside this one; only the command that was typed is loaded, so that none
 * waits for what the others need.
 */
import { Command } from 'commander'
import { Refusal } from '../../schema/refusal.ts'

/** In the order in which the help names them. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  token: async () => (await import('./token.ts')).tokenCommand(),
  picture: async () => (await import('./picture.ts')).pictureCommand(),
  register: async () => (await import('./register.ts')).registerCommand(),
  policy: async () => (await import('./policy.ts')).policyCommand(),
  ledger: async () => (await import('./ledger.ts')).ledgerCommand(),
  witness: async () => (await import('./witness.ts')).witnessCommand(),
  reviews: async () => (await import('./reviews.ts')).reviewsCommand(),
  review: async () => (await import('./review.ts')).reviewCommand(),
  explain: async () => (await import('./explain.ts')).explainCommand(),
  accesses: async () => (await import('./accesses.ts')).accessesCommand(),
  reader: async () => (await import('./reader.ts')).readerCommand(),
  report: async () => (await import('./report.ts')).reportCommand(),
}

/** @param typed the command that is meant; all are there where it is none of them */
export async function sightlineCommand(typed = ''): Promise<Command> {
  const load = Object.hasOwn(COMMANDS, typed) ? [COMMANDS[typed]] : Object.values(COMMANDS)
  const sightline = new Command('sightline').description('ask the gateway from a terminal, and look after it')
  for (const command of load) if (command) sightline.addCommand(await command())
  return sightline
}

/** By convention 128 and the number of SIGPIPE. */
const READ_NO_FURTHER = 141

export async function run(): Promise<void> {
  // `| head` has read enough: no fault
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(READ_NO_FURTHER)
  })
  try {
    await (await sightlineCommand(process.argv[2])).parseAsync()
  } catch (error) {
    const refusal = isUnreachable(error) ? STORE_UNREACHABLE : (fileUnusable(error) ?? error)
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

/** A file that was named, or is beside one that was: it is not there, in the way, on a full disk, or not ours. */
function fileUnusable(error: unknown): Refusal | null {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error && 'path' in error)) return null
  return new Refusal(
    'FILE_UNUSABLE',
    `\`${error.path}\` cannot be read or written (${error.code}); see to its folder, or name another place`,
  )
}
