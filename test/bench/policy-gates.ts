/** What the gates of a change of policies find, and how long they take: worked examples, mutation, proof. */
import { readAll } from '../../gateway/policy-workbench/check.ts'
import { readClaims } from '../../gateway/policy-workbench/claims.ts'
import { failures, runMutation } from '../../gateway/policy-workbench/gate-test.ts'
import { prove } from '../../gateway/policy-workbench/prove.ts'
import { openSolver } from '../../gateway/policy-workbench/smt-solver.ts'
import { isUnexplained, readSurvivors } from '../../gateway/policy-workbench/survivors.ts'
import { policiesDir } from '../gateway/sharing/policy/asked.ts'
import type { Row } from './table.ts'

/** @returns what has passed since, on the wall and on the processor, which neighbours of a busy machine do not lengthen */
function stopwatch(): () => Row {
  const [start, used] = [performance.now(), process.cpuUsage()]
  return () => {
    const { user, system } = process.cpuUsage(used)
    return { seconds: (performance.now() - start) / 1000, 'processor seconds': (user + system) / 1e6 }
  }
}

export async function mutation(): Promise<Row[]> {
  const { bundle, staged, faults } = await readAll(policiesDir)
  if (!bundle || faults.length > 0) throw new Error(`the policies are not whole:\n${faults.join('\n')}`)
  let passed = stopwatch()
  const failed = failures(bundle, staged).length
  const examples: Row = {
    gate: 'worked examples',
    tried: staged.length,
    good: staged.length - failed,
    share: share(staged.length - failed, staged.length),
    ...passed(),
    target: 'all, 120 or more',
  }
  passed = stopwatch()
  const { mutants, refused, survivors } = runMutation(bundle, staged, await readSurvivors(policiesDir, []))
  const killed = mutants.length - survivors.length
  return [
    examples,
    {
      gate: 'mutants killed by an example',
      tried: mutants.length,
      good: killed,
      share: share(killed, mutants.length),
      ...passed(),
      target: '97 %, the rest explained',
      'not explained': survivors.filter(isUnexplained).length,
      'refused by the check before': refused,
    },
  ]
}

export async function proof(): Promise<Row[]> {
  const { bundle } = await readAll(policiesDir)
  if (!bundle) throw new Error('the policies are not whole')
  const claims = await readClaims(policiesDir, bundle.schema)
  const passed = stopwatch()
  const solver = await openSolver()
  try {
    const verdicts = await prove(bundle, claims, solver, () => performance.now())
    const proved = verdicts.filter(({ kind }) => kind === 'proved').length
    return [
      {
        gate: 'claims proved',
        tried: claims.length,
        good: proved,
        share: share(proved, claims.length),
        ...passed(),
        target: 'all, 25 or more',
        'slowest claim, ms': Math.max(...verdicts.map(({ milliseconds }) => milliseconds)),
      },
    ]
  } finally {
    await solver.close()
  }
}

const share = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`
