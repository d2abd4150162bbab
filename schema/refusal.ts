/**
 * A refusal is expected: it carries a stable code and words that may be shown to the person who asked.
 * Anything else that is thrown is a fault: it is logged with an id and masked.
 */
export class Refusal extends Error {
  readonly code: string

  /**
   * @param code stable, upper case with underscores; part of the public contract
   * @param words lower case, in the reader's words, with what to do next; never a child's details
   */
  constructor(code: string, words: string) {
    super(words)
    this.name = 'Refusal'
    this.code = code
  }
}
