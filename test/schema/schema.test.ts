/** The schema that practitioners ask: printed, without entry points, without scores, every field in a data group. */
import { readFileSync } from 'node:fs'
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { printedSchema } from '../../gateway/commands/print-schema.ts'
import { stitchedSchema } from '../../gateway/sharing/stitched-schema.ts'
import { deskMutations } from '../../schema/desk.ts'
import { deskSchema } from '../../schema/desk-schema.ts'
import { identitySchema } from '../../schema/identity-schema.ts'
import { scoringFields } from '../../schema/no-scores.ts'
import { sectors } from '../../schema/record-type.ts'
import { recordTypes } from '../../schema/record-types.ts'
import { sectorSchema } from '../../schema/sector-schema.ts'
import { spineSchema } from '../../schema/spine-schema.ts'

test('schema.graphql is the schema that is served', () => {
  const committed = readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8')
  expect(committed, 'run `npm run schema`').toBe(printedSchema())
})

test('the only question about a child is about one; the others are those of the desk', () => {
  const schema = stitchedSchema()
  expect(Object.keys(schema.getQueryType()?.getFields() ?? {}).sort()).toEqual([
    'accesses',
    'child',
    'decisionsNotToShare',
    'emergencyReviews',
    'explanation',
    'reviews',
  ])
  expect(schema.getSubscriptionType()).toBeUndefined()
})

test('no mutation reaches an agency: only the desk has any, and those are the ones that are let through', () => {
  const ofAgencies = [spineSchema(), identitySchema(), ...sectors.map((sector) => sectorSchema(sector))]
  expect(ofAgencies.map((schema) => schema.getMutationType())).toEqual(ofAgencies.map(() => undefined))
  const atDesk = Object.keys(deskSchema().getMutationType()?.getFields() ?? {})
  expect(Object.keys(stitchedSchema().getMutationType()?.getFields() ?? {}).sort()).toEqual(atDesk.sort())
  expect(atDesk.sort()).toEqual([...deskMutations].sort())
})

test('every type and field of the desk says what it is for', () => {
  const types = Object.values(deskSchema().getTypeMap()).filter(({ name }) => !name.startsWith('__'))
  for (const type of types.filter((each) => isObjectType(each) || isInputObjectType(each))) {
    if (!['Query'].includes(type.name)) expect(type.description, type.name).toBeTruthy()
    for (const field of Object.values(type.getFields()))
      expect(field.description, `${type.name}.${field.name}`).toBeTruthy()
  }
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
