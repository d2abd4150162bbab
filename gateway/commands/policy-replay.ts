/**
 * `sightline policy replay` decides past accesses anew, under the live policies and a candidate's, and tells what would
 * have been seen otherwise. Exit code 1 where anything is wider, 0 otherwise.
 */
import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import { Refusal } from '../../schema/refusal.ts'
import { pastAccesses } from '../ledger/past-accesses.ts'
import { replay } from '../policy-workbench/replay.ts'
import { loadBundle } from '../sharing/policy/load.ts'
import { type PastAccess, readPastAccess } from '../sharing/policy/past-access.ts'
import { dayAfter, isDay, startOfUkDay } from '../sharing/policy/uk-day.ts'
import { openStore } from '../store.ts'
import { operatorSettings } from './operator-settings.ts'
import { printedReplay } from './print-replay.ts'

interface Options {
  readonly dir: string
  readonly from?: string
  readonly until?: string
  readonly file?: string
  readonly json: boolean
}

export const policyReplayCommand = () =>
  new Command('replay')
    .description(
      'what would a candidate have changed in past accesses? counts by role, type of record and policy',
    )
    .argument('<candidate>', 'the folder of policies that may take the place of the live ones')
    .option('--dir <folder>', 'the folder of live policies', 'policies')
    .option(
      '--from <day>',
      'the first day of the accesses, such as 2026-04-01; the first there is where not given',
    )
    .option('--until <day>', 'the last day; today where not given')
    .option('--file <ndjson>', 'accesses from a file, one a line, in place of the gateway’s ledger')
    .option('--json', 'print the whole report as JSON', false)
    .action(async (candidateDir: string, options: Options) => {
      const [live, candidate] = [await quietly(options.dir), await quietly(candidateDir)]
      const start = performance.now()
      const report = await replay(live, candidate, accessesOf(options))
      const seconds = (performance.now() - start) / 1000
      const told = options.json
        ? JSON.stringify(report, null, 2)
        : [
            `live       ${live.version}  ${options.dir}`,
            `candidate  ${candidate.version}  ${candidateDir}`,
            printedReplay(report, [candidate, live]),
            '',
            `${Math.round(report.read.records / seconds).toLocaleString('en-GB')} records a second. What nobody asked is not in here: \`policy diff\` proves it.`,
          ].join('\n')
      process.stdout.write(`${told}\n`)
      process.exitCode = report.rows.some(({ change }) => change === 'WIDER') ? 1 : 0
    })

/** What errs here is a difference, and no alarm. */
const quietly = (dir: string) => loadBundle(dir, () => {})

async function* accessesOf({ from, until, file }: Options): AsyncGenerator<PastAccess> {
  const first = from === undefined ? new Date(0) : startOfUkDay(dayGiven(from))
  const end = until === undefined ? new Date() : startOfUkDay(dayAfter(dayGiven(until)))
  if (file === undefined) {
    const { DATABASE_URL, PSEUDONYM_KEY: key } = await operatorSettings()
    const pool = openStore({ connectionString: DATABASE_URL, max: 1 })
    try {
      yield* pastAccesses({ pool, key }).between(first, end)
    } finally {
      await pool.end()
    }
    return
  }
  for await (const past of accessesIn(file)) if (past.at >= first && past.at < end) yield past
}

async function* accessesIn(file: string): AsyncGenerator<PastAccess> {
  await access(file).catch(() => {
    throw new Refusal('REPLAY_FILE_WRONG', `\`${file}\` cannot be read`)
  })
  let number = 0
  for await (const line of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number += 1
    if (line.trim() !== '') yield read(line, `${file}:${number}`)
  }
}

function read(line: string, place: string): PastAccess {
  try {
    return readPastAccess(line)
  } catch {
    // the line is not quoted: it says of what sort a child's records are
    throw new Refusal('REPLAY_FILE_WRONG', `${place}: the line is no access with its grounds`)
  }
}

function dayGiven(text: string): string {
  if (isDay(text)) return text
  throw new Refusal('DAY_WRONG', `\`${text}\` is no day; give one such as 2026-04-01`)
}
