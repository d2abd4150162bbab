/**
 * `sightline witness`: the server that an agency runs to watch the log of accesses, without trusting who keeps it. It
 * needs nothing of the gateway but the log's key. Ends with Ctrl-C; what it has seen is kept.
 */
import type { AddressInfo } from 'node:net'
import { Command, InvalidArgumentError } from 'commander'
import { pino } from 'pino'
import { Refusal } from '../../schema/refusal.ts'
import { type NoteVerifier, verifierFrom, verifierText } from '../ledger/tree/signed-note.ts'
import { holdFolder } from '../ledger/witness/held-folder.ts'
import { witnessSigner } from '../ledger/witness/key.ts'
import { buildWitnessServer } from '../ledger/witness/server.ts'
import { openWitness } from '../ledger/witness/witness.ts'
import { listen } from '../listen.ts'

interface Given {
  readonly folder: string
  readonly name?: string
  readonly log: readonly string[]
  readonly host: string
  readonly port: number
}

const port = (text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number > 65_535) throw new InvalidArgumentError('a port is a number up to 65535')
  return number
}

/** @throws Refusal NOTE_KEY_INVALID */
function logFrom(text: string): NoteVerifier {
  const log = verifierFrom(text)
  if (log.kind !== 'log')
    throw new Refusal('NOTE_KEY_INVALID', `\`${log.name}\` is the key of a witness; a log's is needed here`)
  return log
}

async function serve({ folder: path, name, log: keys, host, port }: Given): Promise<void> {
  const logs = keys.map(logFrom)
  const folder = await holdFolder(path)
  const signer = await witnessSigner(folder, name)
  const log = pino({ base: { witness: signer.name } })
  const witness = await openWitness({ signer, logs, folder, clock: () => new Date(), log })
  const server = buildWitnessServer(witness, log)
  await listen(server, { host, port })
  const { address, port: listening } = server.server.address() as AddressInfo
  const origins = logs.map((each) => each.name)
  log.info({ address, port: listening, origins, key: verifierText(signer) }, 'the witness is ready')
  const stop = () =>
    void server
      .close()
      .then(folder.release)
      .then(() => process.exit(0))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
}

export const witnessCommand = () =>
  new Command('witness')
    .description('watch a log of accesses for your agency: cosign what has grown, refuse what was rewritten')
    .requiredOption('--folder <folder>', 'where its key, and what it has seen, are kept')
    .requiredOption('--log <verifier...>', 'what `ledger key` printed; the name in it is the log’s origin')
    .option('--name <name>', 'of this witness, on the first start: police.northshire.example/witness')
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--port <port>', 'where it listens', port, 4070)
    .action(serve)
