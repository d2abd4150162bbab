/**
 * The one way to write a JSON value (RFC 8785), so that whoever writes it again gets the same bytes and the same hash.
 * Refuses what has no such form: a number that is not finite, half of a surrogate pair, a function, a circle.
 */
import { configure } from 'safe-stable-stringify'

const stringify = configure({ strict: true, bigint: false, circularValue: TypeError })

/** Half a pair is written as an escape, which no whole character is. */
const HALF_A_PAIR = /(?<!\\)(?:\\\\)*\\ud[89a-f]/

/** @throws where the value has no canonical form; the message never tells what stands in it */
export function canonicalJson(value: unknown): string {
  const text = inOrder(value, DEEPEST) ? JSON.stringify(value) : stringify(value)
  if (text === undefined) throw new TypeError('nothing has no canonical form')
  if (text.includes('\\ud') && HALF_A_PAIR.test(text))
    throw new TypeError('text with half a surrogate pair has no canonical form')
  return text
}

/** Levels; what is deeper, or a circle, is left to the library. */
const DEEPEST = 32

/**
 * Whether names stand in canonical order all the way down, and nothing is there that JSON would leave out of a list,
 * change or refuse. Such a value is written by the engine itself: RFC 8785 takes its text and numbers from ECMAScript.
 */
function inOrder(value: unknown, levels: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object') return typeof value === 'string' || typeof value === 'boolean'
  if (value === null) return true
  if (levels === 0) return false
  if (Array.isArray(value)) return value.every((each) => inOrder(each, levels - 1))
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  let before: string | undefined
  for (const name in value) {
    if (before !== undefined && name < before) return false
    before = name
    const inner: unknown = value[name as keyof typeof value]
    if (inner !== undefined && !inOrder(inner, levels - 1)) return false
  }
  return true
}
