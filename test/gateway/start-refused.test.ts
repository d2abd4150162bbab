/** What an operator reads where a gateway, or an agency's witness, cannot start: what is in the way, and no stack. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { noteSigner, verifierText } from '../../gateway/ledger/tree/signed-note.ts'
import { ourProgram } from '../../gateway/local/part.ts'
import { freePorts } from '../../gateway/local/ports.ts'
import { sightline } from './commands/from-terminal.ts'

const SECRET = 'secret-word'
const STACK = /\n\s+at .*:\d+:\d+/

let folder: string
/** Holds a port, and answers nobody. */
const other: Server = createServer()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-refused-'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await new Promise((resolve) => other.close(resolve))
  await rm(folder, { recursive: true, force: true })
})
const taken = () => String((other.address() as AddressInfo).port)

async function gateway(env: Readonly<Record<string, string>>) {
  const { command, args } = ourProgram(new URL('../../gateway/main.ts', import.meta.url))
  const { gatewayEnv } = inject('partners')
  const started = spawn(command, [...args], { env: { PATH: process.env.PATH, ...gatewayEnv, ...env } })
  const [err, [code]] = await Promise.all([text(started.stderr), once(started, 'close')])
  return { code, err }
}

async function databaseUrl(change: (url: URL) => void): Promise<string> {
  const url = new URL(inject('partners').gatewayEnv.DATABASE_URL ?? '')
  change(url)
  url.password = SECRET
  return url.href
}

test('the database is down: the gateway says so and ends, to be started again', async () => {
  const { postgres } = await freePorts()
  const nobody = await databaseUrl((url) => {
    url.port = String(postgres)
  })
  const { code, err } = await gateway({ DATABASE_URL: nobody })
  expect(err).toMatch(/^STORE_UNREACHABLE: the gateway's database does not answer \(ECONNREFUSED\)/)
  expect(err).not.toMatch(STACK)
  expect(err).not.toContain(SECRET)
  expect(code).toBe(1)
})

test('the database refuses the password: the code by which PostgreSQL says so, and not the password', async () => {
  const { code, err } = await gateway({ DATABASE_URL: await databaseUrl(() => undefined) })
  expect(err).toMatch(/^STORE_UNREACHABLE: the gateway's database does not answer \(28P01\)/)
  expect(err).not.toMatch(STACK)
  expect(err).not.toContain(SECRET)
  expect(code).toBe(1)
})

test('another program listens where a witness would: the address is named', async () => {
  const log = verifierText(noteSigner('log', 'northshire.sightline', Buffer.alloc(32, 1)))
  const { code, err } = await sightline(
    ['witness', '--folder', folder, '--name', 'police.example/witness', '--log', log, '--port', taken()],
    {},
  )
  expect(err).toMatch(`ADDRESS_UNUSABLE: nobody can be answered at \`127.0.0.1:${taken()}\` (EADDRINUSE)`)
  expect(err).not.toMatch(STACK)
  expect(code).toBe(1)
})
