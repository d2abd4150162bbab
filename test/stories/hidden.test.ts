/** Promise 6, hidden means hidden: a sealed record changes nothing that anybody can read. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stories, storyOf } from '../../gateway/local/population/stories.ts'
import { type GatewayUnderTest, openGateway, type Reply, register, statesOf } from '../gateway-under-test.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway.close())

const minute = () => Math.floor(Date.now() / 60_000)

/** Two answers of one minute: a live system's data is as of the minute in which it was asked. */
async function askedTogether(persona: string, one: string, other: string): Promise<[Reply, Reply]> {
  const began = minute()
  const replies: [Reply, Reply] = [await gateway.ask(persona, one), await gateway.ask(persona, other)]
  return minute() === began ? replies : askedTogether(persona, one, other)
}

/** What differs between any two answers: receipt and opaque record ids. */
const comparable = (reply: Reply, story: string) => {
  const ids = new Map<string, string>()
  const opaque = (id: string) => {
    ids.set(id, ids.get(id) ?? `record ${ids.size + 1}`)
    return ids.get(id) ?? ''
  }
  return reply.text
    .replaceAll(reply.body.extensions.sightline.eventId, 'receipt')
    .replaceAll(storyOf(story).nhsNumber, 'number')
    .replaceAll(/"recordId":"([^"]+)"/g, (_whole, id: string) => `"recordId":"${opaque(id)}"`)
}

const headers = (reply: Reply) => [...reply.headers].filter(([name]) => name !== 'date')

test.each(['lcpp', 'macpt-police', 'macpt-health', 'macpt-education'])(
  'a child with a sealed record and one with none read the same to %s, byte for byte',
  async (persona) => {
    const [sealed, none] = await askedTogether(persona, 'sealed', 'no-record')
    expect(statesOf(sealed)['northshire-police']).toBe('NO_DISCLOSABLE_RECORD')
    expect(comparable(sealed, 'sealed')).toBe(comparable(none, 'no-record'))
    expect(headers(sealed)).toEqual(headers(none))
    expect(sealed.text.length).toBe(none.text.length)
  },
)

const asked = stories.filter(({ nhsNumber }) => register.cases.some((each) => each.nhsNumber === nhsNumber))

test.each(asked.filter(({ neverShown }) => neverShown.length > 0).map(({ id }) => id))(
  'what must never be shown of `%s` is in no answer, to nobody',
  async (story) => {
    for (const persona of ['lcpp', 'macpt-police', 'macpt-health', 'macpt-education']) {
      const reply = await gateway.ask(persona, story)
      for (const words of storyOf(story).neverShown)
        expect(reply.text, `${persona} read ${words}`).not.toContain(words)
    }
  },
)

test('a child in a refuge is shown without address, telephone, school or practice', async () => {
  const reply = await gateway.ask('lcpp', 'refuge')
  const { details } = reply.body.data.child.identity
  expect(details.length).toBeGreaterThan(0)
  for (const each of details.filter((detail: { masked: unknown[] }) => detail.masked.length > 0)) {
    expect(each.address).toBeNull()
    expect(each.telephone).toBeNull()
  }
})

test('a school reads for a child in a refuge as for a child whom it does not know', async () => {
  const answer = async (story: string) => {
    const reply = await gateway.ask('lcpp', story)
    return reply.body.data.child.custodians.find(
      (each: { custodian: string }) => each.custodian === 'hollybank-school',
    )
  }
  expect(await answer('refuge')).toEqual(await answer('nobody'))
})

test("a referrer's name is not shown where the authority marked it", async () => {
  const reply = await gateway.ask('lcpp', 'all-four')
  const hidden = reply.body.data.child.socialCare.contacts.filter((each: { masked: { field: string }[] }) =>
    each.masked.some(({ field }) => field === 'referrer'),
  )
  expect(hidden.length).toBeGreaterThan(0)
  for (const contact of hidden) expect(contact.referrer).toBeNull()
})

test('a refuge stays hidden while the authority that knows of it is down, and where it is not asked', async () => {
  const away = await openGateway({
    env: {
      NORTHSHIRE_CHILDRENS_SERVICES_DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
      NORTHSHIRE_POLICE_DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
    },
  })
  try {
    const document = `query Q($nhsNumber: String!, $reason: AccessReason!) {
      child(nhsNumber: $nhsNumber, reason: $reason) {
        health { careTeam { practitioner } } household { telephone } identity { details { address postcode } } } }`
    for (const asking of [{}, { document }]) {
      const reply = await away.ask('lcpp', 'refuge', asking)
      expect(statesOf(reply)['northshire-childrens-services']).toBe('DID_NOT_ANSWER')
      for (const words of storyOf('refuge').neverShown) expect(reply.text).not.toContain(words)
      for (const { address, postcode } of reply.body.data.child.identity.details)
        expect([address, postcode]).toEqual([null, null])
    }
  } finally {
    await away.close()
  }
})

test('whoever reads an address learns which custodians could not say whether it is confidential', async () => {
  const names = (reply: Reply) =>
    reply.body.data.child.whereaboutsUnchecked.map(({ name }: { name: string }) => name)
  // it has no agreement with anybody, and could know all the same
  const never = 'Westvale College'
  expect(names(await gateway.ask('lcpp', 'all-four'))).toEqual([never])
  const below = await gateway.ask('lcpp', 'all-four', { purpose: 's17-assessment', consentRecorded: true })
  expect(statesOf(below)['northshire-police']).toBe('NOT_ASKED')
  expect(names(below).sort()).toEqual(['Northshire Police', never])
  const down = await openGateway({
    env: { NORTHSHIRE_POLICE_DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' },
  })
  try {
    expect(names(await down.ask('lcpp', 'all-four')).sort()).toEqual(['Northshire Police', never])
  } finally {
    await down.close()
  }
})
