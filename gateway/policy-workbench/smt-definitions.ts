/** Names for terms that are needed more than once. Two terms of the same text have one name, whichever bundle they are of. */
import { symbol, type Term } from './smt-term.ts'

export interface Definitions {
  /** @returns the term's symbol; a term that is certain, or a symbol already, stays as it is */
  define(name: string, term: Term): Term
  /** the definitions of SMT-LIB that a term needs, and no others */
  neededFor(term: Term): string
}

const SYMBOL = /\|[^|]*\|/g

export function newDefinitions(): Definitions {
  const bodies = new Map<Term, Term>()
  const symbols = new Map<Term, Term>()
  return {
    define(name, term) {
      if (!term.startsWith('(')) return term
      const before = symbols.get(term)
      if (before) return before
      let free = symbol(name)
      for (let count = 2; bodies.has(free); count += 1) free = symbol(`${name} ${count}`)
      bodies.set(free, term)
      symbols.set(term, free)
      return free
    },
    neededFor(term) {
      const needed = new Set<Term>()
      const visit = (within: Term): void => {
        for (const [name] of within.matchAll(SYMBOL)) {
          const body = bodies.get(name)
          if (body === undefined || needed.has(name)) continue
          visit(body)
          needed.add(name)
        }
      }
      visit(term)
      return [...needed].map((name) => `(define-fun ${name} () Bool ${bodies.get(name)})`).join('\n')
    },
  }
}
