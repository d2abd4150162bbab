/** Stitches the spine, identity, the four sectors and the desk into one schema with one `Child`. */
import type { SubschemaConfig } from '@graphql-tools/delegate'
import { stitchSchemas } from '@graphql-tools/stitch'
import { filterSchema } from '@graphql-tools/utils'
import { type GraphQLScalarType, type GraphQLSchema, isScalarType } from 'graphql'
import { deskSchema } from '../../schema/desk-schema.ts'
import { identitySchema } from '../../schema/identity-schema.ts'
import { sectors } from '../../schema/record-type.ts'
import { sectorNames, sectorSchema } from '../../schema/sector-schema.ts'
import { spineSchema } from '../../schema/spine-schema.ts'

/** A subschema beneath the child, joined by the receipt of the question. */
const beneathChild = (schema: GraphQLSchema, fieldName: string): SubschemaConfig => ({
  schema,
  merge: { Child: { selectionSet: '{ id }', fieldName, args: ({ id }: { id: string }) => ({ id }) } },
})

function scalarOf(schema: GraphQLSchema, name: string): GraphQLScalarType {
  const scalar = schema.getType(name)
  if (!isScalarType(scalar)) throw new Error(`the spine has no scalar ${name}`)
  return scalar
}

/** The entry points by which stitch joins; they are no questions that anybody may ask. */
const isEntryPoint = (field: string) => field.endsWith('OfChild')

export function stitchedSchema(): GraphQLSchema {
  const spine = spineSchema()
  const stitched = stitchSchemas({
    subschemas: [
      { schema: spine },
      beneathChild(identitySchema(), 'identityOfChild'),
      ...sectors.map((sector) => beneathChild(sectorSchema(sector), `${sectorNames[sector].field}OfChild`)),
      { schema: deskSchema() },
    ],
    // stitching rebuilds scalars without their checks; a wrong date must be refused before anybody is asked
    resolvers: { Date: scalarOf(spine, 'Date') },
  })
  return filterSchema({
    schema: stitched,
    rootFieldFilter: (_operation, field) => !isEntryPoint(field),
  })
}
