/**
 * The record of one access: who asked about which child, why, on what basis, what was decided and what left. Holds
 * codes, field paths, counts and opaque ids; a caller's own words are kept only where they are known words, and
 * otherwise as a keyed hash or not at all.
 */
import { randomUUID } from 'node:crypto'
import type { AnswerState } from '../../schema/answer-state.ts'
import { canonicalJson } from '../canonical-json.ts'
import { keyedText, refuseWeakKey } from './keyed-hash.ts'
import { holdsNhsNumber } from './nhs-number-scan.ts'
import type { Processing } from './processing.ts'
import type { OpaqueRecordId, Pseudonym } from './pseudonym.ts'

/**
 * What happened. `requested` is written while custodians are asked, one of the others before anything leaves. Only a
 * released answer has a body; a denied or failed one shows no record.
 */
export type Outcome =
  | { readonly kind: 'requested'; readonly asked: readonly AskedSource[] }
  | { readonly kind: 'released'; readonly body: string | Uint8Array }
  | { readonly kind: 'denied' | 'failed'; readonly refusal: string }

/** From a token whose signature was checked. Where none was, the access is recorded with `actor: null`. */
export interface Actor {
  readonly subject: string
  readonly issuer: string
  readonly agency: string | null
  readonly role: string | null
  readonly authn: { readonly acr: string | null; readonly jti: string | null; readonly at: Date | null }
}

export interface Subject {
  readonly pid: Pseudonym
  readonly relation: 'child' | 'sibling' | 'adult' | 'other'
}

export interface AskedSource {
  readonly custodian: string
  readonly agency: string
  /** asked for, as policies name them: `police.crime` */
  readonly recordTypes: readonly string[]
  /** id of the agreement that covers the asking; null among colleagues of one agency */
  readonly agreement?: string | null
  /** for police data alone */
  readonly processing?: readonly Processing[]
}

export interface Source extends AskedSource {
  readonly state: AnswerState
  /** of the records shown, never of a hidden one */
  readonly recordIds: readonly OpaqueRecordId[]
}

export interface Withheld {
  /** the policy that withheld */
  readonly rule: string
  /** its reason class, a code of policies/reasons.yaml */
  readonly reason: string
  readonly n: number
}

export interface AccessInput {
  readonly outcome: Outcome
  /** the receipt, from `newEventId`, where the body names it; drawn here where null */
  readonly eventId: string | null
  readonly at: Date
  /** the caller's; replaced by a new one where it is malformed or hides a number */
  readonly traceparent: string | null
  readonly actor: Actor | null
  /** the child first */
  readonly subjects: readonly Subject[]
  readonly purpose: { readonly code: string; readonly caseReference: string | null } | null
  readonly threshold: string | null
  /** emergency access: the access that opened it, and why in the practitioner's own words */
  readonly emergency: { readonly openedBy: string; readonly reason: string } | null
  readonly basis: {
    readonly article6: string
    readonly condition: string
    readonly function: string
    readonly agreements: readonly string[]
  } | null
  readonly operation: {
    readonly kind: 'query' | 'mutation' | 'export' | 'import' | 'unknown'
    readonly name: string | null
    readonly document: string | null
    /** anything JSON can hold */
    readonly variables: unknown
  }
  readonly decision: { readonly bundle: string | null; readonly policies: readonly string[] }
  readonly disclosure: {
    readonly sources: readonly Source[]
    /** paths in the schema's own names, never a caller's aliases */
    readonly released: readonly string[]
    readonly withheld: readonly Withheld[]
  }
}

/** The words that a caller may choose from. What is not among them is the caller's own text and is not kept. */
export interface KnownWords {
  readonly purposes: Words
  readonly thresholds: Words
  /** article 6, article 9 or 10 and function codes of policies/lawful-bases.yaml */
  readonly lawfulBases: Words
  /** names of the gateway's own GraphQL operations */
  readonly operations: Words
}

/** A set, or whatever the words are the keys of. */
export interface Words {
  has(word: string): boolean
}

export interface RecorderSettings {
  /** CloudEvents source: which partnership's gateway, such as `urn:sightline:northshire` */
  readonly source: string
  readonly node: string
  readonly build: string
}

export interface AccessRecorderSettings extends RecorderSettings {
  readonly key: Buffer
  /** read for every record: a change of policies may bring new ones */
  readonly known: () => KnownWords
}

export type EventKind = Outcome['kind'] | 'completed' | 'erased'

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
/** Stands where a caller's word is none of the known ones. */
export const UNRECOGNISED = 'UNRECOGNISED'
/** Where no child was named, the accesses of such questions share one key. */
export const NO_CHILD = 'no-child'

const EFFECTS = { requested: 'permit', released: 'permit', denied: 'deny', failed: 'fault' } as const
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/ // W3C Trace Context, version 00
const PLAIN_CLAIM = /^[A-Za-z0-9][A-Za-z0-9._:/@|+-]{0,127}$/

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

/** @returns a function that writes the record of one access; it is checked in full when it is appended */
export function accessRecorder(settings: AccessRecorderSettings): (input: AccessInput) => AccessRecord {
  const { key } = settings
  refuseWeakKey(key)
  const recognised = (words: Words, word: string) => (words.has(word) ? word : UNRECOGNISED)
  const claim = (value: string) =>
    PLAIN_CLAIM.test(value) && !holdsNhsNumber(value) ? value : `hmac:${keyedText(key, 'claim', value)}`
  const claimOrNull = (value: string | null) => (value === null ? null : claim(value))

  return (input) => {
    const access = input.eventId ?? newEventId()
    const { outcome, actor, purpose, basis, operation } = input
    // of the others the id is the receipt
    const id = outcome.kind === 'requested' ? newEventId() : access
    const known = settings.known()
    return {
      ...envelope(settings, { ...input, id, kind: outcome.kind }),
      data: {
        ...core(settings, input.subjects),
        access,
        actor: actor
          ? {
              kind: 'practitioner',
              subject: claim(actor.subject),
              issuer: actor.issuer,
              agency: claimOrNull(actor.agency),
              role: claimOrNull(actor.role),
              authn: {
                acr: claimOrNull(actor.authn.acr),
                jti: claimOrNull(actor.authn.jti),
                at: actor.authn.at?.toISOString() ?? null,
              },
            }
          : { kind: 'not-established' },
        purpose: purpose && {
          code: recognised(known.purposes, purpose.code),
          caseRef: purpose.caseReference === null ? null : keyedText(key, 'case', purpose.caseReference),
        },
        threshold: input.threshold === null ? null : recognised(known.thresholds, input.threshold),
        emergency: input.emergency && {
          openedBy: input.emergency.openedBy,
          reasonMac: keyedText(key, 'emergency', id, input.emergency.reason),
        },
        basis: basis && {
          article6: recognised(known.lawfulBases, basis.article6),
          condition: recognised(known.lawfulBases, basis.condition),
          function: recognised(known.lawfulBases, basis.function),
          agreements: basis.agreements,
        },
        operation: {
          kind: operation.kind,
          name: operation.name === null ? null : recognised(known.operations, operation.name),
          documentHash:
            operation.document === null
              ? null
              : // keyed: a document may name a child in its text, and ten digits are soon tried
                keyedText(key, 'document', operation.document),
          // under the record's own id: two questions about one child cannot be told from it
          variablesMac: keyedText(key, 'variables', id, canonicalJson(operation.variables ?? null)),
        },
        decision: {
          effect: EFFECTS[outcome.kind],
          refusal: 'refusal' in outcome ? outcome.refusal : null,
          ...input.decision,
        },
        ...(outcome.kind === 'requested'
          ? { asked: outcome.asked }
          : { disclosure: disclosureIn(key, id, outcome, input.disclosure) }),
      },
    }
  }
}

function disclosureIn(
  key: Buffer,
  id: string,
  outcome: Outcome,
  { sources, released, withheld }: AccessInput['disclosure'],
) {
  const body = outcome.kind === 'released' ? outcome.body : null
  return {
    sources: sources.map((source) => ({ ...source, n: source.recordIds.length })),
    released,
    withheld,
    bodyMac: body === null ? null : keyedText(key, 'body', id, body),
    bytes: body === null ? 0 : Buffer.byteLength(body),
  }
}

export interface EnvelopeInput {
  readonly id: string
  readonly kind: EventKind
  readonly at: Date
  readonly traceparent: string | null
  /** the child first */
  readonly subjects: readonly Subject[]
}

/** What CloudEvents asks for around the data of any event of the ledger. */
export function envelope(
  { source }: RecorderSettings,
  { id, kind, at, traceparent, subjects }: EnvelopeInput,
): Omit<AccessRecord, 'data'> {
  return {
    specversion: '1.0',
    id,
    source,
    type: `sightline.access.${kind}.v1`,
    time: at.toISOString(),
    datacontenttype: 'application/json',
    dataschema: DATA_SCHEMA,
    partitionkey: subjects.find(({ relation }) => relation === 'child')?.pid ?? NO_CHILD,
    traceparent: traceparentFrom(traceparent),
  }
}

/** What the data of every event holds. */
export const core = ({ node, build }: RecorderSettings, subjects: readonly Subject[]) => ({
  nonce: Buffer.from(randomHex(), 'hex').toString('base64url'),
  subjects,
  gateway: { node, build },
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
