/** Whether she may ask at all: the case first, then a tie of her own, and an emergency only where it was declared. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Emergencies, EmergencyAsked } from '../../../gateway/access/break-glass.ts'
import type { Conflict } from '../../../gateway/access/register.ts'
import { mayAskAtAll, standingTowards } from '../../../gateway/access/standing.ts'
import type { ChildQuestion } from '../../../gateway/child-question.ts'
import { type Cluster, ownCluster } from '../ledger/cluster.ts'
import { later, NOON, type Northshire, newEvent, northshire, person, question } from './northshire.ts'

let cluster: Cluster
let at: Northshire
let asked: EmergencyAsked[] = []
const emergencies: Emergencies = {
  async open(emergency) {
    asked.push(emergency)
    return { openedBy: emergency.eventId, expires: later(60) }
  },
  toReview: async () => [],
  close: async () => undefined,
}
beforeAll(async () => {
  cluster = await ownCluster()
  at = await northshire(cluster, 'standing')
}, 60_000)
beforeEach(() => {
  asked = []
})
afterAll(() => cluster.end())

async function approach(subject: string, child: ChildQuestion, conflict: Conflict | null = null) {
  const { register, keys } = at
  const practitioner = await at.practitioner(subject)
  const who = person(subject)
  return await standingTowards(
    { register, keys, emergencies },
    { who, practitioner, child, conflict, eventId: newEvent(), now: NOON },
  )
}

const { reason } = question()
const emergency = (changed: Partial<ChildQuestion> = {}) =>
  question({
    reason: { ...reason, caseReference: null, breakGlass: { reason: 'The line went dead after a scream.' } },
    dateOfBirth: '2015-03-14',
    givenName: 'Maya',
    familyName: 'Okafor-Reid',
    ...changed,
  })

test('a live tie in the case that she names is enough', async () => {
  const standing = await approach('amina', question())
  expect(standing).toMatchObject({ caseLive: true, emergency: null, tie: { kind: 'allocated' } })
})

test('with a tie of her own, whoever works on the case reads why she is refused', async () => {
  for (const conflict of ['self', 'relative', 'colleague'] as const)
    await expect(approach('amina', question(), conflict)).rejects.toMatchObject({
      code: 'CONFLICT_OF_INTEREST',
    })
})

test('to anybody else the number alone betrays nothing: tied or not, she reads the same', async () => {
  const words = await Promise.all(
    [null, 'self', 'relative', 'colleague'].map((conflict) =>
      approach('daniel', question(), conflict as Conflict | null).then(() => 'went on', String),
    ),
  )
  expect(new Set(words).size).toBe(1)
  await expect(approach('daniel', question(), 'relative')).rejects.toMatchObject({
    code: 'NO_CASE_RELATIONSHIP',
  })
})

test('in an emergency no case is needed, and what she declared is what is opened', async () => {
  const standing = await approach('amina', emergency(), 'relative')
  expect(standing).toMatchObject({
    caseLive: false,
    tie: { kind: 'emergency' },
    emergency: { expires: later(60) },
  })
  expect(asked).toMatchObject([
    { reason: 'The line went dead after a scream.', conflict: 'relative', nhsNumber: question().nhsNumber },
  ])
})

test('no emergency is spent on a question that does not say who the child is', async () => {
  await expect(approach('amina', emergency({ familyName: null }))).rejects.toMatchObject({
    code: 'BREAK_GLASS_IDENTITY_NEEDED',
  })
  expect(asked).toEqual([])
})

test('where she has a live tie besides, the case says who the child is', async () => {
  const both = emergency({
    reason: { ...emergency().reason, caseReference: 'NS-2026-0001' },
    dateOfBirth: null,
    givenName: null,
    familyName: null,
  })
  expect(await approach('amina', both)).toMatchObject({ caseLive: true, tie: { kind: 'allocated' } })
  expect(asked).toHaveLength(1)
})

test('without an emergency none is opened', async () => {
  await approach('amina', question())
  expect(asked).toEqual([])
})

test('whoever audits, connects systems or reviews for her agency does not ask about a child', async () => {
  const practitioner = await at.practitioner('samuel')
  for (const role of ['ig-lead', 'agency-it', 'agency-reviewer'])
    expect(() => mayAskAtAll({ ...practitioner, role })).toThrow(
      expect.objectContaining({ code: 'ROLE_MAY_NOT_ASK' }),
    )
})
