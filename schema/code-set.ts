/** A published list of codes. A code outside the list is shown as it came, marked as not recognised. */

/** How sure we are of the list: read in its source, common knowledge not re-read, or to be checked. */
export type Confidence = 'read-in-source' | 'general-knowledge' | 'unconfirmed'

export interface CodeSet {
  readonly id: string
  readonly title: string
  /** Who publishes it, and where. */
  readonly source: string
  readonly confidence: Confidence
  readonly codes: Readonly<Record<string, string>>
}

export interface CodedValue {
  readonly code: string
  /** null where the custodian sent a code that the set does not hold: never guessed */
  readonly meaning: string | null
  readonly codeSet: string
}

export function coded(set: CodeSet, code: string): CodedValue {
  const meaning = Object.hasOwn(set.codes, code) ? (set.codes[code] ?? null) : null
  return { code, meaning, codeSet: set.id }
}
