/**
 * What a question selects, and with which arguments. Refuses variables that do not fit, and text with a NUL, which no
 * store of ours can look for; without repeating a value.
 */
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

/** The arguments of one field, as the schema reads them. @throws Refusal QUESTION_INVALID, QUESTION_MALFORMED */
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
  const args: Readonly<Record<string, unknown>> = getArgumentValues(definition, field, coerced)
  if (holdsNul(args))
    throw new Refusal('QUESTION_MALFORMED', 'a text in the question holds a NUL character; leave it out')
  return args
}

const holdsNul = (value: unknown): boolean =>
  typeof value === 'string'
    ? value.includes('\0')
    : typeof value === 'object' && value !== null && Object.values(value).some(holdsNul)

/** GraphQL quotes the value of a wrong variable; a value may name a child, so only its name is told. */
function variableFault(errors: readonly GraphQLError[]): string {
  const named = errors.map((error) => /Variable "(\$\w+)"/.exec(error.message)?.[1] ?? 'a variable')
  return `these variables do not fit the schema: ${[...new Set(named)].join(', ')}`
}
