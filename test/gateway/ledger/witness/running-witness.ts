/** A witness of an agency that listens on loopback, as `sightline witness` starts one. */
import type { AddressInfo } from 'node:net'
import type { NoteVerifier } from '../../../../gateway/ledger/tree/signed-note.ts'
import type { KnownWitness } from '../../../../gateway/ledger/witness/ask.ts'
import { holdFolder } from '../../../../gateway/ledger/witness/held-folder.ts'
import { witnessSigner } from '../../../../gateway/ledger/witness/key.ts'
import { buildWitnessServer } from '../../../../gateway/ledger/witness/server.ts'
import { openWitness } from '../../../../gateway/ledger/witness/witness.ts'

export interface RunningWitness extends KnownWitness {
  /** codes of the alerts that it raised */
  readonly alerts: string[]
  close(): Promise<void>
}

/** @param path what was seen is kept there: with the same one it is the same witness, started again */
export async function runningWitness(
  path: string,
  name: string,
  log: NoteVerifier,
  port = 0,
): Promise<RunningWitness> {
  const alerts: string[] = []
  const heard = {
    info: () => undefined,
    warn: () => undefined,
    error: (about: { alert?: string }) => void alerts.push(about.alert ?? 'fault'),
  }
  const folder = await holdFolder(path)
  const signer = await witnessSigner(folder, name)
  const witness = await openWitness({ signer, logs: [log], folder, clock: () => new Date(), log: heard })
  const server = buildWitnessServer(witness, heard)
  await server.listen({ host: '127.0.0.1', port })
  const address = server.server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}/`,
    verifier: signer,
    alerts,
    async close() {
      await server.close()
      await folder.release()
    },
  }
}
