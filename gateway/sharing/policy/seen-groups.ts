/** Which groups of a type of record hold any field: what policies say of another group, nobody ever sees. */
import { type DecidedGroup, decidedGroups } from '../../../schema/data-group.ts'
import { recordTypeNamed } from '../../../schema/record-types.ts'

export interface SeenGroups {
  readonly groups: readonly DecidedGroup[]
  /** those of which a part can be shown: a district, a year */
  readonly inPart: readonly DecidedGroup[]
  /** every action that can make a difference to such a record */
  readonly actions: ReadonlySet<string>
}

const met = new Map<string, SeenGroups>()

/** A type that this release does not know is taken to hold every group. */
export function seenGroups(recordType: string): SeenGroups {
  const before = met.get(recordType)
  if (before) return before
  const fields = Object.values(recordTypeNamed(recordType)?.fields ?? {})
  const known = fields.length > 0
  const groups = decidedGroups.filter((group) => !known || fields.some((field) => field.group === group))
  const inPart = groups.filter(
    (group) => !known || fields.some((field) => field.group === group && field.partial !== null),
  )
  const parts = inPart.map((group) => `${group}-partial`)
  const seen = { groups, inPart, actions: new Set(['know', 'read', 'tell-why', ...groups, ...parts]) }
  met.set(recordType, seen)
  return seen
}
