/**
 * Explains a recorded decision to the IG lead, from its grounds: what each class of record met, step by step, by which
 * policies, and where nothing permitted it the nearest permit with what fails. Pure.
 *
 * Leaves out, count and all, what a policy that is never disclosed keeps silent: with and without it the explanation is
 * the same. What could not be decided, for a code that no policy knows, is left out too, as it may be of that sort.
 * Labels and handling stand nowhere in it.
 */
import type {
  ExplainedClass,
  ExplainedKind,
  ExplainedStep,
  Explanation,
} from '../../../schema/explanation.ts'
import { isPersonal } from '../../../schema/person.ts'
import { agreementFor } from './agreement.ts'
import type { PolicyBundle } from './bundle.ts'
import { type Decision, decide, type Outcomes, type Prepared, prepare, type RecordClass } from './decide.ts'
import { cite, effectsFor, reasonOf } from './effect.ts'
import type { Grounds } from './grounds.ts'
import { mayAsk, type RecordKind } from './may-ask.ts'
import { nearestPermit } from './nearest-permit.ts'
import { seenGroups } from './seen-groups.ts'
import { whyNoPermit } from './why-no-permit.ts'

/** @param bundle the one that decided */
export function explain(bundle: PolicyBundle, grounds: Grounds): Explanation {
  const opened = grounds.classes.map(({ record, n }) => ({ n, ...open(bundle, grounds, record) }))
  const classes = opened.flatMap((each): ExplainedClass[] => {
    if (!each.mayBeTold || isUnacknowledged(each, opened)) return []
    const { custodian, recordType, subject: about } = each.record
    return [{ custodian, recordType, about, n: each.n, steps: stepsOf(each) }]
  })
  return { bundle: bundle.version, classes: joined(classes), notAsked: notAskedIn(bundle, grounds) }
}

/** A class of record under the question, and whether it may be known. */
interface Opened {
  readonly bundle: PolicyBundle
  readonly record: RecordClass
  readonly asked: Parameters<typeof prepare>[1]
  readonly prepared: Prepared
  readonly outcomes: Outcomes
  readonly know: Decision
  readonly mayBeTold: boolean
}

function open(bundle: PolicyBundle, { practitioner, context }: Grounds, record: RecordClass): Opened {
  const agreement = agreementFor(bundle, record.agency, record.custodian, practitioner.agency, context.now)
  const asked = { practitioner, record: { ...record, agreement }, context }
  const prepared = prepare(bundle.schema, asked)
  const outcomes: Outcomes = []
  const know = decide(bundle.byAction, 'know', prepared, outcomes)
  const never = [...know.determining, ...know.errors].some(
    (id) => bundle.policies.get(id)?.disclose === 'never',
  )
  return { bundle, record, asked, prepared, outcomes, know, mayBeTold: prepared.kind === 'world' && !never }
}

/** Someone known to an agency only through what is silent is not known to it at all, as in `disclose.ts`. */
function isUnacknowledged({ record }: Opened, all: readonly Opened[]): boolean {
  if (!isPersonal(record.recordType)) return false
  const substance = all.filter(
    (each) => each.record.custodian === record.custodian && !isPersonal(each.record.recordType),
  )
  return substance.length > 0 && !substance.some(({ know }) => know.allow)
}

function stepsOf(opened: Opened): readonly ExplainedStep[] {
  const step = (action: string) => stepOf(opened, action)
  const know = step('know')
  if (!know.allowed) return [know]
  const read = step('read')
  if (!read.allowed) return [know, read, step('tell-why')]
  const { groups, inPart } = seenGroups(opened.record.recordType)
  return [know, read, ...groups.map(step), ...inPart.map((group) => step(`${group}-partial`))]
}

function stepOf({ bundle, asked, prepared, outcomes }: Opened, action: string): ExplainedStep {
  const decision = decide(bundle.byAction, action, prepared, outcomes)
  const { allow: allowed, determining, errors } = decision
  const policies = cite(bundle, decision)
  if (allowed) return { action, allowed, policies, reason: null, nearest: null }
  const { practitioner, record, context } = asked
  const { code } = reasonOf(bundle, decision, () => whyNoPermit(practitioner, record, context))
  const byDefault = determining.length === 0 && errors.length === 0 && prepared.kind === 'world'
  const nearest = byDefault ? nearestPermit(bundle, action, prepared.world) : null
  return { action, allowed, policies, reason: code, nearest }
}

/** Classes of which the explanation is the same are one, so that it does not tell how their labels differ. */
function joined(classes: readonly ExplainedClass[]): readonly ExplainedClass[] {
  const met = new Map<string, ExplainedClass>()
  for (const { n, ...rest } of classes) {
    const key = JSON.stringify(rest)
    met.set(key, { ...rest, n: n + (met.get(key)?.n ?? 0) })
  }
  // the order in which records came says nothing, and would: a hidden one may have been the first
  return [...met].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each)
}

function notAskedIn(bundle: PolicyBundle, grounds: Grounds): readonly ExplainedKind[] {
  const { practitioner, context, kinds } = grounds
  // an alarm was raised when it was decided
  const quiet = { ...bundle, alarm: () => {} }
  const effects = effectsFor(quiet, practitioner, context)
  return kinds.flatMap((kind): ExplainedKind[] => {
    const askable = mayAsk(quiet, practitioner, kind, context, effects)
    if (askable.kind === 'ask') return []
    const { custodian, recordType } = kind
    if (askable.kind === 'review')
      return [{ custodian, recordType, reason: 'UNDER_REVIEW', policies: askable.rules, nearest: null }]
    const opened = open(bundle, grounds, plainest(kind))
    const { policies, reason, nearest } = stepOf(opened, 'know')
    return opened.mayBeTold ? [{ custodian, recordType, reason: reason ?? '', policies, nearest }] : []
  })
}

/** The record by which `mayAsk` says why not. */
const plainest = (kind: RecordKind): RecordClass => ({
  ...kind,
  reviewed: true,
  labels: [],
  handling: [],
  subject: 'child',
})
