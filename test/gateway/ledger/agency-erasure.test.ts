/** An agency that holds copies of a child's accesses is told that she was erased; who holds none learns nothing. */
import { createHash } from 'node:crypto'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import recordSchema from '../../../gateway/ledger/access-record.schema.json' with { type: 'json' }
import { agencyCopyBytes, agencyOf, agencyTopic, heldCopies } from '../../../gateway/ledger/agency-copy.ts'
import erasureSchema from '../../../gateway/ledger/agency-erasure.schema.json' with { type: 'json' }
import type { HeldCopies } from '../../../gateway/ledger/agency-erasure.ts'
import { erasureRecord } from '../../../gateway/ledger/erasure.ts'
import { seal } from '../../../gateway/ledger/seal.ts'
import { completed, denied, record, released, requested, somePid, stranger } from './sample.ts'

const POLICE = 'northshire-police'
const recorder = { source: 'urn:sightline:northshire', node: 'gateway-1', build: '0.1.0' }
const clock = () => new Date('2026-11-22T10:00:00Z')

const ajv = new Ajv2020({ allowUnionTypes: true, strictTypes: false }).addSchema(recordSchema)
const isErasure = ajv.compile(erasureSchema)

const pid = somePid()
const erased = (agencies: readonly HeldCopies[], records = 3) =>
  seal(erasureRecord({ recorder, clock }, pid, records, agencies)).bytes
const told = (bytes: Buffer, agency: string) => {
  const event = agencyCopyBytes(bytes, agency)
  return event && JSON.parse(event.toString('utf8'))
}

test('of what is erased, every agency’s copies are counted, and of agencies without any, nothing', () => {
  const completion = completed({
    ...{ eventId: '668cb1c3-6160-42ba-8f1b-fc534c12ea94', at: clock(), traceparent: '' },
    ...{ subjects: [{ pid, relation: 'child' }], delivery: { ended: 'whole', bytes: 40_960 } },
  })
  const inputs = [requested(pid), released(pid), denied('NO_CASE_RELATIONSHIP', pid), stranger()].map(record)
  expect(heldCopies([...inputs, completion].map((each) => seal(each).bytes))).toEqual([
    { agency: 'hollybank-school', copies: 2 },
    { agency: 'northshire-council', copies: 3 },
    { agency: POLICE, copies: 2 },
  ])
})

test('an agency reads which pseudonym was erased and how many copies it was given, under the child’s key', () => {
  const bytes = erased([{ agency: POLICE, copies: 2 }])
  const event = told(bytes, POLICE)
  expect(isErasure(event), JSON.stringify(isErasure.errors)).toBe(true)
  expect(event).toMatchObject({
    id: JSON.parse(bytes.toString()).id,
    type: 'sightline.access.erased.v1',
    partitionkey: pid,
    data: {
      agency: POLICE,
      subjects: [{ pid, relation: 'child' }],
      erasure: { copies: 2, processing: ['erasure'] },
      whole: { sha256: createHash('sha256').update(bytes).digest('hex') },
    },
  })
})

test('who holds no copy is told nothing, and an erasure of before, which names no agency, tells nobody', () => {
  const bytes = erased([{ agency: POLICE, copies: 2 }])
  for (const other of ['hollybank-school', 'northshire', '']) expect(told(bytes, other)).toBeNull()
  const old = JSON.parse(bytes.toString())
  delete old.data.erasure.agencies
  expect(told(Buffer.from(JSON.stringify(old)), POLICE)).toBeNull()
})

test('whatever the others hold, and however much there was in all, one agency is told the same', () => {
  const others = fc.array(
    fc.record({ agency: fc.stringMatching(/^x-[a-z]{3,12}$/), copies: fc.nat(1_000) }),
    { maxLength: 5 },
  )
  const own = { agency: POLICE, copies: 2 }
  const dataOf = (given: readonly HeldCopies[], records: number) => {
    const { whole, ...data } = told(erased([...given, own], records), POLICE).data
    return JSON.stringify(data)
  }
  fc.assert(
    fc.property(others, others, fc.nat(10_000), fc.nat(10_000), (one, another, n, m) => {
      expect(dataOf(one, n)).toBe(dataOf(another, m))
    }),
    { numRuns: 100 },
  )
})

test('the agency of a topic is known from its name, and from no other', () => {
  for (const topic of ['sightline.access.v1', 'access']) {
    expect(agencyOf(topic, agencyTopic(topic, POLICE))).toBe(POLICE)
    for (const other of [topic, `${topic}.`, agencyTopic('another.v1', POLICE), agencyTopic(topic, 'a.b')])
      expect(agencyOf(topic, other)).toBeNull()
  }
})
