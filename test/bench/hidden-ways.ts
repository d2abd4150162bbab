/** Ways to hold an answer back, so that its time does not tell what is hidden: none, a fixed grid, the custodians' pace. */
import { setTimeout as pause } from 'node:timers/promises'
import { openPace, type Pace } from '../../gateway/sharing/pace.ts'

export const WARM_UP = 30 // pairs, in which the pace is learned, too
const GRID = 100 // milliseconds

const nothing: Pace = () => async () => undefined
const grid: Pace = () => {
  const began = performance.now()
  return async () => {
    const elapsed = performance.now() - began
    await pause(Math.ceil(elapsed / GRID) * GRID - elapsed)
  }
}

/** Each with its share of the pairs: what is certain is soon measured. */
export const WAYS: readonly (readonly [name: string, open: () => Pace, share: number])[] = [
  ['no defence', () => nothing, 0.25],
  [`grid of ${GRID} ms`, () => grid, 0.25],
  ["custodians' pace", () => openPace({ defaultDeadlineMs: 3_000 }), 1],
]

/** @throws where the gateway goes on without its pace: then nothing would be compared */
export async function timed<Result>(
  pace: Pace,
  keep: (pace: Pace) => void,
  ask: () => Promise<Result>,
): Promise<{ reply: Result; took: number }> {
  let isKept = false
  keep(() => {
    const settled = pace()
    return (replies) => {
      isKept = true
      return settled(replies)
    }
  })
  const began = performance.now()
  const reply = await ask()
  const took = performance.now() - began
  if (!isKept) throw new Error('the gateway keeps no pace')
  return { reply, took }
}
