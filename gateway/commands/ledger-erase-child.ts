/** `sightline ledger erase-child`: erases one child from the ledger, asks first, and says what remains elsewhere. */
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import type pg from 'pg'
import { nhsNumber } from '../../schema/nhs-number.ts'
import { Refusal } from '../../schema/refusal.ts'
import type { Config } from '../config.ts'
import { openLedger } from '../ledger/append.ts'
import { eraseChild } from '../ledger/erase-child.ts'
import { childPseudonyms, isPseudonym, type Pseudonym } from '../ledger/pseudonym.ts'
import { withStore } from './with-store.ts'

const say = (words: string) => void process.stdout.write(`${words}\n`)

/** @returns what was typed; nothing where nobody types any more */
type Ask = (words: string) => Promise<string>

/**
 * Asked for on the terminal: an argument would stay in the shell's history. One reader for all questions: a second would
 * not see what was typed ahead.
 */
async function withTerminal<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
  const terminal = createInterface({ input: process.stdin })
  const lines = terminal[Symbol.asyncIterator]()
  try {
    return await work(async (words) => {
      process.stderr.write(words)
      const line = await lines.next()
      return line.done ? '' : line.value.trim()
    })
  } finally {
    terminal.close()
  }
}

async function pidByNumber(pool: pg.Pool, { PSEUDONYM_KEY: key }: Config, ask: Ask): Promise<string> {
  const lookup = childPseudonyms({ pool, key }).lookupOf(nhsNumber(await ask('NHS number: ')))
  const { rows } = await pool.query<{ pid: string }>('SELECT pid FROM child_pseudonym WHERE lookup = $1', [
    lookup,
  ])
  if (!rows[0]) throw new Refusal('CHILD_UNKNOWN', 'the ledger knows no child under this number')
  return rows[0].pid
}

/** @throws Refusal CHILD_UNKNOWN, NHS_NUMBER_INVALID, PSEUDONYM_INVALID, NOT_CONFIRMED */
const confirmed = (
  pool: pg.Pool,
  config: Config,
  given: string | undefined,
  yes: boolean,
): Promise<Pseudonym> =>
  withTerminal(async (ask) => {
    const pid = given ?? (await pidByNumber(pool, config, ask))
    if (!isPseudonym(pid))
      throw new Refusal('PSEUDONYM_INVALID', 'a pseudonym is `p-` and 22 characters, as records show it')
    if (!yes && (await ask(`All records about ${pid} will be erased. Type the pseudonym again: `)) !== pid)
      throw new Refusal('NOT_CONFIRMED', 'nothing was erased')
    return pid
  })

const erase = (given: string | undefined, yes: boolean): Promise<void> =>
  withStore(async (pool, config) => {
    const pid = await confirmed(pool, config, given, yes)
    const ledger = await openLedger({
      databaseUrl: config.DATABASE_URL,
      deadlineMs: config.LEDGER_DEADLINE_MS,
      connections: 1,
    })
    try {
      const { PARTNERSHIP, CUSTODIAN_DEADLINE_MS, LEDGER_DEADLINE_MS } = config
      const settleMs = CUSTODIAN_DEADLINE_MS + LEDGER_DEADLINE_MS
      const recorder = { source: `urn:sightline:${PARTNERSHIP}`, node: config.NODE_NAME, build: 'cli' }
      const { eventId, records, shared, agencies } = await eraseChild(
        { pool, ledger, recorder, clock: () => new Date(), settleMs },
        pid,
      )
      say(
        `${records} records were erased; their places in the log stand. The erasure is on record as ${eventId}`,
      )
      if (shared > 0) say(`${shared} of them were about other children as well, and are gone for them too`)
      for (const { agency, copies } of agencies)
        say(`${agency} is told on its own topic: it was given ${copies} copies that name this pseudonym`)
      if (config.LEDGER_RETENTION_DAYS !== undefined)
        say(
          'Agencies that hold only copies of what the store has let go of cannot be known, and are not told',
        )
      say(`What remains elsewhere, and is not erased by this:
  Kafka, and whoever read from it: until KAFKA_RETENTION_DAYS; whoever reads it, agencies too, erases by the record of
    the erasure that stands there
  backups and the write-ahead log of the database, and its free pages until they are used again
  register and reviews, under a keyed hash: their owners end those`)
    } finally {
      await ledger.close()
    }
  })

export const eraseChildCommand = () =>
  new Command('erase-child')
    .description('erase what the ledger holds of one child; the log still verifies')
    .argument('[pseudonym]', 'as records show it; without it the NHS number is asked for')
    .option('--yes', 'do not ask again', false)
    .action((pseudonym: string | undefined, { yes }: { yes: boolean }) => erase(pseudonym, yes))
