/**
 * To whom a custodian's records of one child, or one record, were shown, so that they can be told of a correction (UK
 * GDPR Article 19; for the police DPA 2018 s.48). Agencies and roles, no names: each agency knows its own people.
 */
import type { ReadAccess } from '../../schema/read-access.ts'
import { dayOf, heading, wrapped } from '../commands/print-value.ts'
import { fieldsFrom, isQuestion, kindOf, type Reading, readingLines } from './reading.ts'

export interface Recipient {
  readonly agency: string
  readonly role: string
  readonly times: number
  readonly first: string
  readonly last: string
  readonly purposes: readonly string[]
  /** fields of the kinds that this custodian was asked for; another may have given the same */
  readonly fields: readonly string[]
  readonly eventIds: readonly string[]
}

export interface RectificationReport {
  readonly custodian: string
  readonly recipients: readonly Recipient[]
  /** begun, and no outcome is on record: these may have been shown it as well */
  readonly perhaps: readonly { readonly agency: string; readonly role: string; readonly eventId: string }[]
}

/**
 * @param reading of the accesses that showed it
 * @param unended of the same child, without an outcome
 */
export function rectificationReport(
  { accesses }: Reading,
  custodian: string,
  unended: readonly ReadAccess[],
): RectificationReport {
  const recipients = new Map<string, Recipient>()
  const oldestFirst = accesses.filter(isQuestion).sort((a, b) => a.at.localeCompare(b.at))
  for (const access of oldestFirst) {
    const source = access.asked.find((each) => each.custodian === custodian)
    if (source === undefined || source.n === 0) continue
    const who = whoOf(access)
    const known = recipients.get(`${who.agency} ${who.role}`)
    recipients.set(`${who.agency} ${who.role}`, {
      ...who,
      times: (known?.times ?? 0) + 1,
      first: known?.first ?? access.at,
      last: access.at,
      purposes: joined(known?.purposes, [access.purpose ?? 'unknown']),
      fields: joined(known?.fields, fieldsFrom(access, source)),
      eventIds: [...(known?.eventIds ?? []), access.eventId],
    })
  }
  return {
    custodian,
    recipients: [...recipients.values()].sort((a, b) => b.last.localeCompare(a.last)),
    perhaps: unended
      .filter(({ asked }) => asked.length === 0 || asked.some((each) => each.custodian === custodian))
      .map((access) => ({ ...whoOf(access), eventId: access.eventId })),
  }
}

const whoOf = ({ by }: ReadAccess) => ({ agency: by?.agency ?? 'unknown', role: by?.role ?? 'unknown' })

const joined = (known: readonly string[] = [], more: readonly string[]): readonly string[] =>
  [...new Set([...known, ...more])].sort()

export function rectificationInWords(report: RectificationReport, reading: Reading): string[] {
  const { custodian, recipients, perhaps } = report
  return [
    ...readingLines(reading),
    ...heading(`Who was shown what ${custodian} holds`),
    ...(recipients.length === 0 ? ['Nobody, as far as this list goes.'] : []),
    ...recipients.flatMap(({ agency, role, times, first, last, purposes, fields }) => [
      ...wrapped(
        `${agency}, in the role ${role}: ${times === 1 ? `once, on ${dayOf(first)}` : `${times} times, from ${dayOf(first)} to ${dayOf(last)}`}, for ${purposes.join(', ')}`,
        '  • ',
      ),
      ...wrapped(`${[...new Set(fields.map(kindOf))].join(', ')} (the fields stand in \`--json\`)`, '    '),
    ]),
    ...(perhaps.length === 0
      ? []
      : [
          ...heading('Who may have been shown it: no outcome is on record'),
          ...perhaps.flatMap(({ agency, role, eventId }) =>
            wrapped(`${agency}, ${role} (${eventId})`, '  • '),
          ),
        ]),
    '',
    ...wrapped(
      'Tell each agency what was wrong and what is right, unless that is impossible or out of all proportion (UK GDPR Article 19). What was passed on outside Sightline stands in no log here.',
    ),
  ]
}
