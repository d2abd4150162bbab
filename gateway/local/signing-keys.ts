/** Makes ES256 keys on this machine and keeps them in a file that only its owner can read. None is in the repository. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'

export interface SigningKey extends JWK {
  kid: string
}

/** @returns a private key as a JWK, named by its thumbprint (RFC 7638) */
export async function newSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(jwk) }
}

export function publicPart({ kty, crv, x, y, alg, use, kid }: SigningKey): SigningKey {
  return JSON.parse(JSON.stringify({ kty, crv, x, y, alg, use, kid }))
}

/** @returns newest first; one new key where the file is missing */
export async function signingKeysIn(file: string): Promise<SigningKey[]> {
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (kept !== undefined) return JSON.parse(kept)
  const keys = [await newSigningKey()]
  await keepSigningKeys(file, keys)
  return keys
}

export async function keepSigningKeys(file: string, keys: readonly SigningKey[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, JSON.stringify(keys), { mode: 0o600 })
  await rename(`${file}.new`, file)
}
