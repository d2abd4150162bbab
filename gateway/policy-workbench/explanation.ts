/**
 * Explains a recorded decision to the IG lead, from the grounds on which it was made: what each class of record met,
 * step by step, by which policies; and where nothing permitted it, the nearest permit and what it missed. Leaves out
 * whatever is never disclosed, as if it had not been there.
 */
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import type {
  ExplainedClass,
  ExplainedKind,
  ExplainedStep,
  Explanation,
  NearestPermit,
} from '../../schema/explanation.ts'
import { isPersonal } from '../../schema/person.ts'
import { agreementFor } from '../sharing/policy/agreement.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { compilePolicy } from '../sharing/policy/compile.ts'
import { type Decision, decide, type Prepared, prepare, type RecordClass } from '../sharing/policy/decide.ts'
import { cite, effectsFor, reasonOf } from '../sharing/policy/effect.ts'
import type { Grounds } from '../sharing/policy/grounds.ts'
import { mayAsk } from '../sharing/policy/may-ask.ts'
import { seenGroups } from '../sharing/policy/seen-groups.ts'
import { unacknowledged } from '../sharing/policy/unacknowledged.ts'
import { whyNoPermit } from '../sharing/policy/why-no-permit.ts'
import { inWords, nodeOf, type Tree } from './in-words.ts'

/** @param bundle the one that decided */
export function explain(bundle: PolicyBundle, grounds: Grounds): Explanation {
  const { practitioner, context } = grounds
  const effect = effectsFor(bundle, practitioner, context)
  const decided = grounds.classes.map(({ record, n }) => ({ record, n, effect: effect(record) }))
  const silent = unacknowledged(decided)
  const classes = decided
    .filter(({ record }) => !(isPersonal(record.recordType) && silent.has(record.custodian)))
    .map(({ record, n }) => ({ record, n, steps: stepsOf(bundle, grounds, record) }))
    .filter(({ steps }) => !steps.some((step) => isNeverTold(bundle, step)))
    .map(({ record, n, steps }) => ({
      ...{ custodian: record.custodian, recordType: record.recordType, about: record.subject, n },
      steps,
    }))
  return { bundle: bundle.version, classes: joined(classes), notAsked: notAskedOf(bundle, grounds) }
}

const isNeverTold = (bundle: PolicyBundle, { policies }: ExplainedStep): boolean =>
  policies.some((cited) => bundle.policies.get(cited.split('@')[0] ?? '')?.disclose === 'never')

/** Classes of which the explanation is the same are one, so that it does not tell how their labels differ. */
function joined(classes: readonly ExplainedClass[]): ExplainedClass[] {
  const met = new Map<string, ExplainedClass>()
  for (const each of classes) {
    const key = JSON.stringify({ ...each, n: 0 })
    met.set(key, { ...each, n: (met.get(key)?.n ?? 0) + each.n })
  }
  return [...met.values()]
}

function stepsOf(bundle: PolicyBundle, grounds: Grounds, record: RecordClass): ExplainedStep[] {
  const { practitioner, context } = grounds
  const agreement = agreementFor(bundle, record.agency, record.custodian, practitioner.agency, context.now)
  const full = { ...record, agreement }
  const prepared = prepare(bundle.schema, { practitioner, record: full, context })
  const step = (action: string): ExplainedStep => {
    const decision = decide(bundle.byAction, action, prepared)
    const reason = decision.allow
      ? null
      : reasonOf(bundle, decision, () => whyNoPermit(practitioner, full, context)).code
    const nearest = byDefault(decision) ? nearestPermit(bundle, action, prepared) : null
    return { action, allowed: decision.allow, policies: cite(bundle, decision), reason, nearest }
  }
  const know = step('know')
  if (!know.allowed) return [know]
  const read = step('read')
  if (!read.allowed) return [know, read, step('tell-why')]
  const { groups, inPart } = seenGroups(record.recordType)
  const parts = inPart
    .map((group) => `${group}-partial`)
    .filter((action) => bundle.schema.actions.has(action))
  return [know, read, ...[...groups, ...parts].map(step)]
}

const byDefault = ({ allow, determining, errors }: Decision): boolean =>
  !allow && determining.length === 0 && errors.length === 0

/** Of the permits for an action, the one with the fewest conditions unmet; the first by id among equals. */
function nearestPermit(bundle: PolicyBundle, action: string, prepared: Prepared): NearestPermit | null {
  if (prepared.kind === 'faults') return null
  const permits = (bundle.byAction.get(action) ?? []).filter(({ policy }) => policy.effect === 'permit')
  const tried = permits.flatMap(({ policy: { id } }) => {
    const policy = bundle.policies.get(id)
    if (!policy) return []
    const unmet = atomsOf(policy.text)
      .filter((atom) => !holds(bundle, id, atom, prepared))
      .map(atomInWords)
    return [{ policy: `${id}@${policy.hash8}`, title: policy.title, unmet }]
  })
  return tried.sort((one, other) => one.unmet.length - other.unmet.length)[0] ?? null
}

/** A condition that must hold, or must not. */
interface Atom {
  readonly body: Tree
  readonly wanted: boolean
}

const atomInWords = ({ body, wanted }: Atom): string => {
  const words = inWords(body).replace(/^\((.*)\)$/, '$1')
  return wanted ? words : `not: ${words}`
}

/** Conditions of a policy, each `and` taken apart. */
function atomsOf(text: string): Atom[] {
  const answer = policyToJson(text)
  if (answer.type === 'failure') return []
  const conditions = answer.json.conditions as unknown as { kind: 'when' | 'unless'; body: Tree }[]
  return conditions.flatMap(({ kind, body }): Atom[] =>
    kind === 'when' ? taken(body).map((part) => ({ body: part, wanted: true })) : [{ body, wanted: false }],
  )
}

function taken(body: Tree): Tree[] {
  const [operator, operands] = nodeOf(body)
  if (operator !== '&&') return [body]
  const { left, right } = operands as { left: Tree; right: Tree }
  return [...taken(left), ...taken(right)]
}

/** A condition about an agreement that is not there does not hold. */
function holds(bundle: PolicyBundle, id: string, { body, wanted }: Atom, prepared: Prepared): boolean {
  if (prepared.kind === 'faults') return false
  const head = { effect: 'permit', principal: { op: 'All' }, action: { op: 'All' }, resource: { op: 'All' } }
  const alone = compilePolicy(id, { ...head, conditions: [{ kind: 'when', body }] }, bundle.schema)
  try {
    return alone.holds(prepared.world) === wanted
  } catch {
    return false
  }
}

function notAskedOf(bundle: PolicyBundle, { practitioner, context, kinds }: Grounds): ExplainedKind[] {
  const effects = effectsFor(bundle, practitioner, context)
  return kinds.flatMap((kind) => {
    const askable = mayAsk(bundle, practitioner, kind, context, effects)
    if (askable.kind === 'ask') return []
    const { custodian, recordType } = kind
    if (askable.kind === 'review')
      return [{ custodian, recordType, reason: 'UNDER_REVIEW', policies: askable.rules, nearest: null }]
    const agreement = agreementFor(bundle, kind.agency, custodian, practitioner.agency, context.now)
    const record = { ...kind, labels: [], handling: [], subject: 'child', reviewed: false, agreement }
    const prepared = prepare(bundle.schema, { practitioner, record, context })
    const nearest = askable.policies.length === 0 ? nearestPermit(bundle, 'know', prepared) : null
    return [{ custodian, recordType, reason: askable.reason, policies: askable.policies, nearest }]
  })
}
