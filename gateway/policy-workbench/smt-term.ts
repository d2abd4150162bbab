/** Terms of SMT-LIB as text. What is certain is folded away, so that a question stays short and readable. */

/** A boolean term: `true`, `false`, or anything that Z3 may find either. */
export type Term = string

export const symbol = (name: string): Term => `|${name}|`

export function and(...terms: readonly Term[]): Term {
  const open = terms.filter((term) => term !== 'true')
  if (open.includes('false')) return 'false'
  return open.length > 1 ? `(and ${open.join(' ')})` : (open[0] ?? 'true')
}

export function or(...terms: readonly Term[]): Term {
  const open = terms.filter((term) => term !== 'false')
  if (open.includes('true')) return 'true'
  return open.length > 1 ? `(or ${open.join(' ')})` : (open[0] ?? 'false')
}

export const not = (term: Term): Term =>
  term === 'true' ? 'false' : term === 'false' ? 'true' : `(not ${term})`

export const implies = (one: Term, other: Term): Term => or(not(one), other)

export const integer = (value: number): Term => (value < 0 ? `(- ${-value})` : `${value}`)

/** Bits that tell `count` codes apart. */
export const bitsFor = (count: number): number => Math.max(1, Math.ceil(Math.log2(count)))

export const bits = (value: number, width: number): Term => `(_ bv${value} ${width})`
