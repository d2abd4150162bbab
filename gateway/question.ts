/**
 * Reads what was sent: one GraphQL query about one child, or one operation of the desk. Refuses everything else before
 * anybody is asked: batches, other mutations, introspection, and documents too large or too deep to be a question.
 */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
  visit,
} from 'graphql'
import { z } from 'zod'
import { deskMutations } from '../schema/desk.ts'
import { Refusal } from '../schema/refusal.ts'
import { canonicalJson } from './canonical-json.ts'
import { selected } from './selection.ts'

/** Limits of a document; its variables are held to the same depth. The largest that the product itself sends has about 600 tokens, 9 levels, 5 aliases. */
export const LIMITS = { tokens: 4_000, depth: 12, aliases: 10, fields: 1_000 } as const

/** Bytes of a question at most; the largest that the product sends has about 12 kB. */
export const LARGEST_BODY = 64 * 1_024

const Body = z.strictObject({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
  extensions: z.unknown().optional(),
})

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

/**
 * Messages of GraphQL quote the document: what stands in it, a value or a name that is none of the schema's, may name a
 * child and is not repeated. Nor is a name of the schema suggested. The place tells whoever wrote it what is meant.
 */
function refuseUnfit(schema: GraphQLSchema, document: DocumentNode, source: string): void {
  const faultIn = (read: DocumentNode) =>
    validate(schema, read, specifiedRules, { maxErrors: 5, hideSuggestions: true })[0]
  const fault = faultIn(document)
  if (!fault) return
  const known = namesOf(schema)
  const isKnown = (quoted: string) => (quoted.match(/\w+/g) ?? []).every((name) => known.has(name))
  const written: string[] = []
  const note = ({ value }: { readonly value: string }) => void written.push(value)
  visit(document, {
    StringValue: note,
    IntValue: note,
    FloatValue: note,
    EnumValue: note,
    ObjectField: ({ name }) => (known.has(name.value) ? undefined : note(name)),
  })
  const words = written
    .filter((value) => value !== '')
    .sort((a, b) => b.length - a.length)
    .reduce((told, value) => told.replaceAll(value, '…'), fault.message)
    .replace(/"([^"]*)"/g, (quoted, name: string) => (isKnown(name) ? quoted : '"…"'))
  const [place] = faultIn(parse(source))?.locations ?? []
  const where = place ? ` at line ${place.line}, column ${place.column}` : ''
  refuse('QUESTION_INVALID', `the question does not fit the schema${where}: ${words}`)
}

function namesOf(schema: GraphQLSchema): ReadonlySet<string> {
  const named = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)
  return new Set([
    ...schema.getDirectives().flatMap(({ name, args }) => [name, ...named(args)]),
    ...Object.values(schema.getTypeMap()).flatMap((type) => [
      type.name,
      ...('getValues' in type ? named(type.getValues()) : []),
      ...('getFields' in type ? Object.values(type.getFields()) : []).flatMap((field) => [
        field.name,
        ...('args' in field ? named(field.args) : []),
      ]),
    ]),
  ])
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

/** Nothing can be written but what is decided at the desk: no mutation reaches an agency. */
function readsOnly(document: DocumentNode): void {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation === 'query') continue
    const fields = selected(document, definition).map(({ name }) => name.value)
    const atDesk = fields.length > 0 && fields.every((name) => deskMutations.includes(name))
    if (definition.operation !== 'mutation' || !atDesk)
      refuse('READ_ONLY', 'Sightline only reads; send a query')
  }
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

/** Tells where it stops being GraphQL, and not what stands there: that may name a child. */
function readDocument(source: string): DocumentNode {
  try {
    return parse(source, { maxTokens: LIMITS.tokens, noLocation: true })
  } catch (error) {
    const fault = error instanceof GraphQLError ? error : null
    if (fault?.message.startsWith(TOO_MANY_TOKENS))
      return refuse(
        'QUESTION_TOO_LARGE',
        `a question may have ${LIMITS.tokens.toLocaleString('en-GB')} tokens`,
      )
    const [place] = fault?.locations ?? []
    const where = place ? ` from line ${place.line}, column ${place.column} on` : ''
    return refuse('QUESTION_INVALID', `the question cannot be read as GraphQL${where}`)
  }
}

/** graphql 16, `Parser.advanceLexer` */
const TOO_MANY_TOKENS = 'Syntax Error: Document contains more that'

/** The variables' hash stands in the record of the access: what cannot be hashed cannot be asked. */
function withinRecord(variables: Readonly<Record<string, unknown>>): void {
  if (deeperThan(LIMITS.depth, variables))
    refuse('QUESTION_TOO_DEEP', `variables may be ${LIMITS.depth} levels deep`)
  try {
    canonicalJson(variables)
  } catch {
    refuse(
      'QUESTION_MALFORMED',
      'the variables hold half a character or a number out of range; send plain JSON',
    )
  }
}

const deeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => deeperThan(levels - 1, inner)))

/** @param text null where more than LARGEST_BODY came */
export function readQuestion(text: string | null, schema: GraphQLSchema): Question {
  if (text === null)
    return refuse(
      'QUESTION_TOO_LARGE',
      `a question may have ${LARGEST_BODY / 1_024} kB; nothing of it was read`,
    )
  const body = readBody(text)
  if (Array.isArray(body)) refuse('BATCH_REFUSED', 'send one question at a time; batches are refused')
  const read = Body.safeParse(body)
  if (!read.success)
    return refuse('QUESTION_MALFORMED', 'send JSON with `query` and, where needed, `variables`')
  const { query: source, operationName } = read.data
  const variables = read.data.variables ?? {}
  withinRecord(variables)
  const document = readDocument(source)
  withinLimits(document)
  readsOnly(document)
  refuseUnfit(schema, document, source)
  const operation = getOperationAST(document, operationName ?? undefined)
  if (!operation) return refuse('QUESTION_INVALID', 'name the operation that you mean in `operationName`')
  return { source, operationName: operationName ?? null, variables, document, operation }
}
