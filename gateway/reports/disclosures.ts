/**
 * What left which agency for which, and on which lawful basis, over a period. Counts accesses, records and children;
 * names nobody. What may have left without an outcome on record is counted apart, never left out.
 */
import type { LawfulBasis } from '../../schema/access-reason.ts'
import type { ReadAccess } from '../../schema/read-access.ts'
import { heading, wrapped } from '../commands/print-value.ts'
import { fieldsFrom, isQuestion, kindOf, type Reading, readingLines, shown } from './reading.ts'
import { tableLines } from './table.ts'

interface Sums {
  readonly accesses: number
  /** a record that was shown twice counts twice */
  readonly records: number
  readonly children: number
}

export interface Flow extends Sums {
  readonly from: string
  readonly to: string
  /** an agency's own people read its own records: a use, no disclosure */
  readonly withinAgency: boolean
  readonly kinds: readonly string[]
}

export interface BasisSums extends Sums {
  readonly basis: LawfulBasis
}

export interface DisclosuresReport {
  readonly flows: readonly Flow[]
  readonly bases: readonly BasisSums[]
  readonly refusals: readonly { readonly agency: string; readonly code: string; readonly n: number }[]
  readonly failed: number
  /** begun, and no outcome is on record: something may have been shown */
  readonly noOutcome: number
}

export function disclosuresReport({ accesses }: Reading): DisclosuresReport {
  const questions = accesses.filter(isQuestion)
  const released = questions.filter(({ decision }) => decision === 'RELEASED')
  const flows = new Map<string, Tally & { from: string; to: string; kinds: Set<string> }>()
  const bases = new Map<string, Tally & { basis: LawfulBasis }>()
  for (const access of released) {
    const to = access.by?.agency ?? 'unknown'
    const sources = shown(access)
    for (const source of sources) {
      const key = `${source.agency} ${to}`
      const flow = flows.get(key) ?? { ...tally(), from: source.agency, to, kinds: new Set<string>() }
      flows.set(key, add(flow, access, source.n))
      for (const field of fieldsFrom(access, source)) flow.kinds.add(kindOf(field))
    }
    const basis = access.lawfulBasis
    if (basis === null || sources.length === 0) continue
    const key = Object.values(basis).join(' ')
    const records = sources.reduce((sum, { n }) => sum + n, 0)
    bases.set(key, add(bases.get(key) ?? { ...tally(), basis }, access, records))
  }
  const refusals = new Map<string, { agency: string; code: string; n: number }>()
  for (const { by, refusal } of questions.filter(({ decision }) => decision === 'DENIED')) {
    const [agency, code] = [by?.agency ?? 'unknown', refusal ?? 'unknown']
    const known = refusals.get(`${agency} ${code}`) ?? { agency, code, n: 0 }
    refusals.set(`${agency} ${code}`, { ...known, n: known.n + 1 })
  }
  return {
    flows: [...flows.values()]
      .map(({ from, to, kinds, ...sums }) => ({
        ...{ from, to, withinAgency: from === to, kinds: [...kinds].sort() },
        ...summed(sums),
      }))
      .sort((a, b) => a.from.localeCompare(b.from) || a.to.localeCompare(b.to)),
    bases: [...bases.values()]
      .map(({ basis, ...sums }) => ({ basis, ...summed(sums) }))
      .sort((a, b) => b.accesses - a.accesses || a.basis.function.localeCompare(b.basis.function)),
    refusals: [...refusals.values()].sort((a, b) => b.n - a.n || a.code.localeCompare(b.code)),
    failed: questions.filter(({ decision }) => decision === 'FAILED').length,
    noOutcome: questions.filter(({ decision }) => decision === 'NO_OUTCOME').length,
  }
}

interface Tally {
  readonly events: Set<string>
  readonly about: Set<string>
  records: number
}
const tally = (): Tally => ({ events: new Set(), about: new Set(), records: 0 })

function add<T extends Tally>(to: T, { eventId, child }: ReadAccess, records: number): T {
  to.events.add(eventId)
  to.about.add(child ?? '')
  to.records += records
  return to
}

const summed = ({ events, about, records }: Tally): Sums => ({
  accesses: events.size,
  records,
  children: about.size,
})

/** @param titleOf a lawful basis in words */
export function disclosuresInWords(
  report: DisclosuresReport,
  reading: Reading,
  titleOf: (code: string) => string,
): string[] {
  const { flows, bases, refusals, failed, noOutcome } = report
  const count = ({ accesses, records, children }: Sums) => [accesses, records, children]
  const counts = ['accesses', 'records', 'children']
  const across = flows.filter(({ withinAgency }) => !withinAgency)
  const within = flows.filter(({ withinAgency }) => withinAgency)
  return [
    ...readingLines(reading),
    ...heading('Disclosed by one agency to another'),
    ...(across.length === 0
      ? ['Nothing was.']
      : tableLines(
          ['from', 'to', ...counts],
          across.map((flow) => [flow.from, flow.to, ...count(flow)]),
        )),
    ...across.flatMap(({ from, to, kinds }) => wrapped(`${from} to ${to}: ${kinds.join(', ')}`, '  ')),
    ...heading('Read by an agency’s own people in its own systems'),
    ...(within.length === 0
      ? ['Nothing was.']
      : tableLines(
          ['agency', ...counts],
          within.map((flow) => [flow.from, ...count(flow)]),
        )),
    ...heading('By lawful basis'),
    ...bases.flatMap(({ basis, accesses, records, children }) => [
      ...wrapped([basis.article6, basis.condition, basis.function].map(titleOf).join('; '), '  '),
      `    accesses ${accesses}, records ${records}, children ${children}`,
    ]),
    ...(bases.length === 0 ? ['Nothing was shown.'] : []),
    ...heading('Refused'),
    ...(refusals.length === 0
      ? ['Nothing was.']
      : tableLines(
          ['agency', 'code', 'times'],
          refusals.map(({ agency, code, n }) => [agency, code, n]),
        )),
    ...(failed > 0 ? ['', `${failed} failed by a fault of Sightline; nothing was shown.`] : []),
    ...(noOutcome > 0
      ? [
          '',
          ...wrapped(
            `${noOutcome} have no outcome on record: something may have been shown. They are in no sum above.`,
          ),
        ]
      : []),
  ]
}
