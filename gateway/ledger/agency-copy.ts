/**
 * What an agency's own topic holds of an access that concerned it: its custodian was asked, or its person asked. Pure.
 * Refuses to repeat what any other agency was asked, holds or withheld: an agency knows from its own log which child an
 * access is about, so that a whole record would tell it what the others know of her. The hash of the whole record
 * goes with the copy, so that the agency can check it against the signed log without reading it.
 */
import { canonicalJson } from '../canonical-json.ts'
import type { AskedSource } from './access-record.ts'
import { agencyErasure, type HeldCopies, type RecordedErasure } from './agency-erasure.ts'
import type { AccessRecord, EventKind } from './ledger-event.ts'
import type { Processing } from './processing.ts'
import { sha256 } from './tree/merkle.ts'

export const COPY_SCHEMA = 'urn:sightline:schema:agency-copy:1'

interface SourceOnRecord extends AskedSource {
  readonly state?: string
  readonly n?: number
  readonly recordIds?: readonly string[]
}

/** As far as a copy is made from it; records of before may lack what is optional. */
interface Recorded extends Omit<AccessRecord, 'data' | 'dataschema'> {
  readonly data: {
    readonly access?: string
    readonly actor: { readonly kind: string; readonly agency?: string | null }
    readonly subjects: readonly object[]
    readonly purpose: object | null
    readonly threshold: string | null
    readonly emergency?: object | null
    readonly basis: { readonly agreements: readonly string[] } | null
    readonly operation: { readonly kind: string; readonly name: string | null }
    readonly decision: {
      readonly effect: string
      readonly refusal: string | null
      readonly bundle: string | null
    }
    readonly asked?: readonly AskedSource[]
    readonly disclosure?: { readonly sources: readonly SourceOnRecord[] }
    readonly erasure?: RecordedErasure['data']['erasure']
    readonly gateway: object
  }
}

/**
 * How large an answer was, and whether it came to its end, is about all agencies together, so that `completed` is in
 * no agency's topic.
 */
const COPIED: readonly EventKind[] = ['requested', 'released', 'denied', 'failed']

const sourcesOf = ({ asked, disclosure }: Recorded['data']): readonly SourceOnRecord[] =>
  asked ?? disclosure?.sources ?? []

const wasAsked = ({ recordTypes }: SourceOnRecord) => recordTypes.length > 0

/** That it was combined tells that another agency showed something. */
const ofItself = (processing: readonly Processing[]) => processing.filter((each) => each !== 'combination')

function copySource({ custodian, state, recordTypes, recordIds, n, agreement, processing }: SourceOnRecord) {
  return {
    agreement,
    custodian,
    n,
    processing: processing && ofItself(processing),
    recordIds,
    recordTypes,
    state,
  }
}

export type AgencyCopy = Omit<AccessRecord, 'dataschema'> & { readonly dataschema: typeof COPY_SCHEMA }

interface Whole {
  readonly record: Recorded
  readonly sha256: string
}

/** Several agencies take their copies of the same record: it is read and hashed once. */
const read = new WeakMap<Buffer, Whole>()

function wholeOf(bytes: Buffer): Whole {
  const known = read.get(bytes)
  if (known) return known
  const record = JSON.parse(bytes.toString('utf8')) as Recorded
  const whole = { record, sha256: sha256(bytes).toString('hex') }
  read.set(bytes, whole)
  return whole
}

/**
 * Names stand in the order in which canonical JSON writes them, which spares it a sorting.
 * @returns what the agency may hold of the record; null where the access did not concern it
 */
function agencyCopy({ record, sha256 }: Whole, agency: string): AgencyCopy | null {
  const { data, ...event } = record
  if (!COPIED.some((kind) => record.type === `sightline.access.${kind}.v1`)) return null
  const own = sourcesOf(data).filter((source) => source.agency === agency)
  const asks = data.actor.agency === agency
  if (!asks && !own.some(wasAsked)) return null
  const { actor, subjects, purpose, threshold, emergency = null, basis, operation, decision, gateway } = data
  const sources = own.filter(wasAsked).map(copySource)
  return {
    data: {
      access: data.access ?? event.id,
      actor,
      agency,
      // which agreements were relied on tells who else was asked
      basis: basis && { ...basis, agreements: sources.flatMap((source) => source.agreement ?? []) },
      // the policies that decided tell what was met in others' records
      decision: { bundle: decision.bundle, effect: decision.effect, refusal: decision.refusal },
      emergency,
      gateway,
      operation: { kind: operation.kind, name: operation.name },
      part: { asked: own.some(wasAsked), asks },
      purpose,
      sources,
      subjects,
      threshold,
      whole: { sha256 },
    },
    ...event,
    dataschema: COPY_SCHEMA,
  }
}

/** What each agency's topic was given, or still is to be given, of these stored records. */
export function heldCopies(stored: readonly Buffer[]): HeldCopies[] {
  const copies = new Map<string, number>()
  for (const bytes of stored) {
    const whole = wholeOf(bytes)
    const { data } = whole.record
    for (const agency of new Set([data.actor?.agency, ...sourcesOf(data).map((source) => source.agency)]))
      if (agency && agencyCopy(whole, agency)) copies.set(agency, (copies.get(agency) ?? 0) + 1)
  }
  return [...copies]
    .map(([agency, n]) => ({ agency, copies: n }))
    .sort((a, b) => (a.agency < b.agency ? -1 : 1))
}

/**
 * @returns the canonical bytes of what the agency's topic holds of the stored record: a copy, or that a child was erased;
 *   null where it does not concern the agency
 */
export function agencyCopyBytes(bytes: Buffer, agency: string): Buffer | null {
  if (!bytes.includes(`"agency":"${agency}"`)) return null // canonical JSON: it is written in no other way
  const whole = wholeOf(bytes)
  const { record, sha256 } = whole
  const { erasure } = record.data
  const copy = erasure
    ? agencyErasure({ ...record, data: { ...record.data, erasure } }, sha256, agency)
    : agencyCopy(whole, agency)
  return copy && Buffer.from(canonicalJson(copy), 'utf8')
}

/** `sightline.access.v1` → `sightline.access.northshire-police.v1` */
export function agencyTopic(topic: string, agency: string): string {
  const [, stem = topic, version = ''] = /^(.*?)(\.v\d+)?$/.exec(topic) ?? []
  return `${stem}.${agency}${version}`
}

/** The agency whose topic this is; null where it is none. */
export function agencyOf(topic: string, agencyTopicName: string): string | null {
  const [before = '', after = ''] = agencyTopic(topic, '\n').split('\n')
  if (!agencyTopicName.startsWith(before) || !agencyTopicName.endsWith(after)) return null
  const agency = agencyTopicName.slice(before.length, agencyTopicName.length - after.length)
  return /^[a-z0-9-]+$/.test(agency) ? agency : null
}
