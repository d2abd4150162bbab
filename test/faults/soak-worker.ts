/**
 * The ledger of a gateway as a process of its own, to be killed: 64 practitioners append without a pause, a relay
 * carries and signs beside them. Prints each receipt once it has it, which is all that anybody was shown, and the code
 * of each refusal. Waits and goes on as it is told, and ends with its input.
 */
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { openLedger } from '../../gateway/ledger/append.ts'
import { openRelay } from '../../gateway/ledger/relay.ts'
import { noteSigner } from '../../gateway/ledger/tree/signed-note.ts'
import type { Refusal } from '../../schema/refusal.ts'
import { record, released } from '../gateway/ledger/sample.ts'
import type { SoakedLedger } from './soak.ts'

const CALLERS = 64
const REFUSED_WAIT = 100 // milliseconds before a refused practitioner asks again
const TOLD_WAIT = 10 // milliseconds between two looks at what it was told

const soaked = JSON.parse(process.argv[2] ?? '') as SoakedLedger
const { databaseUrl, topic, brokers, partitions, replicationFactor } = soaked
const silent = () => undefined
const ledger = await openLedger({ databaseUrl, deadlineMs: 3_000 })
await openRelay({
  ...{ databaseUrl, topic, brokers, partitions, replicationFactor },
  log: { info: silent, warn: silent, error: (about, words) => say(`!${words} ${JSON.stringify(about)}`) },
  alerts: { raise: (fault) => say(`!${JSON.stringify(fault)}`), mended: silent },
  signing: {
    signer: noteSigner('log', soaked.origin, Buffer.from(soaked.signingKey, 'base64')),
    clock: () => new Date(),
    file: soaked.checkpointFile,
  },
})
let waiting = false
createInterface({ input: process.stdin })
  .on('line', (line) => {
    waiting = line === 'wait'
  })
  .on('close', () => process.exit(0))

let said: string[] = []
/** The receipts of one flush leave in one write; a pipe takes it before the call returns. */
function say(line: string): void {
  if (said.push(line) > 1) return
  setImmediate(() => {
    process.stdout.write(`${said.join('\n')}\n`)
    said = []
  })
}

for (let caller = 0; caller < CALLERS; caller++) void ask()
async function ask(): Promise<void> {
  for (;;)
    try {
      while (waiting) await pause(TOLD_WAIT)
      say((await ledger.append(record(released()))).eventId)
    } catch (error) {
      say(`!${(error as Refusal).code ?? (error as Error).name}`)
      await pause(REFUSED_WAIT)
    }
}
