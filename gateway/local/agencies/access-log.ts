/** What an agency writes down about each request that reached it, so that it can say what it was asked. */
import { appendFileSync } from 'node:fs'

export interface AccessEntry {
  /** instant, UTC */
  readonly at: string
  readonly method: string
  /** without what identifies a person: `/Patient?identifier`, `partner_share.v_crime` */
  readonly path: string
  /** the receipt that the gateway sent with the question (`sightline-event-id`), null where it sent none */
  readonly eventId: string | null
  /** kinds of record that were asked for, in the agency's own words */
  readonly kinds: readonly string[]
  /** fields of them that were asked for, in the agency's own words: `v_crime.offence_title`; `v_crime.*` for all */
  readonly fields: readonly string[]
  /** HTTP status; null for a database */
  readonly status: number | null
}

export interface AccessLog {
  write(entry: Omit<AccessEntry, 'at'>): void
  entries(): AccessEntry[]
}

/**
 * @param file where the entries go as well, one JSON object a line
 * @param told told of each entry as it is written
 */
export function accessLog(
  clock: () => Date,
  file: string | null,
  told: (entry: AccessEntry) => void = () => undefined,
): AccessLog {
  const entries: AccessEntry[] = []
  return {
    write(given) {
      const entry = { at: clock().toISOString(), ...given }
      entries.push(entry)
      told(entry)
      if (file !== null) appendFileSync(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
    },
    entries: () => [...entries],
  }
}

/** A path with its parameters' names and without their values. */
export const withoutValues = (url: URL): string => {
  const names = [...new Set(url.searchParams.keys())]
  return names.length === 0 ? url.pathname : `${url.pathname}?${names.join('&')}`
}
