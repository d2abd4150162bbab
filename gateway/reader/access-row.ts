/**
 * One access as its reader may see it, from the reader's tables and what the register says of who asked. Of another
 * agency's access it tells only what her own agency's systems were asked.
 */
import type { AccessDecision, ReadAccess, ReadTie } from '../../schema/read-access.ts'
import type { Pseudonym } from '../ledger/pseudonym.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { ReadingScope } from './log-readers.ts'
import { agreementsOf, type ReadingSettings } from './reading.ts'

const EFFECTS: Readonly<Record<string, AccessDecision>> = {
  permit: 'RELEASED',
  deny: 'DENIED',
  fault: 'FAILED',
}

/** How the types of an erasure begin. */
export const ERASED = 'sightline.access.erased.'

/** What is known to have shown nothing is told; all else without an outcome that is known here counts as shown. */
function decisionOf({ type, effect }: Pick<Row, 'type' | 'effect'>): AccessDecision {
  if (effect === null && type.startsWith(ERASED)) return 'ERASURE'
  return (effect === null ? undefined : EFFECTS[effect]) ?? 'NO_OUTCOME'
}

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

/** For `read_access a`. */
export const SELECT = `
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
      'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'ended', e.ended) order by e.idx) from read_access e where e.of_access = a.event_id), '[]') as steps
  from read_access a ${CHILD} left join practitioner w on (w.issuer, w.subject) = (a.issuer, a.subject)`

export interface Row
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

export interface Telling extends Pick<ReadingSettings, 'current'> {
  /** the policies that decided the access */
  readonly deciding: Pick<PolicyBundle, 'policies'> | null
}

export function accessOf(row: Row, scope: ReadingScope, settings: Telling): ReadAccess {
  const {
    idx: _place,
    effect: _effect,
    children,
    subject,
    name,
    role,
    agency,
    article6,
    condition,
    ...rest
  } = row
  const { function: relied, ...told } = rest
  const whole: ReadAccess = {
    ...told,
    at: row.at.toISOString(),
    decision: decisionOf(row),
    child: children.length === 1 ? (children[0] ?? null) : null,
    children: children.length,
    by: subject === null ? null : { subject, name, role, agency },
    lawfulBasis:
      article6 === null || condition === null || relied === null
        ? null
        : { article6, condition, function: relied },
    withheld: row.withheld.filter(({ rule }) => mayBeTold(rule, settings)),
  }
  return scope.kind === 'partnership' || agency === scope.agency
    ? whole
    : onlyOf(whole, scope.agency, settings)
}

/**
 * What a policy holds back that is never disclosed is told to nobody, an IG lead neither: not where it said so when it
 * decided, not where it says so now, and not where nobody can tell any more what it said.
 * @param rule id@hash
 */
function mayBeTold(rule: string, { deciding, current }: Telling): boolean {
  const id = rule.split('@')[0] ?? ''
  const then = deciding?.policies.get(id)
  return then !== undefined && then.disclose !== 'never' && current().policies.get(id)?.disclose !== 'never'
}

/** Of another agency's access: what her own systems were asked, and the fields that no other system can have given. */
function onlyOf(access: ReadAccess, agency: string, { current }: Telling): ReadAccess {
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
    agreements: access.agreements.filter((id) => agreementsOf(current(), agency).includes(id)),
    tie: null,
    relationshipLive: null,
  }
}
