/**
 * `sightline policy diff` tells exactly what a candidate's policies let be seen beyond the live ones, and what less.
 * Exit code 0 where nothing is wider, 1 where something is, 2 where that could not be decided.
 */
import { Command } from 'commander'
import { diff, type PolicyDiff } from '../policy-workbench/diff.ts'
import { diffInWords } from '../policy-workbench/diff-in-words.ts'
import { type ListDiff, listDiff } from '../policy-workbench/diff-lists.ts'
import { openSolver } from '../policy-workbench/smt-solver.ts'
import { loadBundle } from '../sharing/policy/load.ts'

export const policyDiffCommand = () =>
  new Command('diff')
    .description(
      'what would a candidate let be seen more, and what less? proved, with an example for each cause',
    )
    .argument('<candidate>', 'the folder of policies that may take the place of the live ones')
    .option('--dir <folder>', 'the folder of live policies', 'policies')
    .action(async (candidateDir: string, { dir }: { dir: string }) => {
      const [live, candidate] = [await quietly(dir), await quietly(candidateDir)]
      const say = (line: string) => process.stdout.write(`${line}\n`)
      say(`live       ${live.version}  ${dir}`)
      say(`candidate  ${candidate.version}  ${candidateDir}`)
      if (live.version === candidate.version) {
        say('the two are the same')
        return
      }
      const start = performance.now()
      const solver = await openSolver()
      try {
        const policies = await diff({ live, candidate }, solver)
        const lists = listDiff({ live, candidate })
        for (const line of diffInWords(policies, lists, { live, candidate })) say(line)
        const seconds = ((performance.now() - start) / 1000).toFixed(1)
        say(`${policies.asked} questions to Z3 in ${seconds} s; Cedar itself decides every example so`)
        process.exitCode = diffExitCode(policies, lists)
      } finally {
        await solver.close()
      }
    })

/** What errs here is a difference, and no alarm. */
const quietly = (dir: string) => loadBundle(dir, () => {})

export function diffExitCode(policies: PolicyDiff, { wider }: ListDiff): 0 | 1 | 2 {
  const { findings, undecided, faults, union } = policies
  if (wider.length > 0 || findings.some(({ change }) => change === 'WIDER')) return 1
  return undecided.length + faults.length + union.incomparable.length > 0 ? 2 : 0
}
