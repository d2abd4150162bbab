import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { someFree } from '../../../gateway/local/ports.ts'
import { type LocalPostgres, startPostgres } from '../../../gateway/local/postgres.ts'
import { hasEnded, isRunning } from './processes.ts'

const DATABASE = 'a-ledger'
let dir: string
let postgres: LocalPostgres

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-postgres-'))
  const [port = 0] = await someFree(1)
  postgres = await startPostgres({ dataDir: join(dir, 'cluster'), port, password: 'pass/word @1' })
  await postgres.createDatabase(DATABASE)
}, 60_000)

afterAll(async () => {
  await postgres.stop()
  await rm(dir, { recursive: true, force: true })
}, 60_000)

async function query(sql: string, url = postgres.url(DATABASE)): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('it is PostgreSQL 18, syncs to disk and listens on loopback only', async () => {
  expect((await query('SHOW server_version'))[0]?.server_version).toMatch(/^18\./)
  const settings = await query(
    `SELECT name, setting FROM pg_settings WHERE name IN
       ('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'unix_socket_directories')`,
  )
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
  })
})

test('nobody gets in with another password, and the password is kept in no file', async () => {
  const wrong = postgres.url(DATABASE, { name: 'postgres', password: 'guess' })
  await expect(query('SELECT 1', wrong)).rejects.toMatchObject({ code: '28P01' })
  await expect(stat(join(dir, 'cluster.password'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a database that is there already is left as it is', async () => {
  await query('CREATE TABLE left_alone (word text)')
  expect(await postgres.createDatabase(DATABASE)).toBe(false)
  expect(await query('SELECT * FROM left_alone')).toEqual([])
})

test('what was committed is there after a stop, and after a SIGKILL in the midst of work', async () => {
  await query('CREATE TABLE kept (word text)')
  await query(`INSERT INTO kept VALUES ('before the stop')`)
  const first = postgres.pid() ?? Number.NaN
  await postgres.stop()
  expect(await isRunning(first)).toBe(false)
  await expect(query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })

  await postgres.start()
  const busy = query('SELECT pg_sleep(60)').catch(() => 'cut off')
  await query(`INSERT INTO kept VALUES ('before the kill')`)
  const second = postgres.pid() ?? Number.NaN
  await postgres.kill()
  expect(await isRunning(second)).toBe(false)
  await expect(busy).resolves.toBe('cut off')

  await postgres.start()
  expect(await query('SELECT word FROM kept')).toEqual([
    { word: 'before the stop' },
    { word: 'before the kill' },
  ])
}, 60_000)

test('it stops although a client hangs on, and nothing is left running', async () => {
  const hanging = query('SELECT pg_sleep(60)').catch(() => 'cut off')
  const pid = postgres.pid() ?? Number.NaN
  await postgres.stop()
  await expect(hanging).resolves.toBe('cut off')
  expect(postgres.pid()).toBeUndefined()
  expect(await hasEnded(pid)).toBe(true)
  await postgres.start()
}, 60_000)
