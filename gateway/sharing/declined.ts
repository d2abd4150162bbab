/**
 * What an agency's own person decided not to share, and may be told. She acknowledges that there is something; what is
 * never acknowledged stays so all the same: she may not know that another agency hides the child's whereabouts.
 */
import type { CustodianReply } from '../../adapters/contract.ts'
import type { Reason } from '../../schema/picture.ts'
import type { PlannedAsk } from './plan.ts'
import { byReason } from './plan-kind.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import type { RecordClass } from './policy/decide.ts'
import type { Effect } from './policy/effect.ts'
import { everyHandling, type RecordKind } from './policy/may-ask.ts'
import { recordClass } from './record-class.ts'

interface Deciding {
  readonly bundle: PolicyBundle
  readonly effect: (record: RecordClass) => Effect
}

/**
 * @param everywhere labels that hold for the child in every custodian's records
 * @returns each reason once
 */
export function declinedReasons(
  { bundle, effect }: Deciding,
  { connection, declined }: PlannedAsk,
  reply: CustodianReply,
  everywhere: readonly string[],
): Reason[] {
  const { custodian } = connection
  const { people, records } = reply.kind === 'held' ? reply : { people: [], records: [] }

  /** Of what came back; where nothing did, of any record that she may have on paper. */
  function classesOf({ recordType }: RecordKind): RecordClass[] {
    const shared = [recordType]
    const held = records.filter(({ type }) => type === recordType)
    if (held.length > 0)
      return held.map((record) => recordClass(custodian, people, record, everywhere, shared))
    const unheld = { type: recordType, labels: [], handling: [], about: 'child', fields: {} } as const
    const plain = recordClass(custodian, people, unheld, everywhere, shared)
    return everyHandling(bundle).map((handling) => ({ ...plain, handling }))
  }
  const told = declined.flatMap(({ record, reason }) =>
    reason !== null && classesOf(record).some((each) => effect(each).kind !== 'silent')
      ? [{ record, reason }]
      : [],
  )
  return byReason(told).map(({ reason }) => reason)
}
