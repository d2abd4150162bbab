/**
 * What can be wrong with the ledger itself so that a person must come. Each kind has its section in the runbook
 * (README.md beside this file), which says what happened, whom it touches and what to do; a test holds that.
 */
export const ledgerAlertKinds = {
  LEDGER_ROLLED_BACK: 'the ledger holds fewer accesses than were signed: an older backup was restored',
  LEDGER_ALTERED: 'the accesses in the ledger do not lead to what was signed over them',
  CHECKPOINT_NOT_KEPT: 'the last checkpoint cannot be kept outside the database: nothing is signed',
  WITNESS_REFUSED: 'a witness says that this log was cut or rewritten',
  KAFKA_RECORD_REFUSED: 'Kafka refuses an access: its partition is stopped, nothing is skipped',
  KAFKA_LOST_ACCESSES: 'Kafka lost accesses that it had acknowledged: they are sent again',
  KAFKA_TOPIC_MADE_ANEW: 'a topic was made anew while accesses were under way: nothing is sent to it',
  KAFKA_TOPIC_FOREIGN: 'a topic holds accesses that this ledger does not hold: nothing is sent to it',
  KAFKA_TOPIC_UNFIT: 'a topic is not set as a ledger needs it: nothing is sent to it',
  READER_STOPPED: 'the reader cannot read a record: its partition is stopped, nothing is skipped',
} as const

export type LedgerAlertKind = keyof typeof ledgerAlertKinds

export const isLedgerAlertKind = (code: string): code is LedgerAlertKind =>
  Object.hasOwn(ledgerAlertKinds, code)

export const runbookOf = (kind: LedgerAlertKind): string => `gateway/ledger/README.md#${kind.toLowerCase()}`

/** What stands, and where. Holds names of topics and witnesses, places in the log and counts; nothing of an access. */
export interface LedgerFault {
  readonly kind: LedgerAlertKind
  /** what is mended together: a topic, the witnesses, the ledger */
  readonly scope: string
  /** one of several in the scope (default: the scope itself) */
  readonly place?: string
  readonly about?: Readonly<Record<string, string | number>>
}

/** What the parts of the ledger need of `openLedgerAlerts`. */
export interface FaultReports {
  /** Returns at once. Raising what stands already tells nobody again. */
  raise(fault: LedgerFault): void
  /** Returns at once. Nothing of this kind stands in the scope any more, but for these places. */
  mended(kind: LedgerAlertKind, scope: string, except?: readonly string[]): void
}
