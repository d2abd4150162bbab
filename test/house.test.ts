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

/** Files that reach one another by their imports, those of types alone too. */
function circlesAmong(files: readonly string[]): string[][] {
  const imports = new Map(files.map((file) => [file, importsOf(file)]))
  const reach = (from: string): ReadonlySet<string> => {
    const reached = new Set<string>()
    const open = [...(imports.get(from) ?? [])]
    for (let file = open.pop(); file !== undefined; file = open.pop())
      if (imports.has(file) && !reached.has(file)) {
        reached.add(file)
        open.push(...(imports.get(file) ?? []))
      }
    return reached
  }
  const reached = new Map(files.map((file) => [file, reach(file)]))
  const circles = files
    .filter((file) => reached.get(file)?.has(file))
    .map((file) => files.filter((other) => reached.get(file)?.has(other) && reached.get(other)?.has(file)))
  return [...new Map(circles.map((circle) => [circle.join(), circle])).values()]
}

test('no file imports what imports it, through however many others', () => {
  const circles = circlesAmong(FLOORS.flatMap(sourcesOf))
  expect(circles.map((circle) => circle.map((file) => file.slice(root.length)).join(' ↔ '))).toEqual([])
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
