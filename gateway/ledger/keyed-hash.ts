/**
 * Hashes what could be guessed (an NHS number, a case reference) under a secret key, so that nobody without the key
 * can try all ten-digit numbers against the ledger. Refuses a key shorter than 256 bits.
 */
import { createHmac, type Hmac } from 'node:crypto'

/** What a hash is for. Two uses of the same value never give the same hash. */
export type HashUse = 'child' | 'record' | 'case' | 'claim' | 'variables' | 'body' | 'document' | 'emergency'

/** Bytes; NIST SP 800-107r1 section 5.3.4: as strong as the hash itself. */
const SHORTEST_KEY = 32

/** @throws when the key is too short to protect what it hides */
export function refuseWeakKey(key: Buffer): void {
  if (key.length < SHORTEST_KEY)
    throw new Error(`the ledger key must hold at least ${SHORTEST_KEY} random bytes`)
}

/** HMAC-SHA-256 over use and parts. Each part is preceded by its length, so that `ab, c` is not `a, bc`. */
export const keyedHash = (key: Buffer, use: HashUse, ...parts: readonly (string | Uint8Array)[]): Buffer =>
  hmacOf(key, use, parts).digest()

/** The same as text for a record: base64url, 43 characters. */
export const keyedText = (key: Buffer, use: HashUse, ...parts: readonly (string | Uint8Array)[]): string =>
  hmacOf(key, use, parts).digest('base64url')

function hmacOf(key: Buffer, use: HashUse, parts: readonly (string | Uint8Array)[]): Hmac {
  const hmac = createHmac('sha256', key)
  let text = `sightline-${use}\n`
  for (const part of parts) {
    text += `${Buffer.byteLength(part)}:`
    if (typeof part === 'string') {
      text += part
    } else {
      hmac.update(text).update(part)
      text = ''
    }
  }
  return text === '' ? hmac : hmac.update(text)
}
