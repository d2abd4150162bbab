/**
 * The compiled policies beside Cedar in random decisions, on every core: how often they disagree, and how often each
 * of two faults seeded in the evaluator would have been seen.
 */
import { availableParallelism } from 'node:os'
import { seeded } from '../../gateway/policy-workbench/draw.ts'
import type { PolicyBundle } from '../../gateway/sharing/policy/bundle.ts'
import { openCedarThread } from '../../gateway/sharing/policy/cedar-thread.ts'
import { type Decision, decide, type PolicyRequest, prepare } from '../../gateway/sharing/policy/decide.ts'
import { sameDecision } from '../../gateway/sharing/policy/second-opinion.ts'
import { randomRequest } from '../gateway/sharing/policy/random-request.ts'
import { seededFaults, withOperators } from '../gateway/sharing/policy/seeded-faults.ts'
import type { Row } from './table.ts'

const BATCH = 200
const SHOWN = 5

interface Decided {
  readonly request: PolicyRequest
  readonly compiled: Decision
  /** by an evaluator with each of the seeded faults */
  readonly faulty: readonly Decision[]
}

export async function differential(bundle: PolicyBundle, decisions: number, seed: number): Promise<Row[]> {
  const random = seeded(seed)
  const faultyBundles = seededFaults.map(({ operators }) => withOperators(bundle, operators))
  const seen = seededFaults.map(() => 0)
  const deciding = new Set<string>()
  let [left, done, disagreements, allowed] = [decisions, 0, 0, 0]

  const draw = (): Decided => {
    const request = randomRequest(bundle, random)
    const compiled = bundle.decide(request)
    const prepared = prepare(bundle.schema, request)
    const faulty = faultyBundles.map(({ byAction }) => decide(byAction, request.action, prepared))
    return { request, compiled, faulty }
  }
  const note = ({ request, compiled, faulty }: Decided, cedar: Decision) => {
    done += 1
    if (compiled.allow) allowed += 1
    for (const id of compiled.determining) deciding.add(id)
    faulty.forEach((decision, place) => {
      if (!sameDecision(decision, cedar)) seen[place] = (seen[place] ?? 0) + 1
    })
    if (sameDecision(compiled, cedar)) return
    disagreements += 1
    if (disagreements <= SHOWN) process.stderr.write(`${JSON.stringify({ request, compiled, cedar })}\n`)
  }
  const lane = async () => {
    const thread = await openCedarThread({
      deadlineMs: 600_000,
      onDeath: (error) => process.stderr.write(`${error.message}\n`),
    })
    while (left > 0) {
      const drawn = Array.from({ length: Math.min(BATCH, left) }, draw)
      left -= drawn.length
      const cedar = await thread.decide(
        bundle,
        drawn.map(({ request }) => request),
      )
      if (!cedar) throw new Error('Cedar did not answer')
      drawn.forEach((each, place) => {
        const opinion = cedar[place]
        if (opinion) note(each, opinion)
      })
    }
    await thread.close()
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  const seconds = (performance.now() - start) / 1000
  return [
    {
      evaluator: 'compiled',
      decisions: done,
      'decided otherwise than Cedar': disagreements,
      target: '0',
      allowed,
      'policies that decided': `${deciding.size}/${bundle.policies.size}`,
      'decisions/s, each in both': Math.round(done / seconds),
      seconds,
    },
    ...seededFaults.map(({ fault }, place) => ({
      evaluator: `seeded fault: ${fault}`,
      decisions: done,
      'decided otherwise than Cedar': seen[place] ?? 0,
      target: 'more than 0',
    })),
  ]
}

/** Whether the compiled policies agree with Cedar in all, and each seeded fault does not. */
export const differentialHolds = ([compiled, ...faulty]: readonly Row[]): boolean =>
  compiled?.['decided otherwise than Cedar'] === 0 &&
  faulty.every((row) => Number(row['decided otherwise than Cedar']) > 0)
