/**
 * `sightline policy replay <candidate>` decides past accesses again: what would have been seen more, what less, and
 * where only another reason would have been told. Exit code 1 where anything is wider. Names no child and no person.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import pg from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import { pastAccesses } from '../ledger/past-accesses.ts'
import { type ReplayReport, type ReplayRow, replay } from '../policy-workbench/replay.ts'
import { loadBundle } from '../sharing/policy/load.ts'
import { type PastAccess, readPastAccess } from '../sharing/policy/past-access.ts'
import { isDay, startOfUkDay } from '../sharing/policy/uk-day.ts'
import { operatorSettings } from './operator-settings.ts'

interface Options {
  readonly dir: string
  readonly from: string
  readonly until?: string
  readonly file?: string
  readonly json?: true
}

export const policyReplayCommand = () =>
  new Command('replay')
    .description('what would past accesses have shown under other policies?')
    .argument('<candidate>', 'the folder of the changed policies')
    .option('--dir <folder>', 'the folder of today’s policies', 'policies')
    .option('--from <day>', 'the first day', '2000-01-01')
    .option('--until <day>', 'the first day that is left out; to the end where it is not given')
    .option('--file <ndjson>', 'past accesses from a file instead of the gateway’s database')
    .option('--json', 'one JSON object instead of a table')
    .action(async (candidate: string, options: Options) => {
      const [live, changed] = [await loadBundle(options.dir), await loadBundle(candidate)]
      const report = await replay(live, changed, accessesOf(options))
      process.stdout.write(
        options.json ? `${JSON.stringify(report)}\n` : `${reportInWords(report).join('\n')}\n`,
      )
      if (report.differing.WIDER.accesses > 0) process.exitCode = 1
    })

async function* accessesOf({ from, until, file }: Options): AsyncGenerator<PastAccess> {
  const [begin, end] = [dayOf(from), until === undefined ? new Date('9999-01-01') : dayOf(until)]
  if (file !== undefined) {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const access = readPastAccess(line)
      if (access.at >= begin && access.at < end) yield access
    }
    return
  }
  const { DATABASE_URL, PSEUDONYM_KEY: key } = await operatorSettings()
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 1 })
  try {
    yield* pastAccesses({ pool, key }).between(begin, end)
  } finally {
    await pool.end()
  }
}

function dayOf(text: string): Date {
  if (!isDay(text)) throw new Refusal('DAY_INVALID', `\`${text}\` is no day; write it like 2026-11-21`)
  return startOfUkDay(text)
}

const counted = (n: number, what: string, many = `${what}s`) => `${n} ${n === 1 ? what : many}`

/** Worst first, as the report has them. */
export function reportInWords({
  read,
  differing,
  rows,
  notCompared,
  underOtherBundles,
}: ReplayReport): string[] {
  const reach = ({ accesses, people, children }: Pick<ReplayRow, 'accesses' | 'people' | 'children'>) =>
    `${counted(accesses, 'access', 'accesses')}, ${counted(people, 'person', 'people')}, ${counted(children, 'child', 'children')}`
  return [
    `${reach(read)} and ${counted(read.records, 'record')} were decided again.`,
    ...(['WIDER', 'NARROWER', 'REASON-ONLY'] as const).map(
      (change) =>
        `${change.padEnd(12)} ${counted(differing[change].records, 'record')} in ${reach(differing[change])}`,
    ),
    ...rows.flatMap((row) => [
      '',
      `${row.change}${row.fromNever ? ', AND NEVER TO BE DISCLOSED UNTIL NOW' : ''}: ${row.recordType}, asked by ${row.role}`,
      `  ${row.what.join('; ')}`,
      `  because of ${row.because.join(', ') || 'no policy'}`,
      `  ${row.records === null ? 'would be asked for differently' : counted(row.records, 'record')} in ${reach(row)}`,
    ]),
    ...(notCompared.accesses > 0
      ? [
          '',
          `${counted(notCompared.accesses, 'access', 'accesses')} could not be compared: recorded without ${notCompared.missing.join(', ')}`,
        ]
      : []),
    ...(underOtherBundles > 0
      ? [
          '',
          `${counted(underOtherBundles, 'access', 'accesses')} had been decided by other policies than today's; they are compared under today's.`,
        ]
      : []),
  ]
}
