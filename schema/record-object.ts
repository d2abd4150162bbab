/** Turns a record type into its GraphQL type. Every field names its data group. */
import type { Builder, sharedTypes } from './builder.ts'
import { coded } from './code-set.ts'
import type { ShownRecord } from './picture.ts'
import type { FieldValue } from './record.ts'
import type { Field, RecordType } from './record-type.ts'

type Shared = ReturnType<typeof sharedTypes>

const texts = (value: FieldValue | undefined): string[] => (Array.isArray(value) ? value.map(String) : [])
const textOf = (value: FieldValue | undefined): string | null =>
  value === null || value === undefined ? null : String(value)

const scalarOf = {
  text: 'String',
  date: 'Date',
  instant: 'DateTime',
  integer: 'Int',
  decimal: 'Float',
  flag: 'Boolean',
} as const

export function recordObject(builder: Builder, shared: Shared, type: RecordType) {
  const describe = (field: Field) => `${field.about}. Data group: ${field.group}.`
  return builder.objectRef<ShownRecord>(type.graphql).implement({
    description: type.about,
    interfaces: [shared.SharedRecord],
    isTypeOf: (value) => (value as ShownRecord).type === type.name,
    fields: (t) =>
      Object.fromEntries(
        Object.entries(type.fields).map(([name, field]) => {
          const set = field.codeSet
          const description = describe(field)
          if (set !== null && field.list)
            return [
              name,
              t.field({
                type: [shared.Coded],
                description,
                resolve: ({ fields }) => texts(fields[name]).map((code) => coded(set, code)),
              }),
            ]
          if (set !== null)
            return [
              name,
              t.field({
                type: shared.Coded,
                nullable: true,
                description,
                resolve: ({ fields }) => {
                  const code = textOf(fields[name])
                  return code === null ? null : coded(set, code)
                },
              }),
            ]
          if (field.list)
            return [name, t.stringList({ description, resolve: ({ fields }) => texts(fields[name]) })]
          const scalar = scalarOf[field.kind as keyof typeof scalarOf]
          return [
            name,
            t.field({
              type: scalar,
              nullable: true,
              description,
              resolve: ({ fields }) => (fields[name] ?? null) as never,
            }),
          ]
        }),
      ),
  })
}
