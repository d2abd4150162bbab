/**
 * A condition of a Cedar policy, as the JSON syntax tree that Cedar prints, as a term over an open world.
 * The same subset as `compile.ts`: refuses every operator outside it by name.
 */
import { Refusal } from '../../schema/refusal.ts'
import type { PolicySchema } from '../sharing/policy/policy-schema.ts'
import { and, implies, integer, not, or, type Term } from './smt-term.ts'
import { codeValue, type OpenWorld, type Texts, type Value } from './smt-world.ts'

export type Tree = Readonly<Record<string, unknown>>

/** What a term is, and when Cedar would report an error instead, as for an attribute that is missing. */
interface Read<Kind extends Value = Value> {
  readonly value: Kind
  readonly errs: Term
}
type Scalar = Extract<Value, { kind: 'scalar' }>
type SetOf = Extract<Value, { kind: 'set' }>

export interface Condition {
  readonly holds: Term
  readonly errs: Term
}

/** @param id of the policy, for the words of a refusal */
export function readCondition(
  id: string,
  tree: Tree,
  schema: PolicySchema,
  { parts }: OpenWorld,
  texts: Texts,
): Condition {
  const refuse = (what: string): never => {
    throw new Refusal(
      'POLICY_NOT_PROVABLE',
      `policy \`${id}\` uses ${what}, about which nothing can be proved yet`,
    )
  }

  const read = (node: Tree): Read => {
    const [operator = '', operands] = Object.entries(node)[0] ?? []
    const { left, right, arg } = operands as { left: Tree; right: Tree; arg: Tree }
    switch (operator) {
      case 'Value':
        return sure(literal(operands))
      case 'Var':
        if (operands === 'principal' || operands === 'resource' || operands === 'context')
          return sure(parts[operands])
        return refuse(`\`${operands}\` in a condition`)
      case '&&': {
        const [one, other] = [truth(left), truth(right)]
        return boolean(and(one.holds, other.holds), or(one.errs, and(one.holds, other.errs)))
      }
      case '||': {
        const [one, other] = [truth(left), truth(right)]
        return boolean(or(one.holds, other.holds), or(one.errs, and(not(one.holds), other.errs)))
      }
      case '!': {
        const { holds, errs } = truth(arg)
        return boolean(not(holds), errs)
      }
      case '==':
      case '!=': {
        const [one, other] = [read(left), read(right)]
        const same = equal(one.value, other.value)
        return boolean(operator === '==' ? same : not(same), or(one.errs, other.errs))
      }
      case '<':
      case '<=':
      case '>':
      case '>=': {
        const [one, other] = [number(left, operator), number(right, operator)]
        return boolean(`(${operator} ${one.value.term} ${other.value.term})`, or(one.errs, other.errs))
      }
      case 'contains': {
        const [set, item] = [setOf(left, operator), read(right)]
        return boolean(contains(set.value, item.value), or(set.errs, item.errs))
      }
      case 'containsAll':
      case 'containsAny': {
        const [set, other] = [setOf(left, operator), setOf(right, operator)]
        const term =
          operator === 'containsAll'
            ? containsAll(set.value, other.value)
            : containsAny(set.value, other.value)
        return boolean(term, or(set.errs, other.errs))
      }
      case 'isEmpty': {
        const { value, errs } = setOf(arg, operator)
        return boolean(and(...value.items.map(({ within }) => not(within))), errs)
      }
      case 'if-then-else':
        return choice(operands as { if: Tree; then: Tree; else: Tree })
      case '.': {
        const { attr } = operands as { attr: string }
        const owner = read(left)
        const { value, present } = attributeOf(owner.value, attr)
        return { value, errs: or(owner.errs, not(present)) }
      }
      case 'has': {
        const { attr } = operands as { attr: string | readonly string[] }
        const owner = read(left)
        let { value } = owner
        const present: Term[] = []
        for (const name of typeof attr === 'string' ? [attr] : attr) {
          const attribute = attributeOf(value, name)
          present.push(attribute.present)
          value = attribute.value
        }
        return boolean(and(...present), owner.errs)
      }
      case 'Set': {
        const items = (operands as readonly Tree[]).map(read)
        const value: SetOf = {
          kind: 'set',
          items: items.map((item) => ({ item: item.value, within: 'true' })),
        }
        return { value, errs: or(...items.map(({ errs }) => errs)) }
      }
      case 'datetime': {
        const text = (operands as { Value?: unknown }[])[0]?.Value
        const instant = Date.parse(typeof text === 'string' ? text : '')
        return Number.isNaN(instant) ? refuse('a datetime that is no instant') : sure(whole(instant))
      }
      default:
        return refuse(`\`${operator}\``)
    }
  }

  const truth = (node: Tree): Condition => {
    const { value, errs } = read(node)
    return value.kind === 'boolean' ? { holds: value.term, errs } : refuse('as a condition what is none')
  }
  const number = (node: Tree, operator: string): Read<Scalar> => {
    const { value, errs } = read(node)
    return value.kind === 'scalar' && value.sort === 'Int'
      ? { value, errs }
      : refuse(`\`${operator}\` on what is no number`)
  }
  const setOf = (node: Tree, operator: string): Read<SetOf> => {
    const { value, errs } = read(node)
    return value.kind === 'set' ? { value, errs } : refuse(`\`${operator}\` on what is no set of codes`)
  }
  const attributeOf = (owner: Value, name: string) => {
    if (owner.kind !== 'record') return refuse(`\`.${name}\` of what is no record`)
    return (
      owner.attributes.get(name) ?? { value: { kind: 'boolean', term: 'false' } as const, present: 'false' }
    )
  }
  const choice = (branches: { if: Tree; then: Tree; else: Tree }): Read => {
    const [test, one, other] = [truth(branches.if), read(branches.then), read(branches.else)]
    const errs = or(test.errs, and(test.holds, one.errs), and(not(test.holds), other.errs))
    if (one.value.kind !== 'boolean' || other.value.kind !== 'boolean')
      return refuse('`if` between what is neither true nor false')
    const term = or(and(test.holds, one.value.term), and(not(test.holds), other.value.term))
    return { value: { kind: 'boolean', term }, errs }
  }
  const literal = (value: unknown): Value => {
    if (typeof value === 'boolean') return { kind: 'boolean', term: value ? 'true' : 'false' }
    if (typeof value === 'number') return whole(value)
    if (typeof value === 'string')
      return { kind: 'scalar', sort: 'Text', term: integer(texts.numberOf(value)), constant: value }
    const { type = '', id = '' } =
      (value as { __entity?: { type: string; id: string } } | null)?.__entity ?? {}
    const codes = [...(schema.codes.get(type)?.values() ?? [])]
    const code = schema.codes.get(type)?.get(id)
    if (code === undefined) return refuse('a value that is no code')
    return codeValue(type, code, codes.indexOf(code), codes.length)
  }
  return truth(tree)
}

const sure = (value: Value): Read => ({ value, errs: 'false' })
const boolean = (term: Term, errs: Term): Read => ({ value: { kind: 'boolean', term }, errs })
const whole = (value: number): Value => ({
  kind: 'scalar',
  sort: 'Int',
  term: integer(value),
  constant: value,
})

function equal(one: Value, other: Value): Term {
  if (one.kind === 'set' && other.kind === 'set') return and(containsAll(one, other), containsAll(other, one))
  if (one.kind === 'boolean' && other.kind === 'boolean') return `(= ${one.term} ${other.term})`
  if (one.kind !== 'scalar' || other.kind !== 'scalar' || one.sort !== other.sort) return 'false'
  if (one.constant !== undefined && other.constant !== undefined)
    return one.constant === other.constant ? 'true' : 'false'
  return `(= ${one.term} ${other.term})`
}

const contains = (set: SetOf, wanted: Value): Term =>
  or(...set.items.map(({ item, within }) => and(within, equal(item, wanted))))

const containsAll = (set: SetOf, wanted: SetOf): Term =>
  and(...wanted.items.map(({ item, within }) => implies(within, contains(set, item))))

const containsAny = (set: SetOf, wanted: SetOf): Term =>
  or(...wanted.items.map(({ item, within }) => and(within, contains(set, item))))
