/** Arbitrary answers of a custodian, and what is left of one when only some places of it were asked for. */
import fc from 'fast-check'
import type { Place } from '../../adapters/places.ts'
import type { DecidedGroup } from '../../schema/data-group.ts'
import { decidedGroups } from '../../schema/data-group.ts'

const plain = fc.oneof(
  fc.constantFrom<unknown>('', 'b', '2026-03-14', 'Mother', 'FAMILY_HELP', null, true, false, 0, 1, 1.5, -3),
  fc.string({ maxLength: 5 }),
)

/** An object with these keys, in which anything may stand under any of them. */
export const documentWith = (keys: readonly string[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.letrec<{ document: Record<string, unknown>; value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      plain,
      fc.array(tie('value'), { maxLength: 3 }),
      tie('document'),
    ),
    document: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: keys.length }),
  })).document

/** The same answer with nothing but these places, each with all that is beneath it; lists keep their length. */
export function only(value: unknown, places: readonly Place[]): unknown {
  if (places.some((place) => place.length === 0)) return value
  if (Array.isArray(value)) return value.map((each) => only(each, places))
  if (typeof value !== 'object' || value === null) return value
  const left = Object.entries(value).flatMap(([key, below]) => {
    const beneath = places.filter(([first]) => first === key).map(([, ...rest]) => rest)
    return beneath.length === 0 ? [] : [[key, only(below, beneath)] as const]
  })
  return Object.fromEntries(left)
}

/**
 * An answer that looks like a custodian's own: an object or a list of objects wherever something lies beneath, and any
 * value at the end of a place.
 * @param fixed values that may not be anything, by the last key of their place
 */
export function answerWith(
  places: readonly Place[],
  fixed: Readonly<Record<string, fc.Arbitrary<unknown>>> = {},
): fc.Arbitrary<unknown> {
  const keys = [...new Set(places.flatMap(([first]) => (first === undefined ? [] : [first])))]
  if (keys.length === 0) return fc.oneof(plain, fc.array(plain, { maxLength: 2 }))
  const object = fc.record(
    Object.fromEntries(
      keys.map((key) => {
        const beneath = places.filter(([first]) => first === key).map(([, ...rest]) => rest)
        const set = beneath.every((rest) => rest.length === 0) ? fixed[key] : undefined
        return [
          key,
          set ??
            answerWith(
              beneath.filter((rest) => rest.length > 0),
              fixed,
            ),
        ]
      }),
    ),
    { requiredKeys: keys.filter((key) => key in fixed) },
  )
  return fc.oneof({ weight: 3, arbitrary: object }, fc.array(object, { maxLength: 2 }))
}

/** Some of these record types, each with some of the groups. */
export const askedOf = (
  types: readonly string[],
): fc.Arbitrary<readonly { readonly name: string; readonly groups: readonly DecidedGroup[] }[]> =>
  fc
    .subarray([...types])
    .chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc.record({ name: fc.constant(name), groups: fc.subarray([...decidedGroups]) }),
        ),
      ),
    )
