/** `sightline ledger …`: hand out the access log, and prove that one access is in it. */
import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import type pg from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import { EVENT_ID } from '../ledger/ledger-event.ts'
import { exportLog } from '../ledger/tree/export.ts'
import { proofFor } from '../ledger/tree/proof-file.ts'
import { verifierText } from '../ledger/tree/signed-note.ts'
import { logSigner } from '../log-signer.ts'
import { eraseChildCommand } from './ledger-erase-child.ts'
import { reconcileCommand } from './ledger-reconcile.ts'
import { verifyCommand } from './ledger-verify.ts'
import { operatorSettings } from './operator-settings.ts'
import { progressBar } from './progress-bar.ts'
import { withStore } from './with-store.ts'

const say = (words: string): void => {
  process.stdout.write(`${words}\n`)
}

/** Nothing is added to what somebody may hash; on a terminal the next prompt begins a line. */
const exactly = (bytes: Buffer): void => {
  process.stdout.write(bytes)
  if (process.stdout.isTTY) process.stdout.write('\n')
}

const keyCommand = () =>
  new Command('key')
    .description('the key with which anybody can check what the log signs; hand it over in person')
    .action(async () => say(verifierText(logSigner(await operatorSettings()))))

const showCommand = () =>
  new Command('show')
    .description('the exact bytes of one access record')
    .argument('<eventId>', 'the receipt in the answer')
    .action((eventId: string) => withStore(async (pool) => exactly(await recordOf(pool, eventId))))

const exportCommand = () =>
  new Command('export')
    .description('write the signed log into a folder, to be carried away and checked elsewhere')
    .argument('<folder>')
    .action((folder: string) =>
      withStore(async (pool) => {
        const count = await exportLog(pool, folder, progressBar('exported'))
        say(`${count} records are in ${folder}; check them with \`npx sightline ledger verify ${folder}\``)
      }),
    )

const proofCommand = () =>
  new Command('proof')
    .description('a file that proves that one access is in the log')
    .argument('<eventId>', 'the receipt in the answer')
    .option('--out <file>', 'where to write it; the record goes beside it, with `.json`', 'access.proof')
    .action((eventId: string, { out }: { out: string }) =>
      withStore(async (pool) => {
        const record = await recordOf(pool, eventId)
        await writeFile(out, await proofFor(pool, eventId))
        await writeFile(`${out}.json`, record)
        say(`${out} proves ${out}.json; check it with \`npx sightline ledger verify ${out}\``)
      }),
    )

export const ledgerCommand = () =>
  new Command('ledger')
    .description('the log of accesses: hand it out, prove it, check it')
    .addCommand(keyCommand())
    .addCommand(showCommand())
    .addCommand(proofCommand())
    .addCommand(exportCommand())
    .addCommand(eraseChildCommand())
    .addCommand(reconcileCommand())
    .addCommand(verifyCommand())

const RECORD = `
  SELECT (SELECT body FROM access_event WHERE event_id = $1) AS body,
    EXISTS (SELECT FROM access_leaf WHERE event_id = $1) AS placed`

/** @throws Refusal ACCESS_UNKNOWN, ACCESS_ERASED */
async function recordOf(pool: pg.Pool, eventId: string): Promise<Buffer> {
  const known = EVENT_ID.test(eventId)
    ? await pool.query<{ body: Buffer | null; placed: boolean }>(RECORD, [eventId])
    : null
  const { body = null, placed = false } = known?.rows[0] ?? {}
  if (body) return body
  if (!placed) throw new Refusal('ACCESS_UNKNOWN', 'the log holds no access under this id')
  throw new Refusal(
    'ACCESS_ERASED',
    'this access was erased; its place in the log stands, and holds its hash',
  )
}
