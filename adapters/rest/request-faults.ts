/** Holds the requests of a JSON-over-REST custodian against what can be filled in and found again. Pure. */
import type { RestFile } from '../custodian-file.ts'
import { expressionFault } from '../expression.ts'
import type { FileFault } from '../preset.ts'
import { namesIn } from './address.ts'
import { fieldFaults } from './fields.ts'

/** Finds what is wrong with a custodian's requests: their expressions, the values they need, their names, their fields. */
export function requestFaults(file: RestFile): readonly FileFault[] {
  const found = file.requests.flatMap(({ name, path, for: each, paging }, place) => {
    const key = `requests.${name}`
    const paged = paging === undefined ? [] : [paging.kind === 'offset' ? paging.items : paging.next]
    const faults = [each, ...paged].flatMap((text) => {
      const fault = text === undefined ? null : expressionFault(text)
      return fault === null ? [] : [{ key, remedy: `\`${text}\` ${fault}` }]
    })
    const filled = new Set(['nhsNumber', ...Object.keys(file.connection.values)])
    const empty = each === undefined ? namesIn(path).filter((value) => !filled.has(value)) : []
    return [
      ...faults,
      ...empty.map((value) => ({
        key,
        remedy: `nothing gives \`{${value}}\`; name it in connection.values or use for`,
      })),
      ...(file.requests.findIndex((other) => other.name === name) === place
        ? []
        : [{ key, remedy: 'two requests have this name' }]),
    ]
  })
  return [...found, ...fieldFaults(file)]
}
