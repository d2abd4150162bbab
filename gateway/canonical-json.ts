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
  const text = stringify(value)
  if (text === undefined) throw new TypeError('nothing has no canonical form')
  if (text.includes('\\ud') && HALF_A_PAIR.test(text))
    throw new TypeError('text with half a surrogate pair has no canonical form')
  return text
}
