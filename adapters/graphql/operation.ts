/** Reads the one operation that a GraphQL custodian is ever asked. Refuses mutations, subscriptions and a second query. */
import { type OperationDefinitionNode, parse, print } from 'graphql'

export interface Operation {
  readonly name: string
  readonly text: string
  readonly variables: readonly string[]
}

/** @returns the operation, or what is wrong with the file in words for who wrote it */
export function operationIn(text: string): Operation | { readonly fault: string } {
  let document: ReturnType<typeof parse>
  try {
    document = parse(text, { maxTokens: 5_000 })
  } catch (error) {
    return { fault: `is not GraphQL: ${error instanceof Error ? error.message : 'it cannot be parsed'}` }
  }
  const operations = document.definitions.filter((node) => node.kind === 'OperationDefinition')
  const other = document.definitions.find(
    (node) => node.kind !== 'OperationDefinition' && node.kind !== 'FragmentDefinition',
  )
  const [operation, second] = operations as readonly OperationDefinitionNode[]
  if (other !== undefined) return { fault: 'may hold a query and its fragments, nothing else' }
  if (operation === undefined || second !== undefined) return { fault: 'must hold exactly one operation' }
  if (operation.operation !== 'query')
    return { fault: `must hold a query, not a ${operation.operation}: nothing may be changed at an agency` }
  if (operation.name === undefined) return { fault: 'must give its query a name' }
  return {
    name: operation.name.value,
    text: print(document),
    variables: (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value),
  }
}
