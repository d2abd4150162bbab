/** What a candidate would have changed, as an IG lead reads it: the sums, then the causes, worst first. Names nobody. */
import type { Reach, ReplayReport, ReplayRow } from '../policy-workbench/replay.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { type ChangeKind, changeKinds } from '../sharing/policy/compare-effects.ts'
import { wrapped } from './print-value.ts'

/** Rows that are printed; the others stand in `--json`. */
const MOST = 40

const WHAT: Readonly<Record<ChangeKind, string>> = {
  WIDER: 'more would have been seen',
  NARROWER: 'less would have been seen',
  'REASON-ONLY': 'as much, and another reason told',
}

/** @param bundles in which the titles of policies and the words of reasons are looked up */
export function printedReplay(report: ReplayReport, bundles: readonly PolicyBundle[]): string {
  const { read, differing, rows, notCompared, underOtherBundles } = report
  const sums = changeKinds.map((kind) => `${kind.padEnd(11)}  ${reach(differing[kind])}: ${WHAT[kind]}`)
  const notes = [
    ...(notCompared.accesses > 0
      ? [
          `NOT COMPARED: ${counted(notCompared.accesses, 'access', 'accesses')} from before the gateway recorded ${notCompared.missing.join(', ')}`,
        ]
      : []),
    ...(underOtherBundles > 0
      ? [
          `${counted(underOtherBundles, 'access was', 'accesses were')} decided under another bundle in their day; here both bundles decide anew`,
        ]
      : []),
  ]
  const more = rows.length - MOST
  return [
    `Read: ${reach(read)}.`,
    ...notes,
    '',
    ...sums,
    ...(rows.length > 0 ? ['', HEAD, ...rows.slice(0, MOST).flatMap((row) => rowLines(row, bundles))] : []),
    ...(more > 0 ? [`… and ${counted(more, 'row', 'rows')} more; \`--json\` gives them all`] : []),
  ].join('\n')
}

const reach = ({ accesses, records, people, children }: Reach): string =>
  [
    counted(accesses, 'access', 'accesses'),
    counted(records, 'record', 'records'),
    counted(people, 'person who asked', 'people who asked'),
    counted(children, 'child', 'children'),
  ].join(', ')

const counted = (n: number, one: string, many: string): string =>
  `${n.toLocaleString('en-GB')} ${n === 1 ? one : many}`

const cells = (...words: readonly [string, string, string, string, string, string, string]): string => {
  const [change, role, type, ...numbers] = words
  return `${change.padEnd(17)} ${role.padEnd(17)} ${type.padEnd(30)} ${numbers.map((n) => n.padStart(9)).join(' ')}`
}

const HEAD = cells('CHANGE', 'ROLE', 'TYPE OF RECORD', 'RECORDS', 'ACCESSES', 'PEOPLE', 'CHILDREN')

function rowLines(row: ReplayRow, bundles: readonly PolicyBundle[]): string[] {
  const { change, of, role, recordType, because, what, fromNever, records, accesses, people, children } = row
  const numbers = [accesses, people, children].map((n) => n.toLocaleString('en-GB'))
  const known = records === null ? 'unknown' : records.toLocaleString('en-GB')
  const [inAccesses = '', byPeople = '', ofChildren = ''] = numbers
  const name = fromNever ? 'NEVER TO VISIBLE' : of === 'asking' ? `${change} ASKING` : change
  return [
    cells(name, role, recordType, known, inAccesses, byPeople, ofChildren),
    ...wrapped(what.join('; '), '    '),
    ...because.flatMap((id) => wrapped(`${id}${titled(id, bundles)}`, '    because of ')),
  ]
}

function titled(id: string, bundles: readonly PolicyBundle[]): string {
  for (const { policies, reasons } of bundles) {
    const words = policies.get(id)?.title ?? reasons.get(id)?.words
    if (words) return `: ${words}`
  }
  return ''
}
