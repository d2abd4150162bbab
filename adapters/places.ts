/**
 * Finds which places of an answer a JSONata expression reads, before there is an answer. Pure.
 * What cannot be told for certain is a doubt, never a guess: a place that is overlooked would not be asked for, and an
 * answer without its labels reads like "nothing sensitive".
 */
import jsonata from 'jsonata'
import { takesInput } from './function-input.ts'

/** From the top of the answer, key by key. Lists are passed through, as JSONata does. */
export type Place = readonly string[]

export interface Reading {
  /** what decides the result, each with everything beneath it */
  readonly read: readonly Place[]
  /** what the result may be a part of; read only as far as others go on from there */
  readonly found: readonly Place[]
}
export interface Doubt {
  /** in words for who wrote the expression */
  readonly doubt: string
}

/** @param from the places that the expression sees as its own input; the top of the answer where left out */
export function placesRead(expression: string, from: readonly Place[] = [[]]): Reading | Doubt {
  const read: Place[] = []
  const passed: Place[] = []
  const scope: Scope = { start: from, here: from, bound: new Map(), read, passed }
  try {
    const found = walk(jsonata(expression).ast() as Node, scope)
    const there = [...read, ...found]
    const unread = passed.find((place) => !there.some((one) => isWithin(one, place)))
    if (unread !== undefined) throw new Unclear(`of \`${unread.join('.')}\` it takes only that it is there`)
    return { read, found }
  } catch (error) {
    if (error instanceof Unclear) return { doubt: error.message }
    throw error
  }
}

/** @returns whether the place lies at the other or beneath it */
export const isWithin = (place: Place, other: Place): boolean =>
  place.length >= other.length && other.every((name, step) => place[step] === name)

class Unclear extends Error {}

/** A node of JSONata's syntax tree, as `ast()` of version 2 gives it. Its own types leave half of it out. */
interface Node {
  readonly type: string
  readonly value?: unknown
  readonly steps?: readonly Node[]
  readonly stages?: readonly Node[]
  readonly predicate?: readonly Node[]
  readonly expr?: Node
  readonly expression?: Node
  readonly expressions?: readonly Node[]
  readonly arguments?: readonly Node[]
  readonly procedure?: Node
  readonly lhs?: Node | readonly (readonly Node[])[]
  readonly rhs?: Node
  readonly condition?: Node
  readonly then?: Node
  readonly else?: Node
  readonly terms?: readonly { readonly expression: Node }[]
}

interface Scope {
  /** what the whole expression is seen from: an object, or the objects of a list */
  readonly start: readonly Place[]
  readonly here: readonly Place[]
  /** every value that a variable may have; a later one does not undo an earlier one */
  readonly bound: Map<string, readonly Place[]>
  readonly read: Place[]
  /** where it matters that something is there, whatever is in it */
  readonly passed: Place[]
}

/** By these a step looks elsewhere than beneath itself, or groups by what it finds. */
const LOOKS_ELSEWHERE = ['group', 'focus', 'index', 'tuple', 'ancestor'] as const

/** @returns the places whose content the value may be; empty for a value that was worked out */
function walk(node: Node, scope: Scope): readonly Place[] {
  if (LOOKS_ELSEWHERE.some((key) => key in node)) throw new Unclear('it binds, groups or looks upwards')
  const found = placesOf(node, scope)
  for (const { type, expr } of [...(node.stages ?? []), ...(node.predicate ?? [])]) {
    if (type !== 'filter' || expr === undefined) throw new Unclear('it binds a position')
    consume(expr, { ...scope, here: found })
  }
  return found
}

/** Nothing is left open of what this gives: it is compared, passed on or shown. */
function consume(node: Node | undefined, scope: Scope): readonly Place[] {
  if (node !== undefined) scope.read.push(...walk(node, scope))
  return []
}

function placesOf(node: Node, scope: Scope): readonly Place[] {
  switch (node.type) {
    case 'string':
    case 'number':
    case 'value':
    case 'regex':
      return []
    case 'name':
      return scope.here.map((place) => [...place, String(node.value)])
    case 'path':
      return path(node.steps ?? [], scope)
    case 'sort':
      for (const { expression } of node.terms ?? []) consume(expression, scope)
      return scope.here
    case 'variable':
      return variable(String(node.value), scope)
    case 'bind': {
      const name = String((node.lhs as Node).value)
      const value = walk(node.rhs as Node, scope)
      scope.bound.set(name, [...(scope.bound.get(name) ?? []), ...value])
      return value
    }
    case 'block': {
      const inside = { ...scope, bound: new Map(scope.bound) }
      return (node.expressions ?? []).reduce<readonly Place[]>((_, each) => walk(each, inside), [])
    }
    case 'condition':
      consume(node.condition, scope)
      return [node.then, node.else].flatMap((each) => (each === undefined ? [] : walk(each, scope)))
    case 'binary':
      consume(node.lhs as Node, scope)
      return consume(node.rhs, scope)
    case 'unary':
      return unary(node, scope)
    case 'function':
      return call(node, scope)
    default:
      throw new Unclear(`it uses ${construct[node.type] ?? `\`${node.type}\``}`)
  }
}

const construct: Readonly<Record<string, string>> = {
  wildcard: '`*`',
  descendant: '`**`',
  parent: '`%`',
  lambda: 'a function of its own',
  partial: 'a function of its own',
  apply: '`~>`',
  transform: 'a transformation',
}

function path(steps: readonly Node[], scope: Scope): readonly Place[] {
  let here = scope.here
  for (const [place, step] of steps.entries()) {
    // how many there are decides how often the next step is taken, whatever that gives
    if (place > 0 && step.type !== 'name') scope.passed.push(...here)
    here = walk(step, { ...scope, here })
  }
  return here
}

function unary(node: Node, scope: Scope): readonly Place[] {
  if (node.value === '[') return (node.expressions ?? []).flatMap((each) => walk(each, scope))
  if (node.value !== '{') return consume(node.expression, scope)
  for (const part of (node.lhs as readonly (readonly Node[])[]).flat()) consume(part, scope)
  return []
}

/** Bound by whoever evaluates (`answer-document.ts`, `rest/system.ts`): nothing of the answer. */
const GIVEN = new Set(['asked', 'nhsNumber'])

function variable(name: string, { here, bound }: Scope): readonly Place[] {
  if (name === '') return here
  if (name === '$') return [[]]
  const value = bound.get(name)
  if (value !== undefined) return value
  if (GIVEN.has(name)) return []
  throw new Unclear(`nothing here gives \`$${name}\``)
}

function call({ procedure, arguments: given = [] }: Node, scope: Scope): readonly Place[] {
  const name = procedure?.type === 'variable' ? String(procedure.value) : ''
  const input = scope.bound.has(name)
    ? null
    : takesInput(name, given.length, scope.here === scope.start ? 'object' : 'anything')
  if (input === null) throw new Unclear(`it calls ${name === '' ? 'a value' : `$${name}`}`)
  for (const each of given) consume(each, scope)
  if (input) scope.read.push(...scope.here)
  return []
}
