/**
 * Says, before anything is fetched, whether a custodian may be asked for a type of record, and for which groups.
 * Looks at no record, so the reason for not asking betrays nothing and may be told.
 */
import { type DecidedGroup, decidedGroups } from '../../../schema/data-group.ts'
import { agreementFor } from './agreement.ts'
import type { PolicyBundle } from './bundle.ts'
import { type Ask, decide, type Practitioner, prepare, type RecordClass } from './decide.ts'
import { cite, effectsFor, reasonOf } from './effect.ts'
import { whyNoPermit } from './why-no-permit.ts'

/** A custodian and one of its types of record, which the agency's own person may have decided to share in this case. */
export type RecordKind = Pick<RecordClass, 'custodian' | 'agency' | 'sector' | 'recordType'> &
  Partial<Pick<RecordClass, 'reviewed'>>

export type Askable =
  /** the groups that some record of this type could release, whole or in part */
  | { readonly kind: 'ask'; readonly groups: readonly DecidedGroup[] }
  /** the agency's own person decides first: only forbids that she may lift stand against it, as `id@hash8` */
  | { readonly kind: 'review'; readonly rules: readonly string[] }
  | { readonly kind: 'not-asked'; readonly reason: string; readonly policies: readonly string[] }

/**
 * Tries the widest record there could be: about the child, without labels, with each handling code in turn
 * (intelligence is released only with its code). `effects` may be shared by all of a question. A test holds that no record releases more than is asked for.
 */
export function mayAsk(
  bundle: PolicyBundle,
  practitioner: Practitioner,
  record: RecordKind,
  context: Ask,
  effects = effectsFor(bundle, practitioner, context),
): Askable {
  const widest = { ...record, reviewed: record.reviewed ?? false, labels: [], subject: 'child' }
  let rules: readonly string[] = []
  for (const handling of everyHandling(bundle)) {
    const effect = effects({ ...widest, handling })
    if (effect.kind === 'withhold') return { kind: 'ask', groups: [] }
    if (effect.kind === 'release')
      return { kind: 'ask', groups: decidedGroups.filter((group) => effect.groups[group].release !== 'none') }
    const lifted = { ...widest, handling, reviewed: true }
    if (onlyForReview(bundle, effect.policies) && effects(lifted).kind !== 'silent') rules = effect.policies
  }
  if (rules.length > 0) return { kind: 'review', rules }
  const agreement = agreementFor(bundle, record.agency, record.custodian, practitioner.agency, context.now)
  // what she could lift is not why: something else stands against it
  const plain = { ...widest, reviewed: true, handling: [], agreement }
  const known = decide(
    bundle.byAction,
    'know',
    prepare(bundle.schema, { practitioner, record: plain, context }),
  )
  const { code, disclose } = reasonOf(bundle, known, () => whyNoPermit(practitioner, plain, context))
  const reason = disclose === 'subject' ? code : 'ASK_IG_LEAD'
  return { kind: 'not-asked', reason, policies: cite(bundle, known) }
}

/** No handling condition, then each alone. */
export const everyHandling = ({ schema }: Pick<PolicyBundle, 'schema'>): readonly (readonly string[])[] => [
  [],
  ...[...(schema.codes.get('Handling')?.keys() ?? [])].map((code) => [code]),
]

/** @param cited as `id@hash8`; none where nothing permits or a policy erred, and there a person lifts nothing */
const onlyForReview = (bundle: PolicyBundle, cited: readonly string[]): boolean =>
  cited.length > 0 &&
  cited.every((policy) => bundle.policies.get(policy.slice(0, policy.lastIndexOf('@')))?.review)
