/**
 * What a later schema takes from readers of the earlier one, or asks of old records that they do not have. A new type of
 * event and a new optional property take nothing. What a schema does not hold itself is in that of access records.
 */
import recordSchema from '../../../gateway/ledger/access-record.schema.json' with { type: 'json' }

export type Schema = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const at = (from: unknown, path: string): unknown =>
  path.split('/').reduce((found: unknown, step) => (isObject(found) ? found[step] : undefined), from)

/** What a reference stands for, beside what is said of it there. */
export function resolved(value: unknown, root: Schema): unknown {
  if (!isObject(value) || typeof value.$ref !== 'string') return value
  const { $ref, ...own } = value
  const [, path = ''] = String($ref).split('#/')
  const places = String($ref).startsWith('#') ? [root, recordSchema] : [recordSchema]
  const found = places.map((from) => at(from, path)).find(isObject)
  if (!isObject(found)) throw new Error(`${$ref} leads nowhere`)
  return { ...own, ...(resolved(found, root) as Schema) }
}

const GROWS = '/type' // the types of events

/** Places where the later schema takes something from readers of the earlier one, or asks old records for more. */
export function incompatible(
  earlier: unknown,
  later: unknown,
  roots: readonly [Schema, Schema],
  path = '',
): string[] {
  const [a, b] = [resolved(earlier, roots[0]), resolved(later, roots[1])]
  if (!isObject(a) || !isObject(b)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [path]
  const faults: string[] = []
  for (const word of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const at = `${path}/${word}`
    const [was, is] = [a[word], b[word]]
    if (['description', 'title', '$id', '$defs', 'oneOf'].includes(word) && !path.includes('/actor')) continue
    if (word === 'properties') {
      for (const [name, inner] of Object.entries((was ?? {}) as Schema)) {
        const next = (is as Schema | undefined)?.[name]
        if (next === undefined) faults.push(`${path}/${name} is lost`)
        else faults.push(...incompatible(inner, next, roots, `${path}/${name}`))
      }
    } else if (word === 'required') {
      const [before, now] = [(was ?? []) as string[], (is ?? []) as string[]]
      for (const name of now.filter((each) => !before.includes(each)))
        faults.push(`${path}/${name} is demanded`)
    } else if (word === 'enum' && path === GROWS) {
      for (const each of was as string[])
        if (!(is as string[]).includes(each)) faults.push(`${path} lost ${each}`)
    } else if (Array.isArray(was) && Array.isArray(is) && was.every(isObject)) {
      if (was.length !== is.length) faults.push(`${at} has others`)
      else was.forEach((inner, i) => void faults.push(...incompatible(inner, is[i], roots, `${at}/${i}`)))
    } else if (isObject(was) && isObject(is)) faults.push(...incompatible(was, is, roots, at))
    else if (JSON.stringify(was) !== JSON.stringify(is)) faults.push(`${at} changed`)
  }
  return faults
}
