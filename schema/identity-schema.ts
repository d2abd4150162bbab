/** The identity subschema: who the child is, who lives with her, who is involved and whom to ring. */
import type { GraphQLSchema } from 'graphql'
import { type ChildKey, newBuilder, sharedTypes } from './builder.ts'
import { conflictsIn, type IdentityConflict } from './identity-conflict.ts'
import { personDetails, personInvolvement, personRelationship } from './person.ts'
import type { Picture } from './picture.ts'
import { recordObject } from './record-object.ts'

const ofType = (picture: Picture, type: { readonly name: string }) =>
  picture.records.filter((record) => record.type === type.name)

export function identitySchema(): GraphQLSchema {
  const builder = newBuilder()
  const shared = sharedTypes(builder)
  const Details = recordObject(builder, shared, personDetails)
  const Related = recordObject(builder, shared, personRelationship)
  const Involvement = recordObject(builder, shared, personInvolvement)

  const ConflictValue = builder.objectRef<IdentityConflict['values'][number]>('ConflictValue').implement({
    fields: (t) => ({
      custodian: t.exposeID('custodian'),
      custodianName: t.exposeString('custodianName'),
      value: t.exposeString('value'),
      recordedTime: t.expose('recordedTime', { type: 'DateTime', nullable: true }),
    }),
  })
  const Conflict = builder.objectRef<IdentityConflict>('IdentityConflict').implement({
    description: 'A detail that custodians hold differently, side by side. None of them is taken for true.',
    fields: (t) => ({
      field: t.exposeString('field'),
      values: t.field({ type: [ConflictValue], resolve: (conflict) => [...conflict.values] }),
    }),
  })
  const Identity = builder.objectRef<Picture>('Identity').implement({
    description: 'Who the child is, as each custodian that could be confirmed holds it.',
    fields: (t) => ({
      details: t.field({ type: [Details], resolve: (picture) => ofType(picture, personDetails) }),
      conflicts: t.field({
        type: [Conflict],
        resolve: (picture) => conflictsIn(ofType(picture, personDetails)),
      }),
    }),
  })
  const Child = builder.objectRef<ChildKey>('Child').implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      identity: t.field({ type: Identity, nullable: true, resolve: (_child, _args, { picture }) => picture }),
      household: t.field({
        type: [Related],
        nullable: true,
        description: 'Household and relatives; each person is decided under policy of their own',
        resolve: (_child, _args, { picture }) => ofType(picture, personRelationship),
      }),
      involved: t.field({
        type: [Involvement],
        nullable: true,
        description: 'Who is involved, and whom to ring',
        resolve: (_child, _args, { picture }) => ofType(picture, personInvolvement),
      }),
    }),
  })
  builder.queryType({
    fields: (t) => ({
      identityOfChild: t.field({
        type: Child,
        nullable: true,
        args: { id: t.arg.id({ required: true }) },
        resolve: (_root, { id }) => ({ id: String(id) }),
      }),
    }),
  })
  return builder.toSchema()
}
