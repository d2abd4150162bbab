/**
 * What one concrete question shows under a bundle, step by step, by whoever decides: the compiled policies, Cedar
 * itself, or the gateway as a whole. The steps are those of `smt-shown.ts`, found another way, so that a fault of the
 * encoding shows.
 */
import { decidedGroups, partialGroups } from '../../schema/data-group.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { Decision } from '../sharing/policy/decide.ts'
import { effectOf, reasonOf } from '../sharing/policy/effect.ts'
import { decideByReference, type Slot } from '../sharing/policy/reference.ts'
import { seenGroups } from '../sharing/policy/seen-groups.ts'
import type { Asked } from './smt-model.ts'

/** Decides one question, action by action. */
export interface Decider {
  readonly bundle: PolicyBundle
  readonly asked: Asked
  may(action: string): Decision
}

function decider(bundle: PolicyBundle, asked: Asked, decide: (action: string) => Decision): Decider {
  const met = new Map<string, Decision>()
  return {
    bundle,
    asked,
    may(action) {
      const decision = met.get(action) ?? decide(action)
      met.set(action, decision)
      return decision
    },
  }
}

export const byPolicies = (bundle: PolicyBundle, asked: Asked): Decider =>
  decider(bundle, asked, (action) => bundle.decide({ ...asked, action }))

export const byCedar = (bundle: PolicyBundle, asked: Asked, slot: Slot): Decider =>
  decider(bundle, asked, (action) => decideByReference(bundle, { ...asked, action }, slot))

/** @param step one of `steps` */
export function sees({ bundle, asked, may }: Decider, step: string): boolean {
  if (!seenGroups(asked.record.recordType).actions.has(step)) return false
  if (!may('know').allow) return false
  const read = may('read')
  if (step === 'know') return true
  if (step === 'tell-why')
    return read.allow || (may('tell-why').allow && reasonIn(bundle, read).disclose === 'subject')
  if (!read.allow) return false
  const group = partialGroups.find((each) => step === `${each}-partial`)
  return step === 'read' || may(step).allow || (group !== undefined && may(group).allow)
}

/** @returns the code of the reason that is told at a step; null where nothing is hidden there, or no reason told */
export function tells(decider: Decider, step: string): string | null {
  const { bundle, asked, may } = decider
  if (step === 'tell-why' || step.endsWith('-partial')) return null
  if (!seenGroups(asked.record.recordType).actions.has(step)) return null
  const told =
    step === 'know'
      ? !sees(decider, 'know')
      : step === 'read'
        ? sees(decider, 'tell-why') && !sees(decider, 'read')
        : sees(decider, 'read') && !sees(decider, step)
  if (!told) return null
  const { code, disclose } = reasonIn(bundle, may(step))
  return disclose === 'subject' ? code : 'ASK_IG_LEAD'
}

/** The reason where nothing permits depends on the question alone: one word stands for all of them. */
export const UNMET = 'unmet'
const reasonIn = (bundle: PolicyBundle, decision: Decision) => reasonOf(bundle, decision, () => UNMET)

/** The steps that the gateway's own effect shows, with the agreement of the question as the only one there is. */
export function seenByGateway(bundle: PolicyBundle, { practitioner, record, context }: Asked): Set<string> {
  const { agreement, ...plain } = record
  const source = { agency: record.agency, custodians: [record.custodian] }
  const agreements = agreement ? [{ ...agreement, source, recipients: [practitioner.agency] }] : []
  const alone: PolicyBundle = { ...bundle, agreements, taken: new WeakMap(), alarm: () => {} }
  const effect = effectOf(alone, practitioner, plain, context)
  if (effect.kind === 'silent') return new Set()
  if (effect.kind === 'withhold') return new Set(effect.told ? ['know', 'tell-why'] : ['know'])
  const groups = decidedGroups.flatMap((group) => {
    const { release } = effect.groups[group]
    return release === 'full'
      ? [group, `${group}-partial`]
      : release === 'partial'
        ? [`${group}-partial`]
        : []
  })
  const { actions } = seenGroups(record.recordType)
  return new Set(['know', 'tell-why', 'read', ...groups].filter((step) => actions.has(step)))
}
