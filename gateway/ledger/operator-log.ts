/** Where a part of the ledger says what a person who runs it should know. Never a child, a case or a practitioner. */
export interface OperatorLog {
  info(about: object, words: string): void
  warn(about: object, words: string): void
  error(about: object, words: string): void
}
