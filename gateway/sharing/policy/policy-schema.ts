/**
 * The attributes, codes and actions that `schema.cedarschema` declares, and never listed by hand elsewhere.
 * Refuses a schema with something that the host could not hand over.
 */
import { schemaToJsonWithResolvedTypes } from '@cedar-policy/cedar-wasm/nodejs'

/** Each code of an enumerated type, with the one text that stands for it everywhere: `Label::"covert"`. */
export type Codes = ReadonlyMap<string, string>

export type Shape =
  | { readonly kind: 'boolean' | 'long' | 'string' | 'datetime' }
  | { readonly kind: 'code'; readonly type: string; readonly ids: Codes }
  | { readonly kind: 'set'; readonly of: Shape }
  | RecordShape
export interface RecordShape {
  readonly kind: 'record'
  readonly attributes: ReadonlyMap<string, { readonly shape: Shape; readonly required: boolean }>
}

export interface PolicySchema {
  readonly principal: RecordShape
  readonly resource: RecordShape
  readonly context: RecordShape
  /** the codes of each enumerated type, such as `Label` */
  readonly codes: ReadonlyMap<string, Codes>
  /** actions that can be asked, and for each action or group the askable actions that it covers */
  readonly actions: ReadonlySet<string>
  readonly covers: ReadonlyMap<string, ReadonlySet<string>>
}

interface TypeJson {
  type?: string
  name?: string
  element?: TypeJson
  attributes?: Record<string, TypeJson & { required?: boolean }>
}

/** @throws Error in Cedar's words where the text is no schema, or is one that Sightline cannot serve */
export function readSchema(text: string): PolicySchema {
  const answer = schemaToJsonWithResolvedTypes(text)
  if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
  const namespace = answer.json['']
  if (!namespace) throw new Error('the schema must be without a namespace')
  const codes = new Map<string, Codes>()
  for (const [name, entity] of Object.entries(namespace.entityTypes)) {
    if ('enum' in entity) codes.set(name, new Map(entity.enum.map((id) => [id, `${name}::"${id}"`])))
  }
  const commonTypes = (namespace.commonTypes ?? {}) as Record<string, TypeJson>

  const shapeOf = (type: TypeJson): Shape => {
    const name = type.type === 'Entity' || type.type === 'EntityOrCommon' ? type.name : type.type
    if (name === undefined) throw new Error('a type without a name')
    if (name === 'Bool' || name === 'Boolean') return { kind: 'boolean' }
    if (name === 'Long') return { kind: 'long' }
    if (name === 'String') return { kind: 'string' }
    if (name === 'datetime' || type.name === 'datetime') return { kind: 'datetime' }
    if (name === 'Set' && type.element) return { kind: 'set', of: shapeOf(type.element) }
    if (name === 'Record') return recordShape(type)
    const ids = codes.get(name)
    if (ids) return { kind: 'code', type: name, ids }
    const common = commonTypes[name]
    if (common) return shapeOf(common)
    throw new Error(`type \`${name}\` is none that the host can hand over`)
  }
  const recordShape = (type: TypeJson): RecordShape => ({
    kind: 'record',
    attributes: new Map(
      Object.entries(type.attributes ?? {}).map(([name, attribute]) => [
        name,
        { shape: shapeOf(attribute), required: attribute.required !== false },
      ]),
    ),
  })
  const shapeNamed = (name: string): RecordShape => {
    const entity = namespace.entityTypes[name]
    if (!entity || 'enum' in entity || !entity.shape) throw new Error(`entity \`${name}\` is missing`)
    const shape = shapeOf(entity.shape as TypeJson)
    if (shape.kind !== 'record') throw new Error(`entity \`${name}\` must have attributes`)
    return shape
  }

  const askable = Object.entries(namespace.actions).filter(
    ([, action]) => (action.appliesTo?.principalTypes.length ?? 0) > 0,
  )
  const covers = new Map(Object.keys(namespace.actions).map((name) => [name, new Set<string>()]))
  for (const [name] of askable) {
    for (const group of withGroups(name)) covers.get(group)?.add(name)
  }
  function withGroups(name: string): Set<string> {
    const groups = new Set([name])
    for (const group of groups) {
      for (const parent of namespace?.actions[group]?.memberOf ?? []) groups.add(parent.id)
    }
    return groups
  }
  const contexts = askable.map(([, action]) => shapeOf((action.appliesTo?.context ?? {}) as TypeJson))
  const context = contexts[0]
  if (context?.kind !== 'record') throw new Error('every action needs a context')
  if (new Set(contexts.map(describe)).size > 1) throw new Error('every action must have the same context')
  return {
    principal: shapeNamed('Practitioner'),
    resource: shapeNamed('Record'),
    context,
    codes,
    actions: new Set(askable.map(([name]) => name)),
    covers,
  }
}

const describe = (shape: Shape): string =>
  JSON.stringify(shape, (_, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  )
