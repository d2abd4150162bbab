/**
 * What the law asks a log of police data to tell (Data Protection Act 2018, s.62(1)). Pure. Part 3 is for police data:
 * other sectors' records carry none of it. `alteration` is never written: nothing in the gateway alters an agency's
 * data, and masking alters only what is shown. The Data (Use and Access) Act 2025, s.82, is reported to take
 * "justification" out of s.62(2) and (3); not confirmed here, and purpose and basis are recorded either way.
 */
import type { Sector } from '../../schema/record-type.ts'

/** In the order of s.62(1)(a) to (f). */
export const PROCESSING = [
  'collection',
  'alteration',
  'consultation',
  'disclosure',
  'combination',
  'erasure',
] as const
export type Processing = (typeof PROCESSING)[number]

/** Asking a force's system collects from it, whatever it holds: what came is not told by this. */
export const askingIs = (sector: Sector): { processing?: readonly Processing[] } =>
  sector === 'police' ? { processing: ['collection'] } : {}

export interface ShownSource {
  readonly sector: Sector
  readonly agency: string
  /** records of it that were shown */
  readonly n: number
}

/**
 * @param reader agency of who reads it; her own force's data is consulted, and not disclosed, by her
 * @param sourcesShown custodians whose records stand in the same picture; two or more are a combination
 */
export function showingIs(
  { sector, agency, n }: ShownSource,
  reader: string | null,
  sourcesShown: number,
): { processing?: readonly Processing[] } {
  if (sector !== 'police' || n === 0) return {}
  return {
    processing: [
      'consultation',
      ...(agency === reader ? [] : (['disclosure'] as const)),
      ...(sourcesShown > 1 ? (['combination'] as const) : []),
    ],
  }
}
