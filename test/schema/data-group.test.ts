/** Every field of every record carries its data group, and every group is an action that policies decide. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildSchema, type GraphQLSchema, isInterfaceType } from 'graphql'
import { expect, test } from 'vitest'
import { readSchema } from '../../gateway/sharing/policy/policy-schema.ts'
import { decidedGroups, partialGroups } from '../../schema/data-group.ts'
import { date, recordType, text } from '../../schema/record-type.ts'
import { recordTypes } from '../../schema/record-types.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const printed = buildSchema(read('schema/schema.graphql'))
const { actions, covers } = readSchema(read('policies/schema.cedarschema'))

/** Fields of shared records, as practitioners ask for them, that name no group which could be decided. */
function ungrouped(schema: GraphQLSchema): string[] {
  const shared = schema.getType('SharedRecord')
  if (!isInterfaceType(shared)) throw new Error('there is no SharedRecord')
  const envelope = Object.keys(shared.getFields())
  return schema.getPossibleTypes(shared).flatMap((type) =>
    Object.values(type.getFields())
      .filter(({ name }) => !envelope.includes(name))
      .filter(({ description }) => {
        const group = /Data group: ([a-z-]+)\.$/.exec(description ?? '')?.[1]
        return group !== 'envelope' && !actions.has(group ?? '')
      })
      .map(({ name }) => `${type.name}.${name}`),
  )
}

test('every field that practitioners can ask for names a group that policies decide, or the envelope', () => {
  const shared = printed.getType('SharedRecord')
  if (!isInterfaceType(shared)) throw new Error('there is no SharedRecord')
  expect(printed.getPossibleTypes(shared)).toHaveLength(recordTypes.length)
  expect(ungrouped(printed)).toEqual([])
})

test('a field without a group, or with one that no policy decides, would be found', () => {
  const schema = buildSchema(`
    interface SharedRecord { id: ID! }
    type Query { records: [SharedRecord!]! }
    type Diary implements SharedRecord {
      id: ID!
      "Where it is kept Data group: location."
      place: String
      "Data group: envelope."
      kind: String
      "What it says"
      words: String
      "Who is named Data group: gossip."
      names: String
    }`)
  expect(ungrouped(schema)).toEqual(['Diary.words', 'Diary.names'])
})

test('a record type whose field has no group is no program: the build fails', () => {
  const built = () => [
    // @ts-expect-error the data group is missing
    text('What it says'),
    // @ts-expect-error `gossip` is no data group
    date('gossip', 'When it was said'),
    recordType('person.diary', 'Diary', 'diaries', 'Diary', 'A diary', {
      // @ts-expect-error a field is made with its group, never by hand without one
      words: { kind: 'text', about: 'What it says', list: false, codeSet: null, partial: null },
    }),
  ]
  expect(built).toBeTypeOf('function')
})

test('every field of every record type is in one of the groups', () => {
  const groups: readonly string[] = ['envelope', ...decidedGroups]
  for (const { name, fields } of recordTypes)
    for (const [field, { group }] of Object.entries(fields))
      expect(groups, `${name}.${field}`).toContain(group)
})

test('every group is an action of the policy schema, and so is the part of it that can be shown', () => {
  const fields = [...decidedGroups, ...partialGroups.map((group) => `${group}-partial`)]
  expect([...(covers.get('fields') ?? [])].sort()).toEqual(fields.sort())
})

test('a field that can be shown in part is of a group that can', () => {
  for (const { name, fields } of recordTypes)
    for (const [field, { group, partial }] of Object.entries(fields))
      if (partial !== null) expect(partialGroups, `${name}.${field}`).toContain(group)
})
