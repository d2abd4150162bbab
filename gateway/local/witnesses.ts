/** Two agencies of Northshire watch the log of a local Sightline, each with a process, a key and a memory of its own. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type NoteVerifier, verifierText } from '../ledger/tree/signed-note.ts'
import { WITNESS_FILES } from '../ledger/witness/key.ts'
import { ourProgram, type Part, startPart } from './part.ts'

export interface LocalWitnesses {
  /** what the gateway needs to know of them: LEDGER_WITNESSES */
  readonly setting: string
  stop(): Promise<void>
}

const AGENCIES = ['northshire-police', 'northshire-council'] as const

export async function startWitnesses(plan: {
  /** what each keeps lies beneath it */
  folder: string
  /** folder of their logs */
  logs: string
  log: NoteVerifier
  ports: readonly number[]
}): Promise<LocalWitnesses> {
  const started = await Promise.allSettled(
    AGENCIES.map((agency, place) => startWitness(plan, agency, plan.ports[place] ?? 0)),
  )
  const up = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const stop = async () => {
    await Promise.all(up.map(({ part }) => part.stop()))
  }
  const failed = started.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') {
    await stop()
    throw failed.reason
  }
  return { setting: up.map(({ url, verifier }) => `${url} ${verifier}`).join(', '), stop }
}

async function startWitness(
  plan: Parameters<typeof startWitnesses>[0],
  agency: string,
  port: number,
): Promise<{ part: Part; url: string; verifier: string }> {
  const folder = join(plan.folder, agency)
  const url = `http://127.0.0.1:${port}`
  const part = await startPart({
    name: `the witness of ${agency}`,
    ...ourProgram(
      new URL('../commands/sightline.js', import.meta.url),
      ...['witness', '--folder', folder, '--name', `${agency}.example/witness`],
      ...['--log', verifierText(plan.log), '--port', String(port)],
    ),
    logFile: join(plan.logs, `witness-${agency}.log`),
    ready: async () => (await fetch(url, { signal: AbortSignal.timeout(2_000) })).status === 404,
  })
  return { part, url, verifier: (await readFile(join(folder, WITNESS_FILES.verifier), 'utf8')).trim() }
}
