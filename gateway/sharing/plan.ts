/**
 * Plans a question: which custodians are asked for which record types and field groups, and what an agency's own
 * person decides first. What no policy could release, whatever the record says, is not asked for. Pure: no clock,
 * network or database.
 */
import type { Connection, Custodian } from '../../adapters/contract.ts'
import type { DecidedGroup } from '../../schema/data-group.ts'
import { isPersonal } from '../../schema/person.ts'
import type { NotAskedFor, Reason } from '../../schema/picture.ts'
import type { Sector } from '../../schema/record-type.ts'
import type { Given } from './custodian-answer.ts'
import { byReason, type KindInput, type PlannedKind, planKind } from './plan-kind.ts'
import { agreementFor } from './policy/agreement.ts'
import type { RecordKind } from './policy/may-ask.ts'
import { reasonInWords } from './reason.ts'

export interface PlannedAsk {
  readonly connection: Connection
  readonly recordTypes: readonly { readonly name: string; readonly groups: readonly DecidedGroup[] }[]
  /** id of the agreement that covers the asking; null among colleagues of one agency */
  readonly agreement: string | null
  readonly notAskedFor: readonly NotAskedFor[]
  /** why it is asked for nothing but who the child is and who is involved; null where it is asked for more */
  readonly nothingOfSubstance: Reason | null
  /** record types that the agency's own person decided to share */
  readonly reviewed: readonly string[]
  /** kinds that she decided not to share; `reason` is null where she acknowledges nothing */
  readonly declined: readonly { readonly record: RecordKind; readonly reason: Reason | null }[]
}

export interface NotAsked extends Given {
  readonly custodian: Custodian
  readonly state: 'NOT_ASKED' | 'NOT_CONNECTED' | 'UNDER_REVIEW'
  readonly reason: Reason
}

/** What the agency's own person decides first. A review of it is open, or is to be opened. */
export interface UnderReview {
  readonly custodian: Custodian
  readonly recordTypes: readonly string[]
  /** the policies that leave it to her, as `id@hash8` */
  readonly rules: readonly string[]
}

export interface Plan {
  readonly asks: readonly PlannedAsk[]
  readonly notAsked: readonly NotAsked[]
  readonly underReview: readonly UnderReview[]
  /** every kind of record of every connected custodian, whether it is asked for or not */
  readonly kinds: readonly RecordKind[]
}

export interface PlanInput extends KindInput {
  readonly connections: readonly Connection[]
  readonly unconnected: readonly Custodian[]
  readonly sectors: readonly Sector[]
}

type Planned = readonly PlannedKind[]

const ofKind = <Kind extends PlannedKind['kind']>(kinds: Planned, kind: Kind) =>
  kinds.filter((each): each is Extract<PlannedKind, { kind: Kind }> => each.kind === kind)
const typesOf = (kinds: Planned) => kinds.map(({ record }) => record.recordType)

/** What a person still decides comes first: it was not refused. What she declined without a word counts as asked. */
function nothingOfSubstance(kinds: Planned): Reason | null {
  const substance = kinds.filter(({ record }) => !isPersonal(record.recordType))
  const unacknowledged = ofKind(substance, 'declined').some(({ reason }) => reason === null)
  if (unacknowledged || ofKind(substance, 'ask').length > 0) return null
  const [first] = byReason([...ofKind(substance, 'under-review'), ...ofKind(substance, 'not-asked')])
  return first?.reason ?? null
}

/**
 * What becomes of one connected custodian. What its person declined is asked for like what she shared, only without a
 * field, and is not shown: where she acknowledges nothing, answer, pace and faults are those of a child not held.
 */
function planCustodian(input: PlanInput, connection: Connection, kinds: Planned): PlannedAsk | NotAsked {
  const { bundle, practitioner, context } = input
  const { custodian } = connection
  const refused = ofKind(kinds, 'not-asked')
  const notAskedFor = byReason([...refused, ...ofKind(kinds, 'under-review')])
  const why = nothingOfSubstance(kinds)
  const notAsked = (reason: Reason, state: NotAsked['state'] = 'NOT_ASKED') => ({ custodian, state, reason })

  if (refused.length === kinds.length)
    return notAsked(why ?? notAskedFor[0]?.reason ?? reasonInWords(bundle, 'NO_PERMIT_COVERS_THIS', []))
  if (!input.sectors.includes(custodian.sector)) return notAsked(reasonInWords(bundle, 'NOT_IN_QUESTION', []))
  const recordTypes = kinds.flatMap((each) =>
    'groups' in each ? [{ name: each.record.recordType, groups: each.groups }] : [],
  )
  const [open] = byReason(ofKind(kinds, 'under-review'))
  if (recordTypes.length === 0 && open !== undefined)
    return { ...notAsked(open.reason, 'UNDER_REVIEW'), notAskedFor }
  const agreement = agreementFor(bundle, custodian.agency, custodian.id, practitioner.agency, context.now)
  return {
    connection,
    recordTypes,
    agreement: agreement?.id ?? null,
    notAskedFor,
    nothingOfSubstance: why,
    reviewed: typesOf(kinds.filter(({ record }) => record.reviewed)),
    declined: ofKind(kinds, 'declined'),
  }
}

const isAsk = (planned: PlannedAsk | NotAsked): planned is PlannedAsk => 'connection' in planned

export function planQuestion(input: PlanInput): Plan {
  const { bundle, connections, unconnected, sectors } = input
  const custodians = connections.map((connection) => {
    const { id, agency, sector, recordTypes } = connection.custodian
    const kinds = recordTypes.map((recordType) =>
      planKind(input, { custodian: id, agency, sector, recordType }),
    )
    return { connection, kinds, planned: planCustodian(input, connection, kinds) }
  })
  const planned = custodians.map((each) => each.planned)
  const notConnected = unconnected.map((custodian) => ({
    custodian,
    state: 'NOT_CONNECTED' as const,
    reason: reasonInWords(bundle, 'NOT_CONNECTED', []),
  }))
  return {
    asks: planned.filter(isAsk),
    notAsked: [...notConnected, ...planned.flatMap((each) => (isAsk(each) ? [] : [each]))],
    underReview: custodians.flatMap(({ connection: { custodian }, kinds }) => {
      const open = ofKind(kinds, 'under-review')
      if (open.length === 0 || !sectors.includes(custodian.sector)) return []
      const rules = byReason(open).flatMap(({ reason }) => reason.policies)
      return [{ custodian, recordTypes: typesOf(open), rules }]
    }),
    kinds: custodians.flatMap(({ kinds }) => kinds.map(({ record }) => record)),
  }
}
