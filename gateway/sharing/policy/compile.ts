/**
 * Turns one Cedar policy, as the JSON syntax tree that Cedar prints, into a function.
 * Refuses, by name, every operator outside its subset, and a policy that singles out a person or a record.
 */
import { Refusal } from '../../../schema/refusal.ts'
import type { CedarRecord, CedarValue, Scalar } from './attributes.ts'
import type { PolicySchema } from './policy-schema.ts'

/** What one policy is applied to. */
export interface World {
  readonly principal: CedarRecord
  readonly resource: CedarRecord
  readonly context: CedarRecord
}

export interface CompiledPolicy {
  readonly id: string
  readonly effect: 'permit' | 'forbid'
  /** the askable actions that its head names, groups resolved */
  readonly actions: ReadonlySet<string>
  /** @throws where Cedar would report an error, such as a missing attribute */
  holds(world: World): boolean
}

type Tree = Readonly<Record<string, unknown>>
type Evaluate = (world: World) => CedarValue | undefined

export type Operators = Readonly<Record<string, (left: CedarValue, right: CedarValue) => boolean>>

/** The operators of two operands; a test hands over faulty ones to see that the comparison with Cedar notices. */
export const cedarOperators: Operators = {
  '==': (left, right) => equal(left, right),
  '!=': (left, right) => !equal(left, right),
  '<': (left, right) => asNumber(left) < asNumber(right),
  '<=': (left, right) => asNumber(left) <= asNumber(right),
  '>': (left, right) => asNumber(left) > asNumber(right),
  '>=': (left, right) => asNumber(left) >= asNumber(right),
  contains: (left, right) => asSet(left).has(asScalar(right)),
  containsAll: (left, right) => every(asSet(right), (item) => asSet(left).has(item)),
  containsAny: (left, right) => !every(asSet(right), (item) => !asSet(left).has(item)),
}

/** @throws Refusal `POLICY_NOT_SUPPORTED` that names the policy and the operator */
export function compilePolicy(
  id: string,
  json: object,
  schema: PolicySchema,
  operators: Operators = cedarOperators,
): CompiledPolicy {
  const refuse = (what: string): never => {
    throw new Refusal(
      'POLICY_NOT_SUPPORTED',
      `policy \`${id}\` uses ${what}, which Sightline does not evaluate`,
    )
  }
  const tree = json as Tree & { effect: 'permit' | 'forbid'; conditions: { kind: string; body: Tree }[] }

  const head = (part: 'principal' | 'resource', type: string) => {
    const constraint = tree[part] as { op: string; entity_type?: string; in?: unknown }
    const plain = constraint.op === 'All' || (constraint.op === 'is' && !constraint.in)
    if (!plain || (constraint.entity_type ?? type) !== type) refuse(`a ${part} of its own in its head`)
  }
  head('principal', 'Practitioner')
  head('resource', 'Record')

  const compile = (node: Tree): Evaluate => {
    const [operator = '', operands] = Object.entries(node)[0] ?? []
    const { left, right, arg } = operands as { left: Tree; right: Tree; arg: Tree }
    const binary = operators[operator]
    if (binary) {
      const [one, other] = [compile(left), compile(right)]
      if (!isFixed(right)) return (world) => binary(present(one(world)), present(other(world)))
      const fixed = present(other(nothing))
      // most conditions compare one attribute of the record: one function less to go through for each of them
      const attribute = attributeOfRecord(left)
      if (attribute !== null) return (world) => binary(present(world.resource[attribute]), fixed)
      return (world) => binary(present(one(world)), fixed)
    }
    switch (operator) {
      case 'Value':
        return literal(operands)
      case 'Var':
        if (operands === 'action') refuse('`action` in a condition')
        return refuse(`\`${operands}\` as a whole`)
      case '&&': {
        const [one, other] = [compile(left), compile(right)]
        return (world) => asBoolean(one(world)) && asBoolean(other(world))
      }
      case '||': {
        const [one, other] = [compile(left), compile(right)]
        return (world) => asBoolean(one(world)) || asBoolean(other(world))
      }
      case '!': {
        const inner = compile(arg)
        return (world) => !asBoolean(inner(world))
      }
      case 'isEmpty': {
        const inner = compile(arg)
        return (world) => asSet(inner(world)).size === 0
      }
      case 'if-then-else': {
        const branches = operands as { if: Tree; then: Tree; else: Tree }
        const [test, then, otherwise] = [compile(branches.if), compile(branches.then), compile(branches.else)]
        return (world) => (asBoolean(test(world)) ? then(world) : otherwise(world))
      }
      case '.': {
        const owner = holder(left)
        const { attr } = operands as { attr: string }
        return (world) => present(owner(world)[attr])
      }
      case 'has': {
        const owner = holder(left)
        const { attr } = operands as { attr: string | string[] }
        const path = typeof attr === 'string' ? [attr] : attr
        return (world) => {
          let value: CedarValue | undefined = owner(world)
          for (const name of path) {
            if (value !== undefined) value = asRecord(value)[name]
          }
          return value !== undefined
        }
      }
      case 'Set': {
        const items = (operands as Tree[]).map(compile)
        if (isFixed(node)) {
          const fixed = new Set(items.map((item) => asScalar(item(nothing))))
          return () => fixed
        }
        return (world) => new Set(items.map((item) => asScalar(item(world))))
      }
      case 'datetime': {
        const text = (operands as { Value?: unknown }[])[0]?.Value
        if (typeof text !== 'string' || !/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{3})?Z)?$/.test(text))
          return refuse('a datetime that is neither a day nor an instant in Z')
        const instant = Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text)
        return () => instant
      }
      default:
        return refuse(`\`${operator}\``)
    }
  }
  /** What an attribute is taken from: principal, resource, context, or a record within. */
  const holder = (node: Tree): ((world: World) => CedarRecord) => {
    const variable = node.Var
    if (variable === 'principal' || variable === 'resource' || variable === 'context')
      return (world) => world[variable]
    const inner = compile(node)
    return (world) => asRecord(inner(world))
  }
  const literal = (value: unknown): Evaluate => {
    if (typeof value === 'boolean' || typeof value === 'string') return () => value
    if (typeof value === 'number')
      return Number.isSafeInteger(value) ? () => value : refuse('a long above 2^53')
    const entity = (value as { __entity?: { type: string; id: string } } | null)?.__entity
    const code = entity && schema.codes.get(entity.type)?.get(entity.id)
    return code === undefined ? refuse('a value that is no code') : () => code
  }

  const conditions = tree.conditions.map(({ kind, body }) => {
    const evaluate = compile(body)
    const wanted = kind === 'when'
    return (world: World) => asBoolean(evaluate(world)) === wanted
  })
  const only = conditions.length === 1 ? conditions[0] : undefined
  return {
    id,
    effect: tree.effect,
    actions: actionsOf(tree.action as ActionHead, schema),
    holds:
      only ??
      ((world) => {
        for (const condition of conditions) if (!condition(world)) return false
        return true
      }),
  }
}

type EntityJson = { readonly id: string } | { readonly __entity: { readonly id: string } }
type ActionHead =
  | { readonly op: 'All' }
  | { readonly op: '==' | 'in'; readonly entity?: EntityJson; readonly entities?: readonly EntityJson[] }

function actionsOf(head: ActionHead, schema: PolicySchema): ReadonlySet<string> {
  if (head.op === 'All') return schema.actions
  const named = [...(head.entities ?? []), ...(head.entity ? [head.entity] : [])].map((entity) =>
    '__entity' in entity ? entity.__entity.id : entity.id,
  )
  return new Set(named.flatMap((id) => (head.op === '==' ? [id] : [...(schema.covers.get(id) ?? [])])))
}

/** Whether it is the same in every world, so that it is worked out once. */
const isFixed = (node: Tree): boolean =>
  'Value' in node || (Array.isArray(node.Set) && node.Set.every((item: Tree) => 'Value' in item))

/** `labels` for `resource.labels`; null for anything else. */
function attributeOfRecord(node: Tree): string | null {
  const { left, attr } = (node['.'] ?? {}) as { left?: Tree; attr?: string }
  return left?.Var === 'resource' && attr !== undefined ? attr : null
}

const nothing: World = { principal: {}, resource: {}, context: {} }

const isScalar = (value: CedarValue | undefined): value is Scalar =>
  value !== undefined && typeof value !== 'object'

function present(value: CedarValue | undefined): CedarValue {
  if (value === undefined) throw new TypeError('an attribute is missing')
  return value
}
function asBoolean(value: CedarValue | undefined): boolean {
  if (typeof value !== 'boolean') throw new TypeError('a boolean is needed')
  return value
}
function asNumber(value: CedarValue): number {
  if (typeof value !== 'number') throw new TypeError('a long or a datetime is needed')
  return value
}
function asSet(value: CedarValue | undefined): ReadonlySet<Scalar> {
  if (!(value instanceof Set)) throw new TypeError('a set is needed')
  return value
}
function asRecord(value: CedarValue | undefined): CedarRecord {
  if (value === undefined || isScalar(value) || value instanceof Set)
    throw new TypeError('a record is needed')
  return value as CedarRecord
}
function asScalar(value: CedarValue | undefined): Scalar {
  if (!isScalar(value)) throw new TypeError('only sets of single values are evaluated')
  return value
}
function equal(left: CedarValue, right: CedarValue): boolean {
  if (left instanceof Set && right instanceof Set)
    return left.size === right.size && every(left, (item) => right.has(item))
  if (!isScalar(left) || !isScalar(right)) throw new TypeError('only single values and sets are compared')
  return left === right
}
function every(items: ReadonlySet<Scalar>, test: (item: Scalar) => boolean): boolean {
  for (const item of items) if (!test(item)) return false
  return true
}
