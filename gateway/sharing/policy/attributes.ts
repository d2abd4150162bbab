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
    record[name] = takeValue(attribute.shape, value, `${where}.${name}`, faults, taken)
  }
  return record
}

function takeValue(
  shape: Shape,
  value: unknown,
  where: string,
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
      faults.push(`\`${where}\` holds a code that is no \`${shape.type}\` of the policy schema`)
      return ''
    }
    case 'set': {
      const items = Array.isArray(value) ? value : value instanceof Set ? [...value] : null
      if (items) {
        const members = items.map(
          (item: unknown) => takeValue(shape.of, item, where, faults, taken) as Scalar,
        )
        return new Set(members.length > 1 ? members.sort() : members)
      }
      break
    }
    case 'record': {
      if (typeof value !== 'object' || value === null) break
      const before = taken?.get(value)
      if (before) return before
      const faultsBefore = faults.length
      const record = take(shape, value, where, faults, taken)
      if (faults.length === faultsBefore) taken?.set(value, record)
      return record
    }
  }
  faults.push(`\`${where}\` is no ${shape.kind}`)
  return ''
}

const texts = new WeakMap<CedarRecord, string>()

/** One text for all records that no policy can tell apart: the key of a cache, and the id that Cedar sees. */
export function canonical(record: CedarRecord): string {
  const parts: string[] = []
  for (const name in record) {
    const value = record[name]
    if (value !== undefined) parts.push(name, textOf(value))
  }
  return parts.join(' ')
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
