/**
 * The differential test at length: `npx tsx test/gateway/sharing/policy/differential-long.ts [requests] [seed]`.
 * Prints disagreements between the compiled policies and Cedar, and what a decision costs in each.
 */

import { seeded } from '../../../../gateway/policy-workbench/draw.ts'
import { effectsFor } from '../../../../gateway/sharing/policy/effect.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import { decideByReference } from '../../../../gateway/sharing/policy/reference.ts'
import { amina, policiesDir, record, s47 } from './asked.ts'
import { randomRequest } from './random-request.ts'

const requests = Number(process.argv[2] ?? 20_000)
const seed = Number(process.argv[3] ?? 1)
const bundle = await loadBundle(policiesDir)
const random = seeded(seed)
let [compiledMs, cedarMs, disagreements, allowed] = [0, 0, 0, 0]
for (let round = 0; round < requests; round += 1) {
  const request = randomRequest(bundle, random)
  const start = performance.now()
  const mine = bundle.decide(request)
  const between = performance.now()
  const cedar = decideByReference(bundle, request)
  cedarMs += performance.now() - between
  compiledMs += between - start
  if (mine.allow) allowed += 1
  if (JSON.stringify(mine) !== JSON.stringify(cedar)) {
    disagreements += 1
    console.error(JSON.stringify({ request, mine, cedar }))
  }
}
const micros = (ms: number) => `${((ms * 1000) / requests).toFixed(1)} µs a decision`
console.log(`seed ${seed}: ${requests} requests, ${allowed} allowed, ${disagreements} disagreements`)
console.log(`compiled, request taken in each time: ${micros(compiledMs)}; Cedar: ${micros(cedarMs)}`)

const classes = [
  'police.crime',
  'police.missing-episode',
  'police.protection-notice',
  'police.summary',
].flatMap((type) =>
  ['child', 'sibling', 'adult', 'other'].flatMap((subject) =>
    [[], ['adult-victim'], ['third-party-confidential'], ['referrer-identity'], ['court-papers']].map(
      (labels) => record('police', type, { subject, labels }),
    ),
  ),
)
const pictures = Array.from({ length: 200 }, () => {
  const effects = effectsFor(bundle, amina, s47)
  const start = performance.now()
  for (let index = 0; index < 200; index += 1) {
    const one = classes[index % classes.length]
    if (one) effects(one)
  }
  return performance.now() - start
}).sort((one, other) => one - other)
console.log(
  `a picture of 200 records in ${classes.length} classes: p50 ${pictures[100]?.toFixed(2)} ms, p95 ${pictures[190]?.toFixed(2)} ms`,
)
process.exitCode = disagreements > 0 ? 1 : 0
