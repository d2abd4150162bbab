/**
 * Plans a question: which custodians are asked for which record types and field groups. What no policy could
 * release, whatever the record says, is not asked for. Pure: no clock, network or database.
 */
import type { Connection, Custodian } from '../../adapters/contract.ts'
import type { DecidedGroup } from '../../schema/data-group.ts'
import type { Reason } from '../../schema/picture.ts'
import type { Sector } from '../../schema/record-type.ts'
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

/** The reason is that of the first kind of record that is no person's details; it is the same whoever the child is. */
function whyNotAsked(
  types: readonly { readonly name: string; readonly askable: Askable }[],
): Askable | undefined {
  const substance = types.find(({ name }) => !name.startsWith('person.'))
  return (substance ?? types[0])?.askable
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
    const refused = (code: string, policies: readonly string[] = []) =>
      notAsked.push({ custodian, state: 'NOT_ASKED', reason: reasonInWords(bundle, code, policies) })

    if (recordTypes.length === 0) {
      const why = whyNotAsked(types)
      if (why?.kind === 'not-asked') refused(why.reason, why.policies)
      else refused('NO_PERMIT_COVERS_THIS')
    } else if (!input.sectors.includes(sector)) refused('NOT_IN_QUESTION')
    else {
      const agreement = agreementFor(bundle, agency, id, practitioner.agency, context.now)
      asks.push({ connection, recordTypes, agreement: agreement?.id ?? null })
    }
  }
  return { asks, notAsked }
}
