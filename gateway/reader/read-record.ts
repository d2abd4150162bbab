/**
 * Reads one record of the topic into the rows that an information-governance lead looks up. An event of a kind that
 * came later is taken by what it shares with those that are known; whatever is no access record at all is refused.
 */
import { z } from 'zod'
import { EVENT_ID } from '../ledger/ledger-event.ts'

/** As the tables of migrations/0001-read-accesses.sql have them. */
export interface AccessRow {
  readonly event_id: string
  readonly idx: number
  readonly type: string
  readonly occurred_at: string
  readonly of_access: string | null
  readonly issuer: string | null
  readonly subject: string | null
  readonly agency: string | null
  readonly role: string | null
  readonly children: readonly string[]
  readonly concerns: readonly string[]
  readonly purpose: string | null
  readonly case_ref: string | null
  readonly threshold: string | null
  readonly emergency: string | null
  readonly article6: string | null
  readonly condition: string | null
  readonly function: string | null
  readonly agreements: readonly string[]
  readonly operation: string | null
  /** of an event that says what an access came to; what was only begun came to nothing yet */
  readonly effect: string | null
  readonly refusal: string | null
  readonly bundle: string | null
  readonly released: readonly string[]
  /** how the answer ended for whoever asked */
  readonly ended: string | null
}

export interface SourceRow {
  readonly event_id: string
  readonly custodian: string
  readonly agency: string
  readonly state: string
  readonly record_types: readonly string[]
  readonly record_ids: readonly string[]
}

export interface WithheldRow {
  readonly event_id: string
  readonly rule: string
  readonly reason: string
  readonly n: number
}

export interface ReadRecord {
  readonly access: AccessRow
  readonly sources: readonly SourceRow[]
  readonly withheld: readonly WithheldRow[]
}

/** Why a record cannot be read. Says what is wrong with its shape, never what it holds. */
export class Unreadable extends Error {}

/** State of a custodian of which only the asking is on record. */
export const ASKED = 'ASKED'

/** Of these the whole shape is demanded. */
const KNOWN = /^sightline\.access\.(released|denied|failed)\.v1$/

const uuid = z.string().regex(EVENT_ID)
const word = z.string().max(300)
const words = z.array(word)

const Envelope = z.object({
  id: uuid,
  type: z.string().regex(/^sightline\.access\.[a-z-]+\.v\d+$/),
  time: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
})

const PARTS = {
  actor: z
    .object({ issuer: word, subject: word, agency: word.nullable(), role: word.nullable() })
    .partial()
    .nullable(),
  subjects: z.array(z.object({ pid: word })),
  purpose: z.object({ code: word, caseRef: word.nullable() }).nullable(),
  threshold: word.nullable(),
  emergency: z.object({ openedBy: uuid }).nullable(),
  basis: z.object({ article6: word, condition: word, function: word, agreements: words }).nullable(),
  operation: z.object({ name: word.nullable() }),
  decision: z.object({ effect: word, refusal: word.nullable(), bundle: word.nullable() }),
  disclosure: z.object({
    sources: z.array(
      z.object({ custodian: word, agency: word, state: word, recordTypes: words, recordIds: words }),
    ),
    released: words,
    withheld: z.array(z.object({ rule: word, reason: word, n: z.int().min(0) })),
  }),
  asked: z.array(z.object({ custodian: word, agency: word, recordTypes: words })),
  delivery: z.object({ ended: word }),
  access: uuid,
} as const
type Part = keyof typeof PARTS

const DEMANDED: readonly Part[] = ['actor', 'subjects', 'operation', 'decision', 'disclosure']

/**
 * @param index place in the ledger's log
 * @throws Unreadable
 */
export function readRecord(value: Buffer, index: number): ReadRecord {
  const { id, type, time, data } = envelopeOf(value)
  const known = KNOWN.test(type)
  const part = <P extends Part>(name: P): z.infer<(typeof PARTS)[P]> | null => {
    if (data[name] === undefined && !(known && DEMANDED.includes(name))) return null
    const read = PARTS[name].safeParse(data[name])
    if (read.success) return read.data as z.infer<(typeof PARTS)[P]>
    if (known) throw new Unreadable(`its ${name} is not as an event of the type ${type} has it`)
    return null
  }
  const [actor, purpose, basis] = [part('actor'), part('purpose'), part('basis')]
  const [decision, disclosure, access] = [part('decision'), part('disclosure'), part('access')]
  const asked = (part('asked') ?? []).map((each) => ({ ...each, state: ASKED, recordIds: [] }))
  const sources = disclosure?.sources ?? asked
  return {
    access: {
      event_id: id,
      idx: index,
      type,
      occurred_at: time,
      of_access: access === id ? null : access,
      issuer: actor?.issuer ?? null,
      subject: actor?.subject ?? null,
      agency: actor?.agency ?? null,
      role: actor?.role ?? null,
      children: [...new Set(part('subjects')?.map(({ pid }) => pid) ?? [])],
      concerns: concernedBy(actor?.agency ?? null, sources),
      purpose: purpose?.code ?? null,
      case_ref: purpose?.caseRef ?? null,
      threshold: part('threshold'),
      emergency: part('emergency')?.openedBy ?? null,
      article6: basis?.article6 ?? null,
      condition: basis?.condition ?? null,
      function: basis?.function ?? null,
      agreements: basis?.agreements ?? [],
      operation: part('operation')?.name ?? null,
      effect: disclosure === null ? null : (decision?.effect ?? null),
      refusal: decision?.refusal ?? null,
      bundle: decision?.bundle ?? null,
      released: disclosure?.released ?? [],
      ended: part('delivery')?.ended ?? null,
    },
    sources: sources.map(({ recordTypes, recordIds, ...source }) => ({
      event_id: id,
      ...source,
      record_types: recordTypes,
      record_ids: recordIds,
    })),
    withheld: (disclosure?.withheld ?? []).map((each) => ({ event_id: id, ...each })),
  }
}

/** Agencies of whoever asked, and of the systems that were asked. */
function concernedBy(
  asker: string | null,
  sources: readonly { readonly agency: string; readonly recordTypes: readonly string[] }[],
): string[] {
  const asked = sources.filter(({ recordTypes }) => recordTypes.length > 0).map(({ agency }) => agency)
  return [...new Set(asker === null ? asked : [asker, ...asked])]
}

function envelopeOf(value: Buffer): z.infer<typeof Envelope> {
  let json: unknown
  try {
    json = JSON.parse(value.toString('utf8'))
  } catch {
    throw new Unreadable('it is no JSON')
  }
  const read = Envelope.safeParse(json)
  if (read.success) return read.data
  throw new Unreadable(`its ${read.error.issues[0]?.path.join('.') || 'whole'} is not that of an access`)
}
