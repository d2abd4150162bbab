/**
 * Plans a question: which custodians are asked for which record types and field groups. What no policy could
 * release, whatever the record says, is not asked for. Pure: no clock, network or database.
 */
import type { Connection, Custodian } from '../../adapters/contract.ts'
import type { DecidedGroup } from '../../schema/data-group.ts'
import { isPersonal } from '../../schema/person.ts'
import type { NotAskedFor, Reason } from '../../schema/picture.ts'
import type { Sector } from '../../schema/record-type.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import { agreementFor } from './policy/agreement.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import type { Ask, Practitioner, RecordClass } from './policy/decide.ts'
import type { Effect } from './policy/effect.ts'
import { type Askable, mayAsk } from './policy/may-ask.ts'
import { reasonInWords } from './reason.ts'

export interface PlannedAsk {
  readonly connection: Connection
  readonly recordTypes: readonly { readonly name: string; readonly groups: readonly DecidedGroup[] }[]
  /** id of the agreement that covers the asking; null among colleagues of one agency */
  readonly agreement: string | null
  readonly notAskedFor: readonly NotAskedFor[]
  /** why it is asked for nothing but who the child is and who is involved; null where it is asked for more */
  readonly nothingOfSubstance: Reason | null
}

export interface NotAsked {
  readonly custodian: Custodian
  readonly state: 'NOT_ASKED' | 'NOT_CONNECTED'
  readonly reason: Reason
}

export interface Plan {
  readonly asks: readonly PlannedAsk[]
  readonly notAsked: readonly NotAsked[]
}

export interface PlanInput {
  readonly bundle: PolicyBundle
  readonly connections: readonly Connection[]
  readonly unconnected: readonly Custodian[]
  readonly practitioner: Practitioner
  readonly context: Ask
  readonly effect: (record: RecordClass) => Effect
  readonly sectors: readonly Sector[]
}

interface Tried {
  readonly name: string
  readonly askable: Askable
}

/** Each reason once, with the kinds of record that it keeps from being asked for. */
function notAskedFor(bundle: PolicyBundle, types: readonly Tried[]): NotAskedFor[] {
  const reasons = new Map<string, { kinds: string[]; policies: Set<string> }>()
  for (const { name, askable } of types) {
    if (askable.kind === 'ask') continue
    const met = reasons.get(askable.reason) ?? { kinds: [], policies: new Set() }
    met.kinds.push(recordTypeNamed(name)?.title ?? name)
    for (const policy of askable.policies) met.policies.add(policy)
    reasons.set(askable.reason, met)
  }
  return [...reasons].map(([code, { kinds, policies }]) => ({
    kinds,
    reason: reasonInWords(bundle, code, [...policies].sort()),
  }))
}

export function planQuestion({ bundle, practitioner, context, effect, ...input }: PlanInput): Plan {
  const asks: PlannedAsk[] = []
  const notAsked: NotAsked[] = input.unconnected.map((custodian) => ({
    custodian,
    state: 'NOT_CONNECTED',
    reason: reasonInWords(bundle, 'NOT_CONNECTED', []),
  }))
  for (const connection of input.connections) {
    const { custodian } = connection
    const { id, agency, sector } = custodian
    const types = custodian.recordTypes.map((name) => ({
      name,
      askable: mayAsk(
        bundle,
        practitioner,
        { custodian: id, agency, sector, recordType: name },
        context,
        effect,
      ),
    }))
    const recordTypes = types.flatMap(({ name, askable }) =>
      askable.kind === 'ask' ? [{ name, groups: askable.groups }] : [],
    )
    const refusals = notAskedFor(bundle, types)
    const ofSubstance = types.filter(({ name }) => !isPersonal(name))
    const [nothingOfSubstance = null] = ofSubstance.some(({ askable }) => askable.kind === 'ask')
      ? []
      : notAskedFor(bundle, ofSubstance)
    const refused = (reason: Reason) => notAsked.push({ custodian, state: 'NOT_ASKED', reason })

    if (recordTypes.length === 0)
      refused(
        (nothingOfSubstance ?? refusals[0])?.reason ?? reasonInWords(bundle, 'NO_PERMIT_COVERS_THIS', []),
      )
    else if (!input.sectors.includes(sector)) refused(reasonInWords(bundle, 'NOT_IN_QUESTION', []))
    else
      asks.push({
        connection,
        recordTypes,
        agreement: agreementFor(bundle, agency, id, practitioner.agency, context.now)?.id ?? null,
        notAskedFor: refusals,
        nothingOfSubstance: nothingOfSubstance?.reason ?? null,
      })
  }
  return { asks, notAsked }
}
