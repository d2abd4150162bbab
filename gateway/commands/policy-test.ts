/** `sightline policy test` runs the worked examples, then breaks each policy and asks whether an example notices. */
import { Command } from 'commander'
import { counted, readAll } from '../policy-workbench/check.ts'
import { failures, type MutationResult, runMutation, uncovered } from '../policy-workbench/gate-test.ts'
import { isUnexplained, readSurvivors } from '../policy-workbench/survivors.ts'

export const policyTestCommand = () =>
  new Command('test')
    .description('do the worked examples hold, and would one of them notice if a policy were wrong?')
    .option('--dir <folder>', 'the folder of policies', 'policies')
    .option('--no-mutation', 'the examples only')
    .action(async ({ dir, mutation }: { dir: string; mutation: boolean }) => {
      const say = (line: string) => process.stdout.write(`${line}\n`)
      const { bundle, staged, faults } = await readAll(dir)
      for (const fault of faults) say(`- ${fault}`)
      if (!bundle || faults.length > 0) {
        say(`${counted(faults.length)}; nothing was tried. \`sightline policy check\` tells all`)
        process.exitCode = 1
        return
      }
      const failed = failures(bundle, staged)
      for (const failure of failed) say(`✗ ${failure}`)
      say(`${staged.length - failed.length} of ${staged.length} examples hold`)
      if (failed.length > 0) process.exitCode = 1
      if (failed.length > 0 || !mutation) return

      const missing = uncovered(bundle, staged)
      for (const fault of missing) say(`- ${fault}`)
      const result = runMutation(bundle, staged, await readSurvivors(dir, []))
      for (const line of mutationLines(result)) say(line)
      if (missing.length > 0 || result.stale.length > 0 || result.survivors.some(isUnexplained))
        process.exitCode = 1
    })

function mutationLines({ mutants, refused, survivors, stale }: MutationResult): string[] {
  const killed = mutants.length - survivors.length
  const share = ((100 * killed) / Math.max(1, mutants.length)).toFixed(1)
  const unexplained = survivors.filter(isUnexplained)
  return [
    `${killed} of ${mutants.length} changes to the policies are noticed by an example (${share} %); ${refused} more are refused by the check`,
    ...survivors.map(({ mutant, why, distinguished }) => {
      const found = distinguished ? '' : ' (no question was found whose answer differs)'
      return `~ unnoticed: ${mutant.policy}: ${mutant.change}${found}${why ? `\n    ${why}` : ''}`
    }),
    ...unexplained.map(
      ({ mutant }) =>
        `- \`${mutant.policy}\` could change unnoticed (${mutant.change}): add an example that shows the difference, or explain it in scenarios/survivors.yaml`,
    ),
    ...stale.map(
      ({ line, policy, change }) =>
        `- scenarios/survivors.yaml:${line}: \`${policy}\` (${change}) no longer goes unnoticed; remove the entry`,
    ),
  ]
}
