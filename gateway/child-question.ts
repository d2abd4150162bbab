/** Reads the question about the child from a document: who, why, and which sectors. Refuses a second child. */
import {
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { getArgumentValues, getVariableValues } from 'graphql/execution/values.js'
import { type AccessReason, type ThresholdName, thresholds } from '../schema/access-reason.ts'
import { type NhsNumber, nhsNumber } from '../schema/nhs-number.ts'
import { type Sector, sectors } from '../schema/record-type.ts'
import { Refusal } from '../schema/refusal.ts'
import { sectorNames } from '../schema/sector-schema.ts'
import type { Question } from './question.ts'

export interface ChildQuestion {
  readonly nhsNumber: NhsNumber
  readonly reason: AccessReason
  readonly dateOfBirth: string | null
  readonly givenName: string | null
  readonly familyName: string | null
  /** sectors whose records the question could show */
  readonly sectors: readonly Sector[]
}

/**
 * Fields selected beneath a node, through fragments, whatever @skip and @include say: more is planned, never less.
 * Each fragment is opened once, however often it is spread.
 */
function selected(question: Question, node: OperationDefinitionNode | FieldNode): FieldNode[] {
  const opened = new Set<string>()
  const within = (nodes: NonNullable<FieldNode['selectionSet']>['selections']): FieldNode[] =>
    nodes.flatMap((selection): FieldNode[] => {
      if (selection.kind === Kind.FIELD) return [selection]
      if (selection.kind === Kind.INLINE_FRAGMENT) return within(selection.selectionSet.selections)
      if (opened.has(selection.name.value)) return []
      opened.add(selection.name.value)
      const fragment = question.document.definitions.find(
        (definition) =>
          definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
      )
      return fragment?.kind === Kind.FRAGMENT_DEFINITION ? within(fragment.selectionSet.selections) : []
    })
  return within(node.selectionSet?.selections ?? [])
}

/** Fields of the child that draw on every sector. */
const ACROSS_SECTORS = ['identity', 'household', 'involved', 'chronology']

function sectorsOf(fields: readonly FieldNode[]): Sector[] {
  const names = new Set(fields.map((field) => field.name.value))
  const across = ACROSS_SECTORS.some((name) => names.has(name))
  return sectors.filter((sector) => across || names.has(sectorNames[sector].field))
}

/** As the schema states it: the threshold by its name. */
type StatedReason = Omit<AccessReason, 'threshold'> & { readonly threshold: ThresholdName }

const reasonFrom = (stated: StatedReason): AccessReason => ({
  ...stated,
  threshold: thresholds[stated.threshold],
})

/** @returns null for a question about no child, such as `{ __typename }` */
export function childQuestion(question: Question, schema: GraphQLSchema): ChildQuestion | null {
  const children = selected(question, question.operation).filter((field) => field.name.value === 'child')
  const [child, second] = children
  if (child === undefined) return null
  if (second !== undefined || child.directives?.length)
    throw new Refusal('ONE_CHILD_PER_QUESTION', 'ask about one child at a time')

  const definition = schema.getQueryType()?.getFields().child
  if (!definition || !isObjectType(getNamedType(definition.type))) throw new Error('the schema has no child')
  const { coerced, errors } = getVariableValues(
    schema,
    question.operation.variableDefinitions ?? [],
    question.variables,
    { maxErrors: 5 },
  )
  if (errors) throw new Refusal('QUESTION_INVALID', variableFault(errors))
  const args = getArgumentValues(definition, child, coerced) as Readonly<Record<string, unknown>>
  return {
    nhsNumber: nhsNumber(String(args.nhsNumber)),
    reason: reasonFrom(args.reason as StatedReason),
    dateOfBirth: (args.dateOfBirth as string | undefined) ?? null,
    givenName: (args.givenName as string | undefined) ?? null,
    familyName: (args.familyName as string | undefined) ?? null,
    sectors: sectorsOf(selected(question, child)),
  }
}

/** GraphQL quotes the value of a wrong variable; a value may name a child, so only its name is told. */
function variableFault(errors: readonly GraphQLError[]): string {
  const named = errors.map((error) => /Variable "(\$\w+)"/.exec(error.message)?.[1] ?? 'a variable')
  return `these variables do not fit the schema: ${[...new Set(named)].join(', ')}`
}
