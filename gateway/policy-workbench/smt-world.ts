/**
 * One question to the policies, with everything left open that the policy schema leaves open: who asks, about which
 * record, for what. Each attribute is a variable of Z3; a set of codes is one boolean for each code.
 */
import type { CedarRecord, CedarValue } from '../sharing/policy/attributes.ts'
import type { World } from '../sharing/policy/compile.ts'
import type { PolicySchema, RecordShape, Shape } from '../sharing/policy/policy-schema.ts'
import { and, bits, bitsFor, integer, not, symbol, type Term } from './smt-term.ts'

export type Value =
  /** `constant` where it is known which; strings are numbers, each text its own */
  | {
      readonly kind: 'scalar'
      readonly sort: string
      readonly term: Term
      readonly constant?: string | number
      readonly codes?: readonly string[]
    }
  | { readonly kind: 'boolean'; readonly term: Term }
  /** a set is what could be in it, each with the condition under which it is */
  | { readonly kind: 'set'; readonly items: readonly { readonly item: Value; readonly within: Term }[] }
  | { readonly kind: 'record'; readonly attributes: ReadonlyMap<string, Attribute> }
  /** what no code set bounds, such as a set of texts: a policy that looks at it is refused */
  | { readonly kind: 'unbounded' }
export interface Attribute {
  readonly value: Value
  readonly present: Term
}

/** Texts as numbers: those that policies name come first, so that every other number is some other text. */
export interface Texts {
  numberOf(text: string): number
  textOf(number: number): string
}

export interface OpenWorld {
  readonly parts: Readonly<Record<keyof World, Value>>
  /** the variables with their sorts, by name */
  readonly variables: ReadonlyMap<string, string>
  /** what holds of every world, such as that a code is one of its list */
  readonly bounds: readonly Term[]
}

const PARTS = ['principal', 'resource', 'context'] as const

// Cedar's datetimes are the years 0000 to 9999; its longs reach further than JavaScript's, which bound them here.
const EARLIEST = -62_167_219_200_000
const LATEST = 253_402_300_799_999

/**
 * @param nameOf the variable for an attribute such as `context.consent`: two worlds that share a name share its value
 */
export function openWorld(schema: PolicySchema, nameOf: (path: string) => string): OpenWorld {
  const variables = new Map<string, string>()
  const bounds: Term[] = []
  const variable = (path: string, sort: string): Term => {
    variables.set(nameOf(path), sort)
    return symbol(nameOf(path))
  }
  const integerBetween = (path: string, least: number, most: number): Value => {
    const term = variable(path, 'Int')
    bounds.push(`(<= ${integer(least)} ${term} ${integer(most)})`)
    return { kind: 'scalar', sort: 'Int', term }
  }
  const open = (shape: Shape, path: string): Value => {
    switch (shape.kind) {
      case 'boolean':
        return { kind: 'boolean', term: variable(path, 'Bool') }
      case 'long':
        return integerBetween(path, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
      case 'datetime':
        return integerBetween(path, EARLIEST, LATEST)
      case 'string':
        return { ...integerBetween(path, 0, Number.MAX_SAFE_INTEGER), sort: 'Text' } as Value
      case 'code': {
        const codes = [...shape.ids.values()]
        const width = bitsFor(codes.length)
        const term = variable(path, `(_ BitVec ${width})`)
        if (codes.length < 2 ** width) bounds.push(`(bvult ${term} ${bits(codes.length, width)})`)
        return { kind: 'scalar', sort: shape.type, term, codes }
      }
      case 'set': {
        if (shape.of.kind !== 'code') return { kind: 'unbounded' }
        const { type } = shape.of
        const items = [...shape.of.ids].map(([id, code], place) => ({
          item: codeValue(type, code, place, shape.of.kind === 'code' ? shape.of.ids.size : 0),
          within: variable(`${path} ${id}`, 'Bool'),
        }))
        return { kind: 'set', items }
      }
      case 'record':
        return record(shape, path)
    }
  }
  const record = (shape: RecordShape, path: string): Value => ({
    kind: 'record',
    attributes: new Map(
      [...shape.attributes].map(([name, attribute]) => {
        const value = open(attribute.shape, `${path}.${name}`)
        return [name, { value, present: attribute.required ? 'true' : variable(`${path}.${name}?`, 'Bool') }]
      }),
    ),
  })
  const parts = Object.fromEntries(PARTS.map((part) => [part, record(schema[part], part)]))
  return { parts: parts as Record<keyof World, Value>, variables, bounds }
}

export const codeValue = (type: string, code: string, place: number, count: number): Value => ({
  kind: 'scalar',
  sort: type,
  term: bits(place, bitsFor(count)),
  constant: code,
})

/** That the open world is this one. For the comparison of the encoding with the compiled policies. */
export function fixed({ parts }: OpenWorld, world: World, texts: Texts): Term {
  const is = (value: Value, given: CedarValue): Term => {
    switch (value.kind) {
      case 'boolean':
        return given === true ? value.term : not(value.term)
      case 'scalar':
        if (value.codes)
          return `(= ${value.term} ${bits(value.codes.indexOf(String(given)), bitsFor(value.codes.length))})`
        return `(= ${value.term} ${integer(typeof given === 'string' ? texts.numberOf(given) : Number(given))})`
      case 'set': {
        const members = given as ReadonlySet<unknown>
        return and(
          ...value.items.map(({ item, within }) =>
            item.kind === 'scalar' && members.has(item.constant) ? within : not(within),
          ),
        )
      }
      case 'record': {
        const holder = given as CedarRecord
        return and(
          ...[...value.attributes].map(([name, attribute]) => {
            const inner = holder[name]
            return inner === undefined
              ? not(attribute.present)
              : and(attribute.present, is(attribute.value, inner))
          }),
        )
      }
      case 'unbounded':
        return 'true'
    }
  }
  return and(...PARTS.map((part) => is(parts[part], world[part])))
}
