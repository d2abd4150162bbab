/** `sightline policy check` reads a folder of policies as the gateway would, and names every fault at once. */
import { Command } from 'commander'
import { checkBundle, counted, summary } from '../policy-workbench/check.ts'

export const policyCheckCommand = () =>
  new Command('check')
    .description(
      'is the bundle whole? every fault with file, line and remedy; exit code 1 where there is one',
    )
    .option('--dir <folder>', 'the folder of policies', 'policies')
    .action(async ({ dir }: { dir: string }) => {
      const checked = await checkBundle(dir)
      for (const fault of checked.faults) process.stdout.write(`- ${fault}\n`)
      if (checked.faults.length > 0) {
        process.stdout.write(`${counted(checked.faults.length)}\n`)
        process.exitCode = 1
      } else process.stdout.write(`${summary(checked)}\n`)
    })
