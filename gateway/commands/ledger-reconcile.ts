/** `sightline ledger reconcile`: an agency's own log beside the ledger. Exit code 1 where they differ. */
import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { type Difference, readAgencyLog, reconcile } from '../ledger/reconcile.ts'
import { withStore } from './with-store.ts'

const say = (words: string) => void process.stdout.write(`${words}\n`)
const list = (words: string, differences: readonly Difference[]) => {
  for (const { eventId, at } of differences) say(`${words}: ${eventId} at ${at.toISOString()}`)
}

async function compare(file: string, agency: string): Promise<void> {
  const entries = readAgencyLog(await readFile(file, 'utf8'))
  await withStore(async (pool) => {
    const { from, until, agree, without, notInLog, notOnRecord } = await reconcile(pool, agency, entries)
    list('ASKED, NOT IN THE LOG', notInLog)
    list('IN THE LOG, NOT ON RECORD', notOnRecord)
    say(
      `${from.toISOString()} to ${until.toISOString()}: ${agree} accesses agree, ${notInLog.length + notOnRecord.length} differ`,
    )
    if (without > 0) say(`${without} lines carry no receipt: they are not the gateway's`)
    if (notInLog.length + notOnRecord.length > 0) process.exitCode = 1
  })
}

export const reconcileCommand = () =>
  new Command('reconcile')
    .description('what an agency’s own access log and the ledger say of each other')
    .argument('<file>', 'its log: a JSON object a line, with `eventId` and `at`')
    .requiredOption('--agency <id>', 'whose log it is')
    .action((file: string, { agency }: { agency: string }) => compare(file, agency))
