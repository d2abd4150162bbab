/** Where no permit covers a question: which condition of sharing is unmet, the first in the order of asking. */
import { type Agreement, type AgreementState, stateOf } from './agreement.ts'
import type { GatewayReason } from './catalogue.ts'
import type { Ask, Practitioner, RecordClass } from './decide.ts'

const lapsed: Record<Exclude<AgreementState, 'in-force'>, GatewayReason> = {
  'not-started': 'AGREEMENT_NOT_STARTED',
  suspended: 'AGREEMENT_SUSPENDED',
  ended: 'AGREEMENT_EXPIRED',
}

/** Explains, never decides: a reason that does not fit changes wording, not what is shown. */
export function whyNoPermit(
  practitioner: Practitioner,
  record: RecordClass & { readonly agreement?: Agreement | undefined },
  ask: Ask,
): GatewayReason {
  if (!ask.caseLive) return ask.breakGlass ? 'EMERGENCY_NOT_COVERED' : 'NO_CASE_RELATIONSHIP'
  if (!practitioner.macptMember) return 'NOT_A_MACPT_MEMBER'
  if (practitioner.agency === record.agency) return 'NO_PERMIT_COVERS_THIS'
  const { agreement } = record
  if (!agreement) return 'NO_AGREEMENT'
  const state = stateOf(agreement, ask.now)
  if (state !== 'in-force') return lapsed[state]
  if (!agreement.recordTypes.includes(record.recordType)) return 'RECORD_TYPE_NOT_COVERED'
  if (!agreement.purposes.includes(ask.purpose)) return 'PURPOSE_NOT_COVERED'
  if (!ask.bases.every((basis) => agreement.bases.includes(basis))) return 'LAWFUL_BASIS_NOT_COVERED'
  if (!agreement.thresholds.includes(ask.threshold)) return 'THRESHOLD_NOT_COVERED'
  return 'NO_PERMIT_COVERS_THIS'
}
