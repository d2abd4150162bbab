/**
 * The disclosure list for a subject access request about one child: a row for each custodian's records in each access,
 * proposed to be disclosed or held back by rule, with a place for the decision. Refuses to decide: a person does, row by
 * row. The list itself is no answer; it tells of what is held back.
 */
import type { DataGroup } from '../../schema/data-group.ts'
import type { ReadAccess, ReadSource } from '../../schema/read-access.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import { dayOf, heading, when, wrapped } from '../commands/print-value.ts'
import { fieldsFrom, isQuestion, kindOf, type Reading, readingLines, shown } from './reading.ts'
import type { Sectors } from './sectors.ts'
import { holds, type Requester, type SubjectAccessRule } from './subject-access-rules.ts'

export interface SubjectAccessRow {
  readonly eventId: string
  readonly at: string
  /** who gave */
  readonly custodian: string
  readonly agency: string
  /** who received; no names of practitioners */
  readonly to: { readonly agency: string; readonly role: string }
  /** her agency's own people read its own records: a use, no disclosure to a recipient */
  readonly withinAgency: boolean
  readonly purpose: string
  readonly basis: readonly string[]
  readonly kinds: readonly string[]
  readonly records: number
  readonly proposed: 'DISCLOSE' | 'HOLD_BACK'
  readonly because: readonly HeldBy[]
  /** for whoever answers the request: DISCLOSE, HOLD_BACK or REDACT */
  readonly decision: { readonly outcome: null; readonly by: null; readonly on: null; readonly reason: null }
}

type HeldBy = Pick<SubjectAccessRule, 'rule' | 'title' | 'law' | 'mark'>

export interface SubjectAccessReport {
  readonly requester: Requester
  readonly rows: readonly SubjectAccessRow[]
  /** refused or failed: nothing was disclosed */
  readonly nothingShown: number
  /** begun, and no outcome is on record: what was shown is in no row */
  readonly noOutcome: number
  /** the log was read about the child, or her agency's reviewer saw her number; no record was shown */
  readonly atTheDesk: number
  /** when all that was on record of her went; null where it did not */
  readonly erased: string | null
}

/** What no approved agreement knows cannot be judged by any rule. */
const UNKNOWN: HeldBy = {
  rule: 'source-unknown',
  title: 'By a custodian or in fields that the rules cannot judge',
  law: 'Find out first what was shown.',
  mark: 'K',
}

/** An agency that no approved agreement lets give may be a police force, or anybody. */
const TO_UNKNOWN: HeldBy = {
  rule: 'recipient-unknown',
  title: 'Given to an agency of which no approved agreement tells the sector',
  law: 'Find out first whether it was given to the police.',
  mark: 'K',
}

const UNDECIDED = { outcome: null, by: null, on: null, reason: null } as const

export function subjectAccessReport(
  { accesses, ofAgency }: Reading,
  rules: readonly SubjectAccessRule[],
  sectors: Sectors,
  requester: Requester,
): SubjectAccessReport {
  const questions = accesses.filter(isQuestion)
  const rows = questions
    .filter(({ decision }) => decision === 'RELEASED')
    .flatMap((access) =>
      shown(access).map((source) => rowOf(access, source, { rules, sectors, requester, ofAgency })),
    )
  return {
    requester,
    rows,
    nothingShown: questions.filter((each) => each.decision === 'DENIED' || each.decision === 'FAILED').length,
    noOutcome: questions.filter(({ decision }) => decision === 'NO_OUTCOME').length,
    atTheDesk: accesses.filter((each) => !isQuestion(each) && each.decision !== 'ERASURE').length,
    erased: accesses.find(({ decision }) => decision === 'ERASURE')?.at ?? null,
  }
}

interface Judged {
  readonly rules: readonly SubjectAccessRule[]
  readonly sectors: Sectors
  readonly requester: Requester
  readonly ofAgency: string | null
}

function rowOf(
  access: ReadAccess,
  source: ReadSource,
  { rules, sectors, requester, ofAgency }: Judged,
): SubjectAccessRow {
  const { by, threshold, emergency, lawfulBasis } = access
  const told = fieldsFrom(access, source)
  const fields = [...told, ...(ofAgency === null || by?.agency === ofAgency ? [] : untold(source, told))]
  const groups = fields.map(groupOf)
  const seen = {
    source: sectors.ofCustodian(source.custodian),
    recipient: by?.agency ? sectors.ofAgency(by.agency) : [],
    kinds: [...new Set(fields.map(kindOf))].sort(),
    groups: groups.filter((group) => group !== null),
    ...{ threshold, requester, emergency },
  }
  const because = rules
    .filter((rule) => holds(rule, seen))
    .map(({ rule, title, law, mark }) => ({ rule, title, law, mark }))
  if (seen.source.length === 0 || told.length === 0 || groups.includes(null)) because.push(UNKNOWN)
  if (seen.recipient.length === 0) because.push(TO_UNKNOWN)
  return {
    ...{ eventId: access.eventId, at: access.at, custodian: source.custodian, agency: source.agency },
    to: { agency: by?.agency ?? 'unknown', role: by?.role ?? 'unknown' },
    withinAgency: by?.agency === source.agency,
    purpose: access.purpose ?? 'unknown',
    basis: lawfulBasis === null ? [] : Object.values(lawfulBasis),
    ...{ kinds: [...new Set(told.map(kindOf))].sort(), records: source.n, because },
    proposed: because.length > 0 ? 'HOLD_BACK' : 'DISCLOSE',
    decision: UNDECIDED,
  }
}

/**
 * Of another agency's access an IG lead is told no field that a second agency may have given as well. Each field of a kind
 * that was asked for, and of which none is told, may have been shown: relatives and third parties stand in such kinds.
 */
const untold = ({ recordTypes }: ReadSource, told: readonly string[]): string[] =>
  recordTypes
    .filter((kind) => !told.some((field) => kindOf(field) === kind))
    .flatMap((kind) => Object.keys(recordTypeNamed(kind)?.fields ?? {}).map((field) => `${kind}.${field}`))

/** Null for a field that no kind of record has (any more). */
const groupOf = (field: string): DataGroup | null =>
  recordTypeNamed(kindOf(field))?.fields[field.slice(kindOf(field).length + 1)]?.group ?? null

export function subjectAccessInWords(report: SubjectAccessReport, reading: Reading): string[] {
  const { rows, requester, nothingShown, noOutcome, atTheDesk, erased } = report
  const held = rows.filter(({ proposed }) => proposed === 'HOLD_BACK')
  const rules = new Map(held.flatMap(({ because }) => because.map((each) => [each.rule, each])))
  return [
    ...readingLines(reading),
    ...wrapped(
      `For a request by ${requester === 'child' ? 'the child herself' : requester === 'parent' ? 'somebody with parental responsibility' : 'somebody else'}. ${held.length} of ${rows.length} rows are proposed to be held back. A person decides each; do not hand this list out, as it tells what is held back.`,
    ),
    ...(noOutcome > 0
      ? wrapped(
          `Accesses without an outcome on record: ${noOutcome}. Find out what they showed before you answer.`,
        )
      : []),
    ...heading('Disclosures'),
    ...(erased === null
      ? []
      : wrapped(
          `On ${dayOf(erased)} all that was on record of her was erased: what was disclosed before stands nowhere any more.`,
        )),
    ...(rows.length === 0 && erased === null ? ['None is on record.'] : []),
    ...rows.flatMap((row) => [
      ...wrapped(
        `${when(row.at)}: ${row.withinAgency ? `within ${row.agency}` : `${row.agency} to ${row.to.agency}`} (${row.to.role}), for ${row.purpose}`,
        '  • ',
      ),
      ...wrapped(
        `${row.records} records: ${row.kinds.join(', ') || 'kinds not known'}; ${row.basis.join(', ')}`,
        '    ',
      ),
      ...wrapped(
        row.because.length === 0
          ? 'proposed: DISCLOSE'
          : `proposed: HOLD BACK, by ${row.because.map(({ rule }) => rule).join(', ')}`,
        '    ',
      ),
      `    decided: ____________  by ____________  on __________   ${row.eventId}`,
    ]),
    ...heading('The rules that hold rows back'),
    ...[...rules.values()].flatMap(({ rule, title, law, mark }) =>
      wrapped(
        `${rule}: ${title}. ${law.replace(/\.?$/, '.')}${mark === '?' ? ' UNCONFIRMED: check before relying on it.' : ''}`,
        '  ',
      ),
    ),
    '',
    ...wrapped(
      `Besides: questions that were refused or failed and showed nothing, ${nothingShown}; times that the log or a review about her was read at the desk, where no record is shown, ${atTheDesk}.`,
    ),
  ]
}
