/**
 * What a policy may look at: of all that the host offers, exactly the attributes that the policy schema declares.
 * Refuses a code that the schema does not list.
 */
import type { RecordShape, Shape } from './policy-schema.ts'

export type Scalar = boolean | number | string
/** An entity is `Type::"id"`, a datetime its milliseconds since 1970, a set is sorted. */
export type CedarValue = Scalar | ReadonlySet<Scalar> | CedarRecord
export interface CedarRecord {
  readonly [attribute: string]: CedarValue
}

/** Records taken before, by the object that was offered: for what the bundle itself holds and nobody changes. */
export type Taken = WeakMap<object, CedarRecord>

/**
 * What the host offers, cut to the declared attributes.
 * @param faults receives one line for each attribute that is missing, mistyped or an unknown code
 * @param taken remembers records within the record, such as its agreement
 */
export function take(
  shape: RecordShape,
  offered: object,
  where: string,
  faults: string[],
  taken?: Taken,
): CedarRecord {
  const record: Record<string, CedarValue> = {}
  for (const [name, attribute] of shape.attributes) {
    const value = (offered as Record<string, unknown>)[name]
    if (value === undefined) {
      if (attribute.required) faults.push(`\`${where}.${name}\` is missing`)
      continue
    }
    record[name] = takeValue(attribute.shape, value, where, name, faults, taken)
  }
  return record
}

function takeValue(
  shape: Shape,
  value: unknown,
  owner: string,
  name: string,
  faults: string[],
  taken: Taken | undefined,
): CedarValue {
  switch (shape.kind) {
    case 'boolean':
      if (typeof value === 'boolean') return value
      break
    case 'long':
      if (Number.isSafeInteger(value)) return value as number
      break
    case 'string':
      if (typeof value === 'string') return value
      break
    case 'datetime':
      if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime()
      break
    case 'code': {
      const code = typeof value === 'string' ? shape.ids.get(value) : undefined
      if (code !== undefined) return code
      faults.push(`\`${owner}.${name}\` holds a code that is no \`${shape.type}\` of the policy schema`)
      return ''
    }
    case 'set': {
      const items = Array.isArray(value) ? value : value instanceof Set ? [...value] : null
      if (!items) break
      if (items.length === 0) return empty
      const members = items.map(
        (item: unknown) => takeValue(shape.of, item, owner, name, faults, taken) as Scalar,
      )
      return new Set(members.length > 1 ? members.sort() : members)
    }
    case 'record': {
      if (typeof value !== 'object' || value === null) break
      const before = taken?.get(value)
      if (before) return before
      const faultsBefore = faults.length
      const record = take(shape, value, `${owner}.${name}`, faults, taken)
      if (faults.length === faultsBefore) taken?.set(value, record)
      return record
    }
  }
  faults.push(`\`${owner}.${name}\` is no ${shape.kind}`)
  return ''
}

const empty: ReadonlySet<Scalar> = new Set()
const texts = new WeakMap<CedarRecord, string>()

/** One text for all records that no policy can tell apart, in the order of the schema: the id that Cedar sees. */
export function canonical(record: CedarRecord): string {
  let text = ''
  for (const name in record) {
    const value = record[name]
    if (value !== undefined) text += `${name} ${textOf(value)} `
  }
  return text
}

/** Each text is preceded by its length, so that no two values have the same. */
function textOf(value: CedarValue): string {
  if (typeof value === 'string') return `${value.length}:${value}`
  if (typeof value !== 'object') return String(value)
  if (value instanceof Set) return value.size === 0 ? '[]' : `[${[...value].map(textOf).join()}]`
  const inner = value as CedarRecord
  let text = texts.get(inner)
  if (text === undefined) {
    text = `{${canonical(inner)}}`
    texts.set(inner, text)
  }
  return text
}

/**
 * The key of a cache, made without taking anything: records with the same key are the same to every policy, while
 * some with different keys are, too. A record within counts by identity, under the name that `nameOf` gives it.
 * @returns null for what could not be taken, such as a code in place of a list
 */
export function keyOf(shape: RecordShape, offered: object, nameOf: (inner: object) => string): string | null {
  let text = ''
  for (const [name, attribute] of shape.attributes) {
    const value = (offered as Record<string, unknown>)[name]
    const part = value === undefined ? '~' : keyPart(attribute.shape, value, nameOf)
    if (part === null) return null
    text += part
  }
  return text
}

/** Each text with its length before it, each list with that of its items: no two rows of values have the same key. */
function keyPart(shape: Shape, value: unknown, nameOf: (inner: object) => string): string | null {
  switch (shape.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? `${value};` : null
    case 'long':
      return typeof value === 'number' ? `${value};` : null
    case 'string':
    case 'code':
      return typeof value === 'string' ? `${value.length}:${value}` : null
    case 'datetime':
      return value instanceof Date ? `${value.getTime()};` : null
    case 'set': {
      if (!Array.isArray(value)) return null
      let text = `${value.length}[`
      for (const item of value) {
        const part = keyPart(shape.of, item, nameOf)
        if (part === null) return null
        text += part
      }
      return text
    }
    case 'record':
      return typeof value === 'object' && value !== null ? `${nameOf(value)};` : null
  }
}
