/** Runs one worked example against a bundle, and says in words how the outcome differs from what is expected. */
import type { DecidedGroup } from '../../schema/data-group.ts'
import { decidedGroups } from '../../schema/data-group.ts'
import { Refusal } from '../../schema/refusal.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { Practitioner, RecordClass } from '../sharing/policy/decide.ts'
import { type Effect, effectOf } from '../sharing/policy/effect.ts'
import { checkReason } from '../sharing/policy/lawful-basis.ts'
import { type Askable, mayAsk } from '../sharing/policy/may-ask.ts'
import type { Staged } from './cast.ts'
import { NOTHING, UNKNOWN } from './example-file.ts'

/** @returns null where the example holds for everyone and every record that it names */
export function differenceOf(bundle: PolicyBundle, staged: Staged): string | null {
  const erred: string[] = []
  const supposed: PolicyBundle = {
    ...bundle,
    alarm: ({ errors }) => erred.push(...errors),
    ...(staged.agreements && { agreements: staged.agreements, taken: new WeakMap() }),
  }
  const each = staged.people.flatMap((person) => staged.records.map((record) => ({ person, record })))
  for (const { person, record } of each) {
    const difference = differenceFor(supposed, { ...staged, record }, person)
    const which = each.length > 1 ? `for ${person.roles.join()} and ${record.recordType}, ` : ''
    if (difference) return `${which}${difference}`
    const unlisted = staged.example.because === UNKNOWN
    if (unlisted !== erred.length > 0)
      return unlisted ? 'every code is listed' : `a policy could not be applied: ${erred[0]}`
    erred.length = 0
  }
  return null
}

function differenceFor(
  bundle: PolicyBundle,
  staged: Staged & { readonly record: RecordClass },
  person: Staged['people'][number],
): string | null {
  const { organisation, ...practitioner } = person
  const { example, ask, record } = staged
  const { expect } = example
  const because = [example.because ?? []].flat()
  const cited = (policies: readonly string[]) => citedAs(policies, because)
  if (expect === 'silent') {
    const effect = effectOf(bundle, practitioner, record, ask)
    return effect.kind === 'silent' ? cited(effect.policies) : `it is ${told(effect)}`
  }
  if (expect === 'shown') return shownFrom(effectOf(bundle, practitioner, record, ask), decidedGroups, cited)
  if (expect === 'under review') return reviewedFrom(mayAsk(bundle, practitioner, record, ask), cited)
  if (expect === 'accepted') return refusedFrom(bundle, staged, person, null)
  if (expect.refused) return refusedFrom(bundle, staged, person, expect.refused)
  if (expect['not asked']) {
    const askable = mayAsk(bundle, practitioner, record, ask)
    return notAskedFrom(askable, expect['not asked'], cited)
  }
  const effect = effectOf(bundle, practitioner, record, ask)
  if (expect.withheld) {
    if (effect.kind !== 'withhold') return `it is ${told(effect)}`
    return effect.reason === expect.withheld
      ? cited(effect.policies)
      : `it is withheld with the reason ${effect.reason}`
  }
  const hidden = [
    ...(expect.partly ?? []).map((group) => [group, 'partial'] as const),
    ...(expect.masked ?? []).map((group) => [group, 'none'] as const),
  ]
  const shown = shownFrom(effect, expect.shown ?? [], hidden.length > 0 ? () => null : cited)
  if (shown || effect.kind !== 'release') return shown ?? `it is ${told(effect)}`
  for (const [group, release] of hidden) {
    const given = effect.groups[group]
    if (given.release !== release) return `${group} is ${RELEASED[given.release]}`
    if (example.reason && given.reason !== example.reason)
      return `${group} is ${RELEASED[release]} with the reason ${given.reason}`
    const wrong = cited(given.policies)
    if (wrong) return `${group}: ${wrong}`
  }
  return null
}

const RELEASED = { full: 'shown', partial: 'shown partly', none: 'masked' } as const

function told(effect: Effect): string {
  const ids = idsOf(effect.policies)
  if (effect.kind === 'silent') return `silent (${ids.join(', ') || NOTHING})`
  if (effect.kind === 'withhold') return `withheld: ${effect.reason} (${ids.join(', ') || NOTHING})`
  return 'shown'
}

function shownFrom(
  effect: Effect,
  groups: readonly DecidedGroup[],
  cited: (policies: readonly string[]) => string | null,
): string | null {
  if (effect.kind !== 'release') return `it is ${told(effect)}`
  for (const group of groups) {
    const { release, policies } = effect.groups[group]
    if (release !== 'full') return `${group} is ${RELEASED[release]} (${idsOf(policies).join(', ')})`
    const wrong = cited(policies)
    if (wrong) return `${group}: ${wrong}`
  }
  return cited(effect.policies)
}

function reviewedFrom(
  askable: Askable,
  cited: (policies: readonly string[]) => string | null,
): string | null {
  if (askable.kind === 'ask') return `it is asked for: ${askable.groups.join(', ')}`
  if (askable.kind === 'not-asked') return `it is not asked for with the reason ${askable.reason}`
  return cited(askable.rules)
}

function notAskedFrom(
  askable: Askable,
  reason: string,
  cited: (policies: readonly string[]) => string | null,
): string | null {
  if (askable.kind === 'ask') return `it is asked for: ${askable.groups.join(', ')}`
  if (askable.kind === 'review') return `the agency decides first: ${idsOf(askable.rules).join(', ')}`
  return askable.reason === reason
    ? cited(askable.policies)
    : `it is not asked for with the reason ${askable.reason}`
}

function refusedFrom(
  bundle: PolicyBundle,
  { ask }: Staged,
  person: Practitioner & { readonly organisation: string },
  code: string | null,
): string | null {
  const [article6 = '', condition = '', fn = ''] = ask.bases
  try {
    checkReason(bundle, {
      purpose: ask.purpose,
      threshold: ask.threshold,
      lawfulBasis: { article6, condition, function: fn },
      role: person.roles[0] ?? '',
      organisationKind: person.organisation,
      on: ask.now,
    })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.code === code ? null : `it is refused with ${error.code}`
  }
  return code === null ? null : 'the reason of the question is accepted'
}

export const idsOf = (policies: readonly string[]): string[] =>
  policies.map((policy) => policy.slice(0, policy.lastIndexOf('@')))

function citedAs(policies: readonly string[], because: readonly string[]): string | null {
  const ids = idsOf(policies)
  const wanted = because.filter((id) => id !== NOTHING && id !== UNKNOWN)
  if (ids.length === wanted.length && ids.every((id) => wanted.includes(id))) return null
  return `it is decided by ${ids.join(', ') || 'no policy'}`
}
