/**
 * Prepares once what the record types and groups of a question decide: policy allows few combinations of them, and most
 * questions are alike.
 */
import type { CustodianQuestion } from './contract.ts'

type RecordTypes = CustodianQuestion['recordTypes']

export function preparedOnce<T>(prepare: (recordTypes: RecordTypes) => T): (recordTypes: RecordTypes) => T {
  const known = new Map<string, T>()
  return (recordTypes) => {
    const key = JSON.stringify(recordTypes.map(({ name, groups }) => [name, groups]))
    const before = known.get(key)
    if (before !== undefined) return before
    const made = prepare(recordTypes)
    known.set(key, made)
    return made
  }
}
