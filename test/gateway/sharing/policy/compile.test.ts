/** What the compiler does not evaluate it refuses by name, at start-up and not at the first question. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import { beforeAll, expect, test } from 'vitest'
import { compilePolicy } from '../../../../gateway/sharing/policy/compile.ts'
import { type PolicySchema, readSchema } from '../../../../gateway/sharing/policy/policy-schema.ts'
import { Refusal } from '../../../../schema/refusal.ts'
import { policiesDir } from './asked.ts'

let schema: PolicySchema
beforeAll(async () => {
  schema = readSchema(await readFile(join(policiesDir, 'schema.cedarschema'), 'utf8'))
})

function compile(text: string) {
  const answer = policyToJson(text)
  if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
  return compilePolicy('the.policy', answer.json, schema)
}
const when = (condition: string) => `permit (principal, action, resource) when { ${condition} };`

test.each([
  [when('principal.agency like "north*"'), '`like`'],
  [when('principal.vetting + 1 > 2'), '`+`'],
  [when('principal.vetting * 2 > 2'), '`*`'],
  [when('principal is Practitioner'), '`is`'],
  [when('principal in Practitioner::"tom"'), '`in`'],
  [when('context.now.toDate() == datetime("2026-01-01")'), '`toDate`'],
  [when('context.now < datetime("2026-01-01T00:00:00+0100")'), 'datetime'],
  [when('principal.vetting < 9007199254740993'), '2^53'],
  [when('principal == Practitioner::"tom"'), 'as a whole'],
  [when('action == Action::"know"'), '`action` in a condition'],
  [when('context.purpose == Purpose::"research"'), 'no code'],
  ['permit (principal == Practitioner::"tom", action, resource);', 'principal of its own'],
  ['permit (principal, action, resource == Record::"1");', 'resource of its own'],
  ['permit (principal, action, resource in Record::"1");', 'resource of its own'],
])('%s', (text, named) => {
  const refused = () => compile(text)
  expect(refused).toThrow(Refusal)
  expect(refused).toThrow('policy `the.policy`')
  expect(refused).toThrow(named)
})

test('an action group stands for its actions, and an action for itself', () => {
  const { actions } = schema
  expect(compile('permit (principal, action, resource);').actions).toEqual(actions)
  expect(compile('permit (principal, action in Action::"any", resource);').actions).toEqual(actions)
  expect([...compile('permit (principal, action == Action::"read", resource);').actions]).toEqual(['read'])
  const { actions: fields } = compile('permit (principal, action in [Action::"fields"], resource);')
  expect([...actions].filter((action) => !fields.has(action))).toEqual(['know', 'read', 'tell-why'])
})

test('a group is no action that could be asked, also where a head names it by itself', () => {
  const { actions } = compile('permit (principal, action == Action::"any", resource);')
  expect([...actions].some((action) => schema.actions.has(action))).toBe(false)
})
