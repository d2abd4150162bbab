/**
 * What the policies cost and how far they are held to Cedar. `npm run bench -- policy [SECTION…] [--decisions 20000]
 * [--seed 1] [--json]`; all sections where none is named. Exit code 1 where the compiled policies and Cedar disagree,
 * or a fault seeded in the evaluator is not seen.
 */
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { PolicyBundle } from '../../gateway/sharing/policy/bundle.ts'
import { loadBundle } from '../../gateway/sharing/policy/load.ts'
import { policiesDir } from '../gateway/sharing/policy/asked.ts'
import { type Held, heldClasses } from './held-classes.ts'
import { differential, differentialHolds } from './policy-differential.ts'
import { mutation, proof } from './policy-gates.ts'
import { pictureTimes } from './policy-picture.ts'
import { replayed } from './policy-replay.ts'
import { wantedSections } from './sections.ts'
import { type Row, report } from './table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    decisions: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean' },
  },
})

let held: Promise<Held> | undefined
const heldOnce = (): Promise<Held> => {
  held ??= heldClasses()
  return held
}

const SECTIONS: Readonly<Record<string, (bundle: PolicyBundle) => Row[] | Promise<Row[]>>> = {
  picture: async (bundle) => pictureTimes(bundle, await heldOnce()),
  differential: (bundle) => differential(bundle, Number(values.decisions), Number(values.seed)),
  mutation,
  proof,
  replay: async (bundle) => replayed(bundle, await heldOnce()),
}

const wanted = wantedSections(SECTIONS, positionals)

// records whose codes no policy knows are denied and alarm, which is known here
const bundle = await loadBundle(policiesDir, () => {})
const tables: Record<string, readonly Row[]> = {
  run: [
    {
      bundle: bundle.version.slice(0, 19),
      policies: bundle.policies.size,
      agreements: bundle.agreements.length,
      node: process.version,
      cores: availableParallelism(),
      'load at start': loadavg()[0] ?? 0,
    },
  ],
}
for (const name of wanted) tables[name] = (await SECTIONS[name]?.(bundle)) ?? []
report('policy', tables)
if (tables.differential && !differentialHolds(tables.differential)) process.exitCode = 1
