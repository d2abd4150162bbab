/**
 * JSONata's own functions, by whether they look at more than their arguments: some take what the expression is seen
 * from where an argument is missing. As the signatures of version 2 have it; a function that is not named here is not
 * known.
 */

const words = (text: string) => text.trim().split(/\s+/)

/** They look at their arguments and at nothing else. */
const OWN_ARGUMENTS = new Set(
  words(
    'sum count max min average join type exists append zip reverse merge distinct sort single error assert now millis',
  ),
)

/** They take their input, whatever it is, unless they have so many arguments. */
const ANY_INPUT = new Map([
  ...words('string boolean not keys spread').map((name) => [name, 1] as const),
  ['lookup', 2],
])

/** They take their input where it is a text or a number, and fail on an object. */
const PLAIN_INPUT = new Set(
  words(`substring substringBefore substringAfter lowercase uppercase length trim pad match contains replace split
    formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power toMillis fromMillis
    base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl`),
)

/**
 * @param given how many arguments it has
 * @returns whether it may take its input as well; null where the function is not known
 */
export function takesInput(name: string, given: number, input: 'object' | 'anything'): boolean | null {
  if (OWN_ARGUMENTS.has(name)) return false
  if (PLAIN_INPUT.has(name)) return input === 'anything'
  const needed = ANY_INPUT.get(name)
  return needed === undefined ? null : given < needed
}
