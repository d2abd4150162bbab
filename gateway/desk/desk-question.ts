/** Reads which operation of the desk a document asks for, and with what. Refuses a second one. */
import { type GraphQLSchema, Kind } from 'graphql'
import type { DeskField } from '../../schema/desk.ts'
import { Refusal } from '../../schema/refusal.ts'
import type { Question } from '../question.ts'
import { argumentsOf, selected } from '../selection.ts'

export interface DeskQuestion {
  readonly field: DeskField
  readonly args: Readonly<Record<string, unknown>>
}

/** @returns null for a document that asks for nothing, such as `{ __typename }` */
export function deskQuestion(question: Question, schema: GraphQLSchema): DeskQuestion | null {
  const { operation, document } = question
  const [field, second] = selected(document, operation).filter(({ name }) => name.value !== '__typename')
  if (field === undefined) return null
  // behind a fragment or a condition something could be written that is not laid out
  const plain = operation.selectionSet.selections.every(
    (selection) => selection.kind === Kind.FIELD && !selection.directives?.length,
  )
  if (second !== undefined || !plain)
    throw new Refusal('ONE_DESK_OPERATION', 'send one operation of the desk at a time, without conditions')
  const root = operation.operation === 'mutation' ? schema.getMutationType() : schema.getQueryType()
  const definition = root?.getFields()[field.name.value]
  if (definition === undefined) throw new Error('a question was validated against another schema')
  return { field: field.name.value as DeskField, args: argumentsOf(question, schema, definition, field) }
}
