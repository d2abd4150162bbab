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

/** What an agency has to do with an access: null where it has nothing. */
function partOf({ asker, sources }: Whole, agency: string) {
  const own = sources.filter((source) => source.agency === agency && wasAsked(source))
  const asks = asker === agency
  return asks || own.length > 0 ? { asks, own } : null
}

/** Stands in the frame where each agency's own goes. No record holds a NUL: its schema knows every word. */
const HOLES = { agency: '\0agency', agreements: '\0agreements', part: '\0part', sources: '\0sources' }
const HOLE = /"\\u0000(agency|agreements|part|sources)"/

/**
 * What every agency's copy of a record has alike, cut where its own goes: text and the name of a hole in turns. Names stand
 * in the order in which canonical JSON writes them, which spares it a sorting.
 */
function frameOf({ data, ...event }: Recorded, sha256: string): readonly string[] {
  const { actor, subjects, purpose, threshold, emergency = null, basis, operation, decision, gateway } = data
  const copy = {
    data: {
      access: data.access ?? event.id,
      actor,
      agency: HOLES.agency,
      // which agreements were relied on tells who else was asked
      basis: basis && { ...basis, agreements: HOLES.agreements },
      // the policies that decided tell what was met in others' records
      decision: { bundle: decision.bundle, effect: decision.effect, refusal: decision.refusal },
      emergency,
      gateway,
      operation: { kind: operation.kind, name: operation.name },
      part: HOLES.part,
      purpose,
      sources: HOLES.sources,
      subjects,
      threshold,
      whole: { sha256 },
    },
    ...event,
    dataschema: COPY_SCHEMA,
  }
  return canonicalJson(copy).split(HOLE)
}

interface Whole {
  readonly sha256: string
  readonly asker: string | null | undefined
  readonly sources: readonly SourceOnRecord[]
  /** null where agencies have no copies of such an event */
  readonly frame: readonly string[] | null
  readonly erasure: RecordedErasure | null
}

/** Several agencies take their copies of the same record: it is read, hashed and written, but for their own, once. */
const read = new WeakMap<Buffer, Whole>()

function wholeOf(bytes: Buffer): Whole {
  const known = read.get(bytes)
  if (known) return known
  const record = JSON.parse(bytes.toString('utf8')) as Recorded
  const { data } = record
  const { erasure } = data
  const hash = sha256(bytes).toString('hex')
  const copied = COPIED.some((kind) => record.type === `sightline.access.${kind}.v1`)
  const whole = {
    sha256: hash,
    asker: data.actor?.agency,
    sources: sourcesOf(data),
    frame: copied ? frameOf(record, hash) : null,
    erasure: erasure ? { ...record, data: { ...data, erasure } } : null,
  }
  read.set(bytes, whole)
  return whole
}

function copyText(whole: Whole, agency: string): string | null {
  const part = partOf(whole, agency)
  if (!whole.frame || !part) return null
  const { asks, own } = part
  const filled: Record<string, string> = {
    agency: JSON.stringify(agency),
    agreements: JSON.stringify(own.flatMap((source) => source.agreement ?? [])),
    part: `{"asked":${own.length > 0},"asks":${asks}}`,
    sources: canonicalJson(own.map(copySource)),
  }
  return whole.frame.map((text, n) => (n % 2 === 0 ? text : filled[text])).join('')
}

/** What each agency's topic was given, or still is to be given, of these stored records. */
export function heldCopies(stored: readonly Buffer[]): HeldCopies[] {
  const copies = new Map<string, number>()
  for (const bytes of stored) {
    const whole = wholeOf(bytes)
    if (!whole.frame) continue
    for (const agency of new Set([whole.asker, ...whole.sources.map((source) => source.agency)]))
      if (agency && partOf(whole, agency)) copies.set(agency, (copies.get(agency) ?? 0) + 1)
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
  if (!whole.erasure) {
    const text = copyText(whole, agency)
    return text === null ? null : Buffer.from(text, 'utf8')
  }
  const told = agencyErasure(whole.erasure, whole.sha256, agency)
  return told && Buffer.from(canonicalJson(told), 'utf8')
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
