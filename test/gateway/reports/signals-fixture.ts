/**
 * Invented accesses of which the truth is known: which of them were wrong, by the signal that should have told, and
 * which only look so. Holds the hard cases on purpose: honest people who look guilty, and guilty ones who do not.
 */
import type { SignalName } from '../../../gateway/reports/signal-rules.ts'
import type { SignalFiles } from '../../../gateway/reports/signals.ts'
import type { ReadAccess } from '../../../schema/read-access.ts'
import { access, child, type Given, refused } from './read-access.ts'

export interface Known {
  readonly access: ReadAccess
  /** what it truly was: to be told by these signals */
  readonly truth: readonly SignalName[]
}

const wrong = (truth: SignalName | readonly SignalName[], ...accesses: ReadAccess[]): Known[] =>
  accesses.map((each) => ({ access: each, truth: [truth].flat() }))
const right = (...accesses: ReadAccess[]): Known[] => accesses.map((each) => ({ access: each, truth: [] }))
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i))

const at = (day: number, hour = 10, minute = 0) =>
  `2026-11-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00.000Z`

const conflict = (given: Given) =>
  refused({ refusal: 'CONFLICT_OF_INTEREST', relationshipLive: true, ...given })

/** The everyday of six people of one role, so that there is a usual day: two to four children, on shift, in a case. */
const everyday = right(
  ...times(5, (day) =>
    ['asha', 'bela', 'cara', 'dora', 'edna', 'fay'].flatMap((who, person) =>
      times(2 + (person % 3), (n) =>
        access({ who, child: child(1000 + person * 10 + n), at: at(16 + day, 9 + n) }),
      ),
    ),
  ).flat(),
)

const ties: Known[] = [
  ...wrong('self', conflict({ who: 'gwen', tie: 'SELF', child: child(10) })),
  ...wrong('self', access({ who: 'hana', tie: 'SELF', child: child(11) })), // declared a week later
  ...wrong('relative', conflict({ who: 'iris', tie: 'RELATIVE', child: child(12) })),
  ...wrong('relative', access({ who: 'jane', tie: 'RELATIVE', child: child(13) })), // declared a week later
  ...wrong('relative', access({ who: 'kate', child: child(14) })), // her nephew; she declared nothing
  ...right(conflict({ who: 'lara', tie: 'RELATIVE', child: child(15) })), // the declaration named the wrong child
  ...wrong('colleague', conflict({ who: 'mona', tie: 'COLLEAGUE', child: child(16) })),
  ...wrong('colleague', access({ who: 'nina', tie: 'COLLEAGUE', child: child(17) })),
  ...right(conflict({ who: 'olga', tie: 'COLLEAGUE', child: child(18) })), // her own case; she never met the colleague
  ...right(conflict({ who: 'pam', tie: 'COLLEAGUE', child: child(19) })), // duty worker, the colleague left long ago
]

const neighbours: Known[] = [
  ...wrong('neighbour', access({ who: 'ruth', child: child(20) })),
  ...wrong('neighbour', access({ who: 'sara', child: child(21) })),
  ...wrong('neighbour', access({ who: 'tara', child: child(22) })), // lives across the street: another postcode
  ...right(access({ who: 'uma', child: child(23) })), // a tower of one postcode; allocated, and never heard of them
  ...right(access({ who: 'vera', child: child(24) })), // lives elsewhere
]

const volumes: Known[] = [
  ...wrong('volume', ...times(20, (n) => access({ who: 'wilma', child: child(200 + n), at: at(17, 9, n) }))),
  ...wrong('volume', ...times(14, (n) => access({ who: 'xenia', child: child(240 + n), at: at(18, 9, n) }))),
  ...wrong('volume', ...times(8, (n) => access({ who: 'yara', child: child(260 + n), at: at(18, 9, n) }))), // slowly
  ...right(...times(16, (n) => access({ who: 'zoe', child: child(280 + n), at: at(19, 9, n) }))), // one fire, 16 children
  ...right(...times(30, (n) => access({ who: 'ada', child: child(300), at: at(19, 9, n) }))), // one child, thirty times
]

const shifts: Known[] = [
  ...wrong('off-shift', access({ who: 'bess', child: child(30), at: at(20, 23, 30) })),
  ...wrong('off-shift', access({ who: 'bess', child: child(31), at: at(20, 3) })),
  ...wrong('off-shift', access({ who: 'cleo', child: child(32), at: at(20, 22) })),
  ...right(access({ who: 'bess', child: child(33), at: at(20, 17, 45) })), // a visit that ran late
  ...right(access({ who: 'cleo', child: child(34), at: at(19, 23) })), // swapped her shift; nobody entered it
]

const cases: Known[] = [
  ...wrong('no-case', refused({ who: 'dina', child: child(40) }), refused({ who: 'dina', child: child(41) })),
  ...wrong('no-case', refused({ who: 'elsa', child: child(42) })),
  ...wrong('no-case', access({ who: 'fern', child: child(43), relationshipLive: false })), // entered for a day, taken out again
  // a mistyped case reference, put right four minutes later
  ...right(
    refused({ who: 'gina', child: child(44) }),
    access({ who: 'gina', child: child(44), at: at(16, 10, 4) }),
  ),
  ...right(refused({ who: 'hope', child: child(45) })), // a mistyped NHS number that is another child's
  ...right(access({ who: 'ines', child: child(46), emergency: true, relationshipLive: false })),
]

const looked = (given: Given) =>
  access({ released: ['person.details.givenName', 'health.summary.registeredWith'], ...given })
const down = ['northshire-police', 'northshire-hospital'].map((custodian) => ({
  ...{ custodian, agency: custodian, state: 'DID_NOT_ANSWER', recordTypes: ['police.crime'], n: 0 },
}))
const searches: Known[] = [
  // no system answered that morning; she rang the agencies instead, and never came back
  ...right(...times(4, (n) => looked({ who: 'pia', child: child(80 + n), released: [], asked: down }))),
  // one system of two was down, as it often is
  ...wrong(
    'search-without-view',
    ...times(3, (n) =>
      looked({
        ...{ who: 'quin', child: child(85 + n), released: [] },
        asked: down.with(0, { ...down[0], state: 'NO_DISCLOSABLE_RECORD' } as (typeof down)[0]),
      }),
    ),
  ),
  ...wrong(
    'search-without-view',
    ...times(5, (n) => looked({ who: 'judy', child: child(50 + n), at: at(16 + n) })),
  ),
  ...wrong(
    'search-without-view',
    ...times(3, (n) => looked({ who: 'kim', child: child(56 + n), at: at(16, 9 + n), released: [] })),
  ),
  ...wrong('search-without-view', ...times(2, (n) => looked({ who: 'lena', child: child(60 + n) }))), // two only
  ...right(...times(2, (n) => looked({ who: 'maud', child: child(63 + n) }))), // two newborns, of whom nobody holds anything yet
  // came back to each when there was more to see
  ...right(...times(4, (n) => looked({ who: 'nell', child: child(66 + n), at: at(16, 9 + n) }))),
  ...right(...times(4, (n) => access({ who: 'nell', child: child(66 + n), at: at(18, 9 + n) }))),
  ...right(...times(3, (n) => looked({ who: 'opal', child: child(71 + n), at: at(17) }))), // a family that just arrived
]

export const known: readonly Known[] = [
  ...everyday,
  ...ties,
  ...neighbours,
  ...volumes,
  ...shifts,
  ...cases,
  ...searches,
]

const staff = (subject: string, postcode: string) => ({ subject, postcode: postcode.replaceAll(' ', '') })
const home = (n: number, postcode: string) => ({ child: child(n), postcode: postcode.replaceAll(' ', '') })
const shift = (from: number, hour: number, until: number) => ({
  from: `2026-11-${from}T${String(hour).padStart(2, '0')}:00:00Z`,
  until: `2026-11-${from}T${String(until).padStart(2, '0')}:00:00Z`,
})

export const files: SignalFiles = {
  neighbours: {
    staff: [
      staff('ruth', 'NS1 1AA'),
      staff('sara', 'NS1 1AB'),
      staff('tara', 'NS1 1AC'),
      staff('uma', 'NS2 3CD'),
      staff('vera', 'NS9 9ZZ'),
    ],
    children: [
      home(20, 'NS1 1AA'),
      home(21, 'NS1 1AB'),
      home(22, 'NS1 1AD'),
      home(23, 'NS2 3CD'),
      home(24, 'NS4 4AA'),
    ],
  },
  shifts: [
    { subject: 'bess', shifts: [shift(20, 9, 17)] },
    { subject: 'cleo', shifts: [shift(19, 9, 17), shift(20, 9, 17)] },
  ],
}
