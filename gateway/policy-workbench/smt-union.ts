/**
 * One open world for two bundles whose policy schemas may differ: every code and attribute of either. Says what cannot
 * be put into one, and which questions a schema accepts: any other is denied, whatever the policies say.
 */
import type { Codes, PolicySchema, RecordShape, Shape } from '../sharing/policy/policy-schema.ts'
import { and, bits, bitsFor, implies, not, type Term } from './smt-term.ts'
import type { OpenWorld, Value } from './smt-world.ts'

/** A code that one of the two schemas does not list. */
export interface LoneCode {
  readonly type: string
  readonly id: string
  readonly listedBy: 'live' | 'candidate'
}

export interface SchemaUnion {
  readonly schema: PolicySchema
  readonly loneCodes: readonly LoneCode[]
  /** in words: attributes that one schema alone declares, or makes optional */
  readonly notes: readonly string[]
  /** in words: attributes that are of another kind in each; with any, policies cannot be compared */
  readonly incomparable: readonly string[]
}

export function unionOf(live: PolicySchema, candidate: PolicySchema): SchemaUnion {
  const notes: string[] = []
  const incomparable: string[] = []
  const codes = new Map<string, Codes>(
    [...new Set([...live.codes.keys(), ...candidate.codes.keys()])].map((type) => [
      type,
      new Map([...(live.codes.get(type) ?? []), ...(candidate.codes.get(type) ?? [])]),
    ]),
  )
  const widened = (shape: Shape): Shape => {
    if (shape.kind === 'code') return { ...shape, ids: codes.get(shape.type) ?? shape.ids }
    if (shape.kind === 'set') return { ...shape, of: widened(shape.of) }
    if (shape.kind === 'record') return record(shape, shape, '')
    return shape
  }
  const both = (one: Shape, other: Shape, path: string): Shape => {
    if (one.kind === 'record' && other.kind === 'record') return record(one, other, path)
    if (sortOf(one) !== sortOf(other))
      incomparable.push(
        `\`${path}\` is ${sortOf(one)} in the live schema and ${sortOf(other)} in the candidate’s`,
      )
    return widened(one)
  }
  const record = (one: RecordShape, other: RecordShape, path: string): RecordShape => {
    const names = new Set([...one.attributes.keys(), ...other.attributes.keys()])
    const attributes = [...names].map((name): [string, { shape: Shape; required: boolean }] => {
      const [was, is] = [one.attributes.get(name), other.attributes.get(name)]
      const inner = `${path}.${name}`
      const found = was ?? is
      if (!found) throw new Error(`\`${inner}\` is in neither schema`)
      if (!was || !is) {
        notes.push(`only the ${was ? 'live' : 'candidate’s'} schema lets policies look at \`${inner}\``)
        return [name, { shape: widened(found.shape), required: found.required }]
      }
      if (was.required !== is.required)
        notes.push(`\`${inner}\` is optional in the ${was.required ? 'candidate’s' : 'live'} schema alone`)
      return [name, { shape: both(was.shape, is.shape, inner), required: was.required && is.required }]
    })
    return { kind: 'record', attributes: new Map(attributes) }
  }
  const schema: PolicySchema = {
    principal: record(live.principal, candidate.principal, 'principal'),
    resource: record(live.resource, candidate.resource, 'resource'),
    context: record(live.context, candidate.context, 'context'),
    codes,
    actions: new Set([...live.actions, ...candidate.actions]),
    covers: live.covers,
  }
  const lone = (one: PolicySchema, other: PolicySchema, listedBy: LoneCode['listedBy']): LoneCode[] =>
    [...one.codes].flatMap(([type, ids]) =>
      [...ids.keys()].filter((id) => !other.codes.get(type)?.has(id)).map((id) => ({ type, id, listedBy })),
    )
  return {
    schema,
    loneCodes: [...lone(live, candidate, 'live'), ...lone(candidate, live, 'candidate')],
    notes,
    incomparable,
  }
}

function sortOf(shape: Shape): string {
  if (shape.kind === 'code') return `a ${shape.type}`
  return shape.kind === 'set' ? `a set of: ${sortOf(shape.of)}` : `a ${shape.kind}`
}

/** True of the questions whose codes the schema lists and whose attributes are all there. */
export function acceptedBy(schema: PolicySchema, { parts }: OpenWorld): Term {
  const accepts = (shape: Shape, value: Value): Term => {
    if (shape.kind === 'record' && value.kind === 'record')
      return and(
        ...[...shape.attributes].map(([name, { shape: inner, required }]) => {
          const attribute = value.attributes.get(name)
          if (!attribute) return required ? 'false' : 'true'
          const fits = implies(attribute.present, accepts(inner, attribute.value))
          return and(required ? attribute.present : 'true', fits)
        }),
      )
    if (shape.kind === 'code' && value.kind === 'scalar') {
      const listed = new Set(shape.ids.values())
      const foreign = (value.codes ?? []).filter((code) => !listed.has(code))
      return and(...foreign.map((code) => not(isCode(value, code))))
    }
    if (shape.kind === 'set' && shape.of.kind === 'code' && value.kind === 'set') {
      const listed = new Set(shape.of.ids.values())
      return and(
        ...value.items
          .filter(({ item }) => item.kind === 'scalar' && !listed.has(String(item.constant)))
          .map(({ within }) => not(within)),
      )
    }
    return 'true'
  }
  return and(
    accepts(schema.principal, parts.principal),
    accepts(schema.resource, parts.resource),
    accepts(schema.context, parts.context),
  )
}

/** That an open code is this one. */
export function isCode(value: Extract<Value, { kind: 'scalar' }>, code: string): Term {
  const codes = value.codes ?? []
  const place = codes.indexOf(code)
  return place < 0 ? 'false' : `(= ${value.term} ${bits(place, bitsFor(codes.length))})`
}

/** That a code stands anywhere in a question but in its agreement. */
export function holdsCode({ parts }: OpenWorld, code: string): Term[] {
  return Object.values(parts).flatMap((part) => {
    if (part.kind !== 'record') return []
    return [...part.attributes].flatMap(([name, { value }]) => {
      if (name === 'agreement') return []
      if (value.kind === 'scalar') return value.codes?.includes(code) ? [isCode(value, code)] : []
      if (value.kind !== 'set') return []
      return value.items
        .filter(({ item }) => item.kind === 'scalar' && item.constant === code)
        .map(({ within }) => within)
    })
  })
}
