/**
 * One gateway's part of the commit bench, as a process of its own: builds, checks and appends records. Says once that it
 * is warm, waits for `go`, and then tells how long each record took.
 */
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { openLedger } from '../../gateway/ledger/append.ts'
import { record, released, someChild } from '../gateway/ledger/sample.ts'

export interface Appended {
  readonly seconds: number
  /** milliseconds, one for each record */
  readonly waits: readonly number[]
}

const [databaseUrl = '', callers, seconds, perSecond] = process.argv.slice(2)
/** milliseconds between two records of one caller; 0: the next begins when one is confirmed */
const pace = Number(perSecond) > 0 ? (1_000 * Number(callers)) / Number(perSecond) : 0
const ledger = await openLedger({ databaseUrl, deadlineMs: 10_000 })

async function run(milliseconds: number): Promise<Appended> {
  const waits: number[] = []
  const began = performance.now()
  await Promise.all(
    Array.from({ length: Number(callers) }, async (_, caller) => {
      let due = began + (pace * caller) / Number(callers)
      while (performance.now() - began < milliseconds) {
        if (pace > 0 && due > performance.now()) await pause(due - performance.now())
        const start = performance.now()
        await ledger.append(record(released(someChild())))
        waits.push(performance.now() - start)
        due += pace
      }
    }),
  )
  return { seconds: (performance.now() - began) / 1_000, waits }
}

await run(1_000)
process.send?.({ seconds: 0, waits: [] } satisfies Appended)
await once(process, 'message')
const appended = await run(Number(seconds) * 1_000)
process.send?.(appended)
await once(process, 'disconnect')
await ledger.close()
