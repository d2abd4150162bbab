/** Practitioners who ask without a pause: so many appends at a time, until they are stopped. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Ledger } from '../../../gateway/ledger/append.ts'
import type { Refusal } from '../../../schema/refusal.ts'
import { record, released } from './sample.ts'

export interface Practitioners {
  /** ids that got a receipt: these were shown */
  readonly acknowledged: readonly string[]
  /** of the refused */
  readonly codes: ReadonlySet<string>
  /** waits until so many more got a receipt */
  more(count: number): Promise<void>
  stop(): Promise<void>
}

/** @param thinking milliseconds between two questions of one practitioner */
export function practitioners(ledger: Ledger, callers: number, thinking = 0): Practitioners {
  const acknowledged: string[] = []
  const codes = new Set<string>()
  let going = true
  const done = Promise.all(
    Array.from({ length: callers }, async () => {
      while (going) {
        await ledger.append(record(released())).then(
          ({ eventId }) => acknowledged.push(eventId),
          (refusal: Refusal) => codes.add(refusal.code),
        )
        if (thinking > 0) await pause(thinking)
      }
    }),
  )
  return {
    acknowledged,
    codes,
    async more(count) {
      const goal = acknowledged.length + count
      await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(goal)
    },
    async stop() {
      going = false
      await done
    },
  }
}
