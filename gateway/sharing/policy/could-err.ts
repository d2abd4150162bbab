/** Whether a policy could fail at run time instead of deciding. What fails denies, so taking it out could share more. */
import type { PolicySchema, RecordShape, Shape } from './policy-schema.ts'

type Tree = Readonly<Record<string, unknown>>

/** Only comparing records, or sets of something else than single values, fails at run time; nothing else compiles. */
export function couldErr(tree: Tree, schema: PolicySchema): boolean {
  const [operator = '', operands] = Object.entries(tree)[0] ?? []
  const { left, right } = operands as { left: Tree; right: Tree }
  const single = (part: Tree) => kindOf(part, schema) === 'single'
  const plain = (part: Tree) => kindOf(part, schema) !== 'unknown'
  if (['==', '!='].includes(operator) && !(plain(left) && plain(right))) return true
  if (operator === 'contains' && !single(right)) return true
  if (operator === 'Set' && !(operands as Tree[]).every(single)) return true
  return parts(operands).some((part) => couldErr(part, schema))
}

function parts(operands: unknown): readonly Tree[] {
  if (Array.isArray(operands)) return operands as readonly Tree[]
  if (typeof operands !== 'object' || operands === null) return []
  const held = operands as Readonly<Record<string, Tree | undefined>>
  return ['left', 'right', 'arg', 'if', 'then', 'else']
    .map((name) => held[name])
    .filter((part) => part !== undefined)
}

type Kind = 'single' | 'set' | 'unknown'

function kindOf(tree: Tree, schema: PolicySchema): Kind {
  const [operator = '', operands] = Object.entries(tree)[0] ?? []
  if (operator === 'Set') return 'set'
  if (operator === 'if-then-else') {
    const { then, else: otherwise } = operands as { then: Tree; else: Tree }
    const [one, other] = [kindOf(then, schema), kindOf(otherwise, schema)]
    return one === other ? one : 'unknown'
  }
  if (operator !== '.') return operator === 'Var' ? 'unknown' : 'single'
  const shape = shapeOf(tree, schema)
  if (!shape || shape.kind === 'record') return 'unknown'
  if (shape.kind !== 'set') return 'single'
  return shape.of.kind === 'set' || shape.of.kind === 'record' ? 'unknown' : 'set'
}

function shapeOf(tree: Tree, schema: PolicySchema): Shape | undefined {
  const { left, attr } = (tree['.'] ?? {}) as { left?: Tree; attr?: string }
  if (!left || attr === undefined) return undefined
  const owner: RecordShape | Shape | undefined =
    left.Var === 'principal' || left.Var === 'resource' || left.Var === 'context'
      ? schema[left.Var]
      : shapeOf(left, schema)
  return owner?.kind === 'record' ? owner.attributes.get(attr)?.shape : undefined
}
