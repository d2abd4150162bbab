/** What an operator reads when the store is down: where to look, and no stack. */
import { expect, test } from 'vitest'
import { freePorts } from '../../../gateway/local/ports.ts'
import { operatorEnv, sightline } from './from-terminal.ts'

test.each([
  ['policy', 'replay', 'policies'],
  ['ledger', 'show', '00000000-0000-4000-8000-000000000000'],
])('with a store that does not answer, `%s %s` says so and ends with 1', async (...command) => {
  const { postgres } = await freePorts()
  const nobody = operatorEnv(`postgres://sightline:secret-word@127.0.0.1:${postgres}/sightline`)
  const { code, out, err } = await sightline(command, nobody)
  expect(err).toMatch(/^STORE_UNREACHABLE: the gateway's database does not answer/)
  expect(err).not.toMatch(/secret-word| at .*:\d+:\d+/)
  expect({ code, out }).toEqual({ code: 1, out: '' })
})
