/**
 * Turns an access record into the exact bytes that are stored, hashed and relayed (RFC 8785). Refuses a record that
 * does not fit access-record.schema.json or holds what could be an NHS number: that is a fault, and nothing leaves.
 */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { canonicalJson } from '../canonical-json.ts'
import type { AccessRecord } from './ledger-event.ts'
import { holdsNhsNumber } from './nhs-number-scan.ts'

export interface SealedRecord {
  readonly eventId: string
  /** ISO 8601, UTC */
  readonly time: string
  readonly partitionKey: string
  readonly bytes: Buffer
  /** encrypted grounds of the decision; stored with the record, never relayed */
  readonly grounds: Buffer | null
}

/** Bytes. Kafka's own limit for a batch is 1,048,588 (`max.message.bytes`); the rest is for its envelope. */
export const LARGEST_RECORD = 1_000_000

const schema: object = JSON.parse(
  readFileSync(new URL('./access-record.schema.json', import.meta.url), 'utf8'),
)
const fits = new Ajv2020({ allowUnionTypes: true, strictTypes: false }).compile(schema)

/**
 * Places that hold a hash or random bits, as the schema makes sure. By chance ten of their characters in a row may be
 * digits, which says nothing about a child.
 */
const RANDOM_PLACES = new Set(
  'id access partitionkey nonce pid caseRef documentHash variablesMac recordIds bodyMac reasonMac openedBy'.split(
    ' ',
  ),
)
const HASH = /^hmac:[A-Za-z0-9_-]{43}$|^(sha256[:-])?[0-9a-f]{40}([0-9a-f]{24})?$/

/** @throws a fault that names the place in the record, never what stands there */
export function seal(record: AccessRecord, grounds: Buffer | null = null): SealedRecord {
  if (!fits(record)) {
    const [first] = fits.errors ?? []
    throw new Error(`access record does not fit its schema at \`${first?.instancePath}\`: ${first?.keyword}`)
  }
  const suspect = firstNhsNumber(record, '')
  if (suspect !== null) throw new Error(`access record holds what could be an NHS number at \`${suspect}\``)
  const bytes = Buffer.from(canonicalJson(record), 'utf8')
  if (bytes.length > LARGEST_RECORD)
    throw new Error(
      `access record of ${bytes.length} bytes is larger than the log carries (${LARGEST_RECORD})`,
    )
  return { eventId: record.id, time: record.time, partitionKey: record.partitionkey, bytes, grounds }
}

function firstNhsNumber(value: unknown, path: string): string | null {
  if (typeof value === 'string') return !holdsNhsNumber(value) || HASH.test(value) ? null : path
  if (typeof value !== 'object' || value === null) return null
  for (const name in value) {
    const inner: unknown = value[name as keyof typeof value]
    // the path is written only where something is found
    if (typeof inner === 'string' ? !holdsNhsNumber(inner) : typeof inner !== 'object') continue
    if (RANDOM_PLACES.has(name)) continue
    const found = firstNhsNumber(inner, `${path}/${name}`)
    if (found !== null) return found
  }
  return null
}
