/** Finds fields that would score or predict a child. Sightline shows what people recorded; it ranks nobody. */
import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'

/** A police grading of a notice is what an officer recorded; a score or a forecast about a child is neither. */
const SCORING =
  /score|predict|forecast|likelihood|probabilit|propensit|riskRating|riskLevel|riskIndex|ranking/i

/** @returns the fields, as `Type.field`; a schema that has any is not served */
export function scoringFields(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith('__')
      ? Object.keys(type.getFields())
          .filter((field) => SCORING.test(field))
          .map((field) => `${type.name}.${field}`)
      : [],
  )
}
