/**
 * How long the policies take over one large picture, beside Cedar itself and beside no memory for classes; and how long
 * an answer waits for the second opinion.
 */
import { pino } from 'pino'
import { seeded } from '../../gateway/policy-workbench/draw.ts'
import type { PolicyBundle } from '../../gateway/sharing/policy/bundle.ts'
import type { RecordClass } from '../../gateway/sharing/policy/decide.ts'
import { effectOf, effectsFor } from '../../gateway/sharing/policy/effect.ts'
import { mayAsk } from '../../gateway/sharing/policy/may-ask.ts'
import { decideByReference } from '../../gateway/sharing/policy/reference.ts'
import { newSamples, type Sample } from '../../gateway/sharing/policy/sample.ts'
import { openSecondOpinion, sameDecision } from '../../gateway/sharing/policy/second-opinion.ts'
import { amina, s47 } from '../gateway/sharing/policy/asked.ts'
import { drawPicture, type Held } from './held-classes.ts'
import { at, type Row } from './table.ts'

const SIZE = { records: 200, classes: 80 }
const PICTURES = 400
const BY_CEDAR = 5 // pictures: each takes seconds
const WARM_UP = 200
const SAMPLE = 0.01 // as the gateway has it where nothing else is set
const OPINIONS = 100 // pictures

interface Took {
  readonly ms: number
  /** of this process alone: on a busy machine the time that passes says more about its neighbours */
  readonly processorMs: number
}

/** Who asks is the lead practitioner under section 47: nobody else is shown as much, so nothing takes longer. */
export async function pictureTimes(bundle: PolicyBundle, held: Held): Promise<Row[]> {
  const random = seeded(1)
  const compiled = (picture: readonly RecordClass[]) => {
    const { chosen, onDecision } = newSamples(SAMPLE)
    const effects = effectsFor(bundle, amina, s47, onDecision)
    for (const record of picture) effects(record)
    return chosen
  }
  const planned = (picture: readonly RecordClass[]) => {
    const effects = effectsFor(bundle, amina, s47, newSamples(SAMPLE).onDecision)
    for (const kind of held.kinds) mayAsk(bundle, amina, kind, s47, effects)
    for (const record of picture) effects(record)
  }
  const withoutCache = (picture: readonly RecordClass[]) => {
    for (const record of picture) effectOf(bundle, amina, record, s47)
  }
  const took: Record<'compiled' | 'planned' | 'withoutCache' | 'cedar', Took[]> = {
    compiled: [],
    planned: [],
    withoutCache: [],
    cedar: [],
  }
  let [decisions, differing] = [0, 0]
  for (let round = -WARM_UP; round < PICTURES; round += 1) {
    const picture = drawPicture(held, SIZE, random)
    const time = (name: keyof typeof took, work: () => void) => {
      const [start, used] = [performance.now(), process.cpuUsage()]
      work()
      const [ms, { user, system }] = [performance.now() - start, process.cpuUsage(used)]
      if (round >= 0) took[name].push({ ms, processorMs: (user + system) / 1000 })
    }
    time('compiled', () => compiled(picture))
    time('planned', () => planned(picture))
    time('withoutCache', () => withoutCache(picture))
    if (round < 0 || round >= BY_CEDAR) continue
    const made = decisionsOf(bundle, picture)
    decisions += made.length
    time('cedar', () => {
      for (const { request, decision } of made)
        if (!sameDecision(decision, decideByReference(bundle, request))) differing += 1
    })
  }
  const opinion = await openSecondOpinion({ log: pino({ level: 'silent' }), deadlineMs: 60_000 })
  const waits: number[] = []
  let sampled = 0
  for (let round = 0; round < OPINIONS; round += 1) {
    const chosen = compiled(drawPicture(held, SIZE, random))
    sampled += chosen.length
    const start = performance.now()
    await opinion.check(bundle, chosen)
    waits.push(performance.now() - start)
  }
  await opinion.close()

  const wall = (times: readonly Took[]) => times.map(({ ms }) => ms)
  const processor = (times: readonly Took[]) => times.map(({ processorMs }) => processorMs)
  const own = at(processor(took.compiled), 0.5)
  const row = (way: string, times: readonly Took[]): Row => ({
    way,
    pictures: times.length,
    'least ms': at(wall(times), 0),
    'p50 ms': at(wall(times), 0.5),
    'p95 ms': at(wall(times), 0.95),
    'p50 processor ms': at(processor(times), 0.5),
    'p95 processor ms': at(processor(times), 0.95),
    'processor, of compiled': at(processor(times), 0.5) / own,
  })
  return [
    { ...row('compiled', took.compiled), target: 'p50 2, p95 5' },
    row('compiled, and the plan of what to ask', took.planned),
    row('compiled, without the cache of classes', took.withoutCache),
    {
      ...row('Cedar itself, the same decisions', took.cedar),
      'decisions a picture': Math.round(decisions / BY_CEDAR),
      'decided otherwise': differing,
    },
    {
      way: 'second opinion on one decision in a hundred',
      pictures: OPINIONS,
      'least ms': at(waits, 0),
      'p50 ms': at(waits, 0.5),
      'p95 ms': at(waits, 0.95),
      'decisions a picture': sampled / OPINIONS,
      'decided otherwise': 0,
    },
  ]
}

/** What the effects of a picture are made of. */
function decisionsOf(bundle: PolicyBundle, picture: readonly RecordClass[]): readonly Sample[] {
  const made: Sample[] = []
  const effects = effectsFor(bundle, amina, s47, (request, decision) => made.push({ request, decision }))
  for (const record of picture) effects(record)
  return made
}
