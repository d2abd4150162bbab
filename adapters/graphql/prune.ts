/**
 * Leaves out of a custodian's one query what a question does not need, before it is sent. What is not named in the
 * query is not asked: the agency reads in its own log what it was asked for. Pure.
 */
import { type FieldNode, Kind, print, type SelectionNode, type SelectionSetNode, visit } from 'graphql'
import type { Need } from '../needs.ts'
import type { Place } from '../places.ts'
import type { FileFault } from '../preset.ts'
import type { Operation } from './operation.ts'

/** @returns the text of the query with those places, and no other */
export function pruned({ definition }: Operation, places: readonly Place[]): string {
  const selectionSet = selected(definition.selectionSet, treeOf(places)) ?? {
    kind: Kind.SELECTION_SET,
    selections: [],
  }
  const used = new Set<string>()
  visit(selectionSet, { [Kind.VARIABLE]: ({ name }) => void used.add(name.value) })
  const variableDefinitions = (definition.variableDefinitions ?? []).filter(({ variable }) =>
    used.has(variable.name.value),
  )
  return print({ ...definition, selectionSet, variableDefinitions })
}

/** The keys that are wanted, and beneath each of them those that are wanted there. Beneath a leaf everything is. */
type Wanted = Map<string, Wanted>

function treeOf(places: readonly Place[]): Wanted {
  const top: Wanted = new Map()
  for (const place of places) {
    let level = top
    for (const key of place) {
      const below: Wanted = level.get(key) ?? new Map()
      level.set(key, below)
      level = below
    }
  }
  return top
}

const keyOf = ({ alias, name }: FieldNode): string => (alias ?? name).value

function selected({ selections }: SelectionSetNode, wanted: Wanted): SelectionSetNode | null {
  const left = selections.flatMap((node): SelectionNode[] => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return [] // there is none left (operation.ts)
    if (node.kind === Kind.INLINE_FRAGMENT) {
      const inside = selected(node.selectionSet, wanted)
      return inside === null ? [] : [{ ...node, selectionSet: inside }]
    }
    const below = wanted.get(keyOf(node))
    if (below === undefined) return []
    if (node.selectionSet === undefined) return [node]
    const inside = selected(node.selectionSet, below)
    return inside === null ? [] : [{ ...node, selectionSet: inside }]
  })
  return left.length === 0 ? null : { kind: Kind.SELECTION_SET, selections: left }
}

/** What stands in the query at one key: of several fragments, all that they select there. */
type Selected = ReadonlyMap<string, readonly FieldNode[]>

function fieldsOf(sets: readonly SelectionSetNode[]): Selected {
  const fields = new Map<string, FieldNode[]>()
  for (const node of sets.flatMap(({ selections }) => selections)) {
    const found =
      node.kind === Kind.FIELD
        ? [[keyOf(node), [node]] as const]
        : node.kind === Kind.INLINE_FRAGMENT
          ? [...fieldsOf([node.selectionSet])]
          : []
    for (const [key, nodes] of found) fields.set(key, [...(fields.get(key) ?? []), ...nodes])
  }
  return fields
}

/**
 * Holds a mapping against the query that it reads the answer of: it must find there what it reads, must name single
 * fields, and nothing may be asked for that it does not read.
 */
export function pruningFaults(
  { definition }: Operation,
  file: string,
  needs: readonly Need[],
): readonly FileFault[] {
  const faults = needs.flatMap(({ key, places }) =>
    places.flatMap((place) => {
      const fault = placeFault(definition.selectionSet, place)
      return fault === null ? [] : [{ key, remedy: `\`${place.join('.')}\` ${fault}` }]
    }),
  )
  const all = treeOf(needs.flatMap(({ places }) => places))
  const unread = leavesOf(definition.selectionSet, all).map((place) => ({
    key: 'operation',
    remedy: `${file} asks for \`${place.join('.')}\`, which nothing here reads; take it out`,
  }))
  return [...faults, ...unread]
}

function placeFault(top: SelectionSetNode, place: Place): string | null {
  let sets: readonly SelectionSetNode[] = [top]
  for (const key of place) {
    const fields = fieldsOf(sets).get(key)
    if (fields === undefined) return 'is not in the operation; write it there, or correct it here'
    sets = fields.flatMap(({ selectionSet }) => selectionSet ?? [])
    if (sets.length === 0) return null
  }
  return 'would be read whole; name the single fields beneath it'
}

/** The leaves of the query that are not wanted. */
const leavesOf = (set: SelectionSetNode, wanted: Wanted | undefined, above: Place = []): Place[] =>
  [...fieldsOf([set])].flatMap(([key, nodes]) => {
    const place = [...above, key]
    const below = wanted?.get(key)
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
    if (sets.length === 0) return below === undefined ? [place] : []
    if (below?.size === 0) return [] // read whole, which is a fault of its own
    return sets.flatMap((each) => leavesOf(each, below, place))
  })
