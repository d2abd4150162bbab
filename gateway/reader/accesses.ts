/**
 * Reads a page of accesses for an information-governance lead, out of the reader's own tables. Refuses more than her
 * scope: of another agency's accesses only what her own agency's systems were asked, and none about herself or a relative.
 */
import type { Pool } from 'pg'
import { nhsNumber } from '../../schema/nhs-number.ts'
import type {
  AccessDecision,
  AccessFilter,
  AccessPage,
  ReadAccess,
  ReadTie,
} from '../../schema/read-access.ts'
import { Refusal } from '../../schema/refusal.ts'
import type { ChildKeys } from '../access/register.ts'
import type { Pseudonym } from '../ledger/pseudonym.ts'
import { dayAfter, startOfUkDay } from '../sharing/policy/uk-day.ts'
import { type LogReaders, type ReadingScope, scopeOf } from './log-readers.ts'
import { cursorOf, placeOf } from './page-cursor.ts'

export interface ReadingSettings {
  /** holds the reader's tables, and those of register and pseudonyms */
  readonly pool: Pool
  readonly topic: string
  readonly keys: Pick<ChildKeys, 'lookupOf'>
  readonly recordId: (custodian: string, sourceId: string) => string
  readonly logReaders: LogReaders
  /** ids of the agreements by which an agency gives */
  readonly agreementsOf: (agency: string) => readonly string[]
  /** of a policy, given as id@hash: what it holds back is never disclosed, to an IG lead neither */
  readonly isNever: (rule: string) => boolean
}

export interface LogReader {
  readonly issuer: string
  readonly subject: string
  readonly agency: string
}

export interface PageAsked {
  readonly filter: AccessFilter
  /** accesses at most; 100 at most */
  readonly first: number
  readonly after: string | null
  readonly now: Date
}

const MOST = 100

const EFFECTS: Readonly<Record<string, AccessDecision>> = {
  permit: 'RELEASED',
  deny: 'DENIED',
  fault: 'FAILED',
}
const EFFECT_OF = { RELEASED: 'permit', DENIED: 'deny', FAILED: 'fault', NO_OUTCOME: null } as const

/** An event that belongs to an access stands beside it; one whose access is nowhere stands for it. */
const STANDS_ALONE = `(a.of_access is null or not exists (select from read_access o where o.event_id = a.of_access))`

/** The child of the access, and the hash under which the register knows her; none after she was erased. */
const CHILD = `left join child_pseudonym p on cardinality(a.children) = 1 and p.pid = a.children[1]`

const TIE = `(
  select case when hers then upper(kind) else 'COLLEAGUE' end from (
    select c.kind, (c.issuer, c.subject) = (a.issuer, a.subject) as hers,
      exists (select from practitioner w where (w.issuer, w.subject) = (c.issuer, c.subject) and w.agency = a.agency
        and w.starts <= a.occurred_at and (w.ends is null or w.ends > a.occurred_at)) as colleagues
    from child_connection c where c.child = p.lookup
      and c.starts <= a.occurred_at and (c.ends is null or c.ends > a.occurred_at)
  ) as tied where hers or colleagues order by hers desc, kind desc limit 1)`

const RELATIONSHIP = `case when p.lookup is not null and a.subject is not null then exists (
  select from case_relationship r where (r.issuer, r.subject, r.child) = (a.issuer, a.subject, p.lookup)
    and r.starts <= a.occurred_at and (r.ends is null or r.ends > a.occurred_at)) end`

const SELECT = `
  select a.event_id as "eventId", a.idx::float8 as idx, a.type, a.occurred_at as at, a.effect, a.refusal, a.children,
    a.subject, w.name, a.role, a.agency, a.purpose, a.case_ref as "caseKey", a.threshold,
    a.emergency is not null as emergency, a.article6, a.condition, a.function, a.agreements, a.operation, a.bundle,
    a.released, ${TIE} as tie, ${RELATIONSHIP} as "relationshipLive",
    coalesce((select json_agg(json_build_object('custodian', s.custodian, 'agency', s.agency, 'state', s.state,
      'recordTypes', s.record_types, 'n', cardinality(s.record_ids)) order by s.custodian)
      from read_source s where s.event_id = a.event_id), '[]') as asked,
    coalesce((select json_agg(json_build_object('rule', h.rule, 'reason', h.reason, 'n', h.n) order by h.rule, h.reason)
      from read_withheld h where h.event_id = a.event_id), '[]') as withheld,
    coalesce((select json_agg(json_build_object('type', e.type, 'at', to_char(e.occurred_at at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by e.idx) from read_access e where e.of_access = a.event_id), '[]') as steps
  from read_access a ${CHILD} left join practitioner w on (w.issuer, w.subject) = (a.issuer, a.subject)`

/** What the ledger holds, and the reader does not: it waits for Kafka, or for the reader. */
const NOT_READ = `
  select greatest(0, (select coalesce(max(idx) + 1, 0) from access_leaf) + (select count(*) from access_pending)
    - (select coalesce(sum(taken), 0) from reader_partition where topic = $1))::float8 as n`

interface Row
  extends Omit<ReadAccess, 'at' | 'children' | 'child' | 'by' | 'lawfulBasis' | 'decision' | 'tie'> {
  readonly idx: number
  readonly at: Date
  readonly effect: string | null
  readonly children: readonly Pseudonym[]
  readonly subject: string | null
  readonly name: string | null
  readonly role: string | null
  readonly agency: string | null
  readonly article6: string | null
  readonly condition: string | null
  readonly function: string | null
  readonly tie: ReadTie | null
}

/**
 * @throws Refusal PAGE_TOO_LARGE, CURSOR_INVALID, CHILD_TWICE, RECORD_INCOMPLETE, NHS_NUMBER_INVALID
 * @returns with the page the children whose accesses it shows, for the ledger
 */
export async function accessesFor(
  settings: ReadingSettings,
  reader: LogReader,
  asked: PageAsked,
): Promise<{ page: AccessPage; children: Pseudonym[] }> {
  const { pool, topic, logReaders } = settings
  if (asked.first < 1 || asked.first > MOST)
    throw new Refusal('PAGE_TOO_LARGE', `ask for 1 to ${MOST} accesses at a time, and go on with \`after\``)
  const scope = scopeOf(logReaders, reader.agency)
  const child = await childIn(settings, asked.filter)
  const { where, values } = conditions(settings, { reader, scope, child }, asked)
  const { rows } = await pool.query<Row>(
    `${SELECT} where ${where.join(' and ')} order by a.occurred_at desc, a.idx desc limit ${asked.first + 1}`,
    values,
  )
  const shown = rows.slice(0, asked.first)
  const last = rows.length > asked.first ? shown.at(-1) : undefined
  const { rows: counted } = await pool.query<{ n: number }>(NOT_READ, [topic])
  const accesses = shown.map((row) => accessOf(row, scope, settings))
  const named = shown.flatMap(({ children }) => (children.length === 1 ? children : []))
  return {
    page: {
      accesses,
      next: last ? cursorOf(last) : null,
      notRead: counted[0]?.n ?? 0,
      ofAgency: scope.kind === 'agency' ? scope.agency : null,
    },
    children: [...new Set([...(child ? [child] : []), ...named])],
  }
}

/** Undefined where no child was named; null where nobody asked about her yet. No pseudonym is drawn for it. */
async function childIn(
  { pool, keys }: ReadingSettings,
  { child, nhsNumber: typed }: AccessFilter,
): Promise<Pseudonym | null | undefined> {
  if (typed == null) return (child as Pseudonym | null | undefined) ?? undefined
  if (child != null)
    throw new Refusal('CHILD_TWICE', 'name the child by her pseudonym or by her NHS number, not by both')
  const { rows } = await pool.query<{ pid: Pseudonym }>('select pid from child_pseudonym where lookup = $1', [
    keys.lookupOf(nhsNumber(typed)),
  ])
  return rows[0]?.pid ?? null
}

interface Who {
  readonly reader: LogReader
  readonly scope: ReadingScope
  readonly child: Pseudonym | null | undefined
}

function conditions(
  settings: ReadingSettings,
  { reader, scope, child }: Who,
  { filter, after, now }: PageAsked,
) {
  const where = [STANDS_ALONE]
  const values: unknown[] = []
  const value = (given: unknown) => `$${values.push(given)}`
  const wasAsked = (agency: string) =>
    `exists (select from read_source s where s.event_id = a.event_id and s.agency = ${agency} and s.record_types <> '{}')`

  const [at, issuer, subject] = [value(now), value(reader.issuer), value(reader.subject)]
  where.push(`not exists (
    select from child_connection c join child_pseudonym q on q.lookup = c.child
    where (c.issuer, c.subject) = (${issuer}, ${subject}) and q.pid = any (a.children)
      and c.starts <= ${at} and (c.ends is null or c.ends > ${at}))`)
  /** what stands beside another agency's access and is not told must not be told by a filter either */
  const hers = scope.kind === 'agency' ? value(scope.agency) : null
  if (hers !== null) where.push(`(a.agency = ${hers} or ${wasAsked(hers)})`)
  if (child !== undefined) where.push(child === null ? 'false' : `a.children @> array[${value(child)}::text]`)
  if (filter.agency != null) {
    const agency = value(filter.agency)
    const toldWhere = hers === null || filter.agency === reader.agency ? '' : ` and a.agency = ${hers}`
    where.push(`(a.agency = ${agency} or (${wasAsked(agency)}${toldWhere}))`)
  }
  for (const [column, given] of [
    ['subject', filter.practitioner],
    ['purpose', filter.purpose],
  ])
    if (given != null) where.push(`a.${column} = ${value(given)}`)
  if (filter.agreement != null) {
    where.push(`${value(filter.agreement)} = any (a.agreements)`)
    if (hers !== null && !settings.agreementsOf(reader.agency).includes(filter.agreement))
      where.push(`a.agency = ${hers}`)
  }
  if (filter.basis != null) where.push(`${value(filter.basis)} in (a.article6, a.condition, a.function)`)
  if (filter.decision != null)
    where.push(`a.effect is not distinct from ${value(EFFECT_OF[filter.decision])}::text`)
  if (filter.from != null) where.push(`a.occurred_at >= ${value(startOfUkDay(filter.from))}`)
  if (filter.until != null) where.push(`a.occurred_at < ${value(startOfUkDay(dayAfter(filter.until)))}`)
  const shown = shownBy(settings, filter)
  if (shown !== null)
    where.push(`exists (select from read_source s where s.event_id = a.event_id and s.custodian = ${value(shown.custodian)}
      and s.record_ids ${shown.record === null ? "<> '{}'" : `@> array[${value(shown.record)}::text]`}
      ${hers === null ? '' : `and ${hers} in (s.agency, a.agency)`})`)
  if (after !== null) {
    const place = placeOf(after)
    where.push(`(a.occurred_at, a.idx) < (${value(place.at)}, ${value(place.idx)}::bigint)`)
  }
  return { where, values }
}

function shownBy({ recordId }: ReadingSettings, { custodian, recordId: own, recordType }: AccessFilter) {
  if ((own ?? recordType) != null && (custodian == null || own == null || recordType == null))
    throw new Refusal(
      'RECORD_INCOMPLETE',
      'name a record by its custodian, its kind and the custodian’s own id',
    )
  if (custodian == null) return null
  return { custodian, record: own == null ? null : recordId(custodian, `${recordType} ${own}`) }
}

function accessOf(row: Row, scope: ReadingScope, settings: ReadingSettings): ReadAccess {
  const { idx: _place, effect, children, subject, name, role, agency, article6, condition, ...rest } = row
  const { function: relied, ...told } = rest
  const whole: ReadAccess = {
    ...told,
    at: row.at.toISOString(),
    decision: (effect === null ? undefined : EFFECTS[effect]) ?? 'NO_OUTCOME',
    child: children.length === 1 ? (children[0] ?? null) : null,
    children: children.length,
    by: subject === null ? null : { subject, name, role, agency },
    lawfulBasis:
      article6 === null || condition === null || relied === null
        ? null
        : { article6, condition, function: relied },
    withheld: row.withheld.filter(({ rule }) => !settings.isNever(rule)),
  }
  return scope.kind === 'partnership' || agency === scope.agency
    ? whole
    : onlyOf(whole, scope.agency, settings)
}

/** Of another agency's access: what her own systems were asked, and the fields that no other system can have given. */
function onlyOf(access: ReadAccess, agency: string, { agreementsOf }: ReadingSettings): ReadAccess {
  const asked = access.asked.filter((source) => source.agency === agency)
  const others = new Set(
    access.asked.flatMap((source) => (source.agency === agency ? [] : source.recordTypes)),
  )
  const own = new Set(asked.flatMap(({ recordTypes }) => recordTypes).filter((type) => !others.has(type)))
  return {
    ...access,
    asked,
    released: access.released.filter((field) => own.has(field.split('.').slice(0, 2).join('.'))),
    withheld: [],
    agreements: access.agreements.filter((id) => agreementsOf(agency).includes(id)),
    tie: null,
    relationshipLive: null,
  }
}
