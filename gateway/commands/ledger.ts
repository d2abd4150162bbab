/**
 * `sightline ledger …`: hand out the access log, prove that one access is in it, and check it without trusting anybody.
 * `verify` needs no gateway, and a network only for a log that lies elsewhere. Exit code 0 where the log is whole, 1 where it is not.
 */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import pg from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import type { Config } from '../config.ts'
import { type OpenedCheckpoint, openCheckpoint } from '../ledger/tree/checkpoint.ts'
import { exportLog } from '../ledger/tree/export.ts'
import { checkProof, proofFor } from '../ledger/tree/proof-file.ts'
import { verifierFrom, verifierText } from '../ledger/tree/signed-note.ts'
import type { Finding, VerifySettings } from '../ledger/verify/finding.ts'
import { verifyExport } from '../ledger/verify/verify-export.ts'
import { verifyTiles } from '../ledger/verify/verify-tiles.ts'
import { distinctWitnesses } from '../ledger/witness/known-witnesses.ts'
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

interface VerifyGiven {
  readonly key?: string
  readonly witness?: readonly string[]
  readonly atLeast?: number
  readonly kept?: readonly string[]
}

const atLeast = (text: string): number => {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('this is a number of witnesses')
  return Number(text)
}

const verifyCommand = () =>
  new Command('verify')
    .description('is a log that was handed out, a published one, or a proof, what was signed?')
    .argument(
      '<place>',
      'a folder of `ledger export`, a file of `ledger proof`, or an address that ends in /ledger/',
    )
    .option('--key <verifier>', 'what `ledger key` printed; your own gateway’s where it is left out')
    .option('--witness <verifier...>', 'keys of witnesses, who must have signed')
    .option('--at-least <number>', 'how many of them must have signed; all where it is left out', atLeast)
    .option(
      '--kept <checkpoint...>',
      'files or addresses of checkpoints from before, such as a witness keeps',
    )
    .action(async (place: string, given: VerifyGiven) => {
      const settings = await settingsOf(given)
      const address = /^https?:\/\//.test(place)
      if (!address && (await stat(place)).isFile()) return say(await verifyProof(place, settings))
      const finding = address ? await verifyTiles(place, settings) : await verifyExport(place, settings)
      say(inWords(finding))
      if (finding.kind !== 'whole') process.exitCode = 1
    })

/** @throws Refusal NOTE_KEY_INVALID, WITNESSES_WRONG, and those of `openCheckpoint` */
async function settingsOf(given: VerifyGiven): Promise<VerifySettings> {
  const log = given.key ? verifierFrom(given.key) : logSigner(await operatorSettings())
  const witnesses = distinctWitnesses((given.witness ?? []).map(verifierFrom))
  if ((given.atLeast ?? 0) > witnesses.length)
    throw new Refusal('WITNESSES_WRONG', 'more witnesses are asked for than are named with `--witness`')
  const kept = await Promise.all(
    (given.kept ?? []).map(async (each) => openCheckpoint(await textAt(each), log)),
  )
  return { log, witnesses, atLeast: given.atLeast, kept, progress: progressBar('checked') }
}

/** @param place a file or an address */
async function textAt(place: string): Promise<string> {
  if (!/^https?:\/\//.test(place)) return await readFile(place, 'utf8')
  const response = await fetch(place).catch(() => null)
  if (!response?.ok) throw new Refusal('CHECKPOINT_UNREACHABLE', `there is no checkpoint at ${place}`)
  return await response.text()
}

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

async function verifyProof(path: string, settings: VerifySettings): Promise<string> {
  const bytes = await readFile(`${path}.json`)
  const { id: eventId } = JSON.parse(bytes.toString()) as { id: string }
  const { index, checkpoint } = checkProof(await readFile(path, 'utf8'), { eventId, bytes }, settings)
  const seen = seenBy(checkpoint) || 'seen by no witness that you named'
  return `PROVED: access ${eventId} is record ${index} of ${checkpoint.size} in the log \`${checkpoint.origin}\`, ${seen}`
}

/** Empty where no witness was named. */
const seenBy = ({ witnesses }: OpenedCheckpoint): string =>
  witnesses.length === 0
    ? ''
    : `seen by ${witnesses.map(({ name, at }) => `${name} at ${at.toISOString()}`).join(' and ')}`

export function inWords(finding: Finding): string {
  switch (finding.kind) {
    case 'whole': {
      const { size, origin } = finding.checkpoint
      const erased = finding.erased === 0 ? '' : `; ${finding.erased} were erased, and their places stand`
      const seen = seenBy(finding.checkpoint)
      return `WHOLE: ${size} records of \`${origin}\` are what was signed${erased}${seen && '; '}${seen}`
    }
    case 'forked':
      return `FORKED: the hashes do not lead to the signed root over ${finding.size} records; the log was rewritten`
    case 'not-grown-from':
      return `FORKED: the log does not grow from the checkpoint over ${finding.size} records that you kept`
    case 'rolled-back':
      return `ROLLED BACK: the log holds ${finding.size} records, and ${finding.kept} were signed before`
    case 'tile-altered':
      return `ALTERED: \`${finding.path}\`, hashes over the records ${finding.begin} to ${finding.end - 1}, is not what was signed`
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
