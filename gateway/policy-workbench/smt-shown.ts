/**
 * What one bundle lets be seen, as terms over an open world: the same ladder as in `effect.ts`. A group counts only
 * where the record may be known and read, and only of types of record that hold such a field.
 */
import { type DecidedGroup, decidedGroups, partialGroups } from '../../schema/data-group.ts'
import { recordTypes } from '../../schema/record-types.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { seenGroups } from '../sharing/policy/seen-groups.ts'
import { UNMET } from './seen-case.ts'
import { clausesOf, readClauses } from './smt-decision.ts'
import type { Definitions } from './smt-definitions.ts'
import { and, not, or, type Term } from './smt-term.ts'
import { isCode } from './smt-union.ts'
import type { OpenWorld, Texts } from './smt-world.ts'

/** In the order in which they are told. `tell-why`: the reason of withholding, or more. `location-partial`: at least. */
export const steps: readonly string[] = [
  'know',
  'tell-why',
  'read',
  ...decidedGroups,
  ...partialGroups.map((group) => `${group}-partial`),
]

export interface Shown {
  /** for each step the term that is true where so much is seen */
  readonly seen: ReadonlyMap<string, Term>
  /** for each step at which something is hidden and a reason told: where, and which, by code */
  readonly told: ReadonlyMap<string, { readonly where: Term; readonly codes: ReadonlyMap<string, Term> }>
  /** that the conditions of a policy hold; `false` of one that is not there */
  holds(id: string): Term
}

/** The reason that stands for one that is not for the subject to hear. */
const UNTOLD = 'ASK_IG_LEAD'

/** @param bundle with the policy schema of the world */
export function shownIn(
  bundle: PolicyBundle,
  world: OpenWorld,
  texts: Texts,
  { define }: Definitions,
): Shown {
  const clauses = clausesOf(bundle)
  const policies = new Map(
    [...bundle.policies.values()].map((policy) => {
      const { holds, errs } = readClauses(policy.id, clauses.get(policy.id) ?? [], bundle, world, texts)
      const terms = {
        holds: define(policy.id, and(holds, not(errs))),
        errs: define(`${policy.id} errs`, errs),
      }
      return [policy.id, { ...policy, ...terms }]
    }),
  )
  const speaking = (action: string) =>
    [...policies.values()].filter(({ compiled }) => compiled.actions.has(action)).sort(byId)
  const holding = (action: string, effect: string) =>
    or(
      ...speaking(action)
        .filter(({ compiled }) => compiled.effect === effect)
        .map(({ holds }) => holds),
    )
  const forbids = (action: string) => speaking(action).filter(({ compiled }) => compiled.effect === 'forbid')
  const erring = (action: string) => or(...speaking(action).map(({ errs }) => errs))
  /** As in `decide.ts`. */
  const allow = (action: string): Term =>
    define(
      `allow ${action}`,
      and(holding(action, 'permit'), not(holding(action, 'forbid')), not(erring(action))),
    )

  /** A policy erred, or a forbid that holds is not for the subject to hear. */
  const unheard = (action: string): Term =>
    or(
      ...forbids(action)
        .filter(({ disclose }) => disclose !== 'subject')
        .map(({ holds }) => holds),
      erring(action),
    )
  const codesOf = (action: string): ReadonlyMap<string, Term> => {
    const codes = new Map<string, Term[]>()
    const add = (code: string, term: Term) => codes.set(code, [...(codes.get(code) ?? []), term])
    const hushed = define(`unheard ${action}`, unheard(action))
    add(UNTOLD, hushed)
    const before: Term[] = [hushed]
    for (const { reason, disclose, holds } of forbids(action)) {
      if (disclose === 'subject') add(reason ?? UNTOLD, and(holds, ...before.map(not)))
      before.push(holds)
    }
    add(UNMET, and(...before.map(not)))
    return new Map([...codes].map(([code, terms]) => [code, define(`tells ${action} ${code}`, or(...terms))]))
  }

  const know = define('seen know', allow('know'))
  const read = define('seen read', and(know, allow('read')))
  const reasonTold = and(allow('tell-why'), not(unheard('read')))
  const whole = (group: DecidedGroup) => and(read, allow(group))
  const seen = new Map<string, Term>([
    ['know', know],
    ['tell-why', define('seen tell-why', and(know, or(allow('read'), reasonTold)))],
    ['read', read],
    ...decidedGroups.map((group): [string, Term] => [group, define(`seen ${group}`, whole(group))]),
    ...partialGroups.map((group): [string, Term] => [
      `${group}-partial`,
      define(`seen ${group}-partial`, and(read, or(allow(group), allow(`${group}-partial`)))),
    ]),
  ])
  const told = new Map(
    [
      { step: 'know', where: not(know) },
      { step: 'read', where: and(know, not(allow('read')), reasonTold) },
      ...decidedGroups.map((group) => ({ step: group as string, where: and(read, not(allow(group))) })),
    ].map(({ step, where }) => [step, { where, codes: codesOf(step) }] as const),
  )
  return { seen, told, holds: (id) => policies.get(id)?.holds ?? 'false' }
}

/** Where a step can make a difference: the record is of a type that holds such a field. */
export function matters(step: string, { parts }: OpenWorld): Term {
  if (['know', 'tell-why', 'read'].includes(step)) return 'true'
  const type =
    parts.resource.kind === 'record' ? parts.resource.attributes.get('recordType')?.value : undefined
  if (type?.kind !== 'scalar') return 'true'
  const held = recordTypes.filter(({ name }) => seenGroups(name).actions.has(step))
  return or(...held.map(({ name }) => isCode(type, `RecordType::"${name}"`)))
}

const byId = (one: { readonly id: string }, other: { readonly id: string }) => (one.id < other.id ? -1 : 1)
