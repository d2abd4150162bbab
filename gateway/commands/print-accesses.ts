/** Prints accesses as a table that fits the screen. Shows nothing that it was not given. */
import type { ReadAccess } from '../../schema/read-access.ts'
import { dayOf, text, WIDTH, when, wrapped } from './print-value.ts'
import type { ReadAccesses } from './read-accesses.ts'

/** Characters of the columns before the last. */
const COLUMNS = { at: 19, by: 30, about: 10 } as const

const who = ({ by }: ReadAccess): string =>
  by === null ? 'nobody known' : `${text(by.name ?? by.subject)} (${text(by.role ?? 'no role')})`

/** Enough of a pseudonym to tell children apart on a screen; the whole stands in `--json`. */
const about = ({ child, children }: ReadAccess): string =>
  child !== null ? text(child).slice(0, 8) : children === 0 ? '-' : `${children} children`

const OUTCOMES = {
  RELEASED: 'released',
  DENIED: 'refused',
  FAILED: 'failed',
  NO_OUTCOME: 'no outcome on record',
  ERASURE: 'erased',
} as const

function outcome({ decision, refusal, asked, operation }: ReadAccess): string {
  if (decision !== 'RELEASED') return [OUTCOMES[decision], refusal].filter(Boolean).map(text).join(': ')
  const shown = asked.filter(({ n }) => n > 0)
  const records = shown.reduce((sum, { n }) => sum + n, 0)
  if (asked.length === 0) return text(operation ?? OUTCOMES.RELEASED)
  const from = shown
    .map(({ agency }) => text(agency))
    .filter((each, place, all) => all.indexOf(each) === place)
  return records === 0 ? 'released: no record' : `released: ${records} records of ${from.join(', ')}`
}

function why({ purpose, threshold, lawfulBasis, emergency, tie, relationshipLive }: ReadAccess): string {
  const { article6, condition, function: relied } = lawfulBasis ?? {}
  return [
    emergency ? 'EMERGENCY' : null,
    tie === null ? null : `TIED TO THE CHILD: ${tie}`,
    relationshipLive === false && purpose !== null ? 'no live case relationship' : null,
    purpose,
    threshold,
    [article6, condition, relied].filter(Boolean).join(' '),
  ]
    .filter((each) => each !== null && each !== '')
    .map(text)
    .join(' · ')
}

const cut = (words: string, width: number) =>
  words.length > width ? `${words.slice(0, Math.max(1, width - 1))}…` : words
const cell = (words: string, width: number) => cut(words, width - 1).padEnd(width)

/** @param columns of the screen; where nobody says, those of a printed page */
export function printedAccesses(read: ReadAccesses, columns = WIDTH): string {
  const { accesses, more, ofAgency } = read
  const width = Math.max(60, Math.min(columns, 160))
  const lines = accesses.flatMap((each) => {
    const head = `${cell(when(each.at), COLUMNS.at)}${cell(who(each), COLUMNS.by)}${cell(about(each), COLUMNS.about)}`
    const indent = ' '.repeat(COLUMNS.at)
    const rest = width - head.length
    const [came, because] = [outcome(each), why(each)]
    const agency = text(each.by?.agency ?? '')
    return [
      ...(came.length <= rest ? [`${head}${came}`] : [head.trimEnd(), ...wrapped(came, indent, width)]),
      ...wrapped([agency, because].filter(Boolean).join(' · ') || '-', indent, width),
      `${indent}${text(each.eventId)}`,
    ]
  })
  const head = `${'WHEN'.padEnd(COLUMNS.at)}${'WHO'.padEnd(COLUMNS.by)}${'CHILD'.padEnd(COLUMNS.about)}WHAT CAME OF IT`
  return [
    ofAgency === null ? 'Accesses of the whole partnership' : `Accesses that concern ${text(ofAgency)}`,
    ...gapsIn(read, null).flatMap((words) => wrapped(words, '', width)),
    '',
    ...(accesses.length === 0 ? ['No access is as you ask.'] : [cut(head, width), ...lines]),
    ...(more ? ['', 'There are more: narrow it, or give --all.'] : []),
  ].join('\n')
}

export type Gaps = Pick<ReadAccesses, 'notRead' | 'keptFrom' | 'childrenErased' | 'unknown'>

/** Nobody may take a list that is behind, or from which something went, for all there was. @param from its first day */
export function gapsIn({ notRead, keptFrom, childrenErased, unknown }: Gaps, from: string | null): string[] {
  const [events, children] = [notRead === 1 ? 'event' : 'events', childrenErased === 1 ? 'child' : 'children']
  return [
    ...(notRead === 0
      ? []
      : [
          `NOT IN HERE YET: ${notRead.toLocaleString('en-GB')} ${events} of the ledger, which have not come by Kafka (GET /health/ready at METRICS_PORT)`,
        ]),
    ...(keptFrom === null || (from !== null && from > keptFrom)
      ? []
      : [`NOT KEPT: accesses from before ${dayOf(keptFrom)}; what was shown in them is on no list`]),
    ...(childrenErased === 0
      ? []
      : [
          `ERASED: all that was on record of ${childrenErased.toLocaleString('en-GB')} ${children}; whether it belonged in here nobody can tell`,
        ]),
    ...unknown.map(
      (word) =>
        `IN NO ${word === 'practitioner' ? 'REGISTER' : 'POLICY'} OF TODAY: the ${word} as it is written; where it is misspelt, nothing is found`,
    ),
  ]
}
