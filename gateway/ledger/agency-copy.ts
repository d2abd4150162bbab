/**
 * What an agency's own topic holds of an access that concerned it: its custodian was asked, or its person asked. Pure.
 * Refuses to repeat what any other agency was asked, holds or withheld: an agency knows from its own log which child an
 * access is about, so that a whole record would tell it what the others know of her. The hash of the whole record
 * goes with the copy, so that the agency can check it against the signed log without reading it.
 */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'
import type { AccessRecord, AskedSource, EventKind } from './access-record.ts'
import { agencyErasure, type HeldCopies } from './agency-erasure.ts'
import type { Processing } from './processing.ts'

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
    custodian,
    recordTypes,
    ...(state === undefined ? {} : { state, n, recordIds }),
    ...(agreement === undefined ? {} : { agreement }),
    ...(processing === undefined ? {} : { processing: ofItself(processing) }),
  }
}

export type AgencyCopy = Omit<AccessRecord, 'dataschema'> & { readonly dataschema: typeof COPY_SCHEMA }

/**
 * @param bytes of the whole record, as it is stored
 * @returns what the agency may hold of it; null where the access did not concern it
 */
export function agencyCopy(record: Recorded, bytes: Buffer, agency: string): AgencyCopy | null {
  const { data, ...event } = record
  if (!COPIED.some((kind) => record.type === `sightline.access.${kind}.v1`)) return null
  const own = sourcesOf(data).filter((source) => source.agency === agency)
  const asks = data.actor.agency === agency
  if (!asks && !own.some(wasAsked)) return null
  const { actor, subjects, purpose, threshold, emergency = null, basis, operation, decision, gateway } = data
  const sources = own.filter(wasAsked).map(copySource)
  return {
    ...event,
    dataschema: COPY_SCHEMA,
    data: {
      access: data.access ?? event.id,
      agency,
      part: { asked: own.some(wasAsked), asks },
      ...{ actor, subjects, purpose, threshold, emergency },
      // which agreements were relied on tells who else was asked
      basis: basis && { ...basis, agreements: sources.flatMap((source) => source.agreement ?? []) },
      operation: { kind: operation.kind, name: operation.name },
      // the policies that decided tell what was met in others' records
      decision: { effect: decision.effect, refusal: decision.refusal, bundle: decision.bundle },
      sources,
      whole: { sha256: createHash('sha256').update(bytes).digest('hex') },
      gateway,
    },
  }
}

/** What each agency's topic was given, or still is to be given, of these stored records. */
export function heldCopies(stored: readonly Buffer[]): HeldCopies[] {
  const copies = new Map<string, number>()
  for (const bytes of stored) {
    const record = JSON.parse(bytes.toString('utf8')) as Recorded
    const named = [record.data.actor?.agency, ...sourcesOf(record.data).map(({ agency }) => agency)]
    for (const agency of new Set(named))
      if (agency && agencyCopy(record, bytes, agency)) copies.set(agency, (copies.get(agency) ?? 0) + 1)
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
  const record = JSON.parse(bytes.toString('utf8'))
  const copy = record.data.erasure ? agencyErasure(record, bytes, agency) : agencyCopy(record, bytes, agency)
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
