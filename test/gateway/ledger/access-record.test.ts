import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import schema from '../../../gateway/ledger/access-record.schema.json' with { type: 'json' }
import type { AccessInput } from '../../../gateway/ledger/access-record.ts'
import { NO_CHILD, newEventId } from '../../../gateway/ledger/ledger-event.ts'
import { LARGEST_RECORD, seal } from '../../../gateway/ledger/seal.ts'
import { answerStates } from '../../../schema/answer-state.ts'
import { nhsCheckDigit } from '../../../schema/nhs-number.ts'
import { denied, record, released, requested, somePid, stranger } from './sample.ts'

const textOf = (input: AccessInput) => seal(record(input)).bytes.toString('utf8')

test.each([
  ['requested', requested()],
  ['released', released()],
  ['denied', denied('CASE_CLOSED')],
  [
    'released in an emergency',
    { ...released(), emergency: { openedBy: newEventId(), reason: 'x'.repeat(20) } },
  ],
])(
  'the names in a record of an access that was %s stand in canonical order: no record waits for a sorting',
  (_what, input) => {
    const written = record(input)
    expect(JSON.stringify(written)).toBe(canonicalize(written))
  },
)

test('a released access says who, about whom, why, on what basis, what was decided and what left', () => {
  const pid = somePid()
  const { data, ...event } = JSON.parse(
    textOf({ ...released(pid), eventId: '668cb1c3-6160-42ba-8f1b-fc534c12ea94' }),
  )
  expect(event).toEqual({
    specversion: '1.0',
    id: '668cb1c3-6160-42ba-8f1b-fc534c12ea94',
    source: 'urn:sightline:northshire',
    type: 'sightline.access.released.v1',
    time: '2026-11-21T10:00:00.000Z',
    datacontenttype: 'application/json',
    dataschema: 'urn:sightline:schema:access-record:1',
    partitionkey: pid,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  })
  expect(data).toMatchObject({
    actor: { kind: 'practitioner', subject: 'lcpp', agency: 'northshire-council', role: 'lcpp' },
    subjects: [{ pid, relation: 'child' }],
    purpose: { code: 'safeguarding' },
    threshold: 's47',
    basis: { article6: 'GDPR-6-1-e', agreements: ['northshire-2026'] },
    operation: { kind: 'query', name: 'Picture' },
    decision: { effect: 'permit', refusal: null },
    disclosure: {
      sources: [
        { custodian: 'northshire-police', state: 'RECORDS_SHOWN', n: 2 },
        { custodian: 'hollybank-school', state: 'DID_NOT_ANSWER', n: 0 },
      ],
      withheld: [{ rule: 'police.intelligence-conditions', reason: 'HANDLING_CONDITION', n: 1 }],
      bytes: 32,
    },
  })
})

test('a refused and a failed access are recorded too, and show no record', () => {
  expect(JSON.parse(textOf(denied('NO_CASE_RELATIONSHIP')))).toMatchObject({
    type: 'sightline.access.denied.v1',
    data: {
      decision: { effect: 'deny', refusal: 'NO_CASE_RELATIONSHIP' },
      disclosure: { bytes: 0, bodyMac: null },
    },
  })
  const failed: AccessInput = { ...denied('FAULT'), outcome: { kind: 'failed', refusal: 'FAULT' } }
  expect(JSON.parse(textOf(failed))).toMatchObject({
    type: 'sightline.access.failed.v1',
    data: { decision: { effect: 'fault', refusal: 'FAULT' } },
  })
})

test('somebody who could not be identified is recorded as such, under the key that stands for no child', () => {
  expect(JSON.parse(textOf(stranger()))).toMatchObject({
    partitionkey: NO_CHILD,
    data: { actor: { kind: 'not-established' }, purpose: null, basis: null },
  })
})

test('a refusal that lists shown records, or a release by nobody, does not fit', () => {
  const { disclosure } = released()
  expect(() => textOf({ ...denied('NO_CASE_RELATIONSHIP'), disclosure })).toThrow('does not fit its schema')
  expect(() => textOf({ ...released(), actor: null })).toThrow('does not fit its schema')
})

test("a caller's own words are not kept: unknown codes are UNRECOGNISED, a case reference is a keyed hash", () => {
  const text = textOf({
    ...denied('PURPOSE_NOT_PERMITTED'),
    purpose: { code: 'checking my neighbour', caseReference: 'Jaya Kaur, 12 Mill Lane' },
    threshold: 'she looked thin',
    basis: { article6: 'mother says so', condition: 'x y', function: 'z', agreements: [] },
    operation: {
      kind: 'query',
      name: 'WhatAboutJayaKaur',
      document: '{ Jaya }',
      variables: { name: 'Jaya' },
    },
  })
  expect(text).not.toMatch(/neighbour|Jaya|Kaur|Mill|thin|mother/)
  expect(JSON.parse(text).data).toMatchObject({
    purpose: { code: 'UNRECOGNISED' },
    threshold: 'UNRECOGNISED',
  })
})

test('a name or a sentence in a place for codes is a fault that does not repeat it', () => {
  const [source] = released().disclosure.sources
  if (!source) throw new Error('the sample has no source')
  const sources = [{ ...source, custodian: 'Jaya Kaur of Mill Lane' }]
  const misfit = () => textOf({ ...released(), disclosure: { ...released().disclosure, sources } })
  expect(misfit).toThrow('does not fit its schema at `/data/disclosure/sources/0/custodian`')
  expect(misfit).not.toThrow('Jaya')
})

test('two questions about one child cannot be linked by their variables, nor one case read from its hash', () => {
  const [first, second] = [released(), released()].map((input) => JSON.parse(textOf(input)).data)
  expect(first.operation.variablesMac).not.toBe(second.operation.variablesMac)
  expect(first.nonce).not.toBe(second.nonce)
  expect(first.purpose.caseRef).toBe(second.purpose.caseRef)
})

test('a record too large for the log is refused here, not found out by the relay', () => {
  const rules = Array.from({ length: 5_000 }, (_, i) => ({
    rule: `${'r'.repeat(120)}${i}`,
    reason: 'x'.repeat(120),
    n: 1,
  }))
  expect(() => textOf({ ...released(), disclosure: { ...released().disclosure, withheld: rules } })).toThrow(
    `larger than the log carries (${LARGEST_RECORD})`,
  )
})

test('the schema knows every answer state', () => {
  const { enum: states } =
    schema.properties.data.properties.disclosure.properties.sources.items.properties.state
  expect([...states].sort()).toEqual(Object.keys(answerStates).sort())
})

/** Northshire's children have numbers from 999, the range for tests; here any valid number, as a real child would. */
const anyNhsNumber = fc
  .integer({ min: 100_000_000, max: 999_999_999 })
  .map(String)
  .filter((nine) => nhsCheckDigit(nine) !== null)
  .map((nine) => `${nine}${nhsCheckDigit(nine)}`)

const spelled = fc
  .tuple(
    anyNhsNumber,
    fc.constantFrom('', ' ', '-', '.', '/'),
    fc.constantFrom('', 'x', 'case-', 'a.'),
    fc.constantFrom('', 'y', '-1'),
  )
  .map(([number, gap, before, after]) => ({
    number,
    text: `${before}${number.slice(0, 3)}${gap}${number.slice(3, 6)}${gap}${number.slice(6)}${after}`,
  }))

/** Every place in the input that takes a string. */
function stringPlaces(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value === 'string') return [[...path]]
  if (typeof value !== 'object' || value === null || value instanceof Date) return []
  return Object.entries(value).flatMap(([name, inner]) => stringPlaces(inner, [...path, name]))
}

function withTextAt(value: unknown, [name, ...rest]: readonly string[], text: string): unknown {
  if (name === undefined) return text
  if (Array.isArray(value))
    return value.map((inner, i) => (String(i) === name ? withTextAt(inner, rest, text) : inner))
  return { ...(value as object), [name]: withTextAt((value as Record<string, unknown>)[name], rest, text) }
}

test('wherever an NHS number is put in, and however it is spelled, it never stands in the ledger', () => {
  const places = [...stringPlaces(released()), ...stringPlaces(denied('NO_CASE_RELATIONSHIP'))]
  expect(places.length).toBeGreaterThan(40)
  fc.assert(
    fc.property(fc.constantFrom(...places), spelled, fc.boolean(), (place, { number, text }, refused) => {
      const input = withTextAt(refused ? denied('NO_CASE') : released(), place, text) as AccessInput
      let kept = ''
      try {
        kept = textOf(input)
      } catch {
        return // a fault: nothing is recorded, and nothing leaves
      }
      expect(kept).not.toContain(text.length > number.length ? text : number)
      expect(kept.replaceAll(/[-._:/ ]/g, '')).not.toContain(number)
    }),
    { numRuns: 2_000 },
  )
})

test('the same record has the same bytes, in whatever order its properties were written', () => {
  const access = record(released())
  const { data, ...rest } = access
  const reversed = Object.fromEntries(Object.entries({ data, ...rest }).reverse()) as unknown as typeof access
  expect(seal(reversed).bytes.equals(seal(access).bytes)).toBe(true)
  expect(JSON.parse(seal(access).bytes.toString('utf8'))).toEqual(JSON.parse(JSON.stringify(access)))
})

test('ids grow in one run, none comes twice, and none tells when it was drawn', () => {
  const ids = Array.from({ length: 10_000 }, newEventId)
  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids].sort()).toEqual(ids)
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const now = Date.now().toString(16).padStart(12, '0').slice(0, 8)
  expect(ids.filter((id) => id.startsWith(now))).toEqual([])
})
