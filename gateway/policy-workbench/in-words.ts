/** Writes a condition of Cedar's JSON syntax tree as its text, for whoever reads what was changed. */

export type Tree = Readonly<Record<string, unknown>>

/** One operator and what it is applied to. */
export function nodeOf(tree: Tree): [string, unknown] {
  return Object.entries(tree)[0] ?? ['', null]
}

/** @returns the text, in one line; not fit to be parsed where it has been shortened */
export function inWords(tree: Tree): string {
  const [operator, operands] = nodeOf(tree)
  const { left, right, arg, attr } = (operands ?? {}) as { left: Tree; right: Tree; arg: Tree; attr: string }
  switch (operator) {
    case 'Value':
      return valueInWords(operands)
    case 'Var':
      return String(operands)
    case '.':
      return `${inWords(left)}.${attr}`
    case 'has':
      return `${inWords(left)} has ${[attr].flat().join('.')}`
    case '!':
      return `!${inWords(arg)}`
    case 'isEmpty':
      return `${inWords(arg)}.isEmpty()`
    case 'Set':
      return `[${(operands as Tree[]).map(inWords).join(', ')}]`
    case 'contains':
    case 'containsAll':
    case 'containsAny':
      return `${inWords(left)}.${operator}(${inWords(right)})`
    case '&&':
    case '||':
      return `(${inWords(left)} ${operator} ${inWords(right)})`
    case 'if-then-else': {
      const { if: test, then, else: otherwise } = operands as { if: Tree; then: Tree; else: Tree }
      return `if ${inWords(test)} then ${inWords(then)} else ${inWords(otherwise)}`
    }
    default:
      if (left && right) return `${inWords(left)} ${operator} ${inWords(right)}`
      return `${operator}(${Array.isArray(operands) ? operands.map(inWords).join(', ') : ''})`
  }
}

export interface EntityJson {
  readonly __entity: { readonly type: string; readonly id: string }
}

export const entityOf = (tree: Tree): EntityJson['__entity'] | undefined =>
  (tree.Value as EntityJson | null | undefined)?.__entity

function valueInWords(value: unknown): string {
  const entity = (value as EntityJson | null)?.__entity
  return entity ? `${entity.type}::"${entity.id}"` : JSON.stringify(value)
}
