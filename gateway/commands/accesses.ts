/** `sightline accesses` lists who asked about whom, when, why and what came of it, for an IG lead. */
import { Command } from 'commander'
import { type FilterOptions, filterOf, withFilter } from './access-filter.ts'
import { printedAccesses } from './print-accesses.ts'
import { readAccesses } from './read-accesses.ts'

/** Accesses on one screen and a few more. */
const MOST = 50

interface Options extends FilterOptions {
  readonly as: string
  readonly all?: true
  readonly json?: true
}

export const accessesCommand = () =>
  withFilter(
    new Command('accesses')
      .description(
        'who asked about whom, when, why, and what came of it (IG leads only; to read it is recorded)',
      )
      .requiredOption('--as <persona>', 'who reads: ig-lead'),
  )
    .option('--all', `all of them; the newest ${MOST} where not given`)
    .option('--json', 'print them whole, as JSON')
    .action(async (options: Options) => {
      const read = await readAccesses(options.as, filterOf(options), options.all ? undefined : MOST)
      const told = options.json
        ? JSON.stringify(read, null, 2)
        : printedAccesses(read, process.stdout.columns)
      process.stdout.write(`${told}\n`)
    })
