/**
 * Promise 6 at large: 1,000 random pairs of pictures that differ only in silently withheld records read the same to the
 * last byte, and stand the same in the ledger. How long they take is measured apart: `npm run bench -- hidden`.
 */
import { EventEmitter, once } from 'node:events'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Random, seeded } from '../../gateway/policy-workbench/draw.ts'
import { codeOf, type Reply } from '../gateway-under-test.ts'
import { type Child, drawPair, type Held, type Pair, personOf, plainRecord, SEALS } from '../hidden/pair.ts'
import { children, type HiddenPartnership, openHiddenPartnership } from '../hidden/partnership.ts'
import { drawQuestion, NONSENSE, page, type Question } from '../hidden/question.ts'
import { type Holding, STAND_INS } from '../hidden/stand-ins.ts'

const PAIRS = 1_000
const SEED = 20261121

let hidden: HiddenPartnership
beforeAll(async () => {
  hidden = await openHiddenPartnership(inject('partners'), SEED)
})
afterAll(() => hidden.close())

/** On a busy machine an answer may fail on our side: it is asked again, and what fails for good is a difference. */
async function ask(pair: Pair, holdings: Held, question: Question, tries = 5): Promise<Reply> {
  const reply = await hidden.ask(pair, holdings, question)
  return reply.status >= 500 && tries > 1 ? ask(pair, holdings, question, tries - 1) : reply
}

type Both = readonly [open: Reply, sealed: Reply]

/** Asks for both pictures, in random order; and again behind the cursor, where there is one. */
async function askBoth(pair: Pair, question: Question, random: Random): Promise<Both[]> {
  const both = async (put: Question): Promise<Both> => {
    if (random() < 0.5) return [await ask(pair, pair.open, put), await ask(pair, pair.sealed, put)]
    const sealed = await ask(pair, pair.sealed, put)
    return [await ask(pair, pair.open, put), sealed]
  }
  const replies = await both(question)
  const after = replies[0].body.data?.child?.page?.endCursor
  return after ? [replies, await both({ ...question, extra: { ...question.extra, after } })] : [replies]
}

const receiptOf = ({ body }: Reply): string => body.extensions.sightline.eventId

/** All that leaves, but for the time of day and the receipt of this very access. */
const readable = (reply: Reply) => ({
  status: reply.status,
  headers: [...reply.headers].filter(([name]) => name !== 'date'),
  // in pieces, so that a difference is found
  text: reply.text.replaceAll(receiptOf(reply), 'receipt').split(/(?<=[,[{])/),
})

/** Drawn anew for every access, or keyed with its id. */
const RANDOM = ['id', 'access', 'traceparent', 'nonce', 'variablesMac', 'bodyMac']

const EVENTS = `select type, access, body from (
    select body, event ->> 'type' as type, event #>> '{data,access}' as access
    from (select body, convert_from(body, 'UTF8')::json as event from access_event) as events
  ) as events where access = any($1) order by type`

/** What stands in the ledger of each access, from the question to the end of its answer, by its receipt. */
async function recorded(receipts: readonly string[]): Promise<Map<string, unknown[]>> {
  const comparable = (name: string, value: unknown) => (RANDOM.includes(name) ? '' : value)
  const read = async () => {
    const { rows } = await hidden.gateway.pool.query<{ type: string; access: string; body: Buffer }>(EVENTS, [
      receipts,
    ])
    return rows
  }
  const ofType = (rows: Awaited<ReturnType<typeof read>>, kind: string) =>
    rows.filter(({ type }) => type === `sightline.access.${kind}.v1`).length
  // that an answer came to its end is written once it has left
  await expect
    .poll(
      async () => {
        const rows = await read()
        return ofType(rows, 'released') - ofType(rows, 'completed')
      },
      { timeout: 30_000 },
    )
    .toBe(0)
  const events = new Map<string, unknown[]>(receipts.map((receipt) => [receipt, []]))
  for (const { access, body } of await read())
    events.get(access)?.push(JSON.parse(body.toString(), comparable))
  return events
}

test(`in ${PAIRS} random pairs that differ only in silently withheld records nothing differs that can be read`, {
  timeout: 300_000,
}, async () => {
  const replies: { readonly both: Both; readonly seals: string }[] = []
  const met = new Map(SEALS.map(({ name }) => [name, 0]))
  const askFor = async (child: Child, place: number) => {
    const random = seeded(SEED + place)
    for (let asked = 0; asked < PAIRS / children.length; asked += 1) {
      const pair = drawPair(child, random)
      const seals = pair.seals.map(({ seal }) => seal).join(', ')
      for (const both of await askBoth(pair, drawQuestion(random), random)) {
        const [open, sealed] = both.map(readable)
        expect(sealed, seals).toEqual(open)
        replies.push({ both, seals })
      }
      for (const { seal, ids } of pair.seals)
        if (ids.every((id) => hidden.partnership.sent(id) > 0)) met.set(seal, (met.get(seal) ?? 0) + 1)
    }
  }
  // each child's pairs one after another, and the children at the same time
  await Promise.all(children.map(askFor))

  const records = await recorded(replies.flatMap(({ both }) => both.map(receiptOf)))
  for (const { both, seals } of replies) {
    const [open, sealed] = both.map((reply) => records.get(receiptOf(reply)))
    expect(sealed, seals).toEqual(open)
    expect(sealed?.length, seals).toBeGreaterThan(0)
  }
  // every seal was tried, on records that a custodian did send
  for (const [seal, pairs] of met) expect(pairs, seal).toBeGreaterThanOrEqual(10)
})

test.each(SEALS.filter(({ beside }) => !beside).map((seal) => [seal.name, seal] as const))(
  'the same record without its seal is told apart, in the answer and in the ledger: %s',
  async (_name, { sector = 'health', recordType, below = false }) => {
    const [child] = children
    const custodian = STAND_INS.find((each) => each.sector === sector)
    if (child === undefined || custodian === undefined) throw new Error('there is no such custodian')
    const record = plainRecord(recordType ?? custodian.recordTypes[0] ?? '', seeded(SEED))
    const shown: Holding = { kind: 'held', people: [personOf(child)], records: [record] }
    const pair = { child, persona: 'lcpp', below, open: {}, sealed: { [custodian.id]: shown }, seals: [] }
    const [both] = await askBoth(pair, page(3), seeded(SEED))
    if (both === undefined) throw new Error('nothing was asked')
    const [without, withIt] = both.map(readable)
    expect(withIt).not.toEqual(without)
    const [one, other] = (await recorded(both.map(receiptOf))).values()
    expect(one).not.toEqual(other)
  },
)

test('an answer waits for the pace of its custodians once all is decided; a refusal before asking does not', async () => {
  const [child] = children
  if (child === undefined) throw new Error('there is no child')
  const pair: Pair = { child, persona: 'lcpp', below: false, open: {}, sealed: {}, seals: [] }
  const gate = new EventEmitter()
  const reached = once(gate, 'reached')
  hidden.keep(() => async (replies) => {
    const opened = once(gate, 'opened')
    gate.emit(
      'reached',
      replies.map(({ ask: { connection } }) => connection.custodian.id),
    )
    await opened
  })
  let answered = false
  const asked = ask(pair, {}, page(3)).then((reply) => {
    answered = true
    return reply
  })
  const [waitedFor] = await reached
  expect(waitedFor.sort()).toEqual(STAND_INS.map(({ id }) => id).sort())
  const refused = await ask(pair, {}, NONSENSE)
  expect(codeOf(refused)).toBe('QUESTION_INVALID')
  expect(answered).toBe(false)
  gate.emit('opened')
  expect((await asked).status).toBe(200)
})
