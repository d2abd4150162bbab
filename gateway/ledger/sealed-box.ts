/**
 * Encrypts what must rest for a while and be read by few: grounds of decisions, reasons of emergencies, numbers under
 * review. Refuses a weak key, and anything that was altered or sealed for another use.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { refuseWeakKey } from './keyed-hash.ts'

export type BoxUse = 'grounds' | 'emergency-reason' | 'review'

export interface SealedBox {
  seal(plain: Buffer): Buffer
  /** @throws a fault where the bytes were altered, or sealed under another key or use */
  open(sealed: Buffer): Buffer
}

const CIPHER = 'aes-256-gcm'
const NONCE = 12 // bytes; NIST SP 800-38D, 8.2: a random 96-bit nonce is safe for 2^32 messages under one key
const TAG = 16 // bytes
const VERSION = Buffer.from([1])

/** @param key the gateway's own secret; each use has a key of its own, derived from it (RFC 5869) */
export function sealedBox(key: Buffer, use: BoxUse): SealedBox {
  refuseWeakKey(key)
  const own = Buffer.from(hkdfSync('sha256', key, '', `sightline-box-${use}`, 32))
  return {
    seal(plain) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv(CIPHER, own, nonce).setAAD(VERSION)
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
      return Buffer.concat([VERSION, nonce, cipher.getAuthTag(), sealed])
    },
    open(sealed) {
      if (sealed[0] !== VERSION[0] || sealed.length < 1 + NONCE + TAG)
        throw new Error('a sealed box cannot be opened: it was cut or is of another version')
      const nonce = sealed.subarray(1, 1 + NONCE)
      const tag = sealed.subarray(1 + NONCE, 1 + NONCE + TAG)
      const decipher = createDecipheriv(CIPHER, own, nonce).setAAD(VERSION).setAuthTag(tag)
      return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE + TAG)), decipher.final()])
    },
  }
}
