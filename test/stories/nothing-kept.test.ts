/** Promise 7, read-only and nothing kept: no case content rests in the gateway's database or its log. */
import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PERSONAS } from '../../gateway/local/personas.ts'
import { stories } from '../../gateway/local/population/stories.ts'
import { type GatewayUnderTest, openGateway, register } from '../gateway-under-test.ts'

let gateway: GatewayUnderTest
const logged: string[] = []
beforeAll(async () => {
  const log = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk))
      done()
    },
  })
  gateway = await openGateway({
    log,
    env: { LOG_LEVEL: 'debug', HOLLYBANK_SCHOOL_URL: 'http://127.0.0.1:9' },
  })
})
afterAll(() => gateway.close())

/** Every row of every table, as text; bytes as the text that they hold. */
async function allThatRests(): Promise<string> {
  const { rows: tables } = await gateway.pool.query(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  )
  const texts = await Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await gateway.pool.query(`select * from ${name}`)
      return rows.map((row) =>
        Object.values(row)
          .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value)))
          .join(' '),
      )
    }),
  )
  return texts.flat().join('\n')
}

test('after every story was asked, no content, name, number or date of birth of a child rests anywhere', async () => {
  const told: string[] = []
  for (const { id } of stories) {
    for (const persona of ['lcpp', 'macpt-health']) {
      const reply = await gateway.ask(persona, id)
      for (const match of reply.text.matchAll(
        /"(?:narrative|address|familyName|account|condition|content)":"([^"]{5,})"/g,
      ))
        told.push(match[1] ?? '')
    }
  }
  expect(told.length).toBeGreaterThan(50)
  const rests = `${await allThatRests()}\n${logged.join('\n')}`
  expect(rests).toContain(PERSONAS[0]?.subject)
  for (const words of new Set(told)) expect(rests).not.toContain(words)
  for (const { nhsNumber, dateOfBirth } of register.cases) {
    expect(rests).not.toContain(nhsNumber)
    expect(rests).not.toContain(dateOfBirth)
  }
}, 180_000)
