/**
 * The fourth gate: past accesses under today's bundle and a candidate. Counts what more would have been seen, what
 * less, and where only another reason would have been told, by role, type of record and responsible policy. It sees
 * only what somebody asked; what nobody has asked yet, `diff` proves. Prints no access and no child.
 */
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { type Change, type ChangeKind, changeKinds } from '../sharing/policy/compare-effects.ts'
import { openComparison } from '../sharing/policy/compare-grounds.ts'
import type { PastAccess } from '../sharing/policy/past-access.ts'

export interface ReplayRow {
  readonly change: ChangeKind
  /** of records that came back, or of the asking for a kind, whose records nobody knows */
  readonly of: 'records' | 'asking'
  readonly role: string
  readonly recordType: string
  /** ids of the responsible policies, or the condition of sharing that is unmet */
  readonly because: readonly string[]
  /** such as `narrative: masked → shown`; several where one cause changes several groups */
  readonly what: readonly string[]
  /** was silent by a policy that is never disclosed, and would be known */
  readonly fromNever: boolean
  /** null of an asking */
  readonly records: number | null
  readonly accesses: number
  /** distinct people who asked */
  readonly people: number
  /** distinct children */
  readonly children: number
}

export interface Reach {
  readonly accesses: number
  readonly records: number
  readonly people: number
  readonly children: number
}

export interface ReplayReport {
  /** versions of the two bundles */
  readonly live: string
  readonly candidate: string
  /** all that were read */
  readonly read: Reach
  /** those in which anything differs */
  readonly differing: Readonly<Record<ChangeKind, Reach>>
  /** worst first */
  readonly rows: readonly ReplayRow[]
  /** recorded before the gateway knew an attribute that a policy schema demands: not compared */
  readonly notCompared: { readonly accesses: number; readonly missing: readonly string[] }
  /** decided, in their day, by another bundle than today's */
  readonly underOtherBundles: number
}

export async function replay(
  live: PolicyBundle,
  candidate: PolicyBundle,
  accesses: AsyncIterable<PastAccess>,
): Promise<ReplayReport> {
  const compare = openComparison(live, candidate)
  const read = newTally()
  const differing = { WIDER: newTally(), NARROWER: newTally(), 'REASON-ONLY': newTally() }
  const rows = new Map<string, { readonly row: Key; readonly what: Set<string>; readonly tally: Tally }>()
  const missing = new Set<string>()
  let [notCompared, underOtherBundles] = [0, 0]

  for await (const access of accesses) {
    const { grounds } = access
    for (const { n } of grounds.classes) add(read, access, n)
    if (grounds.classes.length === 0) add(read, access, 0)
    if (grounds.bundle !== live.version) underOtherBundles += 1
    const changes = compare(grounds)
    if (changes.missing.length > 0) {
      notCompared += 1
      for (const attribute of changes.missing) missing.add(attribute)
      continue
    }
    const role = grounds.practitioner.roles.join(' + ') || 'no role'
    const note = (of: ReplayRow['of'], recordType: string, n: number, all: readonly Change[]) => {
      const met = new Set<string>()
      for (const { kind: change, because, what, fromNever } of all) {
        const row: Key = { change, of, role, recordType, because, fromNever }
        const key = JSON.stringify(row)
        const entry = rows.get(key) ?? { row, what: new Set(), tally: newTally() }
        rows.set(key, entry)
        entry.what.add(what)
        // one record counts once, however many of its groups change for one cause
        if (!met.has(key)) add(entry.tally, access, n)
        if (!met.has(change)) add(differing[change], access, n)
        met.add(key).add(change)
      }
    }
    for (const { record, n, changes: all } of changes.records) note('records', record.recordType, n, all)
    for (const { kind, change } of changes.kinds) note('asking', kind.recordType, 0, [change])
  }
  return {
    live: live.version,
    candidate: candidate.version,
    read: reachOf(read),
    differing: {
      WIDER: reachOf(differing.WIDER),
      NARROWER: reachOf(differing.NARROWER),
      'REASON-ONLY': reachOf(differing['REASON-ONLY']),
    },
    rows: [...rows.values()].map(rowOf).sort(worstFirst),
    notCompared: { accesses: notCompared, missing: [...missing].sort() },
    underOtherBundles,
  }
}

type Key = Pick<ReplayRow, 'change' | 'of' | 'role' | 'recordType' | 'because' | 'fromNever'>

interface Tally {
  records: number
  readonly accesses: Set<string>
  readonly people: Set<string>
  readonly children: Set<string>
}

const newTally = (): Tally => ({ records: 0, accesses: new Set(), people: new Set(), children: new Set() })

function add(tally: Tally, { eventId, who, child }: PastAccess, n: number): void {
  tally.records += n
  tally.accesses.add(eventId)
  tally.people.add(who)
  if (child !== null) tally.children.add(child)
}

const reachOf = ({ records, accesses, people, children }: Tally): Reach => ({
  accesses: accesses.size,
  records,
  people: people.size,
  children: children.size,
})

function rowOf({ row, what, tally }: { row: Key; what: ReadonlySet<string>; tally: Tally }): ReplayRow {
  const { records, ...reach } = reachOf(tally)
  return { ...row, what: [...what].sort(), ...reach, records: row.of === 'records' ? records : null }
}

function worstFirst(one: ReplayRow, other: ReplayRow): number {
  return (
    Number(other.fromNever) - Number(one.fromNever) ||
    changeKinds.indexOf(one.change) - changeKinds.indexOf(other.change) ||
    other.children - one.children ||
    (other.records ?? 0) - (one.records ?? 0) ||
    (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)
  )
}
