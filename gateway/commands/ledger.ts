/**
 * `sightline ledger …`: hand out the access log, prove that one access is in it, and check it without trusting anybody.
 * `verify` needs no gateway and no network. Exit code 0 where the log is whole, 1 where it is not.
 */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import pg from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import type { Config } from '../config.ts'
import { openCheckpoint } from '../ledger/tree/checkpoint.ts'
import { exportLog } from '../ledger/tree/export.ts'
import { checkProof, proofFor } from '../ledger/tree/proof-file.ts'
import { type NoteVerifier, verifierFrom, verifierText } from '../ledger/tree/signed-note.ts'
import { type Finding, verifyExport } from '../ledger/tree/verify.ts'
import { logSigner } from '../log-signer.ts'
import { operatorSettings } from './operator-settings.ts'
import { progressBar } from './progress-bar.ts'

const say = (words: string): void => {
  process.stdout.write(`${words}\n`)
}

async function withStore<T>(work: (pool: pg.Pool, config: Config) => Promise<T>): Promise<T> {
  const config = await operatorSettings()
  const pool = new pg.Pool({ connectionString: config.DATABASE_URL, max: 2 })
  try {
    return await work(pool, config)
  } finally {
    await pool.end()
  }
}

const keyCommand = () =>
  new Command('key')
    .description('the key with which anybody can check what the log signs; hand it over in person')
    .action(async () => say(verifierText(logSigner(await operatorSettings()))))

const showCommand = () =>
  new Command('show')
    .description('the exact bytes of one access record')
    .argument('<eventId>', 'the receipt in the answer')
    .action((eventId: string) => withStore(async (pool) => say((await recordOf(pool, eventId)).toString())))

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
        await writeFile(out, await proofFor(pool, eventId))
        await writeFile(`${out}.json`, await recordOf(pool, eventId))
        say(`${out} proves ${out}.json; check it with \`npx sightline ledger verify ${out}\``)
      }),
    )

const verifyCommand = () =>
  new Command('verify')
    .description('is a log that was handed out, or a proof, what was signed? needs no network')
    .argument('<path>', 'a folder of `ledger export`, or a file of `ledger proof`')
    .option('--key <verifier>', 'what `ledger key` printed; your own gateway’s where it is left out')
    .option('--witness <verifier...>', 'keys of witnesses')
    .option('--kept <checkpoint...>', 'checkpoints from before: the log must have grown from each')
    .action(async (path: string, given: { key?: string; witness?: string[]; kept?: string[] }) => {
      const log = given.key ? verifierFrom(given.key) : logSigner(await operatorSettings())
      const witnesses = (given.witness ?? []).map(verifierFrom)
      const kept = await Promise.all(
        (given.kept ?? []).map(async (file) => openCheckpoint(await readFile(file, 'utf8'), log)),
      )
      if ((await stat(path)).isFile()) return say(await verifyProof(path, log, witnesses))
      const finding = await verifyExport(path, { log, witnesses, kept, progress: progressBar('checked') })
      say(inWords(finding))
      if (finding.kind !== 'whole') process.exitCode = 1
    })

export const ledgerCommand = () =>
  new Command('ledger')
    .description('the log of accesses: hand it out, prove it, check it')
    .addCommand(keyCommand())
    .addCommand(showCommand())
    .addCommand(proofCommand())
    .addCommand(exportCommand())
    .addCommand(verifyCommand())

async function recordOf(pool: pg.Pool, eventId: string): Promise<Buffer> {
  const known = /^[0-9a-f-]{36}$/.test(eventId)
    ? await pool.query<{ body: Buffer }>('SELECT body FROM access_event WHERE event_id = $1', [eventId])
    : null
  const record = known?.rows[0]?.body
  if (!record) throw new Refusal('ACCESS_UNKNOWN', 'the log holds no access under this id')
  return record
}

async function verifyProof(
  path: string,
  log: NoteVerifier,
  witnesses: readonly NoteVerifier[],
): Promise<string> {
  const bytes = await readFile(`${path}.json`)
  const { id: eventId } = JSON.parse(bytes.toString()) as { id: string }
  const { index, checkpoint } = checkProof(await readFile(path, 'utf8'), { eventId, bytes }, log, witnesses)
  const seen = checkpoint.witnesses.map(({ name }) => name).join(', ') || 'no witness that you named'
  return `PROVED: access ${eventId} is record ${index} of ${checkpoint.size} in the log \`${log.name}\`, seen by ${seen}`
}

export function inWords(finding: Finding): string {
  switch (finding.kind) {
    case 'whole': {
      const { size, origin, witnesses } = finding.checkpoint
      const erased = finding.erased === 0 ? '' : `; ${finding.erased} were erased, and their places stand`
      const seen = witnesses.length === 0 ? '' : `; seen by ${witnesses.map(({ name }) => name).join(', ')}`
      return `WHOLE: ${size} records of \`${origin}\` are what was signed${erased}${seen}`
    }
    case 'forked':
      return `FORKED: the hashes do not lead to the signed root over ${finding.size} records; the log was rewritten`
    case 'not-grown-from':
      return `FORKED: the log does not grow from the checkpoint over ${finding.size} records that you kept`
    case 'missing':
      return `MISSING: record ${finding.index} was signed and is not here`
    case 'altered':
      return `ALTERED: record ${finding.index} (${finding.eventId}) is not what was signed`
    case 'reordered':
      return `REORDERED: record ${finding.belongsAt} (${finding.eventId}) stands at ${finding.index}`
    case 'inserted':
      return `INSERTED: ${finding.eventId}, which was never signed, stands at ${finding.index}`
    case 'surplus':
      return `SURPLUS: records stand from ${finding.index} on that were never signed`
  }
}
