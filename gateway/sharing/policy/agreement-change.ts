/**
 * Whether changed agreements could let more be shared. Compares, for every custodian and every recipient at every
 * time, the one agreement that applied before with the one that applies after: a row that is narrowed or taken out
 * may let another, wider row apply in its place. What is not proved to be narrower counts as wider.
 */
import { type Agreement, agreementFor } from './agreement.ts'
import { agreementUse } from './agreement-use.ts'
import type { Policy, PolicyBundle } from './bundle.ts'
import { ukDayOf } from './uk-day.ts'

interface Pair {
  readonly agency: string
  readonly custodian: string
  readonly recipient: string
}

/** @returns a line for each change, in plain words; none where every question is covered by as much or less */
export function widerAgreements(before: PolicyBundle, after: PolicyBundle): string[] {
  const lines = new Set<string>()
  const policies = decisive(before, after)
  for (const pair of pairsOf([...before.agreements, ...after.agreements])) {
    for (const instant of instantsOf(pair, [...before.agreements, ...after.agreements])) {
      const pick = (bundle: PolicyBundle) =>
        agreementFor(bundle, pair.agency, pair.custodian, pair.recipient, instant)
      for (const line of wider(pick(before), pick(after), instant, pair, policies)) lines.add(line)
    }
  }
  return [...lines]
}

/** Policies that could gain by a change of the agreement: permits that are there after, forbids that were there before. */
interface Decisive {
  readonly loseByTerms: readonly Policy[]
  readonly loseByPresence: readonly Policy[]
  readonly needForce: boolean
}

function decisive(before: PolicyBundle, after: PolicyBundle): Decisive {
  const those = (bundle: PolicyBundle, effect: 'permit' | 'forbid') =>
    [...bundle.policies.values()]
      .filter(({ compiled }) => compiled.effect === effect)
      .map((policy) => ({ policy, use: agreementUse(policy, bundle.schema) }))
  const all = [...those(after, 'permit'), ...those(before, 'forbid')]
  return {
    loseByTerms: all.filter(({ use }) => !use.boundByTerms).map(({ policy }) => policy),
    loseByPresence: all.filter(({ use }) => !use.boundByPresence).map(({ policy }) => policy),
    needForce: all.every(({ use }) => use.needsForce),
  }
}

function pairsOf(agreements: readonly Agreement[]): Pair[] {
  const pairs = new Map<string, Pair>()
  for (const { source, recipients } of agreements)
    for (const custodian of source.custodians)
      for (const recipient of recipients) {
        const pair = { agency: source.agency, custodian, recipient }
        pairs.set(JSON.stringify(pair), pair)
      }
  return [...pairs.values()]
}

/** Which row applies changes only where one starts: an instant of each stretch, the one before all of them included. */
function instantsOf({ agency, custodian, recipient }: Pair, agreements: readonly Agreement[]): Date[] {
  const starts = agreements
    .filter(
      ({ source, recipients }) =>
        source.agency === agency && source.custodians.includes(custodian) && recipients.includes(recipient),
    )
    .map((row) => row.starts.getTime())
  return [Math.min(...starts) - 1, ...starts].map((time) => new Date(time))
}

/** True where it is not in force at the instant, and so neither until the next row applies. */
const isIdle = (row: Agreement, instant: Date): boolean =>
  row.suspended || instant < row.starts || instant >= row.expires

function wider(
  was: Agreement | undefined,
  is: Agreement | undefined,
  instant: Date,
  { custodian, recipient }: Pair,
  { loseByTerms, loseByPresence, needForce }: Decisive,
): string[] {
  if (!is) return was ? loseByPresence.map((policy) => unproved(was, policy)) : []
  if (needForce && isIdle(is, instant)) return []
  const reach = `from ${custodian} to ${recipient}`
  if (!was) return [`agreement \`${is.id}\` shares ${reach}, and no agreement did`]
  if (was.id !== is.id) return [`agreement \`${is.id}\` takes the place of \`${was.id}\` ${reach}`]
  const more = moreThan(was, is)
  if (more.length > 0) return more.map((what) => `agreement \`${is.id}\` ${what}`)
  return sameTerms(was, is) ? [] : loseByTerms.map((policy) => unproved(is, policy))
}

const unproved = (row: Agreement, { id }: Policy): string =>
  `\`${id}\` may share more where less is agreed, so the change of agreement \`${row.id}\` is not proved to be narrower`

/** What an agreement grants beyond another of the same parties, each to be read after its id. */
export function moreThan(was: Agreement, is: Agreement): string[] {
  const beyond = (what: string, before: readonly string[], after: readonly string[]) => {
    const added = after.filter((each) => !before.includes(each))
    return added.length > 0 ? [`covers more ${what}: ${added.join(', ')}`] : []
  }
  const dropped = (what: string, before: readonly string[], after: readonly string[]) =>
    before.filter((each) => !after.includes(each)).map((each) => `no longer has the ${what} \`${each}\``)
  return [
    ...(was.suspended && !is.suspended ? ['is no longer suspended'] : []),
    ...(is.starts < was.starts ? [`starts earlier, on ${ukDayOf(is.starts)}`] : []),
    ...(is.expires > was.expires ? [`ends later, on ${ukDayOf(new Date(is.expires.getTime() - 1))}`] : []),
    ...beyond('record types', was.recordTypes, is.recordTypes),
    ...beyond('purposes', was.purposes, is.purposes),
    ...beyond('lawful bases', was.bases, is.bases),
    ...beyond('thresholds', was.thresholds, is.thresholds),
    ...dropped('restriction', was.restrictions, is.restrictions),
    ...dropped('duty', was.duties, is.duties),
  ]
}

/** Titles, versions and words aside: policies see none of them. */
const sameTerms = (one: Agreement, other: Agreement): boolean =>
  moreThan(one, other).length === 0 && moreThan(other, one).length === 0
