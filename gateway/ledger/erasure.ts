/**
 * Puts an erasure on record before anything is erased, and waits until the log that is handed out covers that record:
 * whoever sees a place whose record is gone sees why, and counts. Refuses to let anything go without.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from 'pg'
import { Refusal } from '../../schema/refusal.ts'
import type { HeldCopies } from './agency-erasure.ts'
import type { Ledger } from './append.ts'
import { type AccessRecord, ledgerEvent, newEventId, type RecorderSettings } from './ledger-event.ts'
import type { Pseudonym } from './pseudonym.ts'

export interface ErasureSettings {
  readonly pool: Pool
  readonly ledger: Pick<Ledger, 'append'>
  readonly recorder: RecorderSettings
  readonly clock: () => Date
  /** milliseconds that the signed log has to cover the record of the erasure (default 10 s; it is signed within two) */
  readonly signedWithinMs?: number
}

const COVERED = `
  SELECT 1 FROM access_leaf WHERE event_id = $1
    AND idx < coalesce((SELECT size FROM log_published), (SELECT size FROM log_checkpoint), 0)`
const LOOK_EVERY = 100 // milliseconds

/**
 * @param pid whose records they are; null where they go because of their age
 * @param agencies that hold copies of them on their own topics, and are told
 * @returns the event id of the record that tells of it
 * @throws Refusal ERASURE_NOT_SIGNED; nothing may be erased then
 */
export async function putOnRecord(
  settings: ErasureSettings,
  pid: Pseudonym | null,
  records: number,
  agencies: readonly HeldCopies[] = [],
): Promise<string> {
  const { pool, ledger, signedWithinMs = 10_000 } = settings
  const { eventId } = await ledger.append(erasureRecord(settings, pid, records, agencies))
  for (let waited = 0; waited < signedWithinMs; waited += LOOK_EVERY) {
    if ((await pool.query(COVERED, [eventId])).rows.length > 0) return eventId
    await pause(LOOK_EVERY)
  }
  throw new Refusal(
    'ERASURE_NOT_SIGNED',
    'the record of the erasure is not in the signed log yet, so nothing was erased; start the gateway and try again',
  )
}

/** DPA 2018 s.62(1)(f). A pseudonym in it is one that nothing ties to the child any more. */
export const erasureRecord = (
  { recorder, clock }: Pick<ErasureSettings, 'recorder' | 'clock'>,
  pid: Pseudonym | null,
  records: number,
  agencies: readonly HeldCopies[],
): AccessRecord => {
  const subjects = pid === null ? [] : [{ pid, relation: 'child' as const }]
  return ledgerEvent(
    recorder,
    { id: newEventId(), kind: 'erased', at: clock(), traceparent: null, subjects },
    { erasure: { records, processing: ['erasure'], agencies } },
  )
}
