/**
 * Whether a bundle could let more be shared than the one before it. Structural: it proves, and does not try out. What
 * it cannot prove to be narrower counts as wider, and two people decide on it.
 */
import { isDeepStrictEqual } from 'node:util'
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import { canonicalJson } from '../../canonical-json.ts'
import { SIGNALS } from '../../reports/signal-rules.ts'
import { SUBJECT_ACCESS } from '../../reports/subject-access-rules.ts'
import { widerAgreements } from './agreement-change.ts'
import { agreementUse } from './agreement-use.ts'
import type { Policy, PolicyBundle } from './bundle.ts'
import { SCHEMA } from './bundle-files.ts'
import type { Basis, Reason } from './catalogue.ts'

/** @returns each change that is not provably narrower, in plain words; empty: no question is answered with more */
export const widens = (before: PolicyBundle, after: PolicyBundle): string[] => [
  ...(before.schemaText === after.schemaText ? [] : [`${SCHEMA} is another: policies do not see the same`]),
  ...widerPolicies(before, after),
  ...widerAgreements(before, after),
  ...widerBases(before.lawfulBases, after.lawfulBases),
  ...widerList('purpose', before.purposes, after.purposes, ['thresholds', 'functions', 'roles']),
  ...widerList('threshold', before.thresholds, after.thresholds, ['functions']),
  ...otherReasons(before.reasons, after.reasons),
  ...widerReading(before, after),
]

function widerPolicies(before: PolicyBundle, after: PolicyBundle): string[] {
  const lines: string[] = []
  for (const [id, policy] of before.policies) {
    const now = after.policies.get(id)
    const named = `\`${id}\` (${policy.title})`
    if (now) {
      if (!sameMeaning(policy, now)) lines.push(`${named} does not say the same as before`)
    } else if (policy.compiled.effect === 'forbid') lines.push(`${named} no longer forbids`)
    else if (agreementUse(policy, before.schema).mayErr)
      lines.push(`${named} is gone, and where it failed it denied`)
  }
  for (const [id, { title, compiled }] of after.policies)
    if (!before.policies.has(id) && compiled.effect === 'permit')
      lines.push(`\`${id}\` (${title}) permits anew`)
  return lines
}

/** The whole meaning with its annotations, whatever its layout: eight digits of its hash can be made to agree. */
const sameMeaning = (one: Policy, other: Policy): boolean =>
  one.text === other.text || meaningOf(one) === meaningOf(other)

function meaningOf({ id, text }: Policy): string {
  const answer = policyToJson(text)
  if (answer.type === 'failure') throw new Error(`\`${id}\` cannot be read again`)
  return canonicalJson(answer.json)
}

function widerBases(before: ReadonlyMap<string, Basis>, after: ReadonlyMap<string, Basis>): string[] {
  return [...after.values()].flatMap((basis) => {
    const was = before.get(basis.code)
    const named = `lawful basis \`${basis.code}\``
    if (!was) return [`${named} is new`]
    const opened = was.closedTo.filter((kind) => !basis.closedTo.includes(kind))
    return [
      ...(was.kind === basis.kind ? [] : [`${named} is of another kind`]),
      ...(isWithin(basis.inForce, was.inForce) ? [] : [`${named} is in force on more days`]),
      ...(opened.length > 0 ? [`${named} is open to more: ${opened.join(', ')}`] : []),
    ]
  })
}

function isWithin(is: Basis['inForce'], was: Basis['inForce']): boolean {
  if (is === 'awaiting-commencement' || was === 'long-standing') return true
  if (was === 'awaiting-commencement' || is === 'long-standing') return false
  return is.from >= was.from && (was.to === undefined || (is.to !== undefined && is.to <= was.to))
}

function widerList<Key extends string>(
  what: string,
  before: ReadonlyMap<string, { readonly [key in Key]: readonly string[] }>,
  after: ReadonlyMap<string, { readonly [key in Key]: readonly string[] }>,
  keys: readonly Key[],
): string[] {
  return [...after].flatMap(([code, entry]) => {
    const was = before.get(code)
    if (!was) return [`${what} \`${code}\` is new`]
    return keys.flatMap((key) => {
      const added = entry[key].filter((each) => !was[key].includes(each))
      return added.length > 0 ? [`${what} \`${code}\` has more ${key}: ${added.join(', ')}`] : []
    })
  })
}

/**
 * Who reads every access, what is told of it as a signal, and what is held back from a subject. Of the latter two no
 * change is narrower: what one is told more, another is told less.
 */
function widerReading(before: PolicyBundle, after: PolicyBundle): string[] {
  const readers = [...after.logReaders].filter((agency) => !before.logReaders.has(agency))
  const same = (list: 'signals' | 'subjectAccess') => isDeepStrictEqual(before[list], after[list])
  return [
    ...readers.map((agency) => `the IG leads of \`${agency}\` read every access`),
    ...(same('signals') ? [] : [`${SIGNALS} does not say the same as before`]),
    ...(same('subjectAccess') ? [] : [`${SUBJECT_ACCESS} does not say the same as before`]),
  ]
}

/** Words may be put better; which reasons there are, and which of them are told, is what was agreed. */
function otherReasons(before: ReadonlyMap<string, Reason>, after: ReadonlyMap<string, Reason>): string[] {
  const lines: string[] = []
  for (const [code, { words }] of after) {
    const was = before.get(code)
    if (!was) lines.push(`reason \`${code}\` is new`)
    else if ((was.words === null) !== (words === null))
      lines.push(`reason \`${code}\` ${words === null ? 'has lost its words' : 'has words, and had none'}`)
  }
  for (const code of before.keys()) if (!after.has(code)) lines.push(`reason \`${code}\` is gone`)
  return lines
}
