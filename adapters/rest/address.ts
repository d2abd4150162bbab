/** Builds the address of one request from its template. Every value is encoded: none can change the path or query. */

import { Fault } from '../fault.ts'
import { type Fields, partsOf } from './fields.ts'
import type { RestRequest } from './request.ts'

export type Values = Readonly<Record<string, string>>

/** The names that a template needs, such as `nhsNumber` in `/pupils?nhsNumber={nhsNumber}`. */
export const namesIn = (template: string): readonly string[] =>
  [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? '')

/**
 * @param fields list → the fields of it that are wanted
 * @throws Fault where the answer before this one did not give a value that the template needs
 */
export function addressOf(
  base: URL,
  request: RestRequest,
  values: Values,
  asked: readonly string[],
  fields: Fields = new Map(),
): URL {
  const path = request.path.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    // a dot alone would be read as a step up the path
    if (value === undefined || value === '' || /^\.+$/.test(value)) throw new Fault('malformed')
    return encodeURIComponent(value)
  })
  const address = new URL(base.pathname.replace(/\/$/, '') + path, base.origin)
  if (request.include !== undefined) {
    const { parameter, otherwise } = request.include
    const parts = partsOf(request, asked)
    const wanted = parts.length > 0 ? parts.join(',') : otherwise
    if (wanted !== undefined) address.searchParams.set(parameter, wanted)
  }
  if (request.fieldSelection !== 'none')
    for (const [list, names] of fields)
      address.searchParams.set(request.fieldSelection.parameter.replace('{list}', list), names.join(','))
  return address
}

/** @returns the values of one object of `for`: texts and numbers only */
export function valuesIn(source: unknown): Values {
  if (typeof source !== 'object' || source === null) throw new Fault('malformed')
  const plain = Object.entries(source).filter(
    ([, value]) => typeof value === 'string' || typeof value === 'number',
  )
  return Object.fromEntries(plain.map(([name, value]) => [name, String(value)]))
}
