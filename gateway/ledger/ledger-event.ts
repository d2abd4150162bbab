/**
 * One event of the ledger: what CloudEvents 1.0 asks for around it, and what the data of every event holds. Ids, nonces
 * and trace ids are drawn here, and tell nothing.
 */
import { randomUUID } from 'node:crypto'
import { holdsNhsNumber } from './nhs-number-scan.ts'
import type { Pseudonym } from './pseudonym.ts'

export interface Subject {
  readonly pid: Pseudonym
  readonly relation: 'child' | 'sibling' | 'adult' | 'other'
}

export interface RecorderSettings {
  /** CloudEvents source: which partnership's gateway, such as `urn:sightline:northshire` */
  readonly source: string
  readonly node: string
  readonly build: string
}

export type EventKind = 'requested' | 'released' | 'denied' | 'failed' | 'completed' | 'erased'

/** The shape that access-record.schema.json demands. */
export interface AccessRecord {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: `sightline.access.${EventKind}.v1`
  readonly time: string
  readonly datacontenttype: 'application/json'
  readonly dataschema: typeof DATA_SCHEMA
  readonly partitionkey: string
  readonly traceparent: string
  readonly data: Readonly<Record<string, unknown>>
}

export const DATA_SCHEMA = 'urn:sightline:schema:access-record:1'
/** Where no child was named, the accesses of such questions share one key. */
export const NO_CHILD = 'no-child'

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/ // W3C Trace Context, version 00

/** Any UUID in small letters: ids of before were of another version. */
export const EVENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Drawn once: the ids of one gateway's run stand side by side in the store's index. */
const RUN = randomHex().slice(0, 7)
let drawn = 0

/**
 * UUID version 8 (RFC 9562, section 5.8): 28 bits of this gateway's run, 32 that count, 62 random ones. Ids that grow are
 * stored one beside the other, where random ones would each touch another page of the index. They do not grow with
 * time, as version 7 does: ids are published with the log, and when an access was made is nobody's business outside.
 */
export function newEventId(): string {
  drawn = (drawn + 1) % 2 ** 32
  const count = drawn.toString(16).padStart(8, '0')
  return `${RUN}${count.slice(0, 1)}-${count.slice(1, 5)}-8${count.slice(5)}${randomUUID().slice(18)}`
}

export interface EventInput {
  readonly id: string
  readonly kind: EventKind
  readonly at: Date
  /** the caller's; replaced by a new one where it is malformed or hides a number */
  readonly traceparent: string | null
  /** the child first */
  readonly subjects: readonly Subject[]
}

/** What an event tells, beside what every event does; the schema says which kind tells what. */
export interface EventTold {
  readonly access?: string
  readonly actor?: object
  readonly asked?: readonly object[] | undefined
  readonly basis?: object | null
  readonly decision?: object
  readonly delivery?: object
  readonly disclosure?: object | undefined
  readonly emergency?: object | null
  readonly erasure?: object
  readonly operation?: object
  readonly purpose?: object | null
  readonly threshold?: string | null
}

/** Names stand in the order in which canonical JSON writes them, which spares it a sorting. */
export const ledgerEvent = (
  { source, node, build }: RecorderSettings,
  { id, kind, at, traceparent, subjects }: EventInput,
  told: EventTold,
): AccessRecord => ({
  data: {
    access: told.access,
    actor: told.actor,
    asked: told.asked,
    basis: told.basis,
    decision: told.decision,
    delivery: told.delivery,
    disclosure: told.disclosure,
    emergency: told.emergency,
    erasure: told.erasure,
    gateway: { build, node },
    nonce: Buffer.from(randomHex(), 'hex').toString('base64url'),
    operation: told.operation,
    purpose: told.purpose,
    subjects,
    threshold: told.threshold,
  },
  datacontenttype: 'application/json',
  dataschema: DATA_SCHEMA,
  id,
  partitionkey: subjects.find(({ relation }) => relation === 'child')?.pid ?? NO_CHILD,
  source,
  specversion: '1.0',
  time: at.toISOString(),
  traceparent: traceparentFrom(traceparent),
  type: `sightline.access.${kind}.v1`,
})

/** @returns 32 hexadecimal digits, of which 122 bits are random; Node draws them by the hundred, ahead of need */
function randomHex(): string {
  return randomUUID().replaceAll('-', '')
}

/**
 * A caller could hide a number in a trace id, so only a harmless one is carried on; otherwise a new one is drawn. Also
 * for the calls to custodians, so that their logs and the record agree.
 */
export function traceparentFrom(given: string | null): string {
  if (given !== null && TRACEPARENT.test(given) && !holdsNhsNumber(given)) return given
  for (;;) {
    const drawn = `00-${randomHex()}-${randomHex().slice(16)}-01`
    if (!holdsNhsNumber(drawn)) return drawn // hexadecimal digits can look like one by chance
  }
}
