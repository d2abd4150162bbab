/**
 * The record of one access: who asked about which child, why, on what basis, what was decided and what left. Holds
 * codes, field paths, counts and opaque ids; a caller's own words are kept only where they are known words, and
 * otherwise as a keyed hash or not at all.
 */
import type { AnswerState } from '../../schema/answer-state.ts'
import { canonicalJson } from '../canonical-json.ts'
import { keyedText, refuseWeakKey } from './keyed-hash.ts'
import {
  type AccessRecord,
  ledgerEvent,
  newEventId,
  type RecorderSettings,
  type Subject,
} from './ledger-event.ts'
import { holdsNhsNumber } from './nhs-number-scan.ts'
import type { Processing } from './processing.ts'
import type { OpaqueRecordId } from './pseudonym.ts'

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

export interface AccessRecorderSettings extends RecorderSettings {
  readonly key: Buffer
  /** read for every record: a change of policies may bring new ones */
  readonly known: () => KnownWords
}

/** Stands where a caller's word is none of the known ones. */
export const UNRECOGNISED = 'UNRECOGNISED'

const EFFECTS = { requested: 'permit', released: 'permit', denied: 'deny', failed: 'fault' } as const
const PLAIN_CLAIM = /^[A-Za-z0-9][A-Za-z0-9._:/@|+-]{0,127}$/

/**
 * Names within the record stand in the order in which canonical JSON writes them, which spares it a sorting.
 * @returns a function that writes the record of one access; it is checked in full when it is appended
 */
export function accessRecorder(settings: AccessRecorderSettings): (input: AccessInput) => AccessRecord {
  const { key } = settings
  refuseWeakKey(key)
  const recognised = (words: Words, word: string) => (words.has(word) ? word : UNRECOGNISED)
  const claim = (value: string) =>
    PLAIN_CLAIM.test(value) && !holdsNhsNumber(value) ? value : `hmac:${keyedText(key, 'claim', value)}`
  const claimOrNull = (value: string | null) => (value === null ? null : claim(value))

  return (input) => {
    const access = input.eventId ?? newEventId()
    const { at, traceparent, subjects, outcome, actor, purpose, basis, operation } = input
    // of the others the id is the receipt
    const id = outcome.kind === 'requested' ? newEventId() : access
    const known = settings.known()
    return ledgerEvent(
      settings,
      { id, kind: outcome.kind, at, traceparent, subjects },
      {
        access,
        actor: actor
          ? {
              agency: claimOrNull(actor.agency),
              authn: {
                acr: claimOrNull(actor.authn.acr),
                at: actor.authn.at?.toISOString() ?? null,
                jti: claimOrNull(actor.authn.jti),
              },
              issuer: actor.issuer,
              kind: 'practitioner',
              role: claimOrNull(actor.role),
              subject: claim(actor.subject),
            }
          : { kind: 'not-established' },
        purpose: purpose && {
          caseRef: purpose.caseReference === null ? null : keyedText(key, 'case', purpose.caseReference),
          code: recognised(known.purposes, purpose.code),
        },
        threshold: input.threshold === null ? null : recognised(known.thresholds, input.threshold),
        emergency: input.emergency && {
          openedBy: input.emergency.openedBy,
          reasonMac: keyedText(key, 'emergency', id, input.emergency.reason),
        },
        basis: basis && {
          agreements: basis.agreements,
          article6: recognised(known.lawfulBases, basis.article6),
          condition: recognised(known.lawfulBases, basis.condition),
          function: recognised(known.lawfulBases, basis.function),
        },
        operation: {
          documentHash:
            operation.document === null
              ? null
              : // keyed: a document may name a child in its text, and ten digits are soon tried
                keyedText(key, 'document', operation.document),
          kind: operation.kind,
          name: operation.name === null ? null : recognised(known.operations, operation.name),
          // under the record's own id: two questions about one child cannot be told from it
          variablesMac: keyedText(key, 'variables', id, canonicalJson(operation.variables ?? null)),
        },
        decision: {
          bundle: input.decision.bundle,
          effect: EFFECTS[outcome.kind],
          policies: input.decision.policies,
          refusal: 'refusal' in outcome ? outcome.refusal : null,
        },
        asked: outcome.kind === 'requested' ? outcome.asked.map(askedIn) : undefined,
        disclosure:
          outcome.kind === 'requested' ? undefined : disclosureIn(key, id, outcome, input.disclosure),
      },
    )
  }
}

const askedIn = ({ agency, agreement, custodian, processing, recordTypes }: AskedSource) => ({
  agency,
  agreement,
  custodian,
  processing,
  recordTypes,
})

function disclosureIn(
  key: Buffer,
  id: string,
  outcome: Outcome,
  { sources, released, withheld }: AccessInput['disclosure'],
) {
  const body = outcome.kind === 'released' ? outcome.body : null
  return {
    bodyMac: body === null ? null : keyedText(key, 'body', id, body),
    bytes: body === null ? 0 : Buffer.byteLength(body),
    released,
    sources: sources.map(({ agency, agreement, custodian, processing, recordIds, recordTypes, state }) => ({
      agency,
      agreement,
      custodian,
      n: recordIds.length,
      processing,
      recordIds,
      recordTypes,
      state,
    })),
    withheld: withheld.map(({ n, reason, rule }) => ({ n, reason, rule })),
  }
}
