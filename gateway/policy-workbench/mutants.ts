/**
 * Every small way in which one policy could be wrong: a condition lost or turned round, a code mistaken for its
 * neighbour, an action too many or too few. Pure; whether anyone would notice is asked elsewhere.
 */
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicySchema } from '../sharing/policy/policy-schema.ts'
import { entityOf, inWords, nodeOf, type Tree } from './in-words.ts'

export interface Mutant {
  readonly policy: string
  /** what is different, such as `without \`principal.macptMember\`` */
  readonly change: string
  /** null where the policy is gone */
  readonly json: PolicyJson | null
}

interface Variant {
  readonly change: string
  readonly tree: Tree
}

export function mutantsOf(policy: string, json: PolicyJson, schema: PolicySchema): readonly Mutant[] {
  const { conditions } = json
  const mutants: Mutant[] = [{ policy, change: 'the policy is gone', json: null }]
  const add = (change: string, changed: Partial<PolicyJson>) =>
    mutants.push({ policy, change, json: { ...json, ...changed } })

  add(`${json.effect} becomes ${json.effect === 'permit' ? 'forbid' : 'permit'}`, {
    effect: json.effect === 'permit' ? 'forbid' : 'permit',
  })
  conditions.forEach(({ kind, body }, index) => {
    const words = `${kind} { ${short(inWords(body as Tree))} }`
    add(`without ${words}`, { conditions: conditions.toSpliced(index, 1) })
    const turned = kind === 'when' ? 'unless' : 'when'
    add(`${words} becomes ${turned}`, { conditions: conditions.with(index, { kind: turned, body }) })
    for (const { change, tree } of variantsOf(body as Tree, schema))
      add(change, { conditions: conditions.with(index, { kind, body: tree as typeof body }) })
  })
  for (const { change, action } of actionsOf(json, schema)) add(change, { action })
  return distinct(mutants)
}

/** The same words twice in one policy are told apart by a number. */
function distinct(mutants: readonly Mutant[]): Mutant[] {
  const met = new Map<string, number>()
  return mutants.map((mutant) => {
    const count = (met.get(mutant.change) ?? 0) + 1
    met.set(mutant.change, count)
    return count === 1 ? mutant : { ...mutant, change: `${mutant.change} (${count})` }
  })
}

const OTHER_OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '==': ['!='],
  '!=': ['=='],
  '<': ['>=', '<='],
  '<=': ['>', '<'],
  '>': ['<=', '>='],
  '>=': ['<', '>'],
  '&&': ['||'],
  '||': ['&&'],
  containsAny: ['containsAll'],
  containsAll: ['containsAny'],
}

function variantsOf(tree: Tree, schema: PolicySchema): Variant[] {
  const [operator, operands] = nodeOf(tree)
  if (operator === 'Value') return valueVariants(tree, schema)
  if (operator === 'Set') return setVariants(operands as readonly Tree[], schema)
  if (['Var', '.', 'has'].includes(operator) || Array.isArray(operands)) return []
  const parts = operands as Readonly<Record<string, Tree>>
  const here = (OTHER_OPERATORS[operator] ?? []).map((other) => changed(tree, { [other]: operands }))
  if (operator === '&&' || operator === '||') {
    for (const [lost, kept] of [
      [parts.left, parts.right],
      [parts.right, parts.left],
    ])
      if (lost && kept) here.push({ change: `without \`${short(inWords(lost))}\``, tree: kept })
  }
  if (operator === '!' && parts.arg) here.push(changed(tree, parts.arg))
  const within = Object.entries(parts).flatMap(([name, part]) =>
    variantsOf(part, schema).map((variant) => ({
      change: variant.change,
      tree: { [operator]: { ...parts, [name]: variant.tree } },
    })),
  )
  return [...here, ...within]
}

const changed = (before: Tree, after: Tree): Variant => ({
  change: `\`${short(inWords(before))}\` becomes \`${short(inWords(after))}\``,
  tree: after,
})

function valueVariants(tree: Tree, schema: PolicySchema): Variant[] {
  if (typeof tree.Value === 'number')
    return [tree.Value - 1, tree.Value + 1].map((other) => changed(tree, { Value: other }))
  if (typeof tree.Value === 'boolean') return [changed(tree, { Value: !tree.Value })]
  const neighbour = neighbourOf(tree, [], schema)
  return neighbour ? [changed(tree, neighbour)] : []
}

function setVariants(items: readonly Tree[], schema: PolicySchema): Variant[] {
  const gained = othersOf(items, schema).map((other) => ({
    change: `with \`${inWords(other)}\` in the list as well`,
    tree: { Set: [...items, other] },
  }))
  const lostOrSwapped = items.flatMap((item, index) => {
    const neighbour = neighbourOf(item, items, schema)
    const swapped = neighbour
      ? [{ ...changed(item, neighbour), tree: { Set: items.with(index, neighbour) } }]
      : []
    const lost = {
      change: `without \`${inWords(item)}\` in the list`,
      tree: { Set: items.toSpliced(index, 1) },
    }
    return items.length > 1 ? [lost, ...swapped] : swapped
  })
  return [...lostOrSwapped, ...gained]
}

/** Every code of the enumeration that a list does not hold. */
function othersOf(items: readonly Tree[], schema: PolicySchema): Tree[] {
  const held = items.map((item) => entityOf(item))
  const type = held[0]?.type
  if (type === undefined) return []
  return [...(schema.codes.get(type)?.keys() ?? [])]
    .filter((id) => !held.some((entity) => entity?.id === id))
    .map((id) => ({ Value: { __entity: { type, id } } }))
}

/** The next code of the same enumeration that the list does not hold already. */
function neighbourOf(tree: Tree, taken: readonly Tree[], schema: PolicySchema): Tree | null {
  const entity = entityOf(tree)
  if (!entity) return null
  const codes = [...(schema.codes.get(entity.type)?.keys() ?? [])]
  const held = new Set(taken.map((item) => entityOf(item)?.id))
  const start = codes.indexOf(entity.id)
  const id = codes
    .map((_, step) => codes[(start + 1 + step) % codes.length])
    .find((code) => code !== undefined && code !== entity.id && !held.has(code))
  return id === undefined ? null : { Value: { __entity: { type: entity.type, id } } }
}

type Action = PolicyJson['action']
const listed = (ids: readonly string[]): Action =>
  ({ op: 'in', entities: ids.map((id) => ({ type: 'Action', id })) }) as Action

/**
 * Widened to all fields, to everything; narrowed by each action that is named; one mistaken for its neighbour.
 * Of a group, what it covers is left out in turn. A forbid of everything is narrowed in one way only: what may not be
 * known is silent whatever else is forbidden, so that leaving out a later action changes nothing.
 */
function actionsOf(json: PolicyJson, schema: PolicySchema): { change: string; action: Action }[] {
  const head = json.action as { op: string; entity?: { id: string }; entities?: { id: string }[] }
  const named = [...(head.entities ?? []), ...(head.entity ? [head.entity] : [])].map(({ id }) => id)
  const askable = [...schema.actions]
  const fields = [...(schema.covers.get('fields') ?? [])]
  const everything = head.op === 'All' || named.includes('any')
  const without = (lost: readonly string[]) => listed(askable.filter((id) => !lost.includes(id)))
  if (everything) {
    const permit = json.effect === 'permit'
    return [
      { change: 'covers all but `know`', action: without(['know']) },
      ...(permit
        ? [
            { change: 'covers all but `read`', action: without(['read']) },
            { change: 'covers all but `tell-why`', action: without(['tell-why']) },
            ...fields.map((id) => ({ change: `covers all but \`${id}\``, action: without([id]) })),
          ]
        : []),
    ]
  }
  const widened = named.includes('fields')
    ? []
    : [{ change: 'covers every field as well', action: listed([...new Set([...named, ...fields])]) }]
  const narrowed =
    named.length > 1
      ? named.map((id) => ({
          change: `no longer covers \`${id}\``,
          action: listed(named.filter((other) => other !== id)),
        }))
      : []
  const swapped = named
    .filter((id) => schema.actions.has(id))
    .map((id) => {
      const next = askable
        .map((_, step) => askable[(askable.indexOf(id) + 1 + step) % askable.length] ?? id)
        .find((other) => !named.includes(other))
      return next === undefined
        ? null
        : { id, next, action: listed(named.map((other) => (other === id ? next : other))) }
    })
    .flatMap((swap) =>
      swap ? [{ change: `covers \`${swap.next}\` in place of \`${swap.id}\``, action: swap.action }] : [],
    )
  return [
    { change: 'covers everything, so that the record is not even known', action: listed(askable) },
    ...widened,
    ...narrowed,
    ...swapped,
  ]
}

const short = (text: string): string => (text.length <= 110 ? text : `${text.slice(0, 107)}...`)
