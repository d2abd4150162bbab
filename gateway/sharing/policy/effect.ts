/**
 * What becomes of one class of record: silence, withheld, or released group by group.
 * Keeps the order know, read, groups: what may not be known is silent, whatever else a policy says.
 */
import { type DecidedGroup, decidedGroups } from '../../../schema/data-group.ts'
import { type Agreement, agreementFor } from './agreement.ts'
import { keyOf, take } from './attributes.ts'
import type { Disclosure, PolicyBundle } from './bundle.ts'
import {
  type Ask,
  type Decision,
  decide,
  type Outcomes,
  type PolicyRequest,
  type Practitioner,
  type Prepared,
  type RecordClass,
} from './decide.ts'
import { whyNoPermit } from './why-no-permit.ts'

export interface GroupEffect {
  readonly release: 'full' | 'partial' | 'none'
  /** a code of `reasons.yaml`, where the whole is not released */
  readonly reason?: string
  /** determining policies as `id@hash8`: the permits of a release, the forbids of a mask */
  readonly policies: readonly string[]
}

export type Effect =
  /** nothing may betray it: not in counts, cursors, errors, wording or timing; `policies` are for the ledger alone */
  | { readonly kind: 'silent'; readonly policies: readonly string[] }
  /** it may be known, not read. Untold, the reason is `ASK_IG_LEAD` and `policies` are for the ledger alone. */
  | {
      readonly kind: 'withhold'
      readonly reason: string
      readonly policies: readonly string[]
      readonly told: boolean
    }
  | {
      readonly kind: 'release'
      /** the permits that let it be read */
      readonly policies: readonly string[]
      readonly groups: Readonly<Record<DecidedGroup, GroupEffect>>
      /** conditions that travel with the record */
      readonly handling: readonly string[]
    }

/** Told of each decision as it is made. */
export type OnDecision = (request: PolicyRequest, decision: Decision) => void

/**
 * Opens the policies for one question: who asks, for what and when are fixed here.
 * @returns decides one record class; a class met before is answered from memory. Use it for one request only.
 */
export function effectsFor(
  bundle: PolicyBundle,
  practitioner: Practitioner,
  context: Ask,
  onDecision?: OnDecision,
): (record: RecordClass) => Effect {
  const { schema, alarm, version } = bundle
  const askFaults: string[] = []
  const principal = take(schema.principal, practitioner, 'practitioner', askFaults)
  const ask = take(schema.context, context, 'context', askFaults)
  const known = new Map<string, Effect>()
  const names = new Map<object, string>()
  const nameOf = (agreement: object): string => {
    const name = names.get(agreement) ?? String(names.size)
    names.set(agreement, name)
    return name
  }
  const rows = new Map<string, Agreement | undefined>()
  const rowOf = ({ agency, custodian }: RecordClass): Agreement | undefined => {
    // with its length, so that no two pairs of names are the same text
    const key = `${agency.length} ${agency} ${custodian}`
    const row = rows.get(key)
    if (row || rows.has(key)) return row
    const found = agreementFor(bundle, agency, custodian, practitioner.agency, context.now)
    rows.set(key, found)
    return found
  }
  return (record) => {
    const offered = { ...record, agreement: rowOf(record) }
    const key = keyOf(schema.resource, offered, nameOf)
    const met = key === null ? undefined : known.get(key)
    if (met) return met
    const faults = [...askFaults]
    const resource = take(schema.resource, offered, 'record', faults, bundle.taken)
    if (faults.length > 0) {
      alarm({ bundle: version, action: 'know', errors: faults })
      return { kind: 'silent', policies: [] }
    }
    const question: Question = {
      bundle,
      practitioner,
      context,
      record: offered,
      prepared: { kind: 'world', world: { principal, resource, context: ask } },
      outcomes: new Array(bundle.policies.size),
      onDecision,
    }
    const effect = effectOn(question)
    if (key !== null) known.set(key, effect)
    return effect
  }
}

/** The effect on a single class. For many records of one question use `effectsFor`. */
export const effectOf = (
  bundle: PolicyBundle,
  practitioner: Practitioner,
  record: RecordClass,
  context: Ask,
): Effect => effectsFor(bundle, practitioner, context)(record)

/** One record class under one question, and what the policies have said of it so far. */
interface Question {
  readonly bundle: PolicyBundle
  readonly practitioner: Practitioner
  readonly context: Ask
  readonly record: RecordClass & { readonly agreement: Agreement | undefined }
  readonly prepared: Prepared
  readonly outcomes: Outcomes
  readonly onDecision: OnDecision | undefined
}

/** Every live decision is made here. */
function may(question: Question, action: string): Decision {
  const { bundle, prepared, outcomes, practitioner, record, context } = question
  const decision = decide(bundle.byAction, action, prepared, outcomes)
  if (decision.errors.length > 0) bundle.alarm({ bundle: bundle.version, action, errors: decision.errors })
  question.onDecision?.({ practitioner, action, record, context }, decision)
  return decision
}

const why = ({ bundle, practitioner, record, context }: Question, decision: Decision) =>
  reasonOf(bundle, decision, () => whyNoPermit(practitioner, record, context))

function effectOn(question: Question): Effect {
  const { bundle, record } = question
  const know = may(question, 'know')
  if (!know.allow) return { kind: 'silent', policies: cite(bundle, know) }
  const read = may(question, 'read')
  if (!read.allow) {
    const { code, disclose } = why(question, read)
    const told = disclose === 'subject' && may(question, 'tell-why').allow
    return { kind: 'withhold', reason: told ? code : 'ASK_IG_LEAD', policies: cite(bundle, read), told }
  }
  const groups = {} as Record<DecidedGroup, GroupEffect>
  for (const group of decidedGroups) groups[group] = groupEffect(question, group)
  return { kind: 'release', policies: cite(bundle, read), groups, handling: [...record.handling] }
}

function groupEffect(question: Question, group: DecidedGroup): GroupEffect {
  const { bundle } = question
  const whole = may(question, group)
  if (whole.allow) return { release: 'full', policies: cite(bundle, whole) }
  const { code, disclose } = why(question, whole)
  const partial = bundle.schema.actions.has(`${group}-partial`) && may(question, `${group}-partial`).allow
  return {
    release: partial ? 'partial' : 'none',
    reason: disclose === 'subject' ? code : 'ASK_IG_LEAD',
    policies: cite(bundle, whole),
  }
}

/** The strictest forbid gives the reason; without a forbid, the host says which condition of sharing is unmet. */
export function reasonOf(
  bundle: PolicyBundle,
  decision: Decision,
  noPermit: () => string,
): { code: string; disclose: Disclosure } {
  if (decision.errors.length > 0) return { code: 'POLICY_FAULT', disclose: 'ig' }
  const strictness = { subject: 0, ig: 1, never: 2 } as const
  let strictest: { code: string; disclose: Disclosure } | undefined
  for (const id of decision.determining) {
    const policy = bundle.policies.get(id)
    if (!policy?.reason || !policy.disclose) continue
    if (!strictest || strictness[policy.disclose] > strictness[strictest.disclose])
      strictest = { code: policy.reason, disclose: policy.disclose }
  }
  return strictest ?? { code: noPermit(), disclose: 'subject' }
}

export const cite = (bundle: PolicyBundle, decision: Decision): readonly string[] =>
  decision.determining.map((id) => `${id}@${bundle.policies.get(id)?.hash8 ?? 'unknown'}`)
