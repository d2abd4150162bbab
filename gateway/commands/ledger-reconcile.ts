/** `sightline ledger reconcile`: an agency's own log beside the ledger. Exit code 1 where they differ. */
import { createReadStream } from 'node:fs'
import { Command } from 'commander'
import { Refusal } from '../../schema/refusal.ts'
import { readAgencyLog } from '../ledger/agency-log.ts'
import { type Difference, reconcile } from '../ledger/reconcile.ts'
import { withStore } from './with-store.ts'

const say = (words: string) => void process.stdout.write(`${words}\n`)

const IN_WORDS = {
  'not in log': 'ASKED, NOT IN THE LOG',
  'not on record': 'IN THE LOG, NOT ON RECORD',
} satisfies Record<Difference['kind'], string>

/** @throws Refusal LOG_UNREADABLE */
async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Refusal('LOG_UNREADABLE', `\`${file}\` cannot be read (${code}); name the agency's log`)
  }
}

const compare = (file: string, agency: string): Promise<void> =>
  withStore(async (pool) => {
    const { from, until, agree, without, notInLog, notOnRecord } = await reconcile(
      pool,
      agency,
      readAgencyLog(chunksOf(file)),
      ({ kind, eventId, at }) => say(`${IN_WORDS[kind]}: ${eventId} at ${at.toISOString()}`),
    )
    const differ = notInLog + notOnRecord
    say(`${from.toISOString()} to ${until.toISOString()}: ${agree} accesses agree, ${differ} differ`)
    if (without > 0) say(`${without} lines carry no receipt: they are not the gateway's`)
    if (differ > 0) process.exitCode = 1
  })

export const reconcileCommand = () =>
  new Command('reconcile')
    .description('what an agency’s own access log and the ledger say of each other')
    .argument('<file>', 'its log: a JSON object a line, with `eventId` and `at`')
    .requiredOption('--agency <id>', 'whose log it is')
    .action((file: string, { agency }: { agency: string }) => compare(file, agency))
