/**
 * The 1,000 random pairs of `test/stories/hidden-pairs.test.ts`, timed: can one who measures the time of a picture tell
 * whether something in it is withheld? The custodians take about as long as the FHIR server of Northshire's hospital.
 */
import { pick, type Random, seeded } from '../../gateway/policy-workbench/draw.ts'
import { drawPair, type Pair } from '../hidden/pair.ts'
import { children, openHiddenPartnership } from '../hidden/partnership.ts'
import { answeredQuestion } from '../hidden/question.ts'
import type { Holding } from '../hidden/stand-ins.ts'
import type { Partners } from '../setup/partners.ts'
import { toldApart } from './auc.ts'
import { timed, WARM_UP, WAYS } from './hidden-ways.ts'
import type { Row } from './table.ts'

const SEED = 20261121
/** Milliseconds, as measured at a local FHIR server (decision 0013), and up to so many more by chance. */
const TAKES = { held: 44, other: 24, jitter: 8 }

/** The police member may not ask below section 47, and a refusal before asking keeps no pace. */
function answeredPair(random: Random): Pair {
  const pair = drawPair(pick(random, children), random)
  return pair.below && pair.persona === 'macpt-police' ? answeredPair(random) : pair
}

export async function pairTimes(partners: Partners, pairs: number): Promise<Row[]> {
  const random = seeded(SEED)
  const takes = ({ kind }: Holding) =>
    (kind === 'held' ? TAKES.held : TAKES.other) + Math.floor(random() * TAKES.jitter)
  const hidden = await openHiddenPartnership(partners, SEED, takes)
  try {
    const ways = WAYS.map(([way, open, share]) => ({
      way,
      pace: open(),
      pairs: Math.ceil(pairs * share),
      without: [] as number[],
      withSealed: [] as number[],
    }))
    for (let round = -WARM_UP; round < pairs; round += 1) {
      const pair = answeredPair(random)
      const question = answeredQuestion(random)
      for (const { pace, pairs: most, without, withSealed } of ways) {
        if (round >= most) continue
        const order = [pair.open, pair.sealed]
        if (random() < 0.5) order.reverse()
        for (const holdings of order) {
          const { took } = await timed(pace, hidden.keep, () => hidden.ask(pair, holdings, question))
          if (round >= 0) (holdings === pair.sealed ? withSealed : without).push(took)
        }
      }
    }
    return ways.map(({ way, without, withSealed }) => ({ way, ...toldApart(without, withSealed, random) }))
  } finally {
    await hidden.close()
  }
}
