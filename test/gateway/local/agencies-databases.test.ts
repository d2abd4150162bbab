import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storyOf } from '../../../gateway/local/population/stories.ts'
import { type AgenciesUnderTest, agenciesUnderTest } from './agencies-under-test.ts'

let house: AgenciesUnderTest
let agencies: Awaited<ReturnType<AgenciesUnderTest['start']>>

beforeAll(async () => {
  house = await agenciesUnderTest()
  agencies = await house.start()
}, 90_000)

afterAll(async () => {
  await agencies.stop()
  await house.stop()
}, 60_000)

async function ask(url: string, statements: readonly string[], values: string[] = [], eventId = 'a-test') {
  const client = new Client({ connectionString: url, application_name: eventId })
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const sql of statements) rows = (await client.query(sql, sql.includes('$1') ? values : [])).rows
    return rows
  } finally {
    await client.end()
  }
}

const databases = [
  {
    custodian: 'northshire-police',
    setting: 'NORTHSHIRE_POLICE_DATABASE_URL',
    base: 'rms',
    shared: 'partner_share',
    person: 'partner_share.v_nominal',
    number: 'nhs_no',
    table: 'rms.intel',
    column: 'surname',
  },
  {
    custodian: 'northshire-childrens-services',
    setting: 'NORTHSHIRE_CHILDRENS_SERVICES_DATABASE_URL',
    base: 'ccm',
    shared: 'partner_views',
    person: 'partner_views.person',
    number: 'nhs_number',
    table: 'ccm.contact',
    column: 'surname',
  },
] as const

describe.each(databases)(
  '$custodian',
  ({ custodian, setting, base, shared, person, number, table, column }) => {
    const url = () => agencies.setting(setting)
    const writable = 'SET default_transaction_read_only = off'

    test('the partnership’s role reads every shared view', async () => {
      const views = await ask(url(), [
        `SELECT table_name AS name FROM information_schema.views WHERE table_schema = '${shared}'`,
      ])
      expect(views.length).toBeGreaterThan(9)
      for (const { name } of views) await ask(url(), [`SELECT * FROM ${shared}.${name} LIMIT 1`])
      const { nhsNumber } = storyOf('all-four')
      expect(await ask(url(), [`SELECT * FROM ${person} WHERE ${number} = $1`], [nhsNumber])).toHaveLength(1)
    })

    test('no view shows what the agency keeps to itself', async () => {
      const columns = await ask(url(), [
        `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = '${shared}'`,
      ])
      const names = columns.map(({ name }) => name)
      for (const own of [
        'internal_remarks',
        'source_identity',
        'officer_collar_no',
        'manager_oversight',
        'case_system_alerts',
      ])
        expect(names).not.toContain(own)
    })

    test.each([
      ['reading a base table', [`SELECT * FROM ${table}`], /permission denied for schema/],
      ['changing a view', [writable, `UPDATE ${person} SET ${column} = 'x'`], /permission denied for view/],
      ['deleting through a view', [writable, `DELETE FROM ${person}`], /permission denied for view/],
      [
        'adding through a view',
        [writable, `INSERT INTO ${person} (${number}) VALUES ('1')`],
        /permission denied for view/,
      ],
      [
        'making a table',
        [writable, 'CREATE TABLE public.mine (a int)'],
        /permission denied for schema public/,
      ],
      [
        'making a temporary table',
        [writable, 'CREATE TEMPORARY TABLE mine (a int)'],
        /permission denied to create temporary tables/,
      ],
      [
        'making a table beside the views',
        [writable, `CREATE TABLE ${shared}.mine (a int)`],
        /permission denied for schema/,
      ],
      ['a function of the base', [writable, `CREATE SCHEMA ${base}_2`], /permission denied for database/],
      ['becoming another role', ['SET ROLE postgres'], /permission denied to set role/],
      [
        'writing at all, unless it asks for it',
        ['CREATE TABLE public.mine (a int)'],
        /read-only transaction/,
      ],
      [
        'reading a file of the server',
        ["SELECT pg_read_file('/etc/hostname')"],
        /permission denied for function/,
      ],
    ])('the role is refused %s', async (_, statements, reason) => {
      await expect(ask(url(), statements)).rejects.toThrow(reason)
    })

    test('the role cannot sign in with another password, nor to the other agency’s database', async () => {
      const wrong = new URL(url())
      wrong.password = 'guess'
      await expect(ask(wrong.href, ['SELECT 1'])).rejects.toThrow(/password authentication failed/)
      const [own, other] = [new URL(url()), databases.find((one) => one.custodian !== custodian)]
      own.pathname = new URL(agencies.setting(other?.setting ?? '')).pathname
      await expect(ask(own.href, ['SELECT 1'])).rejects.toThrow(/permission denied for database/)
    })

    test('the agency’s own log says which views were read, and for which event', async () => {
      const before = agencies.log(custodian).length
      await ask(
        url(),
        [`SELECT * FROM ${person} WHERE ${number} = $1`],
        [storyOf('s17').nhsNumber],
        'event-17',
      )
      const entries = agencies.log(custodian).slice(before)
      expect(entries).toMatchObject([
        { method: 'SELECT', path: person, eventId: 'event-17', kinds: [person.split('.')[1]] },
      ])
      expect(JSON.stringify(entries)).not.toContain(storyOf('s17').nhsNumber)
    })

    test.each([
      ['a list of columns', (view: string) => `SELECT "${number}", ${number} FROM ${view}`, [number]],
      ['everything', (view: string) => `SELECT * FROM ${view}`, ['*']],
      ['something worked out', (view: string) => `SELECT 'Maya Reid', ${number} FROM ${view}`, ['*']],
      [
        'a part of a larger statement',
        (view: string) =>
          `SELECT 'x' AS part, to_jsonb(r) FROM (SELECT "${number}" FROM ${view} LIMIT 1) AS r`,
        [number],
      ],
      [
        'two views at once',
        (view: string) => `SELECT a.${number} FROM ${view} AS a JOIN ${view} AS b ON false`,
        ['*'],
      ],
    ])('the log names the columns of %s', async (_what, statement, columns) => {
      await ask(url(), [statement(person)])
      const entry = agencies.log(custodian).at(-1)
      expect(entry?.fields).toEqual(columns.map((column) => `${person.split('.')[1]}.${column}`))
      expect(JSON.stringify(entry)).not.toContain('Maya')
    })

    test('an event named later in the connection is in the log from then on', async () => {
      const before = agencies.log(custodian).length
      await ask(
        url(),
        [`SELECT set_config('application_name', $1, false)`, `SELECT 1 FROM ${person} LIMIT 1`],
        ['event-18'],
      )
      expect(agencies.log(custodian).slice(before)).toMatchObject([{ eventId: 'event-18' }])
    })
  },
)

test('a later start finds the databases filled and leaves them, with the same credentials', async () => {
  const stamp = async () =>
    (
      await ask(agencies.setting('NORTHSHIRE_POLICE_DATABASE_URL'), [
        "SELECT oid FROM pg_class WHERE relname = 'v_crime'",
      ])
    )[0]
  const before = await stamp()
  const password = new URL(agencies.setting('NORTHSHIRE_POLICE_DATABASE_URL')).password
  await agencies.stop()
  agencies = await house.start()
  expect(await stamp()).toEqual(before)
  expect(new URL(agencies.setting('NORTHSHIRE_POLICE_DATABASE_URL')).password).toBe(password)
})
