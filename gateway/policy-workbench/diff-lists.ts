/**
 * What differs beside the policies: agreements, lawful bases, purposes, thresholds and who reads the log, compared in their structure as
 * `change.ts` does, and the words in which reasons are told.
 */
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { widens } from '../sharing/policy/change.ts'
import type { Sides } from './diff-cause.ts'

export interface ListDiff {
  /** each in plain words: what the candidate's agreements and lists let more be asked or shared */
  readonly wider: readonly string[]
  /** what those of the live bundle do beyond the candidate's */
  readonly narrower: readonly string[]
  /** other words for a reason, and other annotations of a policy */
  readonly words: readonly string[]
}

export function listDiff({ live, candidate }: Sides): ListDiff {
  // the candidate with the lists of the live bundle: so nothing but the lists differs
  const { agreements, lawfulBases, purposes, thresholds, logReaders, signals, subjectAccess } = live
  const lists = { agreements, lawfulBases, purposes, thresholds, logReaders, signals, subjectAccess }
  const asLive: PolicyBundle = { ...candidate, ...lists }
  return {
    wider: widens(asLive, candidate),
    narrower: widens(candidate, asLive),
    words: [...otherReasons(live, candidate), ...otherAnnotations(live, candidate)],
  }
}

function otherReasons(live: PolicyBundle, candidate: PolicyBundle): string[] {
  const codes = new Set([...live.reasons.keys(), ...candidate.reasons.keys()])
  return [...codes].flatMap((code) => {
    const [was, is] = [live.reasons.get(code), candidate.reasons.get(code)]
    if (!was || !is) return [`reason \`${code}\` ${is ? 'is new' : 'is gone'}`]
    return [
      ...(was.words === is.words
        ? []
        : [`reason \`${code}\` reads: ${is.words ?? 'nothing, it is never told'}`]),
      ...(was.route === is.route ? [] : [`reason \`${code}\` sends the reader to: ${is.route}`]),
    ]
  })
}

const ANNOTATIONS = ['reason', 'disclose', 'review', 'title'] as const

function otherAnnotations(live: PolicyBundle, candidate: PolicyBundle): string[] {
  return [...candidate.policies.values()].flatMap((is) => {
    const was = live.policies.get(is.id)
    return ANNOTATIONS.filter((name) => was && was[name] !== is[name]).map(
      (name) =>
        `policy \`${is.id}\`: @${name} was ${was?.[name] || 'not there'}, and is ${is[name] || 'not there'}`,
    )
  })
}
