/**
 * Reads a page of accesses for an information-governance lead, out of the reader's own tables. Refuses more than her
 * scope: of another agency's accesses only what her own agency's systems were asked, and none about herself or a relative.
 */
import { nhsNumber } from '../../schema/nhs-number.ts'
import type { AccessFilter, AccessPage } from '../../schema/read-access.ts'
import { Refusal } from '../../schema/refusal.ts'
import { isPseudonym, type Pseudonym } from '../ledger/pseudonym.ts'
import { ukDayOf } from '../sharing/policy/uk-day.ts'
import { conditions } from './access-filter.ts'
import { accessOf, type Row, SELECT } from './access-row.ts'
import { scopeOf } from './log-readers.ts'
import { cursorOf } from './page-cursor.ts'
import type { LogReader, PageAsked, ReadingSettings } from './reading.ts'
import { unknownWords } from './unknown-words.ts'

const MOST = 100
const DAY = 24 * 60 * 60_000 // milliseconds

/** What the ledger holds, and the reader does not: it waits for Kafka, or for the reader. And what neither holds any more. */
const MISSING = `
  select (select count(*) from reader_erased)::float8 as erased,
    greatest(0, (select coalesce(max(idx) + 1, 0) from access_leaf) + (select count(*) from access_pending)
      - (select coalesce(sum(taken), 0) from reader_partition where topic = $1))::float8 as "notRead"`

/**
 * @throws Refusal PAGE_TOO_LARGE, PERIOD_REVERSED, CURSOR_INVALID, CHILD_TWICE, PSEUDONYM_INVALID, RECORD_INCOMPLETE,
 *   NHS_NUMBER_INVALID
 * @returns with the page the children whose accesses it shows, for the ledger
 */
export async function accessesFor(
  settings: ReadingSettings,
  reader: LogReader,
  asked: PageAsked,
): Promise<{ page: AccessPage; children: Pseudonym[] }> {
  const { pool, topic, current, keptDays } = settings
  if (asked.first < 1 || asked.first > MOST)
    throw new Refusal('PAGE_TOO_LARGE', `ask for 1 to ${MOST} accesses at a time, and go on with \`after\``)
  const { from, until } = asked.filter
  if (from != null && until != null && until < from)
    throw new Refusal('PERIOD_REVERSED', 'the last day comes before the first; turn them round')
  const scope = scopeOf(current().logReaders, reader.agency)
  const child = await childIn(settings, asked.filter)
  const { where, values } = conditions(settings, { reader, scope, child }, asked)
  // before the list: what is taken in between is then on it, and never neither on it nor missing
  const { rows: missing } = await pool.query<{ erased: number; notRead: number }>(MISSING, [topic])
  const { rows } = await pool.query<Row>(
    `${SELECT} where ${where.join(' and ')} order by a.occurred_at desc, a.idx desc limit ${asked.first + 1}`,
    values,
  )
  const shown = rows.slice(0, asked.first)
  const last = rows.length > asked.first ? shown.at(-1) : undefined
  const deciding = await bundlesOf(settings, shown)
  const accesses = shown.map((row) => {
    const bundle = row.bundle === null ? null : (deciding.get(row.bundle) ?? null)
    return accessOf(row, scope, { ...settings, deciding: bundle })
  })
  const named = shown.flatMap(({ children }) => (children.length === 1 ? children : []))
  return {
    page: {
      accesses,
      next: last ? cursorOf(last) : null,
      notRead: missing[0]?.notRead ?? 0,
      keptFrom: keptDays === null ? null : ukDayOf(new Date(asked.now.getTime() - keptDays * DAY)),
      childrenErased: missing[0]?.erased ?? 0,
      unknown: await unknownWords(settings, scope, asked.filter),
      ofAgency: scope.kind === 'agency' ? scope.agency : null,
    },
    children: await knownOf(settings, child ? [child, ...named] : named),
  }
}

/** Those whom the map knows. What stands nowhere may be anybody's words, and no record names a child once she was erased. */
async function knownOf(
  { pool }: Pick<ReadingSettings, 'pool'>,
  named: readonly Pseudonym[],
): Promise<Pseudonym[]> {
  if (named.length === 0) return []
  const { rows } = await pool.query<{ pid: Pseudonym }>(
    'select pid from child_pseudonym where pid = any ($1::text[]) order by pid',
    [named],
  )
  return rows.map(({ pid }) => pid)
}

async function bundlesOf({ bundleOf }: ReadingSettings, rows: readonly Row[]) {
  const versions = new Set(
    rows.flatMap(({ bundle, withheld }) => (bundle && withheld.length > 0 ? [bundle] : [])),
  )
  return new Map(
    await Promise.all([...versions].map(async (version) => [version, await bundleOf(version)] as const)),
  )
}

/**
 * The child who was named; no pseudonym is drawn for it.
 * @returns undefined where none was named; null where nobody asked about her yet
 */
async function childIn(
  { pool, keys }: ReadingSettings,
  { child, nhsNumber: typed }: AccessFilter,
): Promise<Pseudonym | null | undefined> {
  if (child != null && typed != null)
    throw new Refusal('CHILD_TWICE', 'name the child by her pseudonym or by her NHS number, not by both')
  if (child != null && !isPseudonym(child))
    throw new Refusal('PSEUDONYM_INVALID', 'a pseudonym is `p-` and 22 characters, as accesses show it')
  if (child != null) return child
  if (typed == null) return undefined
  const { rows } = await pool.query<{ pid: Pseudonym }>('select pid from child_pseudonym where lookup = $1', [
    keys.lookupOf(nhsNumber(typed)),
  ])
  return rows[0]?.pid ?? null
}
