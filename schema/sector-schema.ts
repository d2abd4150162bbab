/** The subschema of one sector: its record types and its custodians' answers, beneath the child. */
import type { GraphQLSchema } from 'graphql'
import { type ChildKey, newBuilder, sharedTypes } from './builder.ts'
import type { Picture } from './picture.ts'
import { recordObject } from './record-object.ts'
import type { Sector } from './record-type.ts'
import { recordTypesOf } from './record-types.ts'

/** How each sector is named in the schema. */
export const sectorNames = {
  police: { type: 'Police', field: 'police', about: 'What the police may show of the child' },
  health: { type: 'Health', field: 'health', about: 'What health services may show of the child' },
  education: { type: 'Education', field: 'education', about: 'What education may show of the child' },
  'social-care': { type: 'SocialCare', field: 'socialCare', about: "What children's social care may show" },
} as const satisfies Record<Sector, { type: string; field: string; about: string }>

export function sectorSchema(sector: Sector): GraphQLSchema {
  const builder = newBuilder()
  const shared = sharedTypes(builder)
  const name = sectorNames[sector]

  const SectorType = builder.objectRef<Picture>(name.type)
  SectorType.implement({
    description: `${name.about}. Read \`custodians\` first: a gap is not the same as nothing known.`,
    fields: (t) => ({
      custodians: t.field({
        type: [shared.Answer],
        description: 'One answer per custodian of the sector',
        resolve: (picture) => picture.answers.filter((answer) => answer.sector === sector),
      }),
      ...Object.fromEntries(
        recordTypesOf(sector).map((type) => [
          type.plural,
          t.field({
            type: [recordObject(builder, shared, type)],
            description: `${type.title}: ${type.about}`,
            resolve: (picture) => picture.records.filter((record) => record.type === type.name),
          }),
        ]),
      ),
    }),
  })
  const Child = builder.objectRef<ChildKey>('Child').implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      [name.field]: t.field({
        type: SectorType,
        nullable: true,
        resolve: (_child, _args, { picture }) => picture,
      }),
    }),
  })
  builder.queryType({
    fields: (t) => ({
      [`${name.field}OfChild`]: t.field({
        type: Child,
        nullable: true,
        args: { id: t.arg.id({ required: true }) },
        resolve: (_root, { id }) => ({ id: String(id) }),
      }),
    }),
  })
  return builder.toSchema()
}
