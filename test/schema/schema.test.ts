/** The schema that practitioners ask: printed, without entry points, without scores, every field in a data group. */
import { readFileSync } from 'node:fs'
import { isEnumType, isInterfaceType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { printedSchema } from '../../gateway/commands/print-schema.ts'
import { stitchedSchema } from '../../gateway/sharing/stitched-schema.ts'
import { scoringFields } from '../../schema/no-scores.ts'
import { recordTypes } from '../../schema/record-types.ts'

test('schema.graphql is the schema that is served', () => {
  const committed = readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8')
  expect(committed, 'run `npm run schema`').toBe(printedSchema())
})

test('the only question is about one child, and nothing can be written', () => {
  const schema = stitchedSchema()
  expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(['child'])
  expect(schema.getMutationType()).toBeUndefined()
  expect(schema.getSubscriptionType()).toBeUndefined()
})

test('no field holds a risk score or a prediction', () => {
  expect(scoringFields(stitchedSchema())).toEqual([])
})

test('a schema with a risk score is refused, whatever it calls it', async () => {
  const { buildSchema } = await import('graphql')
  const schema = buildSchema(
    'type Query { riskScore: Int predictedHarm: Float childRiskRating: String likelihoodOfHarm: Int name: String }',
  )
  expect(scoringFields(schema)).toEqual([
    'Query.riskScore',
    'Query.predictedHarm',
    'Query.childRiskRating',
    'Query.likelihoodOfHarm',
  ])
})

test('every field of every record names its data group in the schema', () => {
  const types = stitchedSchema().getTypeMap()
  for (const type of recordTypes) {
    const object = types[type.graphql]
    if (!isObjectType(object)) throw new Error(`${type.graphql} is not in the schema`)
    for (const [name, field] of Object.entries(type.fields))
      expect(object.getFields()[name]?.description).toContain(`Data group: ${field.group}.`)
  }
})

test('every sector is nullable beneath the child, so that one lost sector costs no other', () => {
  const child = stitchedSchema().getType('Child')
  if (!isObjectType(child)) throw new Error('no Child')
  for (const sector of ['police', 'health', 'education', 'socialCare', 'identity'])
    expect(String(child.getFields()[sector]?.type)).not.toMatch(/!$/)
})

test('the eight answer states are in the schema, and no other', () => {
  const states = stitchedSchema().getType('AnswerState')
  if (!isEnumType(states)) throw new Error('no AnswerState')
  const names = states.getValues().map(({ name }) => name)
  expect(names.sort()).toEqual([
    'DID_NOT_ANSWER',
    'IDENTITY_UNCONFIRMED',
    'NOT_ASKED',
    'NOT_CONNECTED',
    'NO_DISCLOSABLE_RECORD',
    'RECORDS_SHOWN',
    'UNDER_REVIEW',
    'WITHHELD',
  ])
  expect(isInterfaceType(stitchedSchema().getType('SharedRecord'))).toBe(true)
})
