/**
 * `sightline ledger verify`: is a log, or a proof, what was signed? Trusts the keys that it is given and nothing else; needs
 * a network only for what lies elsewhere. Exit code 0 where it is whole, 1 where it is not.
 */
import { readFile, stat } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import { Refusal } from '../../schema/refusal.ts'
import { bodyWithin } from '../ledger/body-within.ts'
import { type OpenedCheckpoint, openCheckpoint } from '../ledger/tree/checkpoint.ts'
import { checkProof } from '../ledger/tree/proof-file.ts'
import { verifierFrom } from '../ledger/tree/signed-note.ts'
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

interface VerifyGiven {
  readonly key?: string
  readonly witness?: readonly string[]
  readonly atLeast?: number
  readonly kept?: readonly string[]
}

/** Bytes: a checkpoint, or a proof, with the signatures of many witnesses; a record with room to spare. */
const LARGEST_NOTE = 64 * 1024
const LARGEST_RECORD = 2 * 1024 * 1024

const PATIENCE = 30_000 // milliseconds for the whole of a checkpoint from an address

const atLeast = (text: string): number => {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('this is a number of witnesses')
  return Number(text)
}

export const verifyCommand = () =>
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
      const found = address ? null : await stat(place).catch(() => null)
      if (!address && found === null) throw new Refusal('LOG_UNREACHABLE', `there is nothing at ${place}`)
      if (found?.isFile()) return say(await verifyProof(place, settings))
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
  const text = /^https?:\/\//.test(place) ? fetched(place) : smallFile(place, LARGEST_NOTE)
  return await text.then(String, () => {
    throw new Refusal('CHECKPOINT_UNREACHABLE', `there is no checkpoint at ${place}`)
  })
}

async function fetched(address: string): Promise<Buffer> {
  const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) })
  if (!response.ok) throw new Error(`status ${response.status}`)
  return await bodyWithin(response, LARGEST_NOTE)
}

/** @throws where there is none, or it is larger than such a file can be */
async function smallFile(path: string, most: number): Promise<Buffer> {
  const { size } = await stat(path)
  if (size > most) throw new Error(`${path} is too large`)
  return await readFile(path)
}

async function verifyProof(path: string, settings: VerifySettings): Promise<string> {
  const bytes = await recordBeside(path)
  const eventId = idIn(bytes)
  const proof = await smallFile(path, LARGEST_NOTE).catch(() => {
    throw new Refusal('PROOF_MALFORMED', `${path} is no proof of an access`)
  })
  const { index, checkpoint } = checkProof(proof.toString(), { eventId, bytes }, settings)
  const seen = seenBy(checkpoint) || 'seen by no witness that you named'
  return `PROVED: access ${eventId} is record ${index} of ${checkpoint.size} in the log \`${checkpoint.origin}\`, ${seen}`
}

const recordBeside = (path: string): Promise<Buffer> =>
  smallFile(`${path}.json`, LARGEST_RECORD).catch(() => {
    throw new Refusal(
      'PROOF_RECORD_MISSING',
      `the record that is to be proved must lie beside the proof, in ${path}.json`,
    )
  })

/** @throws Refusal PROOF_MALFORMED */
function idIn(record: Buffer): string {
  try {
    const { id } = JSON.parse(record.toString()) as { readonly id?: unknown }
    if (typeof id === 'string') return id
  } catch {
    // told below
  }
  throw new Refusal('PROOF_MALFORMED', 'what lies beside the proof is no record of an access')
}

/** Empty where no witness was named. */
const seenBy = ({ witnesses }: OpenedCheckpoint): string =>
  witnesses.length === 0
    ? ''
    : `seen by ${witnesses.map(({ name, at }) => `${name} at ${at.toISOString()}`).join(' and ')}`

function inWords(finding: Finding): string {
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
    case 'emptied':
      return `EMPTIED: what ${finding.erased} records said is gone, and the erasures on record account for ${finding.onRecord}; somebody took it out`
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
