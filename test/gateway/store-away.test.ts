/** What a practitioner reads while PostgreSQL is away: that it is, and what to do; never that her question was at fault. */
import pg from 'pg'
import { pino } from 'pino'
import { expect, inject, test } from 'vitest'
import { refusalOf } from '../../gateway/fault.ts'
import { freePorts } from '../../gateway/local/ports.ts'

const log = pino({ level: 'silent' })
const url = () => inject('partners').gatewayEnv.DATABASE_URL ?? ''
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing failed',
    (error) => refusalOf(error, log).code,
  )

test('nothing listens there', async () => {
  const { postgres } = await freePorts()
  const pool = new pg.Pool({ connectionString: `postgres://nobody@127.0.0.1:${postgres}/none` })
  expect(await codeOf(pool.query('select 1'))).toBe('STORE_UNAVAILABLE')
  await pool.end()
})

test('every connection is taken', async () => {
  const pool = new pg.Pool({ connectionString: url(), max: 1 })
  const client = await pool.connect()
  pool.options.connectionTimeoutMillis = 50
  expect(await codeOf(pool.query('select 1'))).toBe('STORE_UNAVAILABLE')
  client.release()
  await pool.end()
})

test.each([
  [
    'the session was ended by the server',
    'select pg_terminate_backend(pg_backend_pid())',
    'STORE_UNAVAILABLE',
  ],
  ['a statement took too long', 'set statement_timeout = 20; select pg_sleep(1)', 'STORE_UNAVAILABLE'],
  [
    'a lock was not to be had',
    "do $$ begin raise exception using errcode = '55P03'; end $$",
    'STORE_UNAVAILABLE',
  ],
  ['the disk is full', "do $$ begin raise exception using errcode = '53100'; end $$", 'STORE_UNAVAILABLE'],
  ['a fault of ours is none of the store', 'select no_such_column', 'FAULT'],
])('%s', async (_what, sql, code) => {
  const client = new pg.Client({ connectionString: url() })
  client.on('error', () => undefined)
  await client.connect()
  expect(await codeOf(client.query(sql))).toBe(code)
  await client.end()
})

test('a query without an answer in its time', async () => {
  const client = new pg.Client({ connectionString: url(), query_timeout: 50 })
  await client.connect()
  expect(await codeOf(client.query('select pg_sleep(1)'))).toBe('STORE_UNAVAILABLE')
  await client.end()
})

test('no other fault is taken for it', () => {
  expect(refusalOf(new TypeError('Connection of two things'), log).code).toBe('FAULT')
  expect(refusalOf('thrown', log).code).toBe('FAULT')
})
