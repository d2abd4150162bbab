/** Which accesses were asked for, as conditions of SQL, within what their reader may see. No filter tells more than a list. */
import type { AccessDecision, AccessFilter } from '../../schema/read-access.ts'
import { Refusal } from '../../schema/refusal.ts'
import type { Pseudonym } from '../ledger/pseudonym.ts'
import { dayAfter, startOfUkDay } from '../sharing/policy/uk-day.ts'
import { ERASED } from './access-row.ts'
import type { ReadingScope } from './log-readers.ts'
import { placeOf } from './page-cursor.ts'
import { agreementsOf, type LogReader, type PageAsked, type ReadingSettings } from './reading.ts'
import { TIED } from './tied.ts'

/** The same as `decisionOf` in access-row.ts. */
const DECIDED: Readonly<Record<AccessDecision, string>> = {
  RELEASED: "a.effect = 'permit'",
  DENIED: "a.effect = 'deny'",
  FAILED: "a.effect = 'fault'",
  NO_OUTCOME: `(a.type not like '${ERASED}%' and (a.effect is null or a.effect not in ('permit', 'deny', 'fault')))`,
  ERASURE: `(a.type like '${ERASED}%' and a.effect is null)`,
}

/** An event that belongs to an access stands beside it; one whose access is nowhere stands for it. */
const STANDS_ALONE = `(a.of_access is null or not exists (select from read_access o where o.event_id = a.of_access))`

/**
 * The reader may hold accesses of a child who was erased until it comes to her erasure on the topic: they are read no
 * more, as a list that named her beside others is not.
 */
const NOT_ERASED = (children: string) =>
  `(a.type like '${ERASED}%' or not exists (select from unnest(${children}) c
    where not exists (select from child_pseudonym k where k.pid = c)))`

export interface Who {
  readonly reader: LogReader
  readonly scope: ReadingScope
  readonly child: Pseudonym | null | undefined
}

/** For `read_access a`. @throws Refusal RECORD_INCOMPLETE, CURSOR_INVALID */
export function conditions(
  settings: ReadingSettings,
  { reader, scope, child }: Who,
  { filter, after, now }: PageAsked,
) {
  const where = [STANDS_ALONE, NOT_ERASED('a.children')]
  const values: unknown[] = []
  const value = (given: unknown) => `$${values.push(given)}`
  const concerns = (agency: string) => `a.concerns @> array[${agency}::text]`

  const [at, issuer, subject] = [value(now), value(reader.issuer), value(reader.subject)]
  where.push(`not exists (${TIED(issuer, subject, at, 'a.children')})`)
  /** what stands beside another agency's access and is not told must not be told by a filter either */
  const hers = scope.kind === 'agency' ? value(scope.agency) : null
  if (hers !== null) where.push(concerns(hers))
  if (child === null) where.push('false')
  else if (child !== undefined) {
    const named = `array[${value(child)}::text]`
    where.push(`a.children @> ${named}`, NOT_ERASED(named))
  }
  if (filter.agency != null) {
    const agency = value(filter.agency)
    where.push(concerns(agency))
    if (hers !== null && filter.agency !== reader.agency) where.push(`a.agency in (${agency}, ${hers})`)
  }
  if (filter.practitioner != null) {
    const who = value(filter.practitioner)
    where.push(`a.subject = any (array (
      select w.subject from practitioner w where lower(w.name) = lower(${who})) || ${who}::text)`)
  }
  if (filter.purpose != null) where.push(`a.purpose = ${value(filter.purpose)}`)
  if (filter.agreement != null) {
    where.push(`${value(filter.agreement)} = any (a.agreements)`)
    if (hers !== null && !agreementsOf(settings.current(), reader.agency).includes(filter.agreement))
      where.push(`a.agency = ${hers}`)
  }
  if (filter.basis != null) where.push(`${value(filter.basis)} in (a.article6, a.condition, a.function)`)
  if (filter.decision != null) where.push(DECIDED[filter.decision])
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
