/** The house: dependency runs one way, schema ← adapters ← gateway, and policies hold no program. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const FLOORS = ['schema', 'adapters', 'gateway'] as const

const sourcesOf = (floor: string) =>
  readdirSync(join(root, floor), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, floor, file))

const importsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    resolve(file, '..', match[1] ?? ''),
  )

for (const [place, floor] of FLOORS.entries())
  test(`${floor}/ imports nothing from a higher floor, nor from test/`, () => {
    const higher = [...FLOORS.slice(place + 1), 'test'].map((name) => join(root, name, '/'))
    const upward = sourcesOf(floor).flatMap((file) =>
      importsOf(file)
        .filter((target) => higher.some((name) => target.startsWith(name)))
        .map((target) => `${file.slice(root.length)} → ${target.slice(root.length)}`),
    )
    expect(upward).toEqual([])
  })

test('what serves a question imports nothing from the local partners', () => {
  const serving = sourcesOf('gateway').filter((file) => !/gateway\/(local|commands)\//.test(file))
  expect(serving.length).toBeGreaterThan(20)
  expect(
    serving.filter((file) => importsOf(file).some((target) => target.includes('/gateway/local/'))),
  ).toEqual([])
})

test('policies/ holds data only', () => {
  const files = readdirSync(join(root, 'policies'), { recursive: true, encoding: 'utf8' })
  expect(files.filter((file) => /\.[cm]?[jt]s$/.test(file))).toEqual([])
})
