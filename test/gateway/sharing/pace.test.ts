/** An answer leaves at its custodians' pace: no sooner for a child who is not held, no later for one with sealed records. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openPace, type Timed } from '../../../gateway/sharing/pace.ts'

const DEADLINE = 3_000

const from = (
  id: string,
  kind: Timed['reply']['kind'],
  tookMs: number,
  deadlineMs: number | null = null,
): Timed => ({ ask: { connection: { custodian: { id, deadlineMs } } }, reply: { kind }, tookMs })

/** A gateway on a clock of its own. Deciding takes no time, unless it is said. */
function opened() {
  let clock = 1_000_000
  const pace = openPace({
    defaultDeadlineMs: DEADLINE,
    now: () => clock,
    wait: async (milliseconds) => {
      clock += milliseconds
    },
  })
  /** @returns milliseconds after which the answer goes on */
  return async (came: readonly Timed[], deciding = 0): Promise<number> => {
    const began = clock
    const settled = pace()
    clock += Math.max(0, ...came.map(({ tookMs }) => tookMs)) + deciding
    await settled(came)
    return clock - began
  }
}

type Answer = ReturnType<typeof opened>
async function learn(answer: Answer, notHeld: number, held: number, rounds = 50): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await answer([from('hospital', 'not-held', notHeld)])
    await answer([from('hospital', 'held', held)])
  }
}

test.each([
  [24, 44],
  [95, 105],
  [150, 350],
  [900, 1_800],
])(
  'a custodian that takes %i ms for nothing and %i ms for a sealed record is not told by the time',
  async (notHeld, held) => {
    const answer = opened()
    await learn(answer, notHeld, held)
    const without = await answer([from('hospital', 'not-held', notHeld)])
    expect(await answer([from('hospital', 'held', held)])).toBe(without)
    expect(without).toBeLessThan(held * 1.75)
  },
)

test('whatever the speeds, what is decided within the pace leaves at one moment', () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1_500 }),
      fc.integer({ min: 1, max: 1_500 }),
      fc.integer({ min: 0, max: 3 }),
      async (notHeld, held, deciding) => {
        const answer = opened()
        await learn(answer, notHeld, held, 10)
        const without = await answer([from('hospital', 'not-held', notHeld)])
        const sealed = await answer(
          [from('hospital', 'held', held)],
          Math.min(deciding, Math.floor(held / 5)),
        )
        expect(sealed).toBe(without)
      },
    ),
  ))

test('while little is known of a custodian it is given ample time', async () => {
  const answer = opened()
  expect(await answer([from('hospital', 'not-held', 20)])).toBe(250)
  for (let round = 0; round < 10; round += 1) await answer([from('hospital', 'not-held', 40)])
  const without = await answer([from('hospital', 'not-held', 40)])
  expect(without).toBeGreaterThanOrEqual(120)
  expect(await answer([from('hospital', 'held', 110)])).toBe(without)
})

test('a custodian that becomes slower is followed, and one slow reply is not', async () => {
  const answer = opened()
  await learn(answer, 40, 60)
  const usual = await answer([from('hospital', 'held', 60)])
  await answer([from('hospital', 'held', 2_000)])
  expect(await answer([from('hospital', 'held', 60)])).toBe(usual)
  await learn(answer, 400, 600, 10)
  expect(await answer([from('hospital', 'not-held', 400)])).toBe(
    await answer([from('hospital', 'held', 600)]),
  )
})

test('the slowest of those who were asked sets the pace, whoever holds something', async () => {
  const answer = opened()
  await learn(answer, 100, 200)
  const pace = await answer([from('hospital', 'not-held', 100)])
  for (let round = 0; round < 10; round += 1)
    for (const kind of ['held', 'not-held'] as const) await answer([from('school', kind, 10)])
  for (const kind of ['held', 'not-held'] as const)
    expect(await answer([from('hospital', 'not-held', 100), from('school', kind, 10)])).toBe(pace)
  expect(await answer([from('school', 'held', 10)])).toBeLessThan(pace)
})

test('nothing is held back past the deadline', async () => {
  const answer = opened()
  await learn(answer, 2_000, 2_900)
  expect(await answer([from('hospital', 'not-held', 2_000)])).toBe(DEADLINE)
  expect(await answer([from('hospital', 'not-held', 2_000), from('police', 'fault', DEADLINE + 4)])).toBe(
    DEADLINE + 4,
  )
  const hasty = opened()
  expect(await hasty([from('hospital', 'not-held', 20, 100)])).toBe(100)
})

test('where nobody was asked, or all that came is told anyway, nothing is held back', async () => {
  const answer = opened()
  expect(await answer([])).toBe(0)
  expect(await answer([from('hospital', 'fault', 5), from('school', 'under-review', 8)])).toBe(8)
})
