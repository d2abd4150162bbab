/**
 * Settings of a custodian that do not belong in its file: addresses and secrets stand there as `${NAME}` and come
 * from the environment. Refuses a secret that is written out, and an address that would send data in clear.
 */
import { z } from 'zod'

/** An example beats a pattern in the words that the reader gets. */
export const secret = z.string().regex(/^\$\{[A-Z][A-Z0-9_]*\}$/, {
  error: `never write a secret here; write \`\${A_NAME}\` and set A_NAME in the environment`,
})

export const address = z.string().regex(/^\$\{[A-Z][A-Z0-9_]*\}[\w\-./~]*$/, {
  error: `write the address as \`\${A_NAME}\`, with a path behind it where needed, and set A_NAME in the environment`,
})

/** Neither secret nor an address: may be written out or taken from the environment. */
export const setting = z.string().min(1)

const REFERENCE = /\$\{([A-Z][A-Z0-9_]*)\}/g

/** @returns the same shape with every `${NAME}` filled in, and the names that the environment does not hold */
export function fillIn<T>(
  shape: T,
  env: Readonly<Record<string, string | undefined>>,
): { readonly filled: T; readonly missing: readonly string[] } {
  const missing = new Set<string>()
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value.replaceAll(REFERENCE, (_, name: string) => {
        const found = env[name] ?? ''
        if (found === '') missing.add(name)
        return found
      })
    if (Array.isArray(value)) return value.map(fill)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each)]))
    return value
  }
  return { filled: fill(shape) as T, missing: [...missing] }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** @returns what is wrong with an address over which children's data would travel, or null */
export function addressFault(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'is not an https address'
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password'
  if (url.search !== '' || url.hash !== '') return 'must end before `?` and `#`'
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname))
    return 'must begin with https:// (http:// is for this machine)'
  return null
}

/** What libpq calls these keeps others from reading along; `prefer` and its like do not. */
const SAFE_MODES = ['require', 'verify-ca', 'verify-full']

/** @returns what is wrong with the address of a database, or null */
export function databaseFault(text: string, withTls: boolean): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) return 'is not a postgres:// address'
  const isHere = ['', ...LOOPBACK].includes(url.hostname)
  if (!isHere && !withTls && !SAFE_MODES.includes(url.searchParams.get('sslmode') ?? ''))
    return 'must end in `?sslmode=verify-full`, or the file must have `connection.tls`'
  return null
}
