/**
 * Chooses, at random, the decisions of one question that Cedar itself decides again before the answer leaves.
 * Nobody can know which; every decision has the same chance. Refuses a share so small that it would be no check.
 */
import { randomBytes } from 'node:crypto'
import { Refusal } from '../../../schema/refusal.ts'
import type { Decision, PolicyRequest } from './decide.ts'

/** One decision as it was made, with all that the policies could see. */
export interface Sample {
  readonly request: PolicyRequest
  readonly decision: Decision
}

export interface Samples {
  readonly chosen: readonly Sample[]
  /** told of every decision of the question, as it is made */
  readonly onDecision: (request: PolicyRequest, decision: Decision) => void
}

/** One in a thousand: the check has no off switch. */
export const LEAST_SHARE = 0.001

/** From 0 up to 1, in steps of 2^-48. */
const unforeseeable = (): number => randomBytes(6).readUIntBE(0, 6) / 2 ** 48

/**
 * @param share of all decisions, from `LEAST_SHARE` to 1
 * @throws Refusal `POLICY_SAMPLE_INVALID`
 */
export function newSamples(share: number, random: () => number = unforeseeable): Samples {
  if (!(share >= LEAST_SHARE && share <= 1))
    throw new Refusal(
      'POLICY_SAMPLE_INVALID',
      `\`${share}\` is no share of decisions to be checked; give one from ${LEAST_SHARE} to 1`,
    )
  // one draw says how many decisions pass until the next is chosen, which spares a draw for each of them
  const gap = () => Math.floor(Math.log(1 - random()) / Math.log(1 - share))
  const chosen: Sample[] = []
  let passing = gap()
  return {
    chosen,
    onDecision(request, decision) {
      if (passing-- > 0) return
      chosen.push({ request, decision })
      passing = gap()
    },
  }
}
