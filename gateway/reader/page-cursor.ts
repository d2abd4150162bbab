/** Where a page of accesses ends: time and place in the log of its last. Refuses what it did not make itself. */
import { Refusal } from '../../schema/refusal.ts'

export interface PagePlace {
  readonly at: Date
  readonly idx: number
}

export const cursorOf = ({ at, idx }: PagePlace): string =>
  Buffer.from(`${at.toISOString()} ${idx}`).toString('base64url')

/** @throws Refusal CURSOR_INVALID */
export function placeOf(cursor: string): PagePlace {
  const [, at = '', idx = ''] =
    /^(\d{4}-\d{2}-\d{2}T[\d:.]{12}Z) (\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  const place = { at: new Date(at), idx: Number(idx) }
  if (at !== '' && !Number.isNaN(place.at.getTime())) return place
  throw new Refusal(
    'CURSOR_INVALID',
    'this is not where a page ended; give `after` as the page before gave `next`',
  )
}
