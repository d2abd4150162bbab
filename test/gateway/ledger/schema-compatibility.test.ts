/**
 * Whoever reads the log or the topic of today can read those of tomorrow and of before: the schema that stood earlier
 * is kept here with records of its time. Compatible is: a new type of event, and a new optional property. Incompatible
 * is whatever a reader of the earlier schema could stumble over, or leaves an old record unreadable.
 */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import schema from '../../../gateway/ledger/access-record.schema.json' with { type: 'json' }
import { denied, record, released, requested, stranger } from './sample.ts'
import { incompatible, isObject, resolved, type Schema } from './schema-change.ts'

const here = (file: string) => readFileSync(new URL(`./earlier/${file}`, import.meta.url), 'utf8')
const EARLIER: Schema = JSON.parse(here('access-record.1.schema.json'))
const OLD_RECORDS = here('access-records.1.ndjson')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))

const compile = (given: Schema) => {
  const { $id, ...rest } = given
  return new Ajv2020({ allowUnionTypes: true, strictTypes: false }).compile(rest)
}

/** As a tolerant reader of the earlier schema sees a value: what it does not know, it passes over. */
function asSeenBy(schema: unknown, value: unknown): unknown {
  const known = resolved(schema, EARLIER)
  if (!isObject(known)) return value
  if (Array.isArray(value)) return value.map((each) => asSeenBy(known.items, each))
  if (!isObject(value) || !isObject(known.properties)) return value
  const { properties } = known
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      name in properties ? [[name, asSeenBy(properties[name], inner)]] : [],
    ),
  )
}

/** What the data of an event of this type must hold. */
function demanded(schema: Schema, type: string): string[] {
  const { data } = schema.properties as { data: { required: string[] } }
  const branches = schema.oneOf as { properties: { type: { const: string }; data: Schema } }[]
  const branch = resolved(
    branches.find((each) => each.properties.type.const === type)?.properties.data,
    schema,
  )
  return [...data.required, ...((isObject(branch) ? (branch.required as string[]) : null) ?? [])]
}

const check = (later: Schema) => {
  const reads = compile(later)
  const earlierReads = compile(EARLIER)
  const types = (EARLIER.properties as { type: { enum: string[] } }).type.enum
  const given = types.flatMap((type) => {
    const now = demanded(later, type)
    const lost = demanded(EARLIER, type).filter((name) => !now.includes(name))
    return lost.map((name) => `${type} may leave out ${name}`)
  })
  const unread = OLD_RECORDS.filter((old) => !reads(old)).map(({ type }) => `an old ${type} is unreadable`)
  const written = [released(), { ...released(), emergency }, denied('NO_CASE_RELATIONSHIP'), stranger()]
  const lost = written
    .map((input) => JSON.parse(JSON.stringify(record(input))))
    .filter((event) => !earlierReads(asSeenBy(EARLIER, event)))
    .map(({ type }) => `a new ${type} is unreadable to an earlier reader`)
  return [...incompatible(EARLIER, later, [EARLIER, later]), ...given, ...unread, ...lost]
}
const emergency = { openedBy: '668cb1c3-6160-42ba-8f1b-fc534c12ea94', reason: 'x' }

test('readers of the earlier schema read what is written today, and old records can still be read', () => {
  expect(OLD_RECORDS).toHaveLength(5)
  expect(check(schema)).toEqual([])
})

test('a new type of event is passed over by its type, and never stands as one of the earlier', () => {
  const { type } = record(requested())
  expect((EARLIER.properties as { type: { enum: string[] } }).type.enum).not.toContain(type)
})

/** Changes that somebody could make in good faith. */
const SEEDED: readonly (readonly [string, (copy: typeof schema) => void, RegExp])[] = [
  [
    'a field that is lost',
    ({ properties: { data } }) => Reflect.deleteProperty(data.properties, 'threshold'),
    /threshold is lost/,
  ],
  [
    'a field of another type',
    (copy) => Object.assign(copy.$defs.count, { type: 'string' }),
    /count|bytes\/type changed/,
  ],
  [
    'a field that old records do not have',
    ({ properties: { data } }) => void data.required.push('access'),
    /access is demanded|unreadable/,
  ],
  [
    'an answer state that readers do not know',
    ({ properties: { data } }) =>
      void data.properties.disclosure.properties.sources.items.properties.state.enum.push('SOMETHING_ELSE'),
    /state\/enum changed/,
  ],
  [
    'a type that is no longer written as it was',
    (copy) => void copy.properties.type.enum.splice(2, 1),
    /lost sightline.access.denied.v1|unreadable/,
  ],
  [
    'a field that a release may leave out',
    (copy) => void copy.$defs.decided.required.splice(-1, 1),
    /released.v1 may leave out disclosure/,
  ],
  [
    'ids of another form',
    (copy) => Object.assign(copy.$defs.pseudonym, { pattern: '^[0-9]{12}$' }),
    /pattern changed/,
  ],
]

test.each(SEEDED)('the check finds %s', (_name, change, expected) => {
  const copy = structuredClone(schema)
  change(copy)
  expect(check(copy).join('\n')).toMatch(expected)
})
