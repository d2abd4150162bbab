/**
 * Finds out, without deciding in full, where two bundles cannot differ: where the same agreement applies, and every
 * policy that was added, removed or altered says the same of a record under both. Most policies of a change are as
 * they were, so that nearly every record is answered here.
 */
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import { type Agreement, agreementFor } from './agreement.ts'
import { take } from './attributes.ts'
import type { Policy, PolicyBundle } from './bundle.ts'
import type { World } from './compile.ts'
import type { Ask, Practitioner, RecordClass } from './decide.ts'

export interface ChangedPolicies {
  /** attributes of a record at which the changed policies look; of no other does it depend on where bundles differ */
  readonly looksAt: ReadonlySet<string>
  /** @returns whether, of a record, all these actions are certain to be decided alike; false says nothing */
  forQuestion(
    practitioner: Practitioner,
    context: Ask,
  ): (record: RecordClass, actions: ReadonlySet<string>) => boolean
}

export function changedPolicies(live: PolicyBundle, candidate: PolicyBundle): ChangedPolicies {
  const changed = [...new Set([...live.policies.keys(), ...candidate.policies.keys()])]
    .map((id) => ({ before: live.policies.get(id), after: candidate.policies.get(id) }))
    .filter(({ before, after }) => before?.text !== after?.text)
    .map((each) => ({
      ...each,
      speaksTo: [each.before, each.after].flatMap((policy) => [...(policy?.compiled.actions ?? [])]),
      sameWord: wordOf(each.before) === wordOf(each.after),
    }))
  const { schema } = live
  const comparable = live.schemaText === candidate.schemaText
  const named = new Set(
    changed.flatMap(({ before, after }) => [...attributesIn(before), ...attributesIn(after)]),
  )
  const looksAt = new Set([...schema.resource.attributes.keys()].filter((name) => named.has(name)))
  const own = [...looksAt].filter((name) => name !== 'agreement') as (keyof RecordClass)[]

  return {
    looksAt,
    forQuestion(practitioner, context) {
      const faults: string[] = []
      const principal = take(schema.principal, practitioner, 'practitioner', faults)
      const ask = take(schema.context, context, 'context', faults)
      const joined = rememberedByTwo((agency: string, custodian: string) => {
        const [before, after] = [live, candidate].map((bundle) =>
          agreementFor(bundle, agency, custodian, practitioner.agency, context.now),
        )
        return { agreement: before, same: textOf(before) === textOf(after) }
      })
      const met = new Map<ReadonlySet<string>, Map<string, boolean>>()
      return (record, actions) => {
        if (!comparable || faults.length > 0) return false
        const { agreement, same } = joined(record.agency, record.custodian)
        if (!same) return false
        const key = JSON.stringify([
          own.map((name) => record[name]),
          looksAt.has('agreement') && [agreement?.id, agreement?.version],
        ])
        const known = met.get(actions) ?? new Map<string, boolean>()
        met.set(actions, known)
        const before = known.get(key)
        if (before !== undefined) return before
        const resource = take(schema.resource, { ...record, agreement }, 'record', [], live.taken)
        const world = { principal, resource, context: ask }
        const unchanged = changed.every(({ before, after, speaksTo, sameWord }) => {
          if (!speaksTo.some((action) => actions.has(action))) return true
          const [was, is] = [outcomeOf(before, world), outcomeOf(after, world)]
          return was === is && (was === 'fails' || sameWord)
        })
        known.set(key, unchanged)
        return unchanged
      }
    },
  }
}

/** Every name that stands after a dot or a `has` in its conditions, of whatever it is an attribute. */
function attributesIn(policy: Policy | undefined): string[] {
  if (!policy) return []
  const answer = policyToJson(policy.text)
  if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
  const names: string[] = []
  JSON.stringify(answer.json.conditions, (key, value) => {
    if (key === 'attr') names.push(...[value].flat())
    return value
  })
  return names
}

/** All that a policy says, but for its conditions: two of one word that hold alike decide alike. */
const wordOf = (policy: Policy | undefined): string | null => {
  if (!policy) return null
  const { text: _, hash8: _hash, title: _title, file: _file, compiled, ...annotations } = policy
  return JSON.stringify([annotations, compiled.effect, [...compiled.actions].sort()])
}

function outcomeOf(policy: Policy | undefined, world: World): 'holds' | 'fails' | 'errs' {
  if (!policy) return 'fails'
  try {
    return policy.compiled.holds(world) ? 'holds' : 'fails'
  } catch {
    return 'errs'
  }
}

const texts = new WeakMap<Agreement, string>()
function textOf(agreement: Agreement | undefined): string {
  if (!agreement) return ''
  const text = texts.get(agreement) ?? JSON.stringify(agreement)
  texts.set(agreement, text)
  return text
}

function rememberedByTwo<Value>(find: (agency: string, custodian: string) => Value) {
  const met = new Map<string, Map<string, Value>>()
  return (agency: string, custodian: string): Value => {
    const within = met.get(agency) ?? new Map<string, Value>()
    met.set(agency, within)
    const before = within.get(custodian)
    if (before !== undefined) return before
    const value = find(agency, custodian)
    within.set(custodian, value)
    return value
  }
}
