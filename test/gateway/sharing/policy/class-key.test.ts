/** Two records of one question share a decision only where no policy could tell them apart. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { seeded } from '../../../../gateway/policy-workbench/draw.ts'
import { canonical, keyOf, take } from '../../../../gateway/sharing/policy/attributes.ts'
import { effectOf, effectsFor } from '../../../../gateway/sharing/policy/effect.ts'
import { loadBundle } from '../../../../gateway/sharing/policy/load.ts'
import {
  type PolicySchema,
  readSchema,
  type Shape,
} from '../../../../gateway/sharing/policy/policy-schema.ts'
import { amina, policiesDir, record, s47 } from './asked.ts'
import { randomRequest } from './random-request.ts'

let schema: PolicySchema
beforeAll(async () => {
  schema = readSchema(await readFile(join(policiesDir, 'schema.cedarschema'), 'utf8'))
})

/** Texts of the signs of which keys are made, so that one value may look like the beginning of the next. */
const text = fc.string({ unit: fc.constantFrom('0', '1', ':', '[', ';', '~', 'a'), maxLength: 2 })

const agreements = [{}, {}]
const anyOf = (shape: Shape): fc.Arbitrary<unknown> => {
  switch (shape.kind) {
    case 'boolean':
      return fc.boolean()
    case 'long':
      return fc.integer({ min: -11, max: 11 })
    case 'string':
      return text
    case 'datetime':
      return fc.constantFrom(new Date(0), new Date(1), new Date(10))
    case 'code':
      return fc.constantFrom(...[...shape.ids.keys()].slice(0, 3))
    case 'set':
      return fc.uniqueArray(anyOf(shape.of), { maxLength: 3 })
    case 'record':
      return fc.constantFrom(...agreements)
  }
}
const recordOf = (attributes: PolicySchema['resource']['attributes']) =>
  fc.record(Object.fromEntries([...attributes].map(([name, { shape }]) => [name, anyOf(shape)])), {
    requiredKeys: [...attributes].flatMap(([name, { required }]) => (required ? [name] : [])),
  })

const names = new Map<object, string>()
const nameOf = (inner: object) => {
  const name = names.get(inner) ?? String(names.size)
  names.set(inner, name)
  return name
}

test('records with one key are one class, whatever their texts look like', () => {
  const few = ['custodian', 'agency', 'labels', 'reviewed']
  const attributes = new Map([...schema.resource.attributes].filter(([name]) => few.includes(name)))
  const shape = { kind: 'record', attributes } as const
  const met = new Map<string | null, string>()
  let again = 0
  fc.assert(
    fc.property(recordOf(attributes), (offered) => {
      const key = keyOf(shape, offered, nameOf)
      const seen = canonical(take(shape, offered, 'record', []))
      const before = met.get(key)
      if (before !== undefined) again += 1
      expect(before ?? seen).toBe(seen)
      met.set(key, seen)
    }),
    { numRuns: 5_000 },
  )
  expect(met.has(null)).toBe(false)
  expect(again).toBeGreaterThan(50)
})

test('a picture is decided alike with and without memory for classes', async () => {
  const bundle = await loadBundle(policiesDir, () => {})
  const random = seeded(5)
  const records = Array.from({ length: 150 }, () => {
    const { agreement: _, ...drawn } = randomRequest(bundle, random).record
    const { agency, custodian } = record('police', 'police.crime')
    return random() < 0.5 ? { ...drawn, agency, custodian } : drawn
  })
  const effects = effectsFor(bundle, amina, s47)
  for (const each of [...records, ...structuredClone(records)])
    expect(effects(each)).toEqual(effectOf(bundle, amina, each, s47))
})

test('every attribute that the policy schema declares makes a difference to the key, and nothing else does', () => {
  const { attributes } = schema.resource
  const plain: Record<string, unknown> = { ...record('police', 'police.crime'), agreement: agreements[0] }
  const key = keyOf(schema.resource, plain, nameOf)
  const others: Record<Shape['kind'], (shape: Shape) => unknown> = {
    boolean: () => true,
    long: () => 7,
    string: () => 'another',
    datetime: () => new Date(7),
    code: (shape) => (shape.kind === 'code' ? [...shape.ids.keys()].at(-1) : null),
    set: (shape) => (shape.kind === 'set' ? [others[shape.of.kind](shape.of)] : null),
    record: () => agreements[1],
  }
  for (const [name, { shape }] of attributes) {
    const changed = { ...plain, [name]: others[shape.kind](shape) }
    expect(keyOf(schema.resource, changed, nameOf), name).not.toBe(key)
  }
  expect(keyOf(schema.resource, { ...plain, nhsNumber: '9990000018' }, nameOf)).toBe(key)
})

test('an agreement that is missing is another class than any that is there', () => {
  const [one, other] = agreements.map((agreement) => ({ ...record('police', 'police.crime'), agreement }))
  const without = record('police', 'police.crime')
  const keys = [one, other, without].map((each) => each && keyOf(schema.resource, each, nameOf))
  expect(new Set(keys).size).toBe(3)
})

test.each([
  ['a code in place of a list', { labels: 'adoption' }],
  ['a list in place of a code', { subject: ['child'] }],
  ['a number in place of a text', { agency: 7 }],
  ['nothing in place of a text', { agency: null }],
])('%s has no key, so that nothing is remembered of it', (_, wrong) => {
  expect(keyOf(schema.resource, { ...record('police', 'police.crime'), ...wrong }, nameOf)).toBeNull()
})
