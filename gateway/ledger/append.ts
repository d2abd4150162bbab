/**
 * Appends access records to the ledger, and alone can make a DurableReceipt, without which no answer is written.
 * Refuses to give one where anything is in doubt: the answer is then withheld.
 */

import { type GroupCommitSettings, openGroupCommit } from './group-commit.ts'
import type { AccessRecord } from './ledger-event.ts'
import { type SealedRecord, seal } from './seal.ts'

const mint = Symbol('minted by append.ts')

/** Exported as a type only: nothing outside this file can make one. */
class Receipt {
  readonly eventId: string
  /** when the access was made, ISO 8601 UTC */
  readonly time: string
  readonly #minted = true

  constructor(key: typeof mint, record: SealedRecord) {
    if (key !== mint) throw new Error('a receipt is made by appending to the ledger, and in no other way')
    this.eventId = record.eventId
    this.time = record.time
    Object.freeze(this)
  }

  static isMinted(value: object): value is Receipt {
    return #minted in value && value.#minted
  }
}

/** Proof that an access is durable. The writer of answers takes one. */
export type DurableReceipt = Receipt

export const isDurableReceipt = (value: unknown): value is DurableReceipt =>
  typeof value === 'object' && value !== null && Receipt.isMinted(value)

export interface Ledger {
  /**
   * @param grounds encrypted: as durable as the record, and never relayed
   * @throws Refusal LEDGER_UNAVAILABLE, LEDGER_DEADLINE or LEDGER_BUSY: answer 503 and show nothing. The ledger may
   *   hold the record even so: it can tell of more than was shown, never of less.
   * @throws a fault where the record does not fit its schema: show nothing
   */
  append(record: AccessRecord, grounds?: Buffer | null): Promise<DurableReceipt>
  /** waits for what is under way; later appends are refused */
  close(): Promise<void>
}

/** @throws Refusal LEDGER_NOT_DURABLE where the database could forget what it confirmed */
export async function openLedger(settings: GroupCommitSettings): Promise<Ledger> {
  const group = await openGroupCommit(settings)
  return {
    async append(record, grounds = null) {
      const sealed = seal(record, grounds)
      await group.commit(sealed)
      return new Receipt(mint, sealed)
    },
    close: () => group.close(),
  }
}
