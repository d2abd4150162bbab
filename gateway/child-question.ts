/**
 * Reads the question about the child from a document: who, why, and which sectors. Refuses a second child, and
 * anything beside the child.
 */
import { type FieldNode, type GraphQLSchema, getNamedType, isObjectType } from 'graphql'
import { type AccessReason, type ThresholdName, thresholds } from '../schema/access-reason.ts'
import { type NhsNumber, nhsNumber } from '../schema/nhs-number.ts'
import { type Sector, sectors } from '../schema/record-type.ts'
import { Refusal } from '../schema/refusal.ts'
import { sectorNames } from '../schema/sector-schema.ts'
import type { Question } from './question.ts'
import { argumentsOf, selected } from './selection.ts'

export interface ChildQuestion {
  readonly nhsNumber: NhsNumber
  readonly reason: AccessReason
  readonly dateOfBirth: string | null
  readonly givenName: string | null
  readonly familyName: string | null
  /** sectors whose records the question could show */
  readonly sectors: readonly Sector[]
}

/** Fields of the child that draw on every sector. */
const ACROSS_SECTORS = ['identity', 'household', 'involved', 'chronology']

function sectorsOf(fields: readonly FieldNode[]): Sector[] {
  const names = new Set(fields.map((field) => field.name.value))
  const across = ACROSS_SECTORS.some((name) => names.has(name))
  return sectors.filter((sector) => across || names.has(sectorNames[sector].field))
}

/** As the schema states it: the threshold by its name, and what may be left out. */
type StatedReason = Omit<AccessReason, 'threshold' | 'caseReference' | 'breakGlass'> & {
  readonly threshold: ThresholdName
} & Partial<Pick<AccessReason, 'caseReference' | 'breakGlass'>>

function reasonFrom({ caseReference = null, breakGlass = null, ...stated }: StatedReason): AccessReason {
  if (caseReference === null && breakGlass === null)
    throw new Refusal(
      'CASE_REFERENCE_MISSING',
      'name the case in which you ask; only an emergency needs none',
    )
  return { ...stated, caseReference, breakGlass, threshold: thresholds[stated.threshold] }
}

/** @returns null for a question about no child, such as `{ __typename }` */
export function childQuestion(question: Question, schema: GraphQLSchema): ChildQuestion | null {
  const asked = selected(question.document, question.operation)
  const [child, second] = asked.filter((field) => field.name.value === 'child')
  if (child === undefined) return null
  if (second !== undefined || child.directives?.length)
    throw new Refusal('ONE_CHILD_PER_QUESTION', 'ask about one child at a time')
  if (asked.some((field) => !['child', '__typename'].includes(field.name.value)))
    throw new Refusal('DESK_APART', 'ask about the child and for what the desk holds in separate questions')

  const definition = schema.getQueryType()?.getFields().child
  if (!definition || !isObjectType(getNamedType(definition.type))) throw new Error('the schema has no child')
  const args = argumentsOf(question, schema, definition, child)
  return {
    nhsNumber: nhsNumber(String(args.nhsNumber)),
    reason: reasonFrom(args.reason as StatedReason),
    dateOfBirth: (args.dateOfBirth as string | undefined) ?? null,
    givenName: (args.givenName as string | undefined) ?? null,
    familyName: (args.familyName as string | undefined) ?? null,
    sectors: sectorsOf(selected(question.document, child)),
  }
}
