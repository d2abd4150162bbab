/** A custodian behind GraphQL is sent as much of its one query as the question needs, and the mapping fits the query. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { Kind, parse, type SelectionSetNode } from 'graphql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { documentReader } from '../../adapters/answer-document.ts'
import { readCustodians } from '../../adapters/configuration.ts'
import { graphqlFile } from '../../adapters/custodian-file.ts'
import { type Operation, operationIn } from '../../adapters/graphql/operation.ts'
import { pruned } from '../../adapters/graphql/prune.ts'
import { needsOf, placesFor } from '../../adapters/needs.ts'
import type { Place } from '../../adapters/places.ts'
import { type DecidedGroup, decidedGroups } from '../../schema/data-group.ts'
import { nhsNumber } from '../../schema/nhs-number.ts'
import { Refusal } from '../../schema/refusal.ts'
import { answerWith, askedOf, only } from './documents.ts'
import { partnershipOf } from './partnership.ts'
import { json, MAYA, question, serve } from './serve.ts'

const custodians = join(import.meta.dirname, '../../adapters/custodians')
const textOf = (name: string) => readFileSync(join(custodians, name), 'utf8')
const file = graphqlFile.parse(parseYaml(textOf('eastmere-childrens-services.yaml')))
const operation = operationIn(textOf('eastmere-childrens-services.graphql')) as Operation
const { needs } = needsOf(file)

/** Every leaf that a query names, by its keys in the answer. */
function leavesIn({ selections }: SelectionSetNode, above: Place = []): readonly Place[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.INLINE_FRAGMENT) return leavesIn(node.selectionSet, above)
    if (node.kind !== Kind.FIELD) throw new Error('a fragment was left')
    const place = [...above, (node.alias ?? node.name).value]
    return node.selectionSet === undefined ? [place] : leavesIn(node.selectionSet, place)
  })
}
const leavesOf = (query: string) => {
  const [definition] = parse(query).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no query')
  return leavesIn(definition.selectionSet)
}
const asking = (recordTypes: readonly { name: string; groups: readonly DecidedGroup[] }[]) =>
  leavesOf(pruned(operation, placesFor(needs, recordTypes))).map((place) => place.join('.'))

const ALWAYS = [
  ...['lookup.__typename', 'lookup.asOf', 'lookup.recordsSince', 'lookup.asOf', 'lookup.recordsSince'],
  ...['clientId', 'nhsNumber', 'firstNames', 'lastName', 'born', 'protections'].map(
    (name) => `lookup.clients.${name}`,
  ),
]

describe('what Eastmere is asked', () => {
  test('who the child is, how fresh the data are and whether a person decides, always; and nothing else of itself', () => {
    expect(asking([])).toEqual(ALWAYS)
  })

  test('of a contact without account or names: its envelope and its labels', () => {
    expect(asking([{ name: 'social-care.contact', groups: [] }])).toEqual([
      ...ALWAYS,
      ...['id', 'on', 'enteredAt', 'stage', 'source', 'need', 'outcome', 'nature', 'protections'].map(
        (name) => `lookup.clients.frontDoor.${name}`,
      ),
    ])
  })

  test('the account only where accounts may be shown, the referrer only where names may', () => {
    const contact = (...groups: DecidedGroup[]) => asking([{ name: 'social-care.contact', groups }])
    expect(contact('narrative')).toContain('lookup.clients.frontDoor.account')
    expect(contact('narrative')).not.toContain('lookup.clients.frontDoor.referrer')
    expect(contact('third-party')).toContain('lookup.clients.frontDoor.referrer')
    expect(contact('third-party')).not.toContain('lookup.clients.frontDoor.account')
  })

  test('one kind of plan without the others', () => {
    const plans = asking([{ name: 'social-care.plan', groups: decidedGroups }])
    expect(plans).toContain('lookup.clients.familyPlans.summary')
    expect(plans.filter((place) => /protectionPlans|needPlans/.test(place))).toEqual([])
  })

  test('everything, where everything may be shown: no more and no less than the operation holds', () => {
    const all = Object.keys(file.records).map((name) => ({ name, groups: decidedGroups }))
    expect(asking(all)).toEqual(leavesOf(operation.text).map((place) => place.join('.')))
  })

  test('a query for the same groups is the same text, whoever asks', () => {
    const ask = () =>
      pruned(operation, placesFor(needs, [{ name: 'social-care.plan', groups: ['narrative'] }]))
    expect(ask()).toBe(ask())
    expect(parse(ask()).definitions).toHaveLength(1)
  })
})

test('a variable whose field is left out is left out with it', () => {
  const bounded = operationIn(
    'query A($n: ID!, $most: Int = 9) { child(n: $n) { id plans(first: $most) { id } } }',
  )
  expect(pruned(bounded as Operation, [['child', 'id']])).toBe(
    'query A($n: ID!) {\n  child(n: $n) {\n    id\n  }\n}',
  )
})

test('whatever is left out of the query changes nothing of what may be shown', async () => {
  const read = documentReader(file)
  const typename = fc.constantFrom('Held', 'Held', 'Held', 'NotHeld', 'ReviewPending')
  const answers = answerWith(leavesOf(operation.text), { __typename: typename })
  const outcome = async (answer: unknown, recordTypes: Parameters<typeof placesFor>[1]) => {
    const asked = { nhsNumber: nhsNumber(MAYA), recordTypes }
    return read(answer, asked).catch((error: Error) => error.message)
  }
  await fc.assert(
    fc.asyncProperty(answers, askedOf(Object.keys(file.records)), async (whole, recordTypes) => {
      const part = only(whole, leavesOf(pruned(operation, placesFor(needs, recordTypes))))
      expect(await outcome(part, recordTypes)).toEqual(await outcome(whole, recordTypes))
    }),
    { numRuns: 200 },
  )
})

const FILE = `
id: a-council
name: A Council
agency: a-council
sector: social-care
kind: graphql
contact: { name: The desk, telephone: 01632 960001 }
identityEvidence: demographics
connection: { url: '\${A_URL}' }
operation: ask.graphql
nhsNumberVariable: n
fieldSelection: operation
person: { from: people, localId: id, nhsNumber: number }
records:
  social-care.plan: { from: people.plans, sourceId: id, fields: { leadRole: role, goals: aims.text } }
`
const QUERY = 'query Ask($n: String!) { people(n: $n) { id number plans { id role aims { text } } } }'

describe('a mapping that does not fit its query stops the start', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'council-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function faultsIn(yaml: string, query: string): Promise<readonly string[]> {
    await writeFile(join(folder, 'a.yaml'), yaml)
    await writeFile(join(folder, 'ask.graphql'), query)
    const refused = await readCustodians([folder], { A_URL: 'https://a.example/graphql' }).catch(
      (error: unknown) => error,
    )
    return refused instanceof Refusal ? refused.message.split('\n').slice(1) : []
  }

  test('one that fits is read', async () => {
    expect(await faultsIn(FILE, QUERY)).toEqual([])
    const fragments = `query Ask($n: String!) { people(n: $n) { id number ...Plans } } fragment Plans on Person { plans { id role aims { text } } }`
    expect(await faultsIn(FILE, fragments)).toEqual([])
    const bounded = QUERY.replace('$n: String!', '$n: String!, $most: Int = 50').replace(
      'plans',
      'plans(first: $most)',
    )
    expect(await faultsIn(FILE, bounded)).toEqual([])
  })

  test.each([
    [
      'what the query does not ask for',
      ['leadRole: role', 'leadRole: rank'],
      [
        'a.yaml: records.social-care.plan.fields.leadRole: `people.plans.rank` is not in the operation; write it there, or correct it here',
        'a.yaml: operation: ask.graphql asks for `people.plans.role`, which nothing here reads; take it out',
      ],
    ],
    [
      'an object as a whole',
      ['aims.text', '$string(aims)'],
      [
        'a.yaml: records.social-care.plan.fields.goals: `people.plans.aims` would be read whole; name the single fields beneath it',
      ],
    ],
    [
      'nobody can tell what',
      ['aims.text', "'aims.*'"],
      [
        'a.yaml: records.social-care.plan.fields.goals: `aims.*` does not say beforehand what it reads (it uses `*`); write it with plain paths, or fieldSelection: none',
        'a.yaml: operation: ask.graphql asks for `people.plans.aims.text`, which nothing here reads; take it out',
      ],
    ],
    [
      'no id of its own row',
      ['sourceId: id', 'sourceId: $$.people.id'],
      [
        "a.yaml: records.social-care.plan.sourceId: reads nothing of its own row; name the row's own id",
        'a.yaml: operation: ask.graphql asks for `people.plans.id`, which nothing here reads; take it out',
      ],
    ],
  ])('it reads %s', async (_, [before, after], expected) => {
    expect(
      await faultsIn(
        FILE.replace(before ?? '', () => after ?? ''),
        QUERY,
      ),
    ).toEqual(expected)
  })

  test.each([
    [
      'a variable that nothing fills',
      'query Ask($n: String!, $all: Boolean!) { people(n: $n) { id number plans @include(if: $all) { id role aims { text } } } }',
      'a.yaml: operation: ask.graphql: nothing fills `$all`',
    ],
    [
      'a fragment within itself',
      'query Ask($n: String!) { people(n: $n) { ...A } } fragment A on Person { id number ...A }',
      'a.yaml: operation: ask.graphql uses a fragment that it does not hold, or one within itself',
    ],
    [
      'a fragment that is not there',
      'query Ask($n: String!) { people(n: $n) { ...A } }',
      'a.yaml: operation: ask.graphql uses a fragment that it does not hold, or one within itself',
    ],
  ])('the query has %s', async (_, query, expected) => {
    expect(await faultsIn(FILE, query)).toEqual([expected])
  })

  test('how fields are asked for has no default', async () => {
    const [fault, ...more] = await faultsIn(FILE.replace('fieldSelection: operation\n', ''), QUERY)
    expect(fault).toMatch(/^a\.yaml: fieldSelection: write `operation`, .* or `none` where the system cannot/)
    expect(more).toEqual([])
  })
})

test('the query that goes out names nothing but what is asked; without selection it goes out whole', async () => {
  const queries: string[] = []
  const server = await serve(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    queries.push(JSON.parse(body).query)
    json(response, { data: { people: [{ id: 'P1', number: MAYA, plans: [{ id: 'a', role: 'LCPP' }] }] } })
  })
  const ask = async (yaml: string) => {
    const partnership = await partnershipOf({ 'a.yaml': yaml, 'ask.graphql': QUERY }, { A_URL: server.url })
    const recordTypes = [{ name: 'social-care.plan', groups: ['professional'] as const }]
    const reply = await partnership.connection('a-council').ask({ ...question([]), recordTypes })
    await partnership.close()
    return reply
  }
  const pruning = await ask(FILE)
  const whole = await ask(FILE.replace('fieldSelection: operation', 'fieldSelection: none'))
  await server.close()
  expect(queries.map((query) => leavesOf(query).map((place) => place.join('.')))).toEqual([
    ['people.id', 'people.number', 'people.plans.id', 'people.plans.role'],
    ['people.id', 'people.number', 'people.plans.id', 'people.plans.role', 'people.plans.aims.text'],
  ])
  expect(pruning).toMatchObject({ kind: 'held', records: [{ fields: { leadRole: 'LCPP' } }] })
  expect(whole).toEqual(pruning)
})
