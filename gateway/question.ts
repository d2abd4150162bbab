/**
 * Reads what was sent: one GraphQL query about one child. Refuses everything else before anybody is asked:
 * batches, mutations, introspection, a second child, and documents too large or too deep to be a question.
 */
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
  visit,
} from 'graphql'
import { getArgumentValues, getVariableValues } from 'graphql/execution/values.js'
import { z } from 'zod'
import { type AccessReason, type ThresholdName, thresholds } from '../schema/access-reason.ts'
import { type NhsNumber, nhsNumber } from '../schema/nhs-number.ts'
import { type Sector, sectors } from '../schema/record-type.ts'
import { Refusal } from '../schema/refusal.ts'
import { sectorNames } from '../schema/sector-schema.ts'

/** Limits of a document. The largest that the product itself sends has about 600 tokens, 9 levels, 5 aliases. */
export const LIMITS = { tokens: 4_000, depth: 12, aliases: 30, fields: 1_000 } as const

const Body = z.strictObject({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
  extensions: z.unknown().optional(),
})

export interface ChildQuestion {
  readonly nhsNumber: NhsNumber
  readonly reason: AccessReason
  readonly dateOfBirth: string | null
  readonly givenName: string | null
  readonly familyName: string | null
  /** sectors whose records the question could show */
  readonly sectors: readonly Sector[]
}

export interface Question {
  readonly source: string
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
}

const refuse = (code: string, words: string): never => {
  throw new Refusal(code, words)
}

/** Messages of GraphQL itself may quote the document, never data: at this point no agency was asked. */
function firstFault(faults: readonly GraphQLError[]): void {
  const fault = faults[0]
  if (fault) refuse('QUESTION_INVALID', `the question does not fit the schema: ${fault.message}`)
}

function withinLimits(document: DocumentNode): void {
  let depth = 0
  let deepest = 0
  let aliases = 0
  let fields = 0
  visit(document, {
    Field: {
      enter({ alias, name }) {
        depth += 1
        fields += 1
        if (alias) aliases += 1
        deepest = Math.max(deepest, depth)
        if (name.value === '__schema' || name.value === '__type')
          refuse(
            'INTROSPECTION_CLOSED',
            'introspection is closed; the schema is published as schema/schema.graphql',
          )
      },
      leave() {
        depth -= 1
      },
    },
  })
  if (deepest > LIMITS.depth) refuse('QUESTION_TOO_DEEP', `a question may be ${LIMITS.depth} levels deep`)
  if (aliases > LIMITS.aliases) refuse('QUESTION_TOO_LARGE', `a question may have ${LIMITS.aliases} aliases`)
  if (fields > LIMITS.fields) refuse('QUESTION_TOO_LARGE', `a question may have ${LIMITS.fields} fields`)
}

function readBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return refuse(
      'QUESTION_MALFORMED',
      'the body is no JSON; send JSON with `query` and, where needed, `variables`',
    )
  }
}

export function readQuestion(text: string, schema: GraphQLSchema): Question {
  const body = readBody(text)
  if (Array.isArray(body)) refuse('BATCH_REFUSED', 'send one question at a time; batches are refused')
  const read = Body.safeParse(body)
  if (!read.success)
    return refuse('QUESTION_MALFORMED', 'send JSON with `query` and, where needed, `variables`')
  const { query: source, variables, operationName } = read.data
  let document: DocumentNode
  try {
    document = parse(source, { maxTokens: LIMITS.tokens, noLocation: true })
  } catch (error) {
    const words = error instanceof GraphQLError ? error.message : 'it cannot be read'
    return refuse(words.includes('tokens') ? 'QUESTION_TOO_LARGE' : 'QUESTION_INVALID', words.toLowerCase())
  }
  withinLimits(document)
  firstFault(validate(schema, document, specifiedRules, { maxErrors: 5 }))
  const operation = getOperationAST(document, operationName ?? undefined)
  if (!operation) return refuse('QUESTION_INVALID', 'name the operation that you mean in `operationName`')
  if (operation.operation !== 'query') refuse('READ_ONLY', 'Sightline only reads; send a query')
  return { source, operationName: operationName ?? null, variables: variables ?? {}, document, operation }
}

/** Fields selected beneath a node, through fragments, whatever @skip and @include say: more is planned, never less. */
function selected(question: Question, node: OperationDefinitionNode | FieldNode): FieldNode[] {
  const within = (nodes: NonNullable<FieldNode['selectionSet']>['selections']): FieldNode[] =>
    nodes.flatMap((selection): FieldNode[] => {
      if (selection.kind === Kind.FIELD) return [selection]
      if (selection.kind === Kind.INLINE_FRAGMENT) return within(selection.selectionSet.selections)
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
    return refuse('ONE_CHILD_PER_QUESTION', 'ask about one child at a time')

  const definition = schema.getQueryType()?.getFields().child
  if (!definition || !isObjectType(getNamedType(definition.type))) throw new Error('the schema has no child')
  const { coerced, errors } = getVariableValues(
    schema,
    question.operation.variableDefinitions ?? [],
    question.variables,
    { maxErrors: 5 },
  )
  if (errors) return refuse('QUESTION_INVALID', variableFault(errors))
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
