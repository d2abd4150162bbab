/** What a question selects, and with which arguments. Refuses variables that do not fit, without repeating a value. */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { getArgumentValues, getVariableValues } from 'graphql/execution/values.js'
import { Refusal } from '../schema/refusal.ts'

/**
 * Fields selected beneath a node, through fragments, whatever @skip and @include say: more is planned, never less.
 * Each fragment is opened once, however often it is spread.
 */
export function selected(document: DocumentNode, node: OperationDefinitionNode | FieldNode): FieldNode[] {
  const opened = new Set<string>()
  const within = (nodes: NonNullable<FieldNode['selectionSet']>['selections']): FieldNode[] =>
    nodes.flatMap((selection): FieldNode[] => {
      if (selection.kind === Kind.FIELD) return [selection]
      if (selection.kind === Kind.INLINE_FRAGMENT) return within(selection.selectionSet.selections)
      if (opened.has(selection.name.value)) return []
      opened.add(selection.name.value)
      const fragment = document.definitions.find(
        (definition) =>
          definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
      )
      return fragment?.kind === Kind.FRAGMENT_DEFINITION ? within(fragment.selectionSet.selections) : []
    })
  return within(node.selectionSet?.selections ?? [])
}

/** The arguments of one field, as the schema reads them. */
export function argumentsOf(
  {
    operation,
    variables,
  }: {
    readonly operation: OperationDefinitionNode
    readonly variables: Readonly<Record<string, unknown>>
  },
  schema: GraphQLSchema,
  definition: GraphQLField<unknown, unknown>,
  field: FieldNode,
): Readonly<Record<string, unknown>> {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
    maxErrors: 5,
  })
  if (errors) throw new Refusal('QUESTION_INVALID', variableFault(errors))
  return getArgumentValues(definition, field, coerced) as Readonly<Record<string, unknown>>
}

/** GraphQL quotes the value of a wrong variable; a value may name a child, so only its name is told. */
function variableFault(errors: readonly GraphQLError[]): string {
  const named = errors.map((error) => /Variable "(\$\w+)"/.exec(error.message)?.[1] ?? 'a variable')
  return `these variables do not fit the schema: ${[...new Set(named)].join(', ')}`
}
