/** What an operator reads when the store is down: where to look, and no stack. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { freePorts } from '../../../gateway/local/ports.ts'

const root = resolve(import.meta.dirname, '../../..')
const key = () => randomBytes(32).toString('base64')

test.each([
  ['policy', 'replay', 'policies'],
  ['ledger', 'show', '00000000-0000-4000-8000-000000000000'],
])('with a store that does not answer, `%s %s` says so and ends with 1', async (...command) => {
  const { postgres } = await freePorts()
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: `postgres://sightline:secret-word@127.0.0.1:${postgres}/sightline`,
    OIDC_ISSUER: 'https://identity.example',
    OIDC_AUDIENCE: 'sightline',
    PSEUDONYM_KEY: key(),
    LEDGER_SIGNING_KEY: key(),
    LEDGER_CHECKPOINT_FILE: 'checkpoint',
  }
  const ran = await new Promise<{ code: unknown; err: string }>((done) => {
    const program = join(root, 'gateway/commands/sightline.js')
    execFile(process.execPath, [program, ...command], { cwd: root, env }, (error, _out, err) =>
      done({ code: error?.code ?? 0, err }),
    )
  })
  expect(ran.err).toMatch(/^STORE_UNREACHABLE: the gateway's database does not answer/)
  expect(ran.err).not.toMatch(/secret-word| at .*:\d+:\d+/)
  expect(ran.code).toBe(1)
})
