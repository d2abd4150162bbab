/**
 * The instants at which some policy or agreement may decide otherwise than a moment before. Between two of them time
 * makes no difference, so that questions of many days are decided once. Derived from schema, agreements and policies.
 */
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicyBundle } from './bundle.ts'
import type { PolicySchema, Shape } from './policy-schema.ts'

/** @returns null where policies can see another time than now and the days of an agreement: then any instant may turn */
export function turningPoints(bundles: readonly PolicyBundle[]): readonly number[] | null {
  if (!bundles.every(({ schema }) => seesNoOtherTime(schema))) return null
  const instants = bundles.flatMap(({ agreements, policies }) => [
    ...agreements.flatMap(({ starts, expires }) => [starts.getTime(), expires.getTime()]),
    ...[...policies.values()].flatMap(({ text }) => instantsIn(text)),
  ])
  return [...new Set(instants)].sort((one, other) => one - other)
}

/** The same number for all instants that no policy can tell apart: each turning point is one of its own. */
export function stretchOf(points: readonly number[], instant: number): number {
  let [low, high] = [0, points.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points[middle] ?? 0) < instant) low = middle + 1
    else high = middle
  }
  return points[low] === instant ? 2 * low + 1 : 2 * low
}

function seesNoOtherTime({ principal, resource, context }: PolicySchema): boolean {
  const paths = [
    ...timesIn(principal, 'principal'),
    ...timesIn(resource, 'resource'),
    ...timesIn(context, 'context'),
  ]
  const known = ['context.now', 'resource.agreement.starts', 'resource.agreement.expires']
  return paths.every((path) => known.includes(path))
}

function timesIn(shape: Shape, path: string): string[] {
  if (shape.kind === 'datetime') return [path]
  if (shape.kind === 'set') return timesIn(shape.of, path)
  if (shape.kind !== 'record') return []
  return [...shape.attributes].flatMap(([name, attribute]) => timesIn(attribute.shape, `${path}.${name}`))
}

function instantsIn(text: string): number[] {
  const answer = policyToJson(text)
  if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
  const found: number[] = []
  JSON.stringify(answer.json.conditions, (key, value) => {
    if (key === 'datetime') found.push(Date.parse(String(value?.[0]?.Value)))
    return value
  })
  return found
}
