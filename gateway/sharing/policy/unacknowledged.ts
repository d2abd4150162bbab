/**
 * Someone known to an agency only through sealed records is not known to it at all: what says who the child is, or who
 * is involved, is then silent too. The same rule as in `disclose.ts`, for classes of record.
 */
import { isPersonal } from '../../../schema/person.ts'
import type { RecordClass } from './decide.ts'
import type { Effect } from './effect.ts'

export interface Decided {
  readonly record: RecordClass
  readonly effect: Effect
}

/** @returns each custodian that holds something of substance, none of which may be known, with what keeps it silent */
export function unacknowledged(decided: readonly Decided[]): ReadonlyMap<string, readonly string[]> {
  const silent = new Map<string, string[]>()
  const known = new Set<string>()
  for (const { record, effect } of decided) {
    if (isPersonal(record.recordType)) continue
    if (effect.kind !== 'silent') known.add(record.custodian)
    else silent.set(record.custodian, [...(silent.get(record.custodian) ?? []), ...effect.policies])
  }
  for (const custodian of known) silent.delete(custodian)
  return silent
}

/** The effect on a record, given what its custodian may be known to hold besides. */
export function asAcknowledged(
  { record, effect }: Decided,
  silent: ReturnType<typeof unacknowledged>,
): Effect {
  const policies = isPersonal(record.recordType) ? silent.get(record.custodian) : undefined
  return policies ? { kind: 'silent', policies: [...new Set(policies)].sort() } : effect
}
