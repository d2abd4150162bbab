/** In an emergency, too, nothing is shown of a child whose identity is in doubt. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emergencyTie } from '../../../gateway/access/emergency-tie.ts'
import { evidenceFor } from '../../../gateway/identity/evidence.ts'
import { type Cluster, ownCluster } from '../ledger/cluster.ts'
import { file, leo, type Northshire, northshire, question } from './northshire.ts'

let cluster: Cluster
let at: Northshire
beforeAll(async () => {
  cluster = await ownCluster()
  at = await northshire(cluster, 'identity')
  const [hers] = file().cases
  const other = { ...hers, reference: 'NS-2026-0002', dateOfBirth: '2015-04-13', practitioners: [] }
  await at.takeOver({ cases: [hers ?? {}, { ...other, labels: ['address-confidential'] }] })
}, 60_000)
afterAll(() => cluster.end())

const asMaya = { dateOfBirth: '2015-03-14', givenName: 'Maya', familyName: 'Okafor-Reid' }

async function evidence(stated: Parameters<typeof question>[0]) {
  const asked = question(stated)
  const tie = await emergencyTie({ register: at.register, keys: at.keys }, asked)
  return { tie, ...evidenceFor(asked, tie, at.keys) }
}

const HALVES = [
  { dateOfBirth: null },
  { givenName: null },
  { familyName: null },
  { givenName: ' ' },
  { familyName: '-' },
]
test.each(HALVES)('half an identity is refused: %j', async (missing) => {
  await expect(evidence({ ...asMaya, ...missing })).rejects.toMatchObject({
    code: 'BREAK_GLASS_IDENTITY_NEEDED',
  })
})

test('a child whom a case states is compared with the case, not with what was typed', async () => {
  const { tie, ...hers } = await evidence({ ...asMaya, givenName: 'Zoe', familyName: 'Brown' })
  expect(tie.kind).toBe('emergency')
  expect(hers.bornOn('2015-03-14')).toBe(true)
  expect(hers.hasGivenName('maya')).toBe(true)
  expect(hers.hasGivenName('zoe')).toBe(false)
  expect(hers.saidGiven).toEqual(['zoe']) // which narrows, so nothing of Maya's is shown
})

test('of two dates of birth that cases state, only the one that was typed counts', async () => {
  const { bornOn } = await evidence({ ...asMaya, dateOfBirth: '2015-04-13' })
  expect(bornOn('2015-04-13')).toBe(true)
  expect(bornOn('2015-03-14')).toBe(false)
})

test('a date of birth that no case states confirms nobody', async () => {
  const { bornOn } = await evidence({ ...asMaya, dateOfBirth: '2001-01-01' })
  for (const date of ['2001-01-01', '2015-03-14', '2015-04-13']) expect(bornOn(date)).toBe(false)
})

test('a confidential address stays confidential, although nobody works on the case that says so', async () => {
  expect((await evidence(asMaya)).tie.labels).toEqual(['address-confidential'])
})

test('a child whom no case knows is compared with what was typed, word by word', async () => {
  const { tie, ...typed } = await evidence({ ...asMaya, nhsNumber: leo, givenName: 'Leo Max' })
  expect(tie.labels).toEqual([])
  expect(typed.bornOn('2015-03-14')).toBe(true)
  expect(typed.bornOn('2015-03-15')).toBe(false)
  expect(['leo', 'max', 'maya'].map(typed.hasGivenName)).toEqual([true, true, false])
  expect(['okafor', 'reid', 'brown'].map(typed.hasFamilyName)).toEqual([true, true, false])
})
