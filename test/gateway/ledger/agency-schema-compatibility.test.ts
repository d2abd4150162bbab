/** Whoever reads an agency's topic of today can read that of tomorrow and of before, as with the topic of all accesses. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import recordSchema from '../../../gateway/ledger/access-record.schema.json' with { type: 'json' }
import copySchema from '../../../gateway/ledger/agency-copy.schema.json' with { type: 'json' }
import { agencyCopyBytes } from '../../../gateway/ledger/agency-copy.ts'
import erasureSchema from '../../../gateway/ledger/agency-erasure.schema.json' with { type: 'json' }
import { erasureRecord } from '../../../gateway/ledger/erasure.ts'
import { seal } from '../../../gateway/ledger/seal.ts'
import { denied, record, released, requested, somePid } from './sample.ts'
import { incompatible, isObject, resolved, type Schema } from './schema-change.ts'

const POLICE = 'northshire-police'
const here = (file: string) => readFileSync(new URL(`./earlier/${file}`, import.meta.url), 'utf8')
const OLD_EVENTS: Schema[] = here('agency-events.1.ndjson')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))

const compile = (given: Schema) =>
  new Ajv2020({ allowUnionTypes: true, strictTypes: false }).addSchema(recordSchema).compile(given)

/** What every object of the earlier schema promises to hold, and the later one may leave out. */
function leftOut(earlier: unknown, later: unknown, roots: readonly [Schema, Schema], path = ''): string[] {
  const [was, is] = [resolved(earlier, roots[0]), resolved(later, roots[1])]
  if (!isObject(was) || !isObject(is)) return []
  const [promised, kept] = [was.required, is.required].map((names) => (names ?? []) as string[])
  const gone = promised
    ?.filter((name) => !kept?.includes(name))
    .map((name) => `${path}/${name} may be left out`)
  const inner = Object.entries((was.properties ?? {}) as Schema).flatMap(([name, each]) =>
    leftOut(each, (is.properties as Schema | undefined)?.[name], roots, `${path}/${name}`),
  )
  return [...(gone ?? []), ...inner]
}

function check(earlierFile: string, later: Schema): string[] {
  const earlier: Schema = JSON.parse(here(earlierFile))
  const reads = compile(later)
  const old = OLD_EVENTS.filter(({ dataschema }) => dataschema === earlier.$id)
  return [
    ...incompatible(earlier, later, [earlier, later]),
    ...leftOut(earlier, later, [earlier, later]),
    ...old.filter((event) => !reads(event)).map(({ type }) => `an old ${type} is unreadable`),
  ]
}

const COPIES = 'agency-copy.1.schema.json'
const ERASURES = 'agency-erasure.1.schema.json'

test('readers of an earlier topic read what is written today, and old events can still be read', () => {
  expect(OLD_EVENTS.map(({ type }) => String(type).split('.')[2])).toEqual([
    ...['requested', 'released', 'released', 'denied', 'erased'],
  ])
  expect(check(COPIES, copySchema)).toEqual([])
  expect(check(ERASURES, erasureSchema)).toEqual([])
})

test('what is written today is what the schemas say', () => {
  const pid = somePid()
  const recorder = { source: 'urn:sightline:northshire', node: 'gateway-1', build: '0.1.0' }
  const erased = erasureRecord({ recorder, clock: () => new Date() }, pid, 1, [{ agency: POLICE, copies: 1 }])
  const asks = { ...denied('NO_CASE_RELATIONSHIP', pid) }
  const fromPolice = { ...asks, actor: asks.actor && { ...asks.actor, agency: POLICE } }
  const written = [...[requested(pid), released(pid), fromPolice].map(record), erased].map((each) =>
    JSON.parse(String(agencyCopyBytes(seal(each).bytes, POLICE))),
  )
  const schemas = new Map<string, Schema>([
    [copySchema.$id, copySchema],
    [erasureSchema.$id, erasureSchema],
  ])
  for (const event of written)
    expect(compile(schemas.get(event.dataschema) ?? {})(event), event.type).toBe(true)
})

test('an erasure is an event of its own type and schema, which a reader of copies passes over', () => {
  const copies = JSON.parse(here(COPIES)) as typeof copySchema
  expect(copies.properties.type.enum).not.toContain('sightline.access.erased.v1')
  expect(erasureSchema.$id).not.toBe(copies.$id)
})

/** Changes that somebody could make in good faith. */
const SEEDED: readonly (readonly [string, (copy: typeof erasureSchema) => void, RegExp])[] = [
  [
    'the pseudonym is lost',
    ({ properties: { data } }) => Reflect.deleteProperty(data.properties, 'subjects'),
    /subjects is lost/,
  ],
  [
    'it may be left out',
    ({ properties: { data } }) => void data.required.splice(1, 1),
    /subjects may be left out/,
  ],
  [
    'the count of copies is another thing',
    ({ properties: { data } }) =>
      Object.assign(data.properties.erasure.properties.copies, { $ref: `${recordSchema.$id}#/$defs/word` }),
    /copies\/(type|pattern|minimum)|unreadable/,
  ],
  [
    'old events do not have it',
    ({ properties: { data } }) => void data.properties.erasure.required.push('records'),
    /records is demanded|unreadable/,
  ],
  [
    'another type',
    (copy) => void copy.properties.type.enum.splice(0, 1, 'x'),
    /lost sightline.access.erased.v1/,
  ],
]

test.each(SEEDED)('the check finds that %s', (_name, change, expected) => {
  const copy = structuredClone(erasureSchema)
  change(copy)
  expect(check(ERASURES, copy).join('\n')).toMatch(expected)
})
