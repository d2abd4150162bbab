/** Promise 6, hidden means hidden, between agencies: no agency learns from its copy of the log what the others know. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../../gateway/canonical-json.ts'
import recordSchema from '../../../gateway/ledger/access-record.schema.json' with { type: 'json' }
import type { AccessInput, Source } from '../../../gateway/ledger/access-record.ts'
import copySchema from '../../../gateway/ledger/agency-copy.schema.json' with { type: 'json' }
import { agencyCopyBytes, agencyTopic } from '../../../gateway/ledger/agency-copy.ts'
import type { OpaqueRecordId } from '../../../gateway/ledger/pseudonym.ts'
import { seal } from '../../../gateway/ledger/seal.ts'
import { inclusionProof, provesInclusion, rootOf } from '../../../gateway/ledger/tree/merkle.ts'
import { leafOf, nodesIn } from '../../../gateway/ledger/tree/tile.ts'
import { answerStates } from '../../../schema/answer-state.ts'
import { completed, denied, record, released, requested, somePid } from './sample.ts'

const POLICE = 'northshire-police'
const SCHOOL = 'hollybank-school'
const COUNCIL = 'northshire-council'

const ajv = new Ajv2020({ allowUnionTypes: true, strictTypes: false }).addSchema(recordSchema)
const isCopy = ajv.compile(copySchema)

const sealed = (input: AccessInput) => seal(record(input)).bytes
const copyOf = (bytes: Buffer, agency: string) => {
  const copy = agencyCopyBytes(bytes, agency)
  return copy && JSON.parse(copy.toString('utf8'))
}

test('the police’s copy tells who asked, why, and what of the police’s own was shown', () => {
  const pid = somePid()
  const bytes = sealed(released(pid))
  const whole = JSON.parse(bytes.toString('utf8'))
  const copy = copyOf(bytes, POLICE)
  expect(isCopy(copy), JSON.stringify(isCopy.errors)).toBe(true)
  expect(copy).toMatchObject({
    id: whole.id,
    type: 'sightline.access.released.v1',
    partitionkey: pid,
    data: {
      access: whole.id,
      part: { asked: true, asks: false },
      actor: { subject: 'lcpp', agency: COUNCIL },
      purpose: { code: 'safeguarding' },
      decision: { effect: 'permit' },
      sources: [{ custodian: POLICE, n: 2, recordIds: whole.data.disclosure.sources[0].recordIds }],
    },
  })
})

test('a copy is canonical (RFC 8785), whatever it is of', () => {
  for (const input of [released(), requested(), denied('NO_CASE_RELATIONSHIP')])
    for (const agency of [POLICE, SCHOOL, COUNCIL]) {
      const text = agencyCopyBytes(sealed(input), agency)?.toString('utf8')
      if (text !== undefined) expect(text).toBe(canonicalize(JSON.parse(text)))
    }
})

test('text that looks like what is set into a copy stays text, and nothing of the others comes in', () => {
  const input = released()
  const [police, school] = input.disclosure.sources
  if (!police || !school || !input.actor) throw new Error('the sample has no source')
  const whole = JSON.parse(sealed(input).toString('utf8'))
  for (const word of ['$&', "$'", '\\u0000sources', '"\\u0000sources"', '{"agency":"northshire-police"}']) {
    const bytes = Buffer.from(canonicalJson({ ...whole, data: { ...whole.data, threshold: word } }))
    const copy = copyOf(bytes, SCHOOL)
    expect(copy.data.threshold).toBe(word)
    expect(copy.data.sources.map(({ custodian }: { custodian: string }) => custodian)).toEqual([SCHOOL])
    expect(JSON.stringify({ ...copy, data: { ...copy.data, threshold: null } })).not.toContain('police')
  }
})

test('a school’s copy does not tell that the police were asked, nor how many records were shown', () => {
  const text = agencyCopyBytes(sealed(released()), SCHOOL)?.toString('utf8')
  expect(text).toBeDefined()
  expect(text).not.toMatch(/police|crime|bytes|bodyMac|withheld|nonce|northshire-2026/)
})

test('the agency of who asked learns that she asked, and not what she was shown of others', () => {
  const copy = copyOf(sealed(released()), COUNCIL)
  expect(copy.data.part).toEqual({ asked: false, asks: true })
  expect(copy.data.sources).toEqual([])
  expect(copyOf(sealed(denied('NO_CASE_RELATIONSHIP')), COUNCIL).data.decision.refusal).toBe(
    'NO_CASE_RELATIONSHIP',
  )
})

test('nobody else has a copy, and the size of an answer is in none', () => {
  expect(copyOf(sealed(released()), 'eastmere-council')).toBeNull()
  expect(copyOf(sealed(denied('NO_CASE_RELATIONSHIP')), POLICE)).toBeNull()
  const subjects = [{ pid: somePid(), relation: 'child' as const }]
  const completion = completed({
    ...{ eventId: '668cb1c3-6160-42ba-8f1b-fc534c12ea94', at: new Date(), traceparent: '', subjects },
    delivery: { ended: 'whole', bytes: 40_960 },
  })
  for (const agency of [POLICE, SCHOOL, COUNCIL]) expect(copyOf(seal(completion).bytes, agency)).toBeNull()
})

test('an agency that was not asked is not concerned by being named as not asked', () => {
  const input = released()
  const sources = input.disclosure.sources.map((source) =>
    source.custodian === SCHOOL ? { ...source, state: 'NOT_ASKED' as const, recordTypes: [] } : source,
  )
  expect(copyOf(sealed({ ...input, disclosure: { ...input.disclosure, sources } }), SCHOOL)).toBeNull()
})

const opaqueId = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('base64url') as OpaqueRecordId)
const slug = fc.stringMatching(/^[a-z]{3,12}$/)
const others: fc.Arbitrary<Source[]> = fc.array(
  fc.record({
    custodian: slug,
    agency: slug.map((word) => `x-${word}`),
    state: fc.constantFrom(...(Object.keys(answerStates) as Source['state'][])),
    recordTypes: fc.array(slug.map((word) => `police.${word}`)),
    recordIds: fc.array(opaqueId, { maxLength: 5 }),
    agreement: fc.oneof(slug, fc.constant(null)),
    processing: fc.constant(['consultation', 'disclosure', 'combination'] as const),
  }),
  { maxLength: 4 },
)
const elsewhere = fc.record({
  others,
  released: fc.array(slug),
  withheld: fc.array(fc.record({ rule: slug, reason: slug, n: fc.nat(9) })),
  policies: fc.array(slug),
  agreements: fc.array(slug),
  body: fc.string(),
})

test('whatever the other agencies hold, withhold or were asked, the copy of one is the same', () => {
  const own = released()
  const [police] = own.disclosure.sources
  if (!police || !own.basis) throw new Error('the sample has no source')
  const eventId = '668cb1c3-6160-42ba-8f1b-fc534c12ea94'
  const withOthers = (given: typeof elsewhere extends fc.Arbitrary<infer T> ? T : never) => {
    const combined = given.others.some(({ recordIds }) => recordIds.length > 0)
    const processing = combined
      ? (['consultation', 'disclosure', 'combination'] as const)
      : (['consultation', 'disclosure'] as const)
    const outcome = { kind: 'released', body: given.body } as const
    const { released: paths, withheld } = given
    const disclosure = { sources: [{ ...police, processing }, ...given.others], released: paths, withheld }
    return sealed({
      ...own,
      ...{ eventId, outcome, disclosure },
      decision: { ...own.decision, policies: given.policies },
      basis: own.basis && { ...own.basis, agreements: given.agreements },
    })
  }
  const told = (bytes: Buffer) => {
    const { whole, ...data } = copyOf(bytes, POLICE).data
    return JSON.stringify(data)
  }
  fc.assert(
    fc.property(elsewhere, elsewhere, (one, another) => {
      expect(told(withOthers(one))).toBe(told(withOthers(another)))
    }),
    { numRuns: 300 },
  )
})

test('with its index an agency checks its copy against the signed tree, and has not read the record', () => {
  const all = [requested(), released(), denied('NO_CASE_RELATIONSHIP')].map((input) => seal(record(input)))
  const copies = all.map(({ bytes }) => copyOf(bytes, COUNCIL))
  const leaves = copies.map(({ id, data }) => leafOf(id, Buffer.from(data.whole.sha256, 'hex')))
  const nodeAt = nodesIn(() => Buffer.concat(leaves))
  const root = rootOf(nodeAt, 3)
  copies.forEach((copy, index) => {
    const leaf = leafOf(copy.id, Buffer.from(copy.data.whole.sha256, 'hex'))
    expect(provesInclusion(leaf, index, 3, inclusionProof(nodeAt, index, 3), root)).toBe(true)
    const other = leafOf(copy.id, Buffer.alloc(32, index))
    expect(provesInclusion(other, index, 3, inclusionProof(nodeAt, index, 3), root)).toBe(false)
  })
})

test('the topic of an agency stands beside that of all, with the same version', () => {
  expect(agencyTopic('sightline.access.v1', POLICE)).toBe('sightline.access.northshire-police.v1')
  expect(agencyTopic('access', POLICE)).toBe('access.northshire-police')
})
