/** Reads the one operation that a GraphQL custodian is ever asked. Refuses mutations, subscriptions and a second query. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql'

export interface Operation {
  readonly name: string
  readonly text: string
  /** with every fragment in the place where it is used */
  readonly definition: OperationDefinitionNode
  /** those that the question must fill: without a value of their own */
  readonly variables: readonly string[]
}

/** @returns the operation, or what is wrong with the file in words for who wrote it */
export function operationIn(text: string): Operation | { readonly fault: string } {
  let document: DocumentNode
  try {
    document = parse(text, { maxTokens: 5_000 })
  } catch (error) {
    return { fault: `is not GraphQL: ${error instanceof Error ? error.message : 'it cannot be parsed'}` }
  }
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  const [operation, second] = operations
  if (operations.length + fragments.length < document.definitions.length)
    return { fault: 'may hold a query and its fragments, nothing else' }
  if (operation === undefined || second !== undefined) return { fault: 'must hold exactly one operation' }
  if (operation.operation !== 'query')
    return { fault: `must hold a query, not a ${operation.operation}: nothing may be changed at an agency` }
  if (operation.name === undefined) return { fault: 'must give its query a name' }
  const definition = withFragments(operation, new Map(fragments.map((each) => [each.name.value, each])))
  if (definition === null) return { fault: 'uses a fragment that it does not hold, or one within itself' }
  return {
    name: operation.name.value,
    text: print(definition),
    definition,
    variables: (operation.variableDefinitions ?? [])
      .filter(({ defaultValue }) => defaultValue === undefined)
      .map(({ variable }) => variable.name.value),
  }
}

/** @returns null where a fragment is missing, or holds itself */
function withFragments<T extends OperationDefinitionNode | FragmentDefinitionNode>(
  node: T,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): T | null {
  let sound = true
  const whole = visit(node, {
    [Kind.FRAGMENT_SPREAD]: (spread) => {
      const fragment = fragments.get(spread.name.value)
      const others = new Map([...fragments].filter(([name]) => name !== spread.name.value))
      const inside = fragment === undefined ? null : withFragments(fragment, others)
      if (inside === null) {
        sound = false
        return undefined
      }
      return {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: inside.typeCondition,
        directives: spread.directives ?? [],
        selectionSet: inside.selectionSet,
      }
    },
  })
  return sound ? whole : null
}
