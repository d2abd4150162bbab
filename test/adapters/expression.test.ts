/** Plain paths are followed by our own few lines: they give what JSONata gives. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileRows, expressionFault } from '../../adapters/expression.ts'

const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
const { node } = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(fc.oneof(leaf, fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('node'))), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('node')),
  ),
}))

test('a plain path gives what JSONata gives', async () => {
  const paths = ['a', 'a.b', 'a.b.c', 'c.a']
  // in brackets it is no plain path, and JSONata follows it
  const read = compileRows('rows', [...paths, ...paths.map((path) => `(${path})`)])
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c'), node), { maxLength: 3 }),
      async (rows) => {
        for (const row of await read({ rows }))
          for (const path of paths) expect(row(path)).toEqual(row(`(${path})`))
      },
    ),
    { numRuns: 100 },
  )
})

test('a key that every object has by birth is no key of an answer', async () => {
  const [row] = await compileRows('rows', ['constructor', 'constructor.name', 'toString'])({ rows: [{}] })
  expect(row?.('constructor')).toBeUndefined()
  expect(row?.('constructor.name')).toBeUndefined()
  expect(row?.('toString')).toBeUndefined()
})

test('words of the language are not read as keys', async () => {
  const [row] = await compileRows('rows', ['true', 'a and b'])({ rows: [{ a: 1, b: 0, true: 'no' }] })
  expect(row?.('true')).toBe(true)
  expect(row?.('a and b')).toBe(false)
})

test('an expression that never ends is stopped', async () => {
  const endless = compileRows('($f := function($n) { $f($n + 1) }; $f(1))', ['a'])
  await expect(endless({})).rejects.toMatchObject({ kind: 'malformed' })
})

test('a text that is not JSONata is told with its place', () => {
  expect(expressionFault('a.[')).toMatch(/is not JSONata: .*at character \d/)
  expect(expressionFault('a[0].b & "x"')).toBeNull()
})
