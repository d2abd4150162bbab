/** Names as they are compared. */

/** The words of a name without case, accents and punctuation: `Zoë Okafor-Reid` is `zoe`, `okafor`, `reid`. */
export const nameWords = (name: string): string[] =>
  name
    .normalize('NFKD')
    .replaceAll(/[\p{M}'’.]/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
